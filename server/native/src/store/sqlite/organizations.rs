//! Organizations and their members.

use rusqlite::{OptionalExtension, Row, Transaction, params};
use serde_json::{Value, json};

use super::{audit, generations, rows, users};
use crate::{
    clock::Moment,
    store::{Actor, LogEntry, Member, Organization, PrincipalId, Role, StoreError, User},
};

const ORGANIZATION: &str = "SELECT g.id, r.name, g.seats, g.inserted_at, g.updated_at \
                            FROM organizations g JOIN repositories r ON r.id = g.repository_id";

fn read(row: &Row<'_>) -> rusqlite::Result<Organization> {
    Ok(Organization {
        id: row.get(0)?,
        name: row.get(1)?,
        seats: row.get(2)?,
        inserted_at: Moment(row.get(3)?),
        updated_at: Moment(row.get(4)?),
    })
}

/// The organization of that name.
pub fn by_name(tx: &Transaction<'_>, name: &str) -> Result<Option<Organization>, StoreError> {
    let sql = format!("{ORGANIZATION} WHERE r.name = ?1");
    Ok(tx.prepare_cached(&sql)?.query_row([name], read).optional()?)
}

/// The organization of that number.
pub fn by_id(tx: &Transaction<'_>, id: i64) -> Result<Organization, StoreError> {
    let sql = format!("{ORGANIZATION} WHERE g.id = ?1");
    let found = tx.prepare_cached(&sql)?.query_row([id], read).optional()?;
    found.ok_or(StoreError::NotFound)
}

/// The organizations of a user with the role in each, or the organization itself, by name.
pub fn of(tx: &Transaction<'_>, principal: PrincipalId) -> Result<Vec<(Organization, Role)>, StoreError> {
    let user_id = match principal {
        PrincipalId::Organization(id) => return Ok(vec![(by_id(tx, id)?, Role::Admin)]),
        PrincipalId::User(id) => id,
    };
    let mut query = tx.prepare_cached(
        "SELECT g.id, r.name, g.seats, g.inserted_at, g.updated_at, m.role
         FROM organizations g JOIN repositories r ON r.id = g.repository_id
         JOIN members m ON m.organization_id = g.id WHERE m.user_id = ?1 ORDER BY r.name",
    )?;
    let found = query.query_map([user_id], |row| Ok((read(row)?, role_in(row, 5)?)))?;
    Ok(found.collect::<Result<_, _>>()?)
}

fn role_in(row: &Row<'_>, column: usize) -> rusqlite::Result<Role> {
    let name: String = row.get(column)?;
    Ok(Role::parse(&name).unwrap_or(Role::Read))
}

/// What a principal may do in an organization; `None` where it is no member.
pub fn role(tx: &Transaction<'_>, principal: PrincipalId, name: &str) -> Result<Option<Role>, StoreError> {
    let user_id = match principal {
        PrincipalId::Organization(id) => {
            return Ok(by_name(tx, name)?.filter(|own| own.id == id).map(|_| Role::Admin));
        }
        PrincipalId::User(id) => id,
    };
    let mut query = tx.prepare_cached(
        "SELECT m.role FROM members m JOIN organizations g ON g.id = m.organization_id
         JOIN repositories r ON r.id = g.repository_id WHERE r.name = ?1 AND m.user_id = ?2",
    )?;
    Ok(query.query_row(params![name, user_id], |row| role_in(row, 0)).optional()?)
}

/// Refuses an actor without that role. To strangers the organization does not exist.
pub fn demand(tx: &Transaction<'_>, actor: &Actor, name: &str, least: Role) -> Result<(), StoreError> {
    match role(tx, actor.principal, name)? {
        None => Err(StoreError::NotFound),
        Some(role) if role < least => Err(StoreError::Forbidden),
        Some(_) => Ok(()),
    }
}

