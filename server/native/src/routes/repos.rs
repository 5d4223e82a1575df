//! `/api/repos`: which repositories there are.

use std::sync::Arc;

use axum::extract::State;
use serde::Serialize;

use super::Target;
use crate::{
    app::App,
    identity::{AnyCaller, Need, Visitor},
    store::Repository,
    wire::{HttpError, Reply},
};

/// A repository, as the API shows it.
#[derive(Serialize)]
struct Shown<'a> {
    name: &'a str,
    inserted_at: Option<String>,
    updated_at: Option<String>,
}

/// The public repository has no date, as on hexpm: it was always there.
fn show(repository: &Repository) -> Shown<'_> {
    let at = (!repository.public).then(|| repository.inserted_at.rfc3339());
    Shown { name: &repository.name, inserted_at: at.clone(), updated_at: at }
}

/// Whether the caller's key reaches so far that a private repository may be shown.
fn reaches(caller: &AnyCaller, repository: &str) -> Result<(), HttpError> {
    caller.demand(Need::Read).or_else(|_| caller.demand(Need::Fetch(repository)))
}

/// GET `/repos`: the public one, and those of the caller's organizations.
pub async fn list(State(app): State<Arc<App>>, visitor: Visitor) -> Result<Reply, HttpError> {
    let mut visible = app.store.repositories().await?;
    let own = match visitor.caller().filter(|caller| caller.is_active()) {
        Some(caller) => {
            let organizations = app.store.organizations(caller.id()).await?.into_iter();
            let names = organizations.map(|(organization, _)| organization.name);
            names.filter(|name| reaches(caller, name).is_ok()).collect()
        }
        None => Vec::new(),
    };
    visible.retain(|repository| repository.public || own.contains(&repository.name));
    let shown: Vec<_> = visible.iter().map(show).collect();
    Ok(Reply::ok(&shown).with_etag())
}

/// GET `/repos/NAME`
pub async fn get(State(app): State<Arc<App>>, visitor: Visitor, target: Target) -> Result<Reply, HttpError> {
    let repository = app.repository(visitor.caller(), target.repository).await?;
    if let Some(caller) = visitor.caller().filter(|_| !repository.public) {
        reaches(caller, &repository.name)?;
    }
    Ok(Reply::ok(&show(&repository)).changed_at(repository.inserted_at))
}
