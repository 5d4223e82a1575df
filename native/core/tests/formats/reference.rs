//! Byte equality and mutual understanding with the reference implementation that rebar3 carries.
//!
//! Where rebar3 or Erlang is not installed these tests say so and pass.

use std::{
    fs,
    io::{Read as _, Write as _},
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Command,
};

use flate2::{Compression, write::ZlibEncoder};
use hexide_core::{
    registry::{self, Names, Origin, Package, PrivateKey, Versions, schema},
    tarball::{self, Content, Entry, Limits},
};

const NO_LIMITS: Limits = Limits { tarball: None, contents: None };

/// A folder of its own for one test, which goes when the test ends.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(path.join("tree")).unwrap();
        Self(path)
    }

    fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.0.join(name)).unwrap()
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The path of a program, searched as a shell would.
fn program(name: &str) -> Option<PathBuf> {
    let output = Command::new("sh").args(["-c", &format!("command -v {name}")]).output().ok()?;
    let path = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| PathBuf::from(path.trim()))
}

/// Whether the reference implementation is here; says so where it is not.
fn reference_is_missing() -> bool {
    let missing = program("rebar3").is_none() || program("escript").is_none();
    if missing {
        eprintln!("skipped: rebar3 and Erlang are not installed");
    }
    missing
}

fn reference(command: &str, folder: &Folder) {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/reference.escript");
    let output = Command::new("escript")
        .arg(script)
        .args([program("rebar3").unwrap().as_os_str(), command.as_ref(), folder.0.as_os_str()])
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "the reference failed at {command}: {}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

/// The files under the folder's tree, sorted by path, with their mode.
fn entries(root: &Path) -> Vec<Entry> {
    let mut entries = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for file in fs::read_dir(folder).unwrap() {
            let path = file.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            entries.push(Entry {
                path: path.strip_prefix(root).unwrap().to_str().unwrap().to_owned(),
                mode: fs::metadata(&path).unwrap().permissions().mode(),
                content: Content::File(fs::read(&path).unwrap()),
            });
        }
    }
    entries.sort_by(|a, b| a.path.cmp(&b.path));
    entries
}

/// Both make a tarball of the same tree: the same bytes must come out, and each must read the other's.
fn assert_identical(folder: &Folder) {
    let entries = entries(&folder.0.join("tree"));
    assert!(!entries.is_empty());
    let paths: Vec<&str> = entries.iter().map(|entry| entry.path.as_str()).collect();
    folder.write("files", paths.join("\n"));
    reference("create", folder);

    let ours = tarball::create(&folder.read("metadata.config"), &entries, NO_LIMITS).unwrap();
    let theirs = folder.read("reference.tar");
    assert!(contents(&ours.tarball) == contents(&theirs), "the archives within the tarballs differ");
    if deflated_alike(folder, &ours.tarball) {
        let difference = ours.tarball.iter().zip(&theirs).position(|(a, b)| a != b);
        assert_eq!((difference, ours.tarball.len()), (None, theirs.len()), "the tarballs differ");
    }

    let mut unpacked = Vec::new();
    tarball::unpack(&theirs, NO_LIMITS, &mut unpacked).unwrap();
    let expected = entries.into_iter().map(|entry| Entry { mode: entry.mode & 0o777, ..entry });
    assert!(expected.eq(unpacked), "what was unpacked is not what was packed");

    folder.write("ours.tar", &ours.tarball);
    reference("unpack", folder);
}

/// Whether the Erlang that runs the reference has the zlib that we have: since OTP 29 it may be another one, which
/// compresses the same to other bytes.
fn deflated_alike(folder: &Folder, tarball: &[u8]) -> bool {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(&contents(tarball)).unwrap();
    encoder.finish().unwrap() == folder.read("deflated")
}

/// Copies the files below `from` that have one of these extensions into the folder's tree; not what a
/// build made, which no two runs have alike.
fn copy_tree(folder: &Folder, from: &Path, extensions: &[&str]) {
    let mut sources = vec![from.to_owned()];
    while let Some(source) = sources.pop() {
        for file in fs::read_dir(source).unwrap() {
            let path = file.unwrap().path();
            let wanted = path.extension().is_some_and(|e| extensions.iter().any(|wanted| e == *wanted));
            if path.is_dir() && !path.is_symlink() && !path.ends_with("target") && !path.ends_with("_build") {
                sources.push(path);
            } else if wanted && path.is_file() {
                let to = folder.0.join("tree").join(path.strip_prefix(from).unwrap());
                fs::create_dir_all(to.parent().unwrap()).unwrap();
                fs::copy(&path, to).unwrap();
            }
        }
    }
}

#[test]
fn a_tarball_of_otps_stdlib_is_byte_identical() {
    if reference_is_missing() {
        return;
    }
    let print = "io:put_chars(code:lib_dir(stdlib)), halt().";
    let output = Command::new("erl").args(["-noinput", "-eval", print]).output().unwrap();
    let folder = Folder::new("stdlib");
    let stdlib = PathBuf::from(String::from_utf8(output.stdout).unwrap());
    copy_tree(&folder, &stdlib, &["erl", "hrl", "beam", "app", "src"]);
    assert_identical(&folder);
}

