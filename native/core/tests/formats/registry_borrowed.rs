//! Borrowing a payload gives what owning it gives, whatever the payload.

use crate::support::large_index;
use hexide_core::{
    Code,
    registry::{
        self, Names, Origin, Package, Versions, borrowed,
        schema::{Dependency, NamesEntry, Release, Timestamp, VersionsEntry},
    },
};
use proptest::prelude::*;

/// A field: its tag, the form of its value, and the value as it lies on the wire.
type Field = (u32, u8, Vec<u8>);

fn varint(mut number: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number >= 0x80 {
        bytes.push(u8::try_from(number & 0x7f).unwrap() | 0x80);
        number >>= 7;
    }
    bytes.push(u8::try_from(number).unwrap());
    bytes
}

fn delimited(bytes: Vec<u8>) -> Vec<u8> {
    [varint(bytes.len() as u64), bytes].concat()
}

fn message(fields: Vec<Field>) -> Vec<u8> {
    fields
        .into_iter()
        .flat_map(|(tag, form, value)| [varint(u64::from(tag << 3 | u32::from(form))), value].concat())
        .collect()
}

fn text() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        8 => "[a-c]{0,3}".prop_map(String::into_bytes),
        4 => "[0-2][.][0-2][.][0-2]".prop_map(String::into_bytes),
        1 => ".{0,6}".prop_map(String::into_bytes),
        // Now and then no text at all.
        1 => prop::collection::vec(any::<u8>(), 0..3),
    ]
}

fn number() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        (0_u64..3).prop_map(varint),
        any::<i32>().prop_map(|number| varint(i64::from(number) as u64)),
        any::<u64>().prop_map(varint)
    ]
}

fn numbers(tag: u32) -> impl Strategy<Value = Field> {
    prop_oneof![
        number().prop_map(move |number| (tag, 0, number)),
        prop::collection::vec(number(), 0..4).prop_map(move |numbers| (tag, 2, delimited(numbers.concat()))),
    ]
}

/// What a later schema may bring, and what no schema does: groups, other forms, broken ones.
fn unknown() -> impl Strategy<Value = Field> {
    prop_oneof![
        4 => (6_u32..40, number()).prop_map(|(tag, value)| (tag, 0, value)),
        4 => (6_u32..40, text()).prop_map(|(tag, value)| (tag, 2, delimited(value))),
        2 => any::<[u8; 8]>().prop_map(|value| (7, 1, value.to_vec())),
        2 => any::<[u8; 4]>().prop_map(|value| (7, 5, value.to_vec())),
        2 => number().prop_map(|value| (9, 3, [vec![0x08], value, vec![0x4c]].concat())),
        1 => (1_u32..6, 0_u8..8, prop::collection::vec(any::<u8>(), 0..4)),
    ]
}

fn fields(known: impl Strategy<Value = Field> + 'static, most: usize) -> impl Strategy<Value = Vec<u8>> {
    let field = prop_oneof![12 => known, 1 => unknown()];
    prop::collection::vec(field, 0..most).prop_map(message)
}

/// Payloads with packages of this kind: fields in any order, doubled, missing.
fn payload(entry: impl Strategy<Value = Vec<u8>> + 'static) -> impl Strategy<Value = Vec<u8>> {
    let field = prop_oneof![
        6 => entry.prop_map(|entry| (1, 2, delimited(entry))),
        1 => text().prop_map(|repository| (2, 2, delimited(repository))),
    ];
    fields(field, 8)
}

fn versions_entry() -> impl Strategy<Value = Vec<u8>> {
    let name = || text().prop_map(|name| (1, 2, delimited(name)));
    let known = prop_oneof![
        1 => name(),
        6 => text().prop_map(|version| (2, 2, delimited(version))),
        1 => numbers(3),
        1 => numbers(5),
    ];
    // Mostly as registries write it: the name first.
    let named = (name(), fields(known, 7)).prop_map(|(name, rest)| [message(vec![name]), rest].concat());
    let other = fields(name(), 4);
    prop_oneof![6 => named, 1 => other]
}

fn names_entry() -> impl Strategy<Value = Vec<u8>> {
    let time = prop::collection::vec((1_u32..3, number()).prop_map(|(tag, value)| (tag, 0, value)), 0..3);
    let known = prop_oneof![
        text().prop_map(|name| (1, 2, delimited(name))),
        time.prop_map(|time| (3, 2, delimited(message(time)))),
    ];
    fields(known, 5)
}

fn moment() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec((1_u32..3, number()).prop_map(|(tag, value)| (tag, 0, value)), 0..3)
        .prop_map(|time| delimited(message(time)))
}

fn dependency() -> impl Strategy<Value = Vec<u8>> {
    let known = prop_oneof![
        6 => (1_u32..3, text()).prop_map(|(tag, text)| (tag, 2, delimited(text))),
        1 => number().prop_map(|flag| (3, 0, flag)),
        1 => (4_u32..6, text()).prop_map(|(tag, text)| (tag, 2, delimited(text))),
    ];
    fields(known, 4)
}

