//! `/account/keys`

use std::sync::Arc;

use axum::extract::State;

use crate::{
    app::App,
    identity::Form,
    pages::{Page, PageError},
};

/// POST `/account/keys/revoke`
pub async fn revoke(State(app): State<Arc<App>>, form: Form) -> Result<Page, PageError> {
    let session = form.visit.signed_in("/account")?;
    let actor = form.visit.actor(session);
    app.store.revoke_key(actor.clone(), actor.principal, form.text("name").to_owned()).await?;
    Ok(Page::see("/account?notice=key#keys"))
}