#[test]
fn a_tarball_of_this_project_is_byte_identical() {
    if reference_is_missing() {
        return;
    }
    let folder = Folder::new("project");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap();
    copy_tree(&folder, &root, &["rs", "toml", "erl", "escript"]);
    assert_identical(&folder);
}

#[test]
fn a_tarball_of_unusual_files_is_byte_identical() {
    if reference_is_missing() {
        return;
    }
    let folder = Folder::new("unusual");
    let file = |path: &str, bytes: &[u8]| folder.write(&format!("tree/{path}"), bytes);
    file("empty", b"");
    file("one_block", &[b'x'; 512]);
    file("one_more", &[b'x'; 513]);
    file("run.sh", b"#!/bin/sh\n");
    fs::set_permissions(folder.0.join("tree/run.sh"), fs::Permissions::from_mode(0o755)).unwrap();
    // Neither compressible nor the same in every part: a linear congruential sequence.
    let mut state = 1_u32;
    let noise: Vec<u8> = std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    })
    .take(5 << 20)
    .collect();
    file("big", &noise);
    file("priv/größe.txt", b"umlauts");
    file("priv/日本語/файл", b"no ASCII in the last two segments");
    file("é", b"a name without any ASCII");
    assert_identical(&folder);
}

#[test]
fn a_tarball_of_long_names_is_byte_identical() {
    if reference_is_missing() {
        return;
    }
    let folder = Folder::new("long");
    // A prefix of 156 bytes is left out: the reference lets it run out of its field, so that its last byte is lost.
    // Around every limit: the name field, the prefix, the last segment, and the digits of a PAX record's length.
    let mut paths = Vec::new();
    for length in [87, 88, 89, 90, 98, 99, 100, 101, 120, 255] {
        paths.push("n".repeat(length));
        paths.push(format!("d/{}", "n".repeat(length - 2)));
        // Non-ASCII names whose characters and bytes differ in number.
        paths.push(format!("{}{}", "u".repeat(length.min(200) - 10), "ü".repeat(10)));
    }
    for (directory, last) in [(100, 10), (150, 99), (150, 100), (154, 50), (155, 50), (157, 50), (200, 50)] {
        let directory =
            format!("{}/{}", "p".repeat(directory / 2), "q".repeat(directory - directory / 2 - 1));
        paths.push(format!("{directory}/{}", "r".repeat(last)));
    }
    paths.push(format!("{}file", "deep/".repeat(60)));
    paths.push(format!("{}é", "tief/".repeat(60)));
    for path in &paths {
        folder.write(&format!("tree/{path}"), path);
    }
    assert_identical(&folder);
}

/// Every length of name around the places where a PAX record's length gains a digit.
#[test]
fn the_length_of_a_pax_record_is_counted_as_the_reference_counts_it() {
    if reference_is_missing() {
        return;
    }
    let folder = Folder::new("digits");
    for length in 1..=100 {
        folder.write(&format!("tree/{}ü", "a".repeat(length)), b"");
    }
    // 1000 bytes are more than a file system gives one name.
    for length in 180..=205 {
        folder.write(&format!("tree/{0}/{0}/{0}/{0}/{1}ü", "b".repeat(195), "c".repeat(length)), b"");
    }
    assert_identical(&folder);
}

/// rebar3's copy of the reference is older in this: it writes time 0 for whatever is no file.
#[test]
fn links_and_empty_folders_differ_from_rebar3s_older_copy_only_in_their_time() {
    if reference_is_missing() {
        return;
    }
    let folder = Folder::new("links");
    let tree = folder.0.join("tree");
    let mut entries: Vec<Entry> = Vec::new();
    for length in [1, 98, 99, 100, 101, 150, 200] {
        let path = "x/".repeat(length / 2) + &"d".repeat(1 + length % 2);
        fs::create_dir_all(tree.join(format!("{path}-empty"))).unwrap();
        fs::create_dir_all(tree.join(format!("{path}-lüb"))).unwrap();
        for path in [format!("{path}-empty"), format!("{path}-lüb")] {
            entries.push(Entry { path, mode: 0o755, content: Content::Directory });
        }
        for (path, target) in [
            (format!("link-{length}"), "t".repeat(length)),
            (format!("nach-{length}"), "ß".repeat(length)),
            (format!("{path}-link"), "t".repeat(length)),
        ] {
            std::os::unix::fs::symlink(&target, tree.join(&path)).unwrap();
            entries.push(Entry { path, mode: 0o777, content: Content::Symlink(target) });
        }
    }
    let single = "s".repeat(99);
    fs::create_dir(tree.join(&single)).unwrap();
    entries.push(Entry { path: single, mode: 0o755, content: Content::Directory });
    for entry in &entries {
        if entry.content == Content::Directory {
            fs::set_permissions(tree.join(&entry.path), fs::Permissions::from_mode(0o755)).unwrap();
        }
    }
    entries.sort_by(|a, b| a.path.cmp(&b.path));
    let paths: Vec<&str> = entries.iter().map(|entry| entry.path.as_str()).collect();
    folder.write("files", paths.join("\n"));
    reference("create", &folder);

    let ours = tarball::create(&folder.read("metadata.config"), &entries, NO_LIMITS).unwrap();
    let (ours, mut theirs) = (contents(&ours.tarball), contents(&folder.read("reference.tar")));
    for header in theirs.chunks_mut(512).filter(|block| block[257..262] == *b"ustar") {
        header[136..147].copy_from_slice(b"07033241600");
        header[148..156].fill(b' ');
        let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
        header[148..156].copy_from_slice(format!("{sum:07o}\0").as_bytes());
    }
    let difference = ours.iter().zip(&theirs).position(|(a, b)| a != b);
    assert_eq!((difference, ours.len()), (None, theirs.len()), "the archives differ");
}

