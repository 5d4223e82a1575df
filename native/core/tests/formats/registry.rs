//! The signed index: keys, signatures, payloads.

use std::sync::LazyLock;

use crate::support::{from_base64, gzip, large_index, recorded};
use hexide_core::{
    Code,
    registry::{
        self, HEXPM_PUBLIC_KEY, Names, Origin, Package, Policy, PrivateKey, PublicKey, Resource, Versions,
        schema::{
            NamesEntry, PolicyAction, PolicyOverride, PolicyRef, PolicyRepository, PolicyRestriction,
            Release, SecurityAdvisory, Severity, Timestamp, VersionsEntry, Visibility,
        },
    },
};
use rustls_pki_types::pem::{PemObject as _, SectionKind};

const LIMIT: u64 = 16 << 20;

/// Making a key takes long, so one serves all tests.
static KEY: LazyLock<PrivateKey> = LazyLock::new(|| PrivateKey::generate().unwrap());

const fn repository(repository: &str) -> Option<Origin<'_>> {
    Some(Origin { repository, name: None })
}

fn names() -> Names {
    let packages = vec![NamesEntry {
        name: "alpha".to_owned(),
        updated_at: Some(Timestamp { seconds: 1_700_000_000, nanos: 5 }),
    }];
    Names { packages, repository: "acme".to_owned() }
}

fn versions(retired: Vec<i32>, with_advisories: Vec<i32>) -> Versions {
    let versions = vec!["1.0.0".to_owned(), "1.1.0".to_owned()];
    let packages = vec![VersionsEntry { name: "alpha".to_owned(), versions, retired, with_advisories }];
    Versions { packages, repository: "acme".to_owned() }
}

fn package(release: Release) -> Package {
    let advisory = SecurityAdvisory {
        id: "CVE-2026-0001".to_owned(),
        summary: "bad".to_owned(),
        html_url: "https://example.org".to_owned(),
        severity: Some(Severity::High as i32),
        cvss_score: Some(7.5),
        ..SecurityAdvisory::default()
    };
    Package {
        releases: vec![release],
        name: "alpha".to_owned(),
        repository: "acme".to_owned(),
        advisories: vec![advisory],
    }
}

fn release() -> Release {
    Release {
        version: "1.0.0".to_owned(),
        inner_checksum: vec![1; 32],
        outer_checksum: Some(vec![2; 32]),
        advisory_indexes: vec![0],
        ..Release::default()
    }
}

#[test]
fn a_large_index_verifies_and_decodes() {
    let index = large_index();
    let resource = registry::sign(&registry::encode(&index), &KEY).unwrap();
    let key = KEY.public_key().unwrap();
    let payload = registry::verify(&resource, Some(&key), LIMIT).unwrap();
    let versions: Versions = registry::decode(&payload, repository("hexpm")).unwrap();
    assert!(versions == index, "something is lost among {} packages", versions.packages.len());

    let error = registry::decode::<Versions>(&payload, repository("hexpm:acme")).unwrap_err();
    assert_eq!(error.code, Code::BadOrigin);
    assert_eq!(
        (error.details.expected.as_deref(), error.details.actual.as_deref()),
        (Some("hexpm:acme"), Some("hexpm"))
    );
    let other = PublicKey::from_pem(HEXPM_PUBLIC_KEY).unwrap();
    assert_eq!(registry::verify(&resource, Some(&other), LIMIT).unwrap_err().code, Code::BadSignature);
    let error = registry::verify(&resource, Some(&key), 500_000).unwrap_err();
    assert_eq!((error.code, error.details.limit), (Code::TooLarge, Some(500_000)));

    let mut inflated = Vec::new();
    std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(resource.as_slice()), &mut inflated)
        .unwrap();
    let middle = inflated.len() / 2;
    inflated[middle] ^= 1;
    assert_eq!(registry::verify(&gzip(&inflated), Some(&key), LIMIT).unwrap_err().code, Code::BadSignature);
    let mut compressed = resource;
    let middle = compressed.len() / 2;
    compressed[middle] ^= 1;
    assert_eq!(registry::verify(&compressed, Some(&key), LIMIT).unwrap_err().code, Code::Protocol);
}

