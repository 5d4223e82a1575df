//! What the routes do, by noun.

pub mod account;
pub mod auth;
pub mod docs;
pub mod key;
pub mod oauth;
pub mod organization;
pub mod owner;
pub mod package;
pub mod page;
pub mod publish;
pub mod release;
pub mod repos;
pub mod repository;
pub mod site;
pub mod user;

use axum::{
    extract::{FromRequestParts, Path},
    http::request::Parts,
};
use serde::Deserialize;

use crate::{
    app::App,
    identity::{AnyCaller, Need},
    store::{PackageId, ReleaseId},
    wire::HttpError,
};

/// What the path of a request names; which of it is there depends on the route.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Target {
    repository: Option<String>,
    organization: Option<String>,
    name: String,
    version: String,
    owner: String,
    file: String,
}

impl Target {
    /// The name, as the path has it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The package.
    ///
    /// # Errors
    /// 404 where the repository does not exist, or may not be seen; 401 where the caller's key does not
    /// reach a private package.
    pub async fn package(&self, app: &App, caller: Option<&AnyCaller>) -> Result<PackageId, HttpError> {
        app.package_id(caller, self.repository.clone(), self.name.clone()).await
    }

    /// The release.
    ///
    /// # Errors
    /// As [`package`](Self::package).
    pub async fn release(&self, app: &App, caller: Option<&AnyCaller>) -> Result<ReleaseId, HttpError> {
        Ok(ReleaseId { package: self.package(app, caller).await?, version: self.version.clone() })
    }

    /// The package, for a caller who is to change it.
    ///
    /// # Errors
    /// As [`package`](Self::package); 401 where the caller's key does not reach it.
    pub async fn package_to_change(&self, app: &App, caller: &AnyCaller) -> Result<PackageId, HttpError> {
        let id = self.package(app, Some(caller)).await?;
        caller.demand(Need::Package(&id)).map(|()| id)
    }

    /// The release, for a caller who is to change it.
    ///
    /// # Errors
    /// As [`package_to_change`](Self::package_to_change).
    pub async fn release_to_change(&self, app: &App, caller: &AnyCaller) -> Result<ReleaseId, HttpError> {
        Ok(ReleaseId { package: self.package_to_change(app, caller).await?, version: self.version.clone() })
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Target {
    type Rejection = HttpError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, HttpError> {
        let path = Path::<Self>::from_request_parts(parts, state).await;
        let Path(target) = path.map_err(|_| HttpError::bad_request("Bad request"))?;
        Ok(target)
    }
}
