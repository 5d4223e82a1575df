//! `/api/users`

use std::{collections::HashMap, sync::Arc};

use axum::{Extension, extract::State};
use http::HeaderMap;
use serde::{Deserialize, Serialize};

use super::Target;
use crate::{
    app::App,
    identity::{AnyCaller, Application, Caller, Need, Visitor, register, user_agent},
    registry::present::{self, UserWithPackages},
    store::{PackageId, PrincipalId, User},
    wire::{Cache, Field, HttpError, Named, Query, Reply, Upload},
};

/// POST `/users`
pub async fn create(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Extension(upload): Extension<Upload>,
) -> Result<Reply, HttpError> {
    let request: UserRequest = upload.params().await?;
    let email = request.email();
    let said = |field: Field<String>| field.given().filter(|text| !text.trim().is_empty());
    let application = Application {
        username: said(request.username).map(|name| name.to_lowercase()),
        email,
        full_name: said(request.full_name),
        password: said(request.password),
    };
    let user = register(&app, application, user_agent(&headers)).await?;
    let location = format!("/api/users/{}", user.username);
    Ok(Reply::created(&present::user(&user, &app.urls), location))
}

/// What somebody who wants an account sends.
#[derive(Default, Deserialize)]
#[serde(default)]
struct UserRequest {
    username: Field<String>,
    email: Field<String>,
    emails: Field<Emails>,
    full_name: Field<String>,
    password: Field<String>,
}

/// Addresses: a list as data, and by their places where they come from a form.
#[derive(Deserialize)]
#[serde(untagged)]
enum Emails {
    Listed(Vec<Field<Named<Email>>>),
    Placed(HashMap<String, Field<Named<Email>>>),
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Email {
    email: Field<String>,
}

impl UserRequest {
    /// `email`, or the first of `emails`.
    fn email(&self) -> Option<String> {
        let email = match (&self.email, &self.emails) {
            (Field::Absent, Field::Given(emails)) => emails.first()?.email.text(),
            (email, _) => email.text(),
        };
        email.map(str::trim).filter(|email| !email.is_empty()).map(str::to_owned)
    }
}

impl Emails {
    fn first(&self) -> Option<&Email> {
        let first = match self {
            Self::Listed(emails) => emails.first(),
            Self::Placed(emails) => emails.get("0"),
        };
        match first? {
            Field::Given(Named(email)) => Some(email),
            Field::Absent | Field::Null | Field::Unreadable => None,
        }
    }
}

/// The caller: a user with the packages owned, and the organizations.
#[derive(Serialize)]
struct Me<'a> {
    #[serde(flatten)]
    user: UserWithPackages<'a>,
    organizations: Vec<Membership<'a>>,
}

/// An organization, and what the caller may do in it.
#[derive(Serialize)]
struct Membership<'a> {
    name: &'a str,
    role: &'static str,
}

/// As whom a caller sees private packages; nobody, where the key does not reach the API.
fn viewer(caller: Option<&AnyCaller>) -> Option<PrincipalId> {
    let seeing = caller.filter(|caller| caller.is_active() && caller.demand(Need::Read).is_ok());
    seeing.map(AnyCaller::id)
}

async fn owned(app: &App, caller: Option<&AnyCaller>, user: &User) -> Result<Vec<PackageId>, HttpError> {
    Ok(app.store.owned_packages(user.id, viewer(caller)).await?)
}

/// GET `/users/NAME`, or by e-mail address.
pub async fn get(State(app): State<Arc<App>>, visitor: Visitor, target: Target) -> Result<Reply, HttpError> {
    let found = app.store.credentials(target.name.clone()).await?;
    // Until it is confirmed, an address may be anybody's.
    let named = |user: &User| user.confirmed || user.username.eq_ignore_ascii_case(&target.name);
    let user = found.map(|(user, _)| user).filter(named).ok_or_else(HttpError::not_found)?;
    let packages = owned(&app, visitor.caller(), &user).await?;
    let shown = present::user_with_packages(&user, &packages, &app.urls);
    Ok(Reply::ok(&shown).changed_at(user.updated_at))
}

/// GET `/users/me`
pub async fn me(State(app): State<Arc<App>>, Caller(caller): Caller) -> Result<Reply, HttpError> {
    caller.demand(Need::Read)?;
    let user = caller.user()?;
    let packages = owned(&app, Some(&caller), user).await?;
    let organizations = app.store.organizations(caller.id()).await?;
    let organizations =
        organizations.iter().map(|(of, role)| Membership { name: &of.name, role: role.name() });
    let shown = Me {
        user: present::user_with_packages(user, &packages, &app.urls),
        organizations: organizations.collect(),
    };
    Ok(Reply::ok(&shown).changed_at(user.updated_at))
}

/// GET `/users/NAME/test`: whether these are the credentials of that user.
pub async fn test(
    State(app): State<Arc<App>>,
    Caller(caller): Caller,
    target: Target,
) -> Result<Reply, HttpError> {
    caller.demand(Need::Read)?;
    let user = caller.user()?;
    if !user.username.eq_ignore_ascii_case(&target.name) {
        return Err(HttpError::not_found());
    }
    let packages = owned(&app, Some(&caller), user).await?;
    let shown = present::user_with_packages(user, &packages, &app.urls);
    Ok(Reply::ok(&shown).changed_at(user.updated_at))
}

/// GET `/users/me/audit-logs`
pub async fn my_log(
    State(app): State<Arc<App>>,
    Caller(caller): Caller,
    query: Query,
) -> Result<Reply, HttpError> {
    caller.demand(Need::Read)?;
    let entries = app.store.user_log(caller.user()?.id, query.page()).await?;
    Ok(Reply::ok(&present::log(entries)).cached(Cache::Never))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_address_is_given_alone_or_as_the_first_of_several_in_data_or_in_a_form() {
        let table = [
            (json!({"email": " a@b "}), Some("a@b")),
            (json!({"emails": [{"email": "a@b"}, {"email": "c@d"}]}), Some("a@b")),
            (json!({"emails": {"0": {"email": "a@b"}}}), Some("a@b")),
            (json!({"email": "c@d", "emails": [{"email": "a@b"}]}), Some("c@d")),
            (json!({"email": null, "emails": [{"email": "a@b"}]}), None),
            (json!({"email": 1, "emails": [{"email": "a@b"}]}), None),
            (json!({"emails": [["a@b"]]}), None),
            (json!({"emails": ["a@b"]}), None),
            (json!({"emails": []}), None),
            (json!({"emails": "a@b"}), None),
            (json!({}), None),
        ];
        for (given, email) in table {
            let request: UserRequest = serde_json::from_value(given.clone()).unwrap();
            assert_eq!(request.email().as_deref(), email, "{given}");
        }
    }
}
