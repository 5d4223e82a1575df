//! What a request may be about: the repositories and packages that its caller gets to see.

use crate::{
    app::App,
    identity::{AnyCaller, Need},
    store::{PackageId, Repository},
    wire::HttpError,
};

impl App {
    /// The repository a request is about: `None` is the default one. What the caller's key reaches is
    /// not looked at here.
    ///
    /// # Errors
    /// 404 where there is none of that name, or it is private and the caller is no member.
    pub async fn repository(
        &self,
        caller: Option<&AnyCaller>,
        name: Option<String>,
    ) -> Result<Repository, HttpError> {
        let found = self.store.repository(name).await?.ok_or_else(HttpError::not_found)?;
        if found.public {
            return Ok(found);
        }
        let caller = caller.filter(|caller| caller.is_active()).ok_or_else(HttpError::not_found)?;
        let role = self.store.role(caller.id(), found.name.clone()).await?;
        role.map(|_| found).ok_or_else(HttpError::not_found)
    }

    /// The package a request is about.
    ///
    /// # Errors
    /// As [`repository`](Self::repository); 401 where the package is private and the caller's key does
    /// not reach it.
    pub async fn package_id(
        &self,
        caller: Option<&AnyCaller>,
        repository: Option<String>,
        name: String,
    ) -> Result<PackageId, HttpError> {
        // Nothing has to be asked about the default repository: everybody may read it.
        if repository.as_ref().is_none_or(|name| *name == self.repository) {
            return Ok(PackageId { repository: self.repository.clone(), name });
        }
        let repository = self.repository(caller, repository).await?;
        let id = PackageId { repository: repository.name, name };
        match caller {
            Some(caller) if !repository.public => caller.demand(Need::View(&id)).map(|()| id),
            _ => Ok(id),
        }
    }
}
