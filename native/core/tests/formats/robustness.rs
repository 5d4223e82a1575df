//! Whatever bytes come in, an answer comes out: no panic, and no more memory than the limits allow.

use std::sync::LazyLock;

use crate::support::{METADATA, Tar, gzip, package};
use hexide_core::{
    registry::{self, Names, Package, Policy, PrivateKey, PublicKey, Versions},
    tarball::{self, Content, Entry, Limits},
};
use proptest::prelude::*;

const LIMITS: Limits = Limits { tarball: Some(1 << 20), contents: Some(1 << 20) };

static KEY: LazyLock<PrivateKey> = LazyLock::new(|| PrivateKey::generate().unwrap());
static PUBLIC: LazyLock<PublicKey> = LazyLock::new(|| KEY.public_key().unwrap());

/// A signed payload, not compressed.
static SIGNED: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let signed = registry::sign(b"some payload", &KEY).unwrap();
    let mut inflated = Vec::new();
    std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(signed.as_slice()), &mut inflated).unwrap();
    inflated
});

/// Contents with every kind of header there is.
fn contents() -> Vec<u8> {
    Tar::new()
        .raw(b'5', "dir/", "", b"")
        .file("dir/file", b"content")
        .link("dir/link", "../file")
        .pax(&[("path", "größe"), ("mtime", "1.5")])
        .file("short", b"x")
        .raw(b'L', "././@LongLink", "", b"a long name")
        .file("short", b"y")
        .raw(b'g', "global", "", b"9 a=bcde\n")
        .end()
}

/// Bytes that were changed, cut, doubled or filled at random places.
fn mutated(bytes: Vec<u8>) -> impl Strategy<Value = Vec<u8>> {
    let change = (any::<prop::sample::Index>(), any::<u8>(), 0..4_u8);
    prop::collection::vec(change, 1..12).prop_map(move |changes| {
        let mut bytes = bytes.clone();
        for (index, value, how) in changes {
            if bytes.is_empty() {
                break;
            }
            let at = index.index(bytes.len());
            match how {
                0 | 1 => bytes[at] = value,
                2 => bytes[at] ^= 1 << (value % 8),
                _ if value < 64 => bytes.truncate(at),
                _ => bytes.insert(at, value),
            }
        }
        bytes
    })
}

fn try_all_tarballs(bytes: &[u8]) {
    let _ = tarball::inspect(bytes, LIMITS);
    let _ = tarball::unpack(bytes, LIMITS, &mut Vec::new());
    let _ = tarball::unpack_docs(bytes, LIMITS, &mut Vec::new());
    let _ = tarball::inspect_docs(bytes, LIMITS);
}

/// Whatever was accepted keeps the promises of `Sink`.
fn assert_safe(entries: &[Entry]) {
    for entry in entries {
        assert!(!entry.path.is_empty() && !entry.path.starts_with('/'), "{:?}", entry.path);
        assert!(entry.path.split('/').all(|segment| !["", ".", ".."].contains(&segment)), "{:?}", entry.path);
        if let Content::Symlink(target) = &entry.content {
            assert!(!target.is_empty() && !target.starts_with('/'), "{target:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..3000)) {
        try_all_tarballs(&bytes);
        try_all_tarballs(&gzip(&bytes));
        try_all_tarballs(&package(&bytes));
        try_all_tarballs(&package(&gzip(&bytes)));
        for key in [None, Some(&*PUBLIC)] {
            let _ = registry::verify(&bytes, key, 1 << 20);
            let _ = registry::verify(&gzip(&bytes), key, 1 << 20);
        }
        let _ = registry::decode::<Names>(&bytes, None);
        let _ = registry::decode::<Versions>(&bytes, None);
        let _ = registry::decode::<Package>(&bytes, None);
        let _ = registry::decode::<Policy>(&bytes, None);
        let text = String::from_utf8_lossy(&bytes);
        let _ = PublicKey::from_pem(&text);
        let _ = PrivateKey::from_pem(&text);
    }

    #[test]
    fn a_damaged_package_is_answered(bytes in mutated(package(&gzip(&contents())))) {
        try_all_tarballs(&bytes);
    }

    #[test]
    fn damaged_contents_are_answered_and_safe(bytes in mutated(contents())) {
        let mut entries = Vec::new();
        let _ = tarball::unpack(&package(&gzip(&bytes)), LIMITS, &mut entries);
        assert_safe(&entries);
    }

    #[test]
    fn damaged_compressed_contents_are_answered(bytes in mutated(gzip(&contents()))) {
        try_all_tarballs(&package(&bytes));
        try_all_tarballs(&bytes);
    }

    /// What lies around the payload may be damaged harmlessly; the payload may not.
    #[test]
    fn a_damaged_resource_never_gives_another_payload(bytes in mutated(SIGNED.clone())) {
        if let Ok(payload) = registry::verify(&gzip(&bytes), Some(&PUBLIC), 1 << 20) {
            prop_assert_eq!(payload.as_ref(), b"some payload");
        }
    }

    /// What our writer accepts, our reader gives back.
    #[test]
    fn a_created_tarball_comes_back(
        files in prop::collection::btree_map(
            "[a-zß.]{1,12}(/[a-z. ü-]{1,40}){0,8}",
            (prop::collection::vec(any::<u8>(), 0..1500), 0..0o1000_u32),
            0..12,
        )
    ) {
        let entries: Vec<Entry> = files
            .into_iter()
            .map(|(path, (body, mode))| Entry { path, mode, content: Content::File(body) })
            .collect();
        let Ok(created) = tarball::create(METADATA, &entries, LIMITS) else { return Ok(()) };
        let mut unpacked = Vec::new();
        let read = tarball::unpack(&created.tarball, LIMITS, &mut unpacked).unwrap();
        prop_assert_eq!(&unpacked, &entries);
        prop_assert_eq!(read.inner_checksum, created.inner_checksum);
        prop_assert_eq!(read.outer_checksum, created.outer_checksum);
    }
}
