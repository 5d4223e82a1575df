//! The signed index: built from the database on the first read of a generation, then kept.
//!
//! What is served is a pure function of the database: the same state gives the same bytes, whichever
//! server builds them (RSA PKCS#1 v1.5 signatures are deterministic), so the tag is a hash of the bytes.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use bytes::Bytes;
use hexide_core::registry::{
    self, Names, Package, PrivateKey, Resource, Versions,
    schema::{Dependency, NamesEntry, Release, RetirementReason, RetirementStatus, Timestamp, VersionsEntry},
};
use hexide_cpu::CpuBudget;
use sha2::{Digest, Sha256};

use crate::{
    clock::Moment,
    secret,
    store::{Listing, PackageId, PackageIndex, Reason, Reply, Requirement, Store},
    wire::HttpError,
};

/// How many package resources are kept.
const KEPT: usize = 4096;

/// A signed resource, ready to be served.
#[derive(Clone, Debug)]
pub struct Signed {
    /// gzip(protobuf `Signed`).
    pub bytes: Bytes,
    /// Its tag, without quotes.
    pub etag: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Which {
    Names(String),
    Versions(String),
    Package(PackageId),
}

/// The last built state of one resource. Whoever holds the lock builds; the others wait for the result.
type Slot = Arc<tokio::sync::Mutex<Option<(i64, Signed)>>>;

/// The resources and the key that signs them.
pub struct Index {
    key: Arc<PrivateKey>,
    store: Arc<dyn Store>,
    cpu: CpuBudget,
    slots: Mutex<HashMap<Which, Slot>>,
}

impl Index {
    /// An index over that store, signed with that key.
    pub fn new(key: PrivateKey, store: Arc<dyn Store>, cpu: CpuBudget) -> Self {
        Self { key: Arc::new(key), store, cpu, slots: Mutex::default() }
    }

    /// `names`; `None` where there is no such repository.
    ///
    /// # Errors
    /// 500.
    pub async fn names(&self, repository: &str) -> Result<Option<Signed>, HttpError> {
        let generation = self.store.generation(repository.to_owned()).await?;
        let slot = self.slot(Which::Names(repository.to_owned()));
        let data = self.store.listing(repository.to_owned());
        let name = repository.to_owned();
        self.current(generation, slot, data, |listing| listing.generation, |data| names(data, name)).await
    }

    /// `versions`; `None` where there is no such repository.
    ///
    /// # Errors
    /// 500.
    pub async fn versions(&self, repository: &str) -> Result<Option<Signed>, HttpError> {
        let generation = self.store.generation(repository.to_owned()).await?;
        let slot = self.slot(Which::Versions(repository.to_owned()));
        let data = self.store.listing(repository.to_owned());
        let name = repository.to_owned();
        self.current(generation, slot, data, |listing| listing.generation, |data| versions(data, name)).await
    }

    /// `packages/NAME`; `None` where there is no such package.
    ///
    /// # Errors
    /// 500.
    pub async fn package(&self, id: &PackageId) -> Result<Option<Signed>, HttpError> {
        // Asked for before a slot is made: names that do not exist must not fill the cache.
        let Some(generation) = self.store.package_generation(id.clone()).await? else { return Ok(None) };
        let slot = self.slot(Which::Package(id.clone()));
        let data = self.store.package_index(id.clone());
        let name = id.clone();
        self.current(Some(generation), slot, data, |index| index.generation, |data| package(data, name)).await
    }

    /// What is built of that generation or a later one; else builds it. A generation that rises while
    /// this builds is seen by whoever asks next.
    async fn current<D, R>(
        &self,
        generation: Option<i64>,
        slot: Slot,
        data: Reply<'_, Option<D>>,
        generation_of: fn(&D) -> i64,
        make: impl FnOnce(D) -> R + Send + 'static,
    ) -> Result<Option<Signed>, HttpError>
    where
        D: Send + 'static,
        R: Resource,
    {
        let Some(generation) = generation else { return Ok(None) };
        let mut built = slot.lock().await;
        if let Some((_, signed)) = built.as_ref().filter(|(of, _)| *of >= generation) {
            return Ok(Some(signed.clone()));
        }
        let Some(data) = data.await? else { return Ok(None) };
        let generation = generation_of(&data);
        let signed = self.sign(move || make(data)).await?;
        *built = Some((generation, signed.clone()));
        Ok(Some(signed))
    }

    fn slot(&self, which: Which) -> Slot {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        if slots.len() >= KEPT && !slots.contains_key(&which) {
            slots.clear();
        }
        Arc::clone(slots.entry(which).or_default())
    }

    async fn sign<R, F>(&self, make: F) -> Result<Signed, HttpError>
    where
        R: Resource,
        F: FnOnce() -> R + Send + 'static,
    {
        let key = Arc::clone(&self.key);
        let signed = self.cpu.run(move || registry::sign(&registry::encode(&make()), &key)).await?;
        let bytes = signed.map_err(HttpError::internal)?;
        let digest: [u8; 32] = Sha256::digest(&bytes).into();
        let etag = secret::hex(&digest).chars().take(32).collect();
        Ok(Signed { bytes: Bytes::from(bytes), etag })
    }
}

fn names(listing: Listing, repository: String) -> Names {
    let packages = listing
        .packages
        .into_iter()
        .map(|package| NamesEntry { name: package.name, updated_at: Some(timestamp(package.updated_at)) });
    Names { packages: packages.collect(), repository }
}

fn versions(listing: Listing, repository: String) -> Versions {
    let packages = listing.packages.into_iter().map(|package| {
        let retired = (0_i32..).zip(&package.versions).filter(|(_, (_, retired))| *retired);
        VersionsEntry {
            name: package.name,
            retired: retired.map(|(position, _)| position).collect(),
            versions: package.versions.into_iter().map(|(version, _)| version).collect(),
            with_advisories: Vec::new(),
        }
    });
    Versions { packages: packages.collect(), repository }
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
