//! Users, alone and as owners.

use serde::Serialize;

use super::{ByName, Nothing};
use crate::{
    registry::Urls,
    store::{Owner, PackageId, User},
};

/// A user, alone.
#[derive(Clone, Debug, Serialize)]
pub struct ShownUser<'a> {
    username: &'a str,
    full_name: Option<&'a str>,
    email: &'a str,
    handles: Nothing,
    url: String,
    inserted_at: String,
    updated_at: String,
}

/// A user with the packages owned.
#[derive(Clone, Debug, Serialize)]
pub struct UserWithPackages<'a> {
    #[serde(flatten)]
    user: ShownUser<'a>,
    owned_packages: ByName<&'a str, String>,
    packages: Vec<OwnedPackage<'a>>,
}

#[derive(Clone, Debug, Serialize)]
struct OwnedPackage<'a> {
    name: &'a str,
    repository: &'a str,
    url: String,
    html_url: String,
}

/// An owner of a package.
#[derive(Clone, Debug, Serialize)]
pub struct ShownOwner<'a> {
    #[serde(flatten)]
    user: ShownUser<'a>,
    level: &'static str,
}

/// A user, in few words.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Brief<'a> {
    username: &'a str,
    email: &'a str,
    url: String,
}

/// A user, alone.
pub fn user<'a>(user: &'a User, urls: &Urls) -> ShownUser<'a> {
    ShownUser {
        username: &user.username,
        full_name: user.full_name.as_deref(),
        email: &user.email,
        handles: Nothing {},
        url: user_url(user, urls),
        inserted_at: user.inserted_at.rfc3339(),
        updated_at: user.updated_at.rfc3339(),
    }
}

/// A user with the packages owned.
pub fn user_with_packages<'a>(of: &'a User, packages: &'a [PackageId], urls: &Urls) -> UserWithPackages<'a> {
    let listed = packages.iter().map(|id| OwnedPackage {
        name: &id.name,
        repository: &id.repository,
        url: urls.package(id),
        html_url: urls.page(id),
    });
    UserWithPackages {
        user: user(of, urls),
        owned_packages: ByName(packages.iter().map(|id| (id.name.as_str(), urls.package(id))).collect()),
        packages: listed.collect(),
    }
}

/// An owner of a package.
pub fn owner<'a>(owner: &'a Owner, urls: &Urls) -> ShownOwner<'a> {
    ShownOwner { user: user(&owner.user, urls), level: owner.level.name() }
}

fn user_url(user: &User, urls: &Urls) -> String {
    format!("{}/users/{}", urls.api(), user.username)
}

/// A user, in few words.
pub(super) fn brief<'a>(user: &'a User, urls: &Urls) -> Brief<'a> {
    Brief { username: &user.username, email: &user.email, url: user_url(user, urls) }
}
