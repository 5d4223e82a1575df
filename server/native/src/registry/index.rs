//! The signed index: built from the database on the first read of a generation, then kept.
//!
//! What is served is a pure function of the database: the same state gives the same bytes, whichever
//! server builds them, and whether it builds them at once or from what it had before.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use hexide_core::registry::{
    Names, Package, PrivateKey, Versions,
    schema::{Dependency, Release, RetirementReason, RetirementStatus, Timestamp},
};

use crate::{
    clock::Moment,
    computing::Computing,
    registry::{
        Signed,
        listed::{self, Built, Listed},
    },
    shelf::{Again, Made, Shelf},
    store::{PackageId, PackageIndex, Reason, Requirement, Store},
    wire::HttpError,
};

/// How many bytes of package resources are kept: those of all of hex.pm.
const KEPT: usize = 64 << 20;

/// `names` or `versions` by repository. Whoever holds the lock of one builds; the others wait for the result.
type Slots<R> = Mutex<HashMap<String, Arc<tokio::sync::Mutex<Slot<R>>>>>;

/// What was built last, and in which epoch of the store that was known to be up to date.
struct Slot<R> {
    epoch: u64,
    built: Option<Built<R>>,
}

impl<R> Default for Slot<R> {
    fn default() -> Self {
        Self { epoch: 0, built: None }
    }
}

/// The resources and the key that signs them.
pub struct Index {
    key: Arc<PrivateKey>,
    store: Arc<dyn Store>,
    computing: Computing,
    names: Slots<Names>,
    versions: Slots<Versions>,
    packages: Shelf<PackageId, Signed>,
}

impl Index {
    /// An index over that store, signed with that key.
    pub fn new(key: PrivateKey, store: Arc<dyn Store>, computing: Computing) -> Self {
        Self {
            key: Arc::new(key),
            store,
            computing,
            names: Slots::default(),
            versions: Slots::default(),
            packages: Shelf::new(KEPT),
        }
    }

    /// `names`; `None` where there is no such repository.
    ///
    /// # Errors
    /// 500.
    pub async fn names(&self, repository: &str) -> Result<Option<Signed>, HttpError> {
        self.listed(&self.names, repository).await
    }

    /// `versions`; `None` where there is no such repository.
    ///
    /// # Errors
    /// 500.
    pub async fn versions(&self, repository: &str) -> Result<Option<Signed>, HttpError> {
        self.listed(&self.versions, repository).await
    }

    /// What is known to be up to date, or is of the generation in force now or a later one; else builds it,
    /// upon what was built before where there is something. A generation that rises while this builds is seen
    /// by whoever asks next.
    async fn listed<R: Listed + Send + 'static>(
        &self,
        slots: &Slots<R>,
        repository: &str,
    ) -> Result<Option<Signed>, HttpError> {
        let epoch = self.store.epoch();
        let known = slots.lock().unwrap_or_else(PoisonError::into_inner).get(repository).map(Arc::clone);
        if let Some(slot) = &known {
            let slot = slot.lock().await;
            if let Some(last) = slot.built.as_ref().filter(|_| slot.epoch >= epoch) {
                return Ok(Some(last.signed.clone()));
            }
        }
        // Asked for before a slot is made: names that do not exist must not fill the table.
        let Some(generation) = self.store.generation(repository.to_owned()).await? else { return Ok(None) };
        let slot = known.unwrap_or_else(|| {
            let mut slots = slots.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(slots.entry(repository.to_owned()).or_default())
        });
        loop {
            let mut slot = Arc::clone(&slot).lock_owned().await;
            let last = slot.built.as_ref().map(|last| (last.generation, last.signed.clone()));
            let after = match last {
                Some((built, signed)) if built >= generation => {
                    slot.epoch = slot.epoch.max(epoch);
                    return Ok(Some(signed));
                }
                last => last.map(|(built, _)| built),
            };
            let listing = self.store.listing(repository.to_owned(), after).await?;
            let Some(listing) = listing else { return Ok(None) };
            let (key, name) = (Arc::clone(&self.key), repository.to_owned());
            // The lock goes along: a client that goes away leaves no half-built state behind.
            let build = move || {
                slot.epoch = epoch;
                listed::build(&mut slot.built, listing, name, &key)
            };
            if let Some(signed) = self.computing.run(build).await?.map_err(HttpError::internal)? {
                return Ok(Some(signed));
            }
        }
    }

    /// `packages/NAME`; `None` where there is no such package.
    ///
    /// # Errors
    /// 500.
    pub async fn package(&self, id: &PackageId) -> Result<Option<Signed>, HttpError> {
        let make = async |known| {
            let index = match self.store.package_index(id.clone(), known).await? {
                Some(Again::Changed(index)) => index,
                Some(Again::Same) => return Ok(Some(Again::Same)),
                None => return Ok(None),
            };
            let (generation, key, name) = (index.generation, Arc::clone(&self.key), id.clone());
            let signed = self.computing.run(move || Signed::new(&package(index, name), &key)).await?;
            let value = signed.map_err(HttpError::internal)?;
            Ok(Some(Again::Changed(Made { generation, value })))
        };
        self.packages.get(id, self.store.epoch(), make).await
    }
}

fn package(index: PackageIndex, id: PackageId) -> Package {
    let releases = index.releases.into_iter().map(|release| Release {
        version: release.version,
        inner_checksum: release.inner_checksum,
        dependencies: release
            .requirements
            .into_iter()
            .map(|requirement| dependency(requirement, &id.repository))
            .collect(),
        retired: release.retirement.map(|retirement| RetirementStatus {
            reason: reason(retirement.reason).into(),
            message: retirement.message,
        }),
        outer_checksum: Some(release.outer_checksum),
        advisory_indexes: Vec::new(),
        published_at: Some(timestamp(release.published_at)),
    });
    Package { releases: releases.collect(), name: id.name, repository: id.repository, advisories: Vec::new() }
}

fn dependency(requirement: Requirement, own: &str) -> Dependency {
    Dependency {
        optional: requirement.optional.then_some(true),
        app: (requirement.app != requirement.package).then_some(requirement.app),
        repository: (requirement.repository != own).then_some(requirement.repository),
        package: requirement.package,
        requirement: requirement.requirement,
    }
}

fn reason(reason: Reason) -> RetirementReason {
    match reason {
        Reason::Other => RetirementReason::Other,
        Reason::Invalid => RetirementReason::Invalid,
        Reason::Security => RetirementReason::Security,
        Reason::Deprecated => RetirementReason::Deprecated,
        Reason::Renamed => RetirementReason::Renamed,
    }
}

fn timestamp(moment: Moment) -> Timestamp {
    Timestamp { seconds: moment.seconds(), nanos: moment.nanos() }
}