/// Makes an organization with its repository; the actor, a user, becomes its admin.
pub fn create(
    tx: &Transaction<'_>,
    actor: &Actor,
    name: &str,
    seats: u32,
    now: Moment,
) -> Result<Organization, StoreError> {
    let admin = actor.user_id()?;
    let taken: bool =
        tx.query_row("SELECT EXISTS (SELECT 1 FROM repositories WHERE name = ?1)", [name], |row| row.get(0))?;
    if taken {
        return Err(StoreError::Invalid(json!({"name": "has already been taken"})));
    }
    tx.execute(
        "INSERT INTO repositories (name, public, inserted_at) VALUES (?1, 0, ?2)",
        params![name, now.0],
    )?;
    tx.execute(
        "INSERT INTO organizations (repository_id, seats, inserted_at, updated_at) VALUES (?1, ?2, ?3, ?3)",
        params![tx.last_insert_rowid(), seats, now.0],
    )?;
    let made = by_id(tx, tx.last_insert_rowid())?;
    write_member(tx, made.id, admin, Role::Admin)?;
    let params = json!({"organization": audit::organization(&made)});
    audit::record_in(tx, actor, now, made.id, "organization.create", &params)?;
    Ok(made)
}

/// Changes how many members there may be.
pub fn set_seats(
    tx: &Transaction<'_>,
    actor: &Actor,
    name: &str,
    seats: u32,
    now: Moment,
) -> Result<Organization, StoreError> {
    demand(tx, actor, name, Role::Admin)?;
    let organization = by_name(tx, name)?.ok_or(StoreError::NotFound)?;
    if members(tx, organization.id)?.len() > usize::try_from(seats).unwrap_or(usize::MAX) {
        let refusal = "number of seats cannot be less than number of members";
        return Err(StoreError::Invalid(Value::from(refusal)));
    }
    tx.execute(
        "UPDATE organizations SET seats = ?2, updated_at = ?3 WHERE id = ?1",
        params![organization.id, seats, now.0],
    )?;
    let changed = by_id(tx, organization.id)?;
    let params = json!({"organization": audit::organization(&changed), "seats": seats});
    audit::record_in(tx, actor, now, changed.id, "organization.seats", &params)?;
    Ok(changed)
}

/// The members, by name.
pub fn members(tx: &Transaction<'_>, organization_id: i64) -> Result<Vec<Member>, StoreError> {
    let sql = format!(
        "SELECT {}, m.role FROM members m JOIN users u ON u.id = m.user_id
         WHERE m.organization_id = ?1 ORDER BY u.username",
        rows::USER
    );
    let mut query = tx.prepare_cached(&sql)?;
    let members = query.query_map([organization_id], |row| {
        Ok(Member { user: rows::user(row, 0)?, role: role_in(row, 7)? })
    })?;
    Ok(members.collect::<Result<_, _>>()?)
}

/// The members of the organization of that name.
pub fn members_of(tx: &Transaction<'_>, name: &str) -> Result<Vec<Member>, StoreError> {
    members(tx, by_name(tx, name)?.ok_or(StoreError::NotFound)?.id)
}

fn write_member(
    tx: &Transaction<'_>,
    organization_id: i64,
    user_id: i64,
    role: Role,
) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO members (organization_id, user_id, role) VALUES (?1, ?2, ?3)
         ON CONFLICT (organization_id, user_id) DO UPDATE SET role = excluded.role",
        params![organization_id, user_id, role.name()],
    )?;
    Ok(())
}

/// Takes a user in.
pub fn add_member(
    tx: &Transaction<'_>,
    actor: &Actor,
    name: &str,
    login: &str,
    role: Role,
    now: Moment,
) -> Result<Member, StoreError> {
    demand(tx, actor, name, Role::Admin)?;
    let organization = by_name(tx, name)?.ok_or(StoreError::NotFound)?;
    let found = users::by_login(tx, login)?;
    let (user, _) = found.ok_or_else(|| StoreError::Invalid(json!({"name": "unknown user"})))?;
    let members = members(tx, organization.id)?;
    if members.len() >= usize::try_from(organization.seats).unwrap_or(usize::MAX) {
        return Err(StoreError::Invalid(Value::from("not enough seats to add member")));
    }
    if members.iter().any(|member| member.user.id == user.id) {
        return Err(StoreError::Invalid(json!({"user_id": "is already member"})));
    }
    if !user.confirmed {
        let refusal = "cannot add member until the user has verified their primary email";
        return Err(StoreError::Invalid(Value::from(refusal)));
    }
    write_member(tx, organization.id, user.id, role)?;
    log(tx, actor, &organization, (&user, Some(role)), "organization.member.add", now)?;
    Ok(Member { user, role })
}

