//! `names` and `versions`: kept as they were built last, and brought up to date with what changed since.

use hexide_core::registry::{
    Names, PrivateKey, Resource, Versions,
    schema::{NamesEntry, Timestamp, VersionsEntry},
};

use crate::{
    registry::Signed,
    store::{ListedPackage, Listing},
};

/// A resource with an entry for each package of a repository.
pub trait Listed: Resource {
    /// What it holds of a package.
    type Entry: Send;
    /// One without packages.
    fn empty(repository: String) -> Self;
    /// The entry of a package.
    fn entry(package: ListedPackage) -> Self::Entry;
    /// The name in an entry.
    fn name(entry: &Self::Entry) -> &str;
    /// The entries, by name.
    fn entries(&mut self) -> &mut Vec<Self::Entry>;
}

/// One of them as it was built last.
pub struct Built<R> {
    /// Of which generation it is.
    pub generation: i64,
    /// Ready to be served.
    pub signed: Signed,
    resource: R,
}

/// Brings what was built last, if anything, up to date with that listing, which holds all that changed
/// since, and signs it. `None` where packages are gone: then nothing is left of it, and it has to be built
/// from a listing of everything.
///
/// # Errors
/// Where the key does not sign; then too nothing is left.
pub fn build<R: Listed>(
    built: &mut Option<Built<R>>,
    listing: Listing,
    repository: String,
    key: &PrivateKey,
) -> hexide_core::Result<Option<Signed>> {
    let Listing { generation, packages, count } = listing;
    // Taken out: nobody is to build upon what was left half done.
    let (mut resource, complete) = match built.take() {
        Some(last) => (last.resource, false),
        None => (R::empty(repository), true),
    };
    merge::<R>(resource.entries(), packages);
    // Whatever is there now was there before or has changed since. So where the numbers agree none of the
    // others is gone.
    if !complete && resource.entries().len() != count {
        return Ok(None);
    }
    let signed = Signed::new(&resource, key)?;
    *built = Some(Built { generation, signed: signed.clone(), resource });
    Ok(Some(signed))
}

/// Puts entries in the place of those of the same name, or among the others. Both are sorted by name.
fn merge<R: Listed>(entries: &mut Vec<R::Entry>, packages: Vec<ListedPackage>) {
    let known = entries.len();
    for package in packages {
        let entry = R::entry(package);
        let sorted = entries.get_mut(..known).unwrap_or_default();
        let at = sorted.binary_search_by(|other| R::name(other).cmp(R::name(&entry)));
        match at.ok().and_then(|at| sorted.get_mut(at)) {
            Some(place) => *place = entry,
            None => entries.push(entry),
        }
    }
    if entries.len() > known {
        entries.sort_by(|a, b| R::name(a).cmp(R::name(b)));
    }
}

impl Listed for Names {
    type Entry = NamesEntry;
    fn empty(repository: String) -> Self {
        Self { packages: Vec::new(), repository }
    }
    fn entry(package: ListedPackage) -> NamesEntry {
        let at = package.updated_at;
        let updated_at = Some(Timestamp { seconds: at.seconds(), nanos: at.nanos() });
        NamesEntry { name: package.name, updated_at }
    }
    fn name(entry: &NamesEntry) -> &str {
        &entry.name
    }
    fn entries(&mut self) -> &mut Vec<NamesEntry> {
        &mut self.packages
    }
}

impl Listed for Versions {
    type Entry = VersionsEntry;
    fn empty(repository: String) -> Self {
        Self { packages: Vec::new(), repository }
    }
    fn entry(package: ListedPackage) -> VersionsEntry {
        let retired = (0_i32..).zip(&package.versions).filter(|(_, (_, retired))| *retired);
        VersionsEntry {
            name: package.name,
            retired: retired.map(|(position, _)| position).collect(),
            versions: package.versions.into_iter().map(|(version, _)| version).collect(),
            with_advisories: Vec::new(),
        }
    }
    fn name(entry: &VersionsEntry) -> &str {
        &entry.name
    }
    fn entries(&mut self) -> &mut Vec<VersionsEntry> {
        &mut self.packages
    }
}

#[cfg(test)]
mod tests {
    use hexide_core::registry;

    use super::*;
    use crate::clock::Moment;

    fn package(name: &str, versions: &[(&str, bool)]) -> ListedPackage {
        let versions = versions.iter().map(|(version, retired)| ((*version).to_owned(), *retired)).collect();
        ListedPackage { name: name.to_owned(), updated_at: Moment(7), versions }
    }

    fn listing(generation: i64, count: usize, packages: Vec<ListedPackage>) -> Listing {
        Listing { generation, packages, count }
    }

    /// What is built in those steps, each with what changed, or nothing where it asks for everything.
    fn steps(listings: Vec<Listing>, key: &PrivateKey) -> Option<Signed> {
        let mut built: Option<Built<Versions>> = None;
        listings.into_iter().fold(None, |_, listing| build(&mut built, listing, "r".to_owned(), key).unwrap())
    }

    #[test]
    fn what_grows_by_changes_is_the_same_as_what_is_built_at_once() {
        let key = PrivateKey::generate().unwrap();
        let [a, b, c] = ["a", "b", "c"].map(|name| package(name, &[("1.0.0", false)]));
        let newer = package("b", &[("1.0.0", true), ("1.1.0", false)]);
        let grown = steps(
            vec![
                listing(3, 1, vec![b]),
                listing(5, 3, vec![a.clone(), c.clone()]),
                listing(6, 3, vec![]),
                listing(9, 3, vec![newer.clone()]),
            ],
            &key,
        );
        let at_once = steps(vec![listing(9, 3, vec![a, newer, c])], &key).unwrap();
        assert_eq!(grown.unwrap().bytes, at_once.bytes);
        let payload = registry::verify(&at_once.bytes, Some(&key.public_key().unwrap()), 1 << 20).unwrap();
        let versions: Versions = registry::decode(&payload, None).unwrap();
        let names: Vec<&str> = versions.packages.iter().map(|entry| entry.name.as_str()).collect();
        assert_eq!((names, &versions.packages[1].retired), (vec!["a", "b", "c"], &vec![0]));
    }

    #[test]
    fn a_package_that_is_gone_is_noticed_even_where_another_one_came() {
        let key = PrivateKey::generate().unwrap();
        let [a, b, c] = ["a", "b", "c"].map(|name| package(name, &[("1.0.0", false)]));
        let mut built: Option<Built<Names>> = None;
        let mut step = |listing| build(&mut built, listing, "r".to_owned(), &key).unwrap();
        assert!(step(listing(2, 2, vec![a.clone(), b])).is_some());
        assert!(step(listing(4, 2, vec![c.clone()])).is_none(), "b is gone, c came");
        let whole = step(listing(4, 2, vec![a.clone(), c.clone()])).unwrap();
        assert!(step(listing(5, 1, vec![])).is_none(), "a is gone");
        assert!(step(listing(5, 1, vec![c])).unwrap().bytes != whole.bytes);
    }
}