/// The inflated contents of a package tarball.
fn contents(tarball: &[u8]) -> Vec<u8> {
    let mut archive = tar::Archive::new(tarball);
    let mut entries = archive.entries().unwrap().map(Result::unwrap);
    let entry = entries.find(|entry| entry.path_bytes().as_ref() == b"contents.tar.gz").unwrap();
    let mut contents = Vec::new();
    flate2::read::GzDecoder::new(entry).read_to_end(&mut contents).unwrap();
    contents
}

#[test]
fn the_reference_reads_what_we_sign_and_we_read_what_it_signs() {
    if reference_is_missing() {
        return;
    }
    let folder = Folder::new("registry");
    let key = PrivateKey::generate().unwrap();
    folder.write("private.pem", key.to_pem().unwrap());
    folder.write("public.pem", key.public_key().unwrap().to_pem());
    let (names, versions, package) = resources();
    let origin = |name| Some(Origin { repository: "acme", name });

    reference("sign", &folder);
    let verified =
        |file: &str| registry::verify(&folder.read(file), Some(&key.public_key().unwrap()), 1 << 20).unwrap();
    assert_eq!(registry::decode::<Names>(&verified("names"), origin(None)), Ok(names.clone()));
    assert_eq!(registry::decode::<Versions>(&verified("versions"), origin(None)), Ok(versions.clone()));
    assert_eq!(registry::decode::<Package>(&verified("package"), origin(Some("alpha"))), Ok(package.clone()));
    // Not demanded by any reader, but it shows that nothing is encoded that they would not.
    assert_eq!(verified("names"), registry::encode(&names));
    assert_eq!(verified("package"), registry::encode(&package));

    folder.write("names", registry::sign(&registry::encode(&names), &key).unwrap());
    folder.write("versions", registry::sign(&registry::encode(&versions), &key).unwrap());
    folder.write("package", registry::sign(&registry::encode(&package), &key).unwrap());
    reference("verify", &folder);
}

/// The same payloads as in the escript.
fn resources() -> (Names, Versions, Package) {
    let repository = "acme".to_owned();
    let names = Names {
        packages: ["alpha", "beta"]
            .map(|name| schema::NamesEntry { name: name.to_owned(), updated_at: None })
            .to_vec(),
        repository: repository.clone(),
    };
    let versions = Versions {
        packages: vec![
            schema::VersionsEntry {
                name: "alpha".to_owned(),
                versions: ["1.0.0", "1.1.0", "2.0.0-rc.1"].map(str::to_owned).to_vec(),
                retired: vec![0, 2],
                with_advisories: Vec::new(),
            },
            schema::VersionsEntry {
                name: "beta".to_owned(),
                versions: vec!["0.1.0".to_owned()],
                ..schema::VersionsEntry::default()
            },
        ],
        repository: repository.clone(),
    };
    let first = schema::Release {
        version: "1.0.0".to_owned(),
        inner_checksum: vec![1; 32],
        outer_checksum: Some(vec![2; 32]),
        dependencies: vec![schema::Dependency {
            package: "beta".to_owned(),
            requirement: "~> 0.1".to_owned(),
            optional: Some(true),
            app: Some("beta_app".to_owned()),
            repository: Some("hexpm".to_owned()),
        }],
        retired: Some(schema::RetirementStatus {
            reason: schema::RetirementReason::Security as i32,
            message: Some("use 1.1".to_owned()),
        }),
        ..schema::Release::default()
    };
    let second = schema::Release {
        version: "1.1.0".to_owned(),
        inner_checksum: vec![3; 32],
        outer_checksum: Some(vec![4; 32]),
        ..schema::Release::default()
    };
    let package = Package {
        releases: vec![first, second],
        name: "alpha".to_owned(),
        repository,
        advisories: Vec::new(),
    };
    (names, versions, package)
}