/// A member, for an admin who is to change it, and whether nobody else is an admin.
fn member_to_change(
    tx: &Transaction<'_>,
    actor: &Actor,
    name: &str,
    login: &str,
) -> Result<(Organization, User, bool), StoreError> {
    demand(tx, actor, name, Role::Admin)?;
    let organization = by_name(tx, name)?.ok_or(StoreError::NotFound)?;
    let (user, _) = users::by_login(tx, login)?.ok_or(StoreError::NotFound)?;
    let members = members(tx, organization.id)?;
    if !members.iter().any(|member| member.user.id == user.id) {
        return Err(StoreError::NotFound);
    }
    let last_admin = !members.iter().any(|member| member.role == Role::Admin && member.user.id != user.id);
    Ok((organization, user, last_admin))
}

/// Changes a role; never the last admin's.
pub fn set_role(
    tx: &Transaction<'_>,
    actor: &Actor,
    name: &str,
    login: &str,
    role: Role,
    now: Moment,
) -> Result<Member, StoreError> {
    let (organization, user, last_admin) = member_to_change(tx, actor, name, login)?;
    if role != Role::Admin && last_admin {
        return Err(StoreError::Invalid(Value::from("cannot demote last admin member")));
    }
    write_member(tx, organization.id, user.id, role)?;
    log(tx, actor, &organization, (&user, Some(role)), "organization.member.role", now)?;
    Ok(Member { user, role })
}

/// Takes a member out, and what packages of the organization it owns with it; never the last admin.
pub fn remove_member(
    tx: &Transaction<'_>,
    actor: &Actor,
    name: &str,
    login: &str,
    now: Moment,
) -> Result<(), StoreError> {
    let (organization, user, last_admin) = member_to_change(tx, actor, name, login)?;
    if last_admin {
        let refusal = "cannot remove the last eligible administrator";
        return Err(StoreError::Invalid(Value::from(refusal)));
    }
    let mut owned = tx.prepare_cached(
        "DELETE FROM owners WHERE user_id = ?2 AND package_id IN
         (SELECT p.id FROM packages p JOIN organizations g ON g.repository_id = p.repository_id
          WHERE g.id = ?1)
         RETURNING package_id",
    )?;
    let left = owned.query_map(params![organization.id, user.id], |row| row.get(0))?;
    for package_id in left.collect::<Result<Vec<i64>, _>>()? {
        generations::outdate(tx, package_id)?;
    }
    tx.execute(
        "DELETE FROM members WHERE organization_id = ?1 AND user_id = ?2",
        params![organization.id, user.id],
    )?;
    log(tx, actor, &organization, (&user, None), "organization.member.remove", now)
}

fn log(
    tx: &Transaction<'_>,
    actor: &Actor,
    organization: &Organization,
    (user, role): (&User, Option<Role>),
    action: &str,
    now: Moment,
) -> Result<(), StoreError> {
    let mut params = json!({"organization": audit::organization(organization), "user": audit::user(user)});
    if let (Some(role), Some(params)) = (role, params.as_object_mut()) {
        params.insert("role".to_owned(), Value::from(role.name()));
    }
    audit::record_in(tx, actor, now, organization.id, action, &params)
}

/// What was done in an organization, newest first.
pub fn audit_log(tx: &Transaction<'_>, name: &str, page: u32) -> Result<Vec<LogEntry>, StoreError> {
    let organization = by_name(tx, name)?.ok_or(StoreError::NotFound)?;
    audit::of_organization(tx, organization.id, page)
}
