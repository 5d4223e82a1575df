//! Many tarballs at once.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
    sync::atomic::{AtomicU64, Ordering},
};

use bytes::Bytes;
use futures::{StreamExt, stream};
use hexide_core::{
    Code, Error, Result, hex,
    registry::Package,
    tarball::{self, Entry, Limits},
};
use serde::Serialize;

use super::{
    index,
    tarball::{outer_checksum, tarball_as},
};
use crate::{
    client::Client,
    disk,
    progress::{Progress, Report},
};

/// A release to fetch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// The package.
    pub name: String,
    /// The version.
    pub version: String,
    /// The checksum it must have, as in a lock file; without one, the registry's.
    pub outer_checksum: Option<[u8; 32]>,
}

/// Where the tarballs go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// Into the result.
    Memory,
    /// Its files into the result.
    Files,
    /// Into this folder, as `NAME-VERSION.tar`.
    Folder(PathBuf),
    /// Unpacked, into this folder as `NAME-VERSION/`, in place of what is there.
    Unpack(PathBuf),
}

/// A release that was fetched and verified.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FetchedItem {
    /// The package.
    pub name: String,
    /// The version.
    pub version: String,
    /// SHA-256 of the tarball, lower-case hex.
    pub outer_checksum: String,
    /// The tarball, with [`Target::Memory`].
    #[serde(skip)]
    pub tarball: Option<Bytes>,
    /// Its files, with [`Target::Files`].
    #[serde(skip)]
    pub files: Option<Vec<Entry>>,
    /// Where it was written, with the other targets.
    pub path: Option<PathBuf>,
}

/// Fetches many releases at once, each verified; the results are in the order of the items. `concurrency`
/// defaults to `http_concurrency`. The progress counts items (`fetch`). Dropping the future stops all.
pub async fn fetch_many(
    client: &Client,
    items: Vec<Item>,
    target: Target,
    concurrency: Option<usize>,
    progress: Option<Progress>,
) -> Vec<Result<FetchedItem>> {
    let at_once = concurrency.unwrap_or(client.config.http_concurrency).max(1);
    let packages = packages(client, &items, at_once).await;
    let total = u64::try_from(items.len()).unwrap_or(u64::MAX);
    let done = AtomicU64::new(0);
    let (packages, target, done, progress) = (&packages, &target, &done, progress.as_ref());

    let fetches = items.into_iter().enumerate().map(|(index, item)| async move {
        let label = format!("{}-{}", item.name, item.version);
        let result = fetch(client, item, packages, target).await;
        let done = done.fetch_add(1, Ordering::Relaxed) + 1;
        if let Some(progress) = progress {
            progress.report(Report { phase: "fetch", done, total: Some(total), item: Some(label) });
        }
        (index, result)
    });
    let mut results: Vec<_> = stream::iter(fetches).buffer_unordered(at_once).collect().await;
    results.sort_unstable_by_key(|(index, _)| *index);
    results.into_iter().map(|(_, result)| result).collect()
}

/// The registry's entries of the packages for which a checksum is missing, each asked for once.
async fn packages(client: &Client, items: &[Item], at_once: usize) -> BTreeMap<String, Result<Package>> {
    let missing = items.iter().filter(|item| item.outer_checksum.is_none());
    let names: BTreeSet<_> = missing.map(|item| item.name.clone()).collect();
    let asked = names.into_iter().map(|name| async move {
        let package = index::current(client, &name).await;
        (name, package)
    });
    stream::iter(asked).buffer_unordered(at_once).collect().await
}

async fn fetch(
    client: &Client,
    item: Item,
    packages: &BTreeMap<String, Result<Package>>,
    target: &Target,
) -> Result<FetchedItem> {
    let Item { name, version, outer_checksum: given } = item;
    let checksum = match (given, packages.get(&name)) {
        (Some(checksum), _) => checksum,
        (None, Some(Ok(package))) => outer_checksum(package, &version)?,
        (None, Some(Err(error))) => return Err(error.clone()),
        (None, None) => return Err(Error::new(Code::NotFound, format!("{name} was not looked up"))),
    };
    let limits = Limits {
        tarball: client.config.tarball_max_size,
        contents: client.config.tarball_max_uncompressed_size,
    };
    let target = target.clone();
    let fetched = FetchedItem {
        outer_checksum: hex::lower(&checksum),
        name: name.clone(),
        version: version.clone(),
        tarball: None,
        files: None,
        path: None,
    };
    let put = move |bytes: &Bytes| target.put(bytes, checksum, limits, fetched.clone());
    tarball_as(client, &name, &version, Some(checksum), None, put).await
}

impl Target {
    /// Puts a tarball that has this outer checksum where it belongs.
    fn put(
        &self,
        bytes: &Bytes,
        outer_checksum: [u8; 32],
        limits: Limits,
        mut fetched: FetchedItem,
    ) -> Result<FetchedItem> {
        let stem = format!("{}-{}", fetched.name, fetched.version);
        match self {
            Self::Memory => fetched.tarball = Some(bytes.clone()),
            Self::Files => {
                let mut files = Vec::new();
                tarball::unpack_known(bytes, Some(outer_checksum), limits, &mut files)?;
                fetched.files = Some(files);
            }
            Self::Folder(folder) => {
                let path = folder.join(stem + ".tar");
                disk::write(&path, bytes)?;
                fetched.path = Some(path);
            }
            Self::Unpack(folder) => {
                let path = folder.join(stem);
                disk::unpack_known(bytes, Some(outer_checksum), limits, &path, true)?;
                fetched.path = Some(path);
            }
        }
        Ok(fetched)
    }
}