fn release() -> impl Strategy<Value = Vec<u8>> {
    let checksum = || prop_oneof![12 => Just(vec![7; 32]), 1 => text()].prop_map(delimited);
    let retired = prop_oneof![
        number().prop_map(|reason| (1, 0, reason)),
        text().prop_map(|text| (2, 2, delimited(text))),
    ];
    let known = prop_oneof![
        4 => text().prop_map(|version| (1, 2, delimited(version))),
        1 => checksum().prop_map(|checksum| (2, 2, checksum)),
        6 => dependency().prop_map(|dependency| (3, 2, delimited(dependency))),
        1 => fields(retired, 3).prop_map(|retired| (4, 2, delimited(retired))),
        2 => checksum().prop_map(|checksum| (5, 2, checksum)),
        1 => numbers(6),
        2 => moment().prop_map(|moment| (7, 2, moment)),
    ];
    // Mostly with the checksum that every release has, or nothing but refusals would be compared.
    (checksum(), fields(known, 6)).prop_map(|(inner, rest)| [message(vec![(2, 2, inner)]), rest].concat())
}

fn package() -> impl Strategy<Value = Vec<u8>> {
    let advisory = (1_u32..4, text()).prop_map(|(tag, text)| (tag, 2, delimited(text)));
    let known = prop_oneof![
        8 => release().prop_map(|release| (1, 2, delimited(release))),
        1 => (2_u32..4, text()).prop_map(|(tag, text)| (tag, 2, delimited(text))),
        1 => fields(advisory, 3).prop_map(|advisory| (4, 2, delimited(advisory))),
    ];
    fields(known, 8)
}

fn owned_versions(resource: &borrowed::Versions<'_>) -> Versions {
    let mut texts = borrowed::Texts::default();
    // What was given first with each index, which stands for the text from then on.
    let mut known: Vec<String> = Vec::new();
    let packages = resource.packages.iter().map(|(name, list)| {
        let listed = resource.lists.get(*list).unwrap();
        let mut versions = Vec::new();
        listed.versions(&mut texts, &mut |index, text| {
            if index == known.len() {
                known.push(str::from_utf8(text).unwrap().to_owned());
            }
            versions.push(known[index].clone());
        });
        VersionsEntry {
            name: (*name).to_owned(),
            versions,
            retired: listed.retired(),
            with_advisories: listed.with_advisories(),
        }
    });
    Versions { packages: packages.collect(), repository: resource.repository.to_owned() }
}

fn owned_names(resource: &borrowed::Names<'_>) -> Names {
    let packages = resource
        .packages
        .iter()
        .map(|(name, updated_at)| NamesEntry { name: (*name).to_owned(), updated_at: *updated_at });
    Names { packages: packages.collect(), repository: resource.repository.to_owned() }
}

fn owned_package(resource: borrowed::Package<'_>) -> Package {
    let dependency = |dependency: &borrowed::Dependency<'_>| Dependency {
        package: dependency.package.to_owned(),
        requirement: dependency.requirement.to_owned(),
        optional: dependency.optional,
        app: dependency.app.map(str::to_owned),
        repository: dependency.repository.map(str::to_owned),
    };
    let lists = resource.dependency_lists;
    let releases = resource.releases.into_iter().map(|release| Release {
        version: release.version.to_owned(),
        inner_checksum: release.inner_checksum.to_vec(),
        dependencies: lists[release.dependencies].iter().map(dependency).collect(),
        retired: release.retired,
        outer_checksum: release.outer_checksum.map(<[u8]>::to_vec),
        advisory_indexes: release.advisory_indexes,
        published_at: release.published_at,
    });
    Package {
        releases: releases.collect(),
        name: resource.name.to_owned(),
        repository: resource.repository.to_owned(),
        advisories: resource.advisories,
    }
}

/// Both readings in both origins: the same value, or a failure of the same kind.
fn assert_same_versions(payload: &[u8]) {
    for origin in [None, Some(Origin { repository: "a", name: None })] {
        let owned = registry::decode::<Versions>(payload, origin).map_err(|error| error.code);
        let borrowed =
            registry::borrow::<borrowed::Versions<'_>>(payload, origin).map_err(|error| error.code);
        assert_eq!(borrowed.map(|resource| owned_versions(&resource)), owned);
    }
}

fn assert_same_names(payload: &[u8]) {
    for origin in [None, Some(Origin { repository: "a", name: None })] {
        let owned = registry::decode::<Names>(payload, origin).map_err(|error| error.code);
        let borrowed = registry::borrow::<borrowed::Names<'_>>(payload, origin).map_err(|error| error.code);
        assert_eq!(borrowed.map(|resource| owned_names(&resource)), owned);
    }
}

