//! `/api/orgs`: organizations and their members.

use std::sync::Arc;

use axum::{Extension, extract::State};
use serde::Deserialize;
use serde_json::json;

use super::Target;
use crate::{
    app::App,
    identity::{AnyCaller, Caller, Need, Visitor},
    registry::present,
    store::{Organization, Role},
    wire::{Cache, Count, Field, HttpError, Query, Reply, Upload},
};

/// Who asks about an organization, and which it is.
pub struct Inside {
    /// The caller.
    pub caller: AnyCaller,
    /// The organization.
    pub organization: Organization,
}

/// Lets members in.
///
/// # Errors
/// 404 where there is no such organization, or the caller, known or not, is no member of it; 401 where the
/// key does not reach; 403 where the role does not.
pub async fn enter(
    app: &App,
    caller: Option<AnyCaller>,
    name: &str,
    (need, least): (Need<'_>, Role),
) -> Result<Inside, HttpError> {
    let caller = caller.filter(AnyCaller::is_active).ok_or_else(HttpError::not_found)?;
    let role = app.store.role(caller.id(), name.to_owned()).await?.ok_or_else(HttpError::not_found)?;
    caller.demand(need)?;
    if role < least {
        return Err(HttpError::forbidden("account not authorized for this action"));
    }
    let organization = app.store.organization(name.to_owned()).await?.ok_or_else(HttpError::not_found)?;
    Ok(Inside { caller, organization })
}

/// What reading takes, and what deciding takes.
const TO_READ: (Need<'static>, Role) = (Need::Read, Role::Read);
const TO_DECIDE: (Need<'static>, Role) = (Need::Write, Role::Admin);

impl Target {
    async fn enter(
        &self,
        app: &App,
        Visitor(caller): Visitor,
        needed: (Need<'_>, Role),
    ) -> Result<Inside, HttpError> {
        enter(app, caller, self.organization.as_deref().unwrap_or_default(), needed).await
    }
}

/// GET `/orgs`: the caller's.
pub async fn list(State(app): State<Arc<App>>, Caller(caller): Caller) -> Result<Reply, HttpError> {
    caller.demand(Need::Read)?;
    let organizations = app.store.organizations(caller.id()).await?;
    let shown: Vec<_> = organizations.iter().map(|(of, _)| present::listed_organization(of)).collect();
    Ok(Reply::ok(&shown))
}

/// GET `/orgs/NAME`
pub async fn get(State(app): State<Arc<App>>, visitor: Visitor, target: Target) -> Result<Reply, HttpError> {
    let inside = target.enter(&app, visitor, TO_READ).await?;
    Ok(Reply::ok(&present::organization(&inside.organization)))
}

/// How many members there may be.
#[derive(Default, Deserialize)]
#[serde(default)]
struct SeatsRequest {
    seats: Field<Count>,
}

/// POST `/orgs/NAME {seats}`
pub async fn update(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    target: Target,
    Extension(upload): Extension<Upload>,
) -> Result<Reply, HttpError> {
    let inside = target.enter(&app, visitor, TO_DECIDE).await?;
    let SeatsRequest { seats } = upload.params().await?;
    // Without a number: as if there were none, as on hexpm.
    let seats =
        seats.given().and_then(Count::number).and_then(|number| u32::try_from(number).ok()).unwrap_or(0);
    let changed = app.store.set_seats(inside.caller.actor(), inside.organization.name, seats).await?;
    Ok(Reply::ok(&present::organization(&changed)))
}

/// GET `/orgs/NAME/audit-logs`
pub async fn log(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    target: Target,
    query: Query,
) -> Result<Reply, HttpError> {
    let inside = target.enter(&app, visitor, TO_READ).await?;
    let entries = app.store.organization_log(inside.organization.name, query.page()).await?;
    Ok(Reply::ok(&present::log(entries)).cached(Cache::Never))
}

/// GET `/orgs/NAME/members`
pub async fn members(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    target: Target,
) -> Result<Reply, HttpError> {
    let inside = target.enter(&app, visitor, TO_READ).await?;
    let members = app.store.members(inside.organization.name).await?;
    let shown: Vec<_> = members.iter().map(|member| present::listed_member(member, &app.urls)).collect();
    Ok(Reply::ok(&shown))
}

/// GET `/orgs/NAME/members/USERNAME`
pub async fn member(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    target: Target,
) -> Result<Reply, HttpError> {
    let inside = target.enter(&app, visitor, TO_READ).await?;
    let members = app.store.members(inside.organization.name).await?;
    let named = |text: &str| text.eq_ignore_ascii_case(&target.name);
    let found = members.iter().find(|member| named(&member.user.username) || named(&member.user.email));
    found.map(|member| Reply::ok(&present::member(member, &app.urls))).ok_or_else(HttpError::not_found)
}

/// Who is to be a member, and in what role.
#[derive(Default, Deserialize)]
#[serde(default)]
struct MemberRequest {
    name: Field<String>,
    role: Field<String>,
}

/// The role that a request names.
fn role(given: Field<String>) -> Result<Option<Role>, HttpError> {
    given.and_then(|name| Role::parse(&name)).or_invalid("role")
}

/// POST `/orgs/NAME/members {name, role}`
pub async fn add_member(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    target: Target,
    Extension(upload): Extension<Upload>,
) -> Result<Reply, HttpError> {
    let inside = target.enter(&app, visitor, TO_DECIDE).await?;
    let request: MemberRequest = upload.params().await?;
    let login = request.name.given().unwrap_or_default();
    // Whoever is taken in without a role may read.
    let role = role(request.role)?.unwrap_or(Role::Read);
    let (actor, organization) = (inside.caller.actor(), inside.organization.name);
    let location = format!("/api/orgs/{organization}/members");
    let member = app.store.add_member(actor, organization, login, role).await?;
    let location = format!("{location}/{}", member.user.username);
    Ok(Reply::ok(&present::member(&member, &app.urls)).header(http::header::LOCATION, location))
}

/// POST `/orgs/NAME/members/USERNAME {role}`
pub async fn set_role(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    target: Target,
    Extension(upload): Extension<Upload>,
) -> Result<Reply, HttpError> {
    let inside = target.enter(&app, visitor, TO_DECIDE).await?;
    let request: MemberRequest = upload.params().await?;
    let role = role(request.role)?.ok_or_else(|| HttpError::invalid(json!({"role": "can't be blank"})))?;
    let (actor, organization) = (inside.caller.actor(), inside.organization.name);
    let member = app.store.set_role(actor, organization, target.name, role).await?;
    Ok(Reply::ok(&present::member(&member, &app.urls)))
}

/// DELETE `/orgs/NAME/members/USERNAME`
pub async fn remove_member(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    target: Target,
) -> Result<Reply, HttpError> {
    let inside = target.enter(&app, visitor, TO_DECIDE).await?;
    app.store.remove_member(inside.caller.actor(), inside.organization.name, target.name).await?;
    Ok(Reply::no_content())
}
