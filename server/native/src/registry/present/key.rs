//! Keys.

use serde::Serialize;

use crate::{
    registry::Urls,
    store::{Key, Permission},
};

/// A key.
#[derive(Clone, Debug, Serialize)]
pub struct ShownKey<'a> {
    name: &'a str,
    secret: Option<&'a str>,
    permissions: &'a [Permission],
    authing_key: bool,
    revoke_at: Option<String>,
    url: String,
    inserted_at: String,
    updated_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_use: Option<LastUse<'a>>,
}

#[derive(Clone, Debug, Serialize)]
struct LastUse<'a> {
    ip: &'a str,
    user_agent: &'a str,
    used_at: String,
}

/// A key. The secret is known only while the key is made.
pub fn key<'a>(key: &'a Key, secret: Option<&'a str>, authing: bool, urls: &Urls) -> ShownKey<'a> {
    let last_use = key.last_use.as_ref().map(|last| LastUse {
        ip: &last.ip,
        user_agent: &last.user_agent,
        used_at: last.used_at.rfc3339(),
    });
    ShownKey {
        name: &key.name,
        secret,
        permissions: &key.permissions,
        authing_key: authing,
        revoke_at: key.revoke_at.map(|at| at.rfc3339()),
        url: format!("{}/keys/{}", urls.api(), key.name),
        inserted_at: key.inserted_at.rfc3339(),
        updated_at: key.updated_at.rfc3339(),
        last_use,
    }
}
