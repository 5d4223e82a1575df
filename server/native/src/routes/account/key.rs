//! `/account/keys`

use std::sync::Arc;

use axum::extract::State;
use serde::Deserialize;

use crate::{
    app::App,
    identity::{Entered, Form},
    pages::{Page, PageError},
};

/// Which key is to be revoked.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Revocation {
    name: Entered,
}

/// POST `/account/keys/revoke`
pub async fn revoke(State(app): State<Arc<App>>, form: Form<Revocation>) -> Result<Page, PageError> {
    let session = form.visit.signed_in("/account")?;
    let actor = form.visit.actor(session);
    app.store.revoke_key(actor.clone(), actor.principal, form.entered.name.to_owned()).await?;
    Ok(Page::see("/account?notice=key#keys"))
}