fn assert_same_package(payload: &[u8]) {
    for origin in [None, Some(Origin { repository: "a", name: Some("a") })] {
        let owned = registry::decode::<Package>(payload, origin).map_err(|error| error.code);
        let borrowed = registry::borrow::<borrowed::Package<'_>>(payload, origin).map_err(|error| error.code);
        assert_eq!(borrowed.map(owned_package), owned);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn versions_are_borrowed_as_they_are_owned(payload in payload(versions_entry())) {
        assert_same_versions(&payload);
    }

    #[test]
    fn names_are_borrowed_as_they_are_owned(payload in payload(names_entry())) {
        assert_same_names(&payload);
    }

    #[test]
    fn packages_are_borrowed_as_they_are_owned(payload in package()) {
        assert_same_package(&payload);
    }

    #[test]
    fn a_package_cut_short_is_refused_by_both(payload in package(), at in any::<prop::sample::Index>()) {
        assert_same_package(payload.get(..at.index(payload.len() + 1)).unwrap());
    }

    #[test]
    fn a_payload_cut_short_is_refused_by_both(payload in payload(versions_entry()), at in any::<prop::sample::Index>()) {
        let cut = payload.get(..at.index(payload.len() + 1)).unwrap();
        assert_same_versions(cut);
        assert_same_names(cut);
    }

    #[test]
    fn no_bytes_are_read_differently(payload in prop::collection::vec(any::<u8>(), 0..200)) {
        assert_same_versions(&payload);
        assert_same_names(&payload);
        assert_same_package(&payload);
    }
}

#[test]
fn a_large_index_is_borrowed_as_it_is_owned() {
    let payload = registry::encode(&large_index());
    let owned: Versions = registry::decode(&payload, None).unwrap();
    let borrowed: borrowed::Versions<'_> = registry::borrow(&payload, None).unwrap();
    assert!(owned_versions(&borrowed) == owned, "something is lost among {} packages", owned.packages.len());
    assert!(borrowed.lists.len() * 2 < borrowed.packages.len(), "what is alike is read once");
}

#[test]
fn packages_that_differ_in_nothing_but_the_name_share_one_list() {
    let entry = |name: &str, retired| VersionsEntry {
        name: name.to_owned(),
        versions: vec!["1.0.0".to_owned(), "1.1.0".to_owned()],
        retired,
        with_advisories: vec![],
    };
    let packages = vec![entry("a", vec![]), entry("b", vec![0]), entry("c", vec![])];
    let payload = registry::encode(&Versions { packages, repository: "r".to_owned() });
    let mut resource: borrowed::Versions<'_> = registry::borrow(&payload, None).unwrap();
    assert_eq!(resource.packages, [("a", 0), ("b", 1), ("c", 0)]);
    registry::Listing::keep(&mut resource, &|name| name == "b");
    assert_eq!(resource.packages, [("b", 1)]);
}

#[test]
fn releases_in_a_row_that_depend_on_the_same_share_one_list() {
    let release = |version: &str, names: &[&str]| Release {
        version: version.to_owned(),
        inner_checksum: vec![0; 32],
        dependencies: names
            .iter()
            .map(|name| Dependency { package: (*name).to_owned(), ..Dependency::default() })
            .collect(),
        ..Release::default()
    };
    let releases = vec![
        release("1", &[]),
        release("2", &[]),
        release("3", &["a", "b"]),
        release("4", &["a", "b"]),
        release("5", &["b"]),
    ];
    let payload = registry::encode(&Package { releases, ..Package::default() });
    let resource: borrowed::Package<'_> = registry::borrow(&payload, None).unwrap();
    assert_eq!(resource.releases.iter().map(|each| each.dependencies).collect::<Vec<_>>(), [0, 0, 1, 1, 2]);
    let lengths: Vec<_> = resource.dependency_lists.iter().map(Vec::len).collect();
    assert_eq!(lengths, [0, 2, 1]);
}

#[test]
fn an_unsound_index_names_its_package() {
    let entry =
        |name: &str, retired| VersionsEntry { name: name.to_owned(), retired, ..VersionsEntry::default() };
    let packages = vec![entry("sound", vec![]), entry("unsound", vec![0])];
    let payload = registry::encode(&Versions { packages, repository: "r".to_owned() });
    let error = registry::borrow::<borrowed::Versions<'_>>(&payload, None).unwrap_err();
    assert_eq!(error.code, Code::Protocol);
    assert!(error.message.contains("unsound"), "{}", error.message);
    assert_eq!(Err(error), registry::decode::<Versions>(&payload, None));
}

#[test]
fn a_moment_said_in_parts_is_one_moment() {
    // updated_at twice: once its seconds, once its nanoseconds.
    let entry =
        message(vec![(1, 2, delimited(b"a".to_vec())), (3, 2, vec![2, 0x08, 5]), (3, 2, vec![2, 0x10, 6])]);
    let payload = message(vec![(1, 2, delimited(entry))]);
    let resource: borrowed::Names<'_> = registry::borrow(&payload, None).unwrap();
    assert_eq!(resource.packages, [("a", Some(Timestamp { seconds: 5, nanos: 6 }))]);
}
