//! Archives for the tests that our own writer would refuse to make.

use std::io::Write as _;

use flate2::{Compression, write::GzEncoder};
use hexide_core::registry::{Versions, schema::VersionsEntry};
use rustls_pki_types::pem::{PemObject as _, SectionKind};
use sha2::{Digest, Sha256};

/// The shortest metadata there is.
pub const METADATA: &[u8] = b"{<<\"name\">>,<<\"sample\">>}.\n{<<\"version\">>,<<\"1.0.0\">>}.\n";

/// A tar archive, built without any check.
#[derive(Default)]
pub struct Tar(Vec<u8>);

impl Tar {
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends an entry in the old GNU form, whatever its name and type.
    pub fn raw(mut self, kind: u8, name: &str, target: &str, body: &[u8]) -> Self {
        let mut header = tar::Header::new_gnu();
        header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
        header.as_old_mut().linkname[..target.len()].copy_from_slice(target.as_bytes());
        header.as_old_mut().linkflag = [kind];
        header.set_mode(0o644);
        header.set_size(body.len() as u64);
        header.set_cksum();
        self.0.extend_from_slice(header.as_bytes());
        self.0.extend_from_slice(body);
        self.0.resize(self.0.len().next_multiple_of(512), 0);
        self
    }

    pub fn file(self, name: &str, body: &[u8]) -> Self {
        self.raw(b'0', name, "", body)
    }

    pub fn link(self, name: &str, target: &str) -> Self {
        self.raw(b'2', name, target, b"")
    }

    /// Appends a PAX header with these records, each of the right length.
    pub fn pax(self, records: &[(&str, &str)]) -> Self {
        let body: String = records.iter().map(|(key, value)| record(key, value)).collect();
        self.raw(b'x', "pax", "", body.as_bytes())
    }

    pub fn end(mut self) -> Vec<u8> {
        self.0.extend_from_slice(&[0; 1024]);
        self.0
    }

    pub fn gzip(self) -> Vec<u8> {
        gzip(&self.end())
    }
}

fn record(key: &str, value: &str) -> String {
    let rest = key.len() + value.len() + 3;
    let length = (rest + 1..).find(|length| rest + length.to_string().len() == *length).unwrap();
    format!("{length} {key}={value}\n")
}

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub fn checksum(version: &[u8], metadata: &[u8], contents: &[u8]) -> String {
    let sum = Sha256::digest([version, metadata, contents].concat());
    sum.iter().map(|byte| format!("{byte:02X}")).collect()
}

/// A package tarball around these contents, all else as it should be.
pub fn package(contents: &[u8]) -> Vec<u8> {
    Tar::new()
        .file("VERSION", b"3")
        .file("CHECKSUM", checksum(b"3", METADATA, contents).as_bytes())
        .file("metadata.config", METADATA)
        .file("contents.tar.gz", contents)
        .end()
}

/// A file of the recorded conversations with hexpm.
pub fn recorded(file: &str) -> Vec<u8> {
    std::fs::read(format!("{}/../../test/data/hexpm/{file}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// An index of a public registry's size: most packages have the same few versions as others, a tenth has some of
/// its own, and some versions are retired or have advisories.
pub fn large_index() -> Versions {
    let packages = (0..20_000).map(|number| {
        let (major, minors) = if number % 10 == 0 { (number, 2) } else { (number % 5, number % 12) };
        let versions: Vec<String> = (0..=minors).map(|minor| format!("{major}.{minor}.0")).collect();
        VersionsEntry {
            name: format!("package_{number}"),
            versions,
            retired: if number % 9 == 0 { vec![0] } else { vec![] },
            with_advisories: if number % 50 == 0 { vec![minors] } else { vec![] },
        }
    });
    Versions { packages: packages.collect(), repository: "hexpm".to_owned() }
}

/// Base64 as the recordings have it, by way of PEM, which is base64 between two lines.
pub fn from_base64(text: &str) -> Vec<u8> {
    let pem = format!("-----BEGIN PUBLIC KEY-----\n{text}\n-----END PUBLIC KEY-----\n");
    <(SectionKind, Vec<u8>)>::from_pem_slice(pem.as_bytes()).unwrap().1
}