#[test]
fn the_recorded_resources_of_hexpm_verify_and_decode() {
    let recordings = recorded("api.jsonl");
    let key = PublicKey::from_pem(str::from_utf8(&recorded("public.pem")).unwrap()).unwrap();
    let payload = |number: u64| {
        let exchange = recordings
            .split(|byte| *byte == b'\n')
            .filter_map(|line| serde_json::from_slice::<serde_json::Value>(line).ok())
            .find(|exchange| exchange["n"] == number)
            .unwrap();
        let body = exchange["response"]["body"]["base64"].as_str().unwrap();
        registry::verify(&from_base64(body), Some(&key), LIMIT).unwrap()
    };
    let origin = |repository, name| Some(Origin { repository, name: Some(name) });

    let package: Package = registry::decode(&payload(62), origin("hexpm", "pa")).unwrap();
    assert_eq!(
        package.releases.iter().map(|release| release.version.as_str()).collect::<Vec<_>>(),
        ["1.0.0", "1.1.0"]
    );
    assert!(package.releases.iter().all(|release| release.published_at.is_some()));
    let versions: Versions = registry::decode(&payload(63), repository("hexpm")).unwrap();
    assert_eq!(versions.packages.iter().map(|p| p.name.as_str()).collect::<Vec<_>>(), ["pa", "pb", "pre"]);
    let package: Package = registry::decode(&payload(117), origin("acmecorp", "priv")).unwrap();
    assert_eq!(package.releases.len(), 1);
    let error = registry::decode::<Package>(&payload(117), origin("acmecorp", "pa")).unwrap_err();
    assert_eq!(error.code, Code::BadOrigin);
    let error = registry::decode::<Package>(&payload(62), origin("acmecorp", "pa")).unwrap_err();
    assert_eq!(error.code, Code::BadOrigin);
}

#[test]
fn the_key_of_hexpm_has_its_published_fingerprint() {
    let key = PublicKey::from_pem(HEXPM_PUBLIC_KEY).unwrap();
    assert_eq!(key.fingerprint(), "SHA256:O1LOYhHFW4kcrblKAxROaDEzLD8bn1seWbe5tq8TRsk");
    assert_eq!(key.to_pem(), HEXPM_PUBLIC_KEY);
}

#[test]
fn keys_come_back_from_each_of_their_forms() {
    let pem = KEY.to_pem().unwrap();
    let public = KEY.public_key().unwrap();
    let signed = registry::sign(b"payload", &KEY).unwrap();
    let again = PrivateKey::from_pem(&pem).unwrap();
    assert_eq!(again.to_pem().unwrap(), pem);
    assert_eq!(registry::sign(b"payload", &again).unwrap(), signed, "signing is deterministic");

    // PKCS#8 is PKCS#1 behind 26 bytes that say "RSA"; SPKI is PKCS#1 behind 24.
    let (_, pkcs8) = <(SectionKind, Vec<u8>)>::from_pem_slice(pem.as_bytes()).unwrap();
    let pkcs1 = to_pem("RSA PRIVATE KEY", &pkcs8[26..]);
    assert_eq!(PrivateKey::from_pem(&pkcs1).unwrap().to_pem().unwrap(), pem);
    let (_, spki) = <(SectionKind, Vec<u8>)>::from_pem_slice(public.to_pem().as_bytes()).unwrap();
    let pkcs1 = to_pem("RSA PUBLIC KEY", &spki[24..]);
    let again = PublicKey::from_pem(&pkcs1).unwrap();
    assert_eq!((again.to_pem(), again.fingerprint()), (public.to_pem(), public.fingerprint()));
    assert_eq!(registry::verify(&signed, Some(&again), LIMIT).unwrap().as_ref(), b"payload");
}

#[test]
fn what_is_no_rsa_key_of_2048_bits_is_refused() {
    // 1024 bits.
    let short = "-----BEGIN PUBLIC KEY-----\n\
        MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDIU9ZVf8DWVcbgGgHQzuqJ52Z5\n\
        s2ERygzZfoysC2vlqmuSH2x3RGLIDRs/VR2ndz99CFv7J3detr4j4tEBwyMmiNha\n\
        2qjdqaKxGBBlQLH2Ktc9s/d3P8Lsoa6dW/ykv5ly8Ej3iQliY2tamsbP5+S98Dl2\n\
        wQ7/rP4b5c0232nydwIDAQAB\n\
        -----END PUBLIC KEY-----\n";
    let private = KEY.to_pem().unwrap();
    for pem in [
        "",
        "no PEM",
        short,
        private.as_str(),
        "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
    ] {
        let error = PublicKey::from_pem(pem).unwrap_err();
        assert_eq!(error.code, Code::BadConfig);
        assert!(pem.is_empty() || !error.message.contains(pem));
    }
    for pem in ["", HEXPM_PUBLIC_KEY, "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"] {
        assert_eq!(PrivateKey::from_pem(pem).unwrap_err().code, Code::BadConfig);
    }
}

#[test]
fn a_private_key_shows_nothing_of_itself() {
    assert_eq!(format!("{:?}", *KEY), "PrivateKey { .. }");
}

#[test]
fn every_payload_comes_back_as_it_was() {
    let policy = Policy {
        repository: "acme".to_owned(),
        name: "strict".to_owned(),
        description: Some("no surprises".to_owned()),
        visibility: Some(Visibility::Public as i32),
        repositories: vec![PolicyRepository {
            repository: "hexpm".to_owned(),
            restriction: Some(PolicyRestriction {
                advisory_min_severity: Some(Severity::Medium as i32),
                retirement_reasons: vec![0, 2],
                cooldown: Some("7d".to_owned()),
            }),
            overrides: vec![PolicyOverride {
                action: PolicyAction::Deny as i32,
                r#ref: PolicyRef { package: "beta".to_owned(), requirement: Some("< 2.0.0".to_owned()) },
            }],
        }],
    };
    assert_comes_back(&names(), None);
    assert_comes_back(&versions(vec![0], vec![1]), None);
    assert_comes_back(&package(release()), Some("alpha"));
    assert_comes_back(&policy, Some("strict"));
}

fn assert_comes_back<R: Resource + PartialEq + std::fmt::Debug>(resource: &R, name: Option<&str>) {
    let signed = registry::sign(&registry::encode(resource), &KEY).unwrap();
    assert_eq!(signed[..10], [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0]);
    let payload = registry::verify(&signed, Some(&KEY.public_key().unwrap()), LIMIT).unwrap();
    let origin = Some(Origin { repository: "acme", name });
    assert_eq!(&registry::decode::<R>(&payload, origin).unwrap(), resource);
    assert_eq!(&registry::decode::<R>(&payload, None).unwrap(), resource);
    for other in [Origin { repository: "other", name }, Origin { repository: "acme", name: Some("other") }] {
        assert_eq!(registry::decode::<R>(&payload, Some(other)).unwrap_err().code, Code::BadOrigin);
    }
}

#[test]
fn an_index_that_points_nowhere_is_refused() {
    for (retired, with_advisories) in
        [(vec![2], vec![]), (vec![0, -1], vec![]), (vec![], vec![2]), (vec![], vec![i32::MIN])]
    {
        let payload = registry::encode(&versions(retired, with_advisories));
        assert_eq!(registry::decode::<Versions>(&payload, None).unwrap_err().code, Code::Protocol);
    }
    for release in [
        Release { advisory_indexes: vec![0, 1], ..release() },
        Release { inner_checksum: vec![1; 31], ..release() },
        Release { inner_checksum: Vec::new(), ..release() },
        Release { outer_checksum: Some(vec![1; 33]), ..release() },
    ] {
        let payload = registry::encode(&package(release));
        assert_eq!(registry::decode::<Package>(&payload, None).unwrap_err().code, Code::Protocol);
    }
    let old = Release { outer_checksum: None, ..release() };
    registry::decode::<Package>(&registry::encode(&package(old)), None).unwrap();
}

#[test]
fn only_the_expected_key_over_the_whole_payload_verifies() {
    let key = KEY.public_key().unwrap();
    let verify = |signed: &[u8]| registry::verify(signed, Some(&key), LIMIT).map_err(|error| error.code);
    // The fields by hand: 1 is the payload, 2 the signature, each with its length before it.
    let signed = |payload: &[u8], signature: Option<&[u8]>| {
        let mut bytes = vec![0x0a, u8::try_from(payload.len()).unwrap()];
        bytes.extend_from_slice(payload);
        if let Some(signature) = signature {
            bytes.extend_from_slice(&[0x12, 0x80, 0x02]);
            bytes.extend_from_slice(signature);
        }
        gzip(&bytes)
    };
    let mut genuine = Vec::new();
    let made = registry::sign(b"payload", &KEY).unwrap();
    std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(made.as_slice()), &mut genuine).unwrap();
    let signature = &genuine[genuine.len() - 256..];
    assert_eq!(verify(&signed(b"payload", Some(signature))), Ok(b"payload".as_slice().into()));
    assert_eq!(verify(&signed(b"pazload", Some(signature))), Err(Code::BadSignature));
    assert_eq!(verify(&signed(b"payload!", Some(signature))), Err(Code::BadSignature));
    assert_eq!(verify(&signed(b"payload", None)), Err(Code::BadSignature));
    assert_eq!(verify(&signed(b"payload", Some(&[0; 256]))), Err(Code::BadSignature));
    // Whoever switched verification off still gets no garbage.
    assert_eq!(registry::verify(&signed(b"payload", None), None, LIMIT).unwrap().as_ref(), b"payload");
    for garbage in [&b""[..], b"<html>", &gzip(b"<html>"), &gzip(b""), &gzip(&genuine[..20])] {
        assert_eq!(registry::verify(garbage, None, LIMIT).unwrap_err().code, Code::Protocol);
        assert_eq!(verify(garbage), Err(Code::Protocol));
    }
    let bomb = gzip(&vec![0; 50 << 20]);
    let error = registry::verify(&bomb, Some(&key), LIMIT).unwrap_err();
    assert_eq!((error.code, error.details.limit), (Code::TooLarge, Some(LIMIT)));
}

/// PEM of these bytes, by way of a key's own PEM.
fn to_pem(label: &str, der: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut bits =
        der.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1)).collect::<Vec<_>>();
    bits.resize(bits.len().next_multiple_of(24), 0);
    let mut text: String = bits
        .chunks(6)
        .map(|six| char::from(DIGITS[six.iter().fold(0, |number, bit| number * 2 + usize::from(*bit))]))
        .collect();
    let padding = (3 - der.len() % 3) % 3;
    text.replace_range(text.len() - padding.., &"==="[..padding]);
    format!("-----BEGIN {label}-----\n{text}\n-----END {label}-----\n")
}
