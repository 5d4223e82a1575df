//! Making package and documentation tarballs.

use std::fmt::Write as _;

use crate::support::METADATA;
use hexide_core::{
    Code,
    tarball::{self, Content, Entry, Limits},
};

/// The metadata of the goldens.
const FOO: &[u8] = b"{<<\"app\">>,<<\"foo\">>}.\n\
    {<<\"build_tools\">>,[<<\"rebar3\">>]}.\n\
    {<<\"name\">>,<<\"foo\">>}.\n\
    {<<\"version\">>,<<\"1.0.0\">>}.\n";

fn file(path: &str, body: &str) -> Entry {
    Entry { path: path.to_owned(), mode: 0o644, content: Content::File(body.as_bytes().to_vec()) }
}

fn directory(path: &str) -> Entry {
    Entry { path: path.to_owned(), mode: 0o755, content: Content::Directory }
}

fn link(path: &str, target: &str) -> Entry {
    Entry { path: path.to_owned(), mode: 0o777, content: Content::Symlink(target.to_owned()) }
}

fn create(entries: &[Entry]) -> hexide_core::Result<tarball::Created> {
    tarball::create(METADATA, entries, Limits::default())
}

fn unpack(tarball: &[u8]) -> Vec<Entry> {
    let mut entries = Vec::new();
    tarball::unpack(tarball, Limits::default(), &mut entries).unwrap();
    entries
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02X}").unwrap();
        text
    })
}

#[test]
fn a_package_of_one_file_has_the_known_checksum() {
    let created = tarball::create(FOO, &[file("src/foo.erl", "-module(foo).")], Limits::default()).unwrap();
    assert_eq!(created.tarball.len(), 5120);
    let golden = "66926DE1B1CD64337B366C232310D255A376BFA9381EC5065DF64F7248C929CC";
    assert_eq!(hex(&created.outer_checksum), golden);
}

#[test]
fn empty_folders_links_and_executables_have_the_known_checksum() {
    let run = Entry { mode: 0o755, ..file("run.sh", "#!/bin/sh") };
    let entries = [file("full/a.erl", "a"), run, directory("empty"), link("link", "run.sh")];
    let created = tarball::create(FOO, &entries, Limits::default()).unwrap();
    let golden = "1BFEA73878A82A855430AF13312D4AE11977B27AB6A837F18F0937A8CBE7B076";
    assert_eq!(hex(&created.outer_checksum), golden);
}

#[test]
fn a_folder_that_is_not_empty_is_left_out() {
    let with = create(&[directory("a"), file("a/b", ""), file("a.txt", ""), directory("c")]).unwrap();
    let without = create(&[file("a/b", ""), file("a.txt", ""), directory("c")]).unwrap();
    assert_eq!(with, without);
}

#[test]
fn the_order_of_the_entries_is_kept() {
    let entries = [file("z", "1"), file("a", "2"), file("m", "3")];
    assert_eq!(unpack(&create(&entries).unwrap().tarball), entries);
}

#[test]
fn every_name_comes_back_as_it_was() {
    let mut entries = vec![
        link("to", &"t".repeat(150)),
        link("nach", "größe"),
        link("up/to", "../to"),
        directory(&format!("{}/{}", "d".repeat(80), "e".repeat(80))),
        directory("ümlaut"),
        // Where the reference would lose a byte of the name.
        file(&format!("{}/{}/{}", "p".repeat(78), "q".repeat(77), "r".repeat(50)), ""),
    ];
    for length in (1..=120).chain(250..=260).chain(980..=1010) {
        // Folders are named differently from files, so that no file stands where another path needs a folder.
        let path = "folder/".repeat(length / 100) + &"s".repeat(length - length / 100 * 7);
        entries.push(file(&path, "content"));
        entries.push(file(&format!("{path}ß"), "content"));
    }
    assert_eq!(unpack(&create(&entries).unwrap().tarball), entries);
}

#[test]
fn a_path_that_is_not_plainly_inside_the_package_is_refused() {
    let long = "x".repeat(1025);
    let deep = "x/".repeat(128) + "x";
    for path in [
        "",
        ".",
        "..",
        "/",
        "/etc/passwd",
        "../x",
        "a/../b",
        "a/..",
        "./a",
        "a/.",
        "a//b",
        "a/",
        "a\\b",
        "..\\x",
        "C:",
        "c:/x",
        "a\0b",
        "a\nb",
        "a\u{1b}[2Jb",
        long.as_str(),
        deep.as_str(),
    ] {
        let error = create(&[file(path, "")]).unwrap_err();
        assert_eq!(error.code, Code::UnsafePath, "{path:?}");
        assert!(error.details.path.is_some(), "{path:?}");
        assert!(!error.message.contains('\u{1b}'), "{:?}", error.message);
        assert_eq!(create(&[directory(path)]).unwrap_err().code, Code::UnsafePath, "{path:?}");
    }
}

#[test]
fn a_link_out_of_the_package_is_refused() {
    for (path, target) in [
        ("l", ""),
        ("l", "/"),
        ("l", "/etc/passwd"),
        ("l", ".."),
        ("l", "../x"),
        ("a/l", "../../x"),
        ("a/l", "./../../x"),
        ("l", "a/../../x"),
        ("a/b/l", "c/../x"),
        ("l", "..\\x"),
        ("l", "C:/x"),
        ("l", "a\0b"),
    ] {
        let error = create(&[link(path, target)]).unwrap_err();
        assert_eq!(error.code, Code::UnsafePath, "{path:?} -> {target:?}");
    }
    for (path, target) in [("l", "x"), ("l", "./x"), ("a/l", "../x"), ("a/b/l", "../../x/y"), ("a/l", "..")] {
        create(&[link(path, target)]).unwrap();
    }
}

#[test]
fn two_things_at_one_path_are_refused() {
    for entries in [
        [file("a", ""), file("a", "")],
        [directory("a"), directory("a")],
        [directory("a"), file("a", "")],
        [link("a", "b"), file("a/b", "")],
        [file("a/b", ""), link("a", "b")],
        [file("a", ""), file("a/b/c", "")],
        [file("a/b/c", ""), file("a/b", "")],
        [file("a", ""), directory("a/b")],
    ] {
        assert_eq!(create(&entries).unwrap_err().code, Code::UnsafePath, "{entries:?}");
    }
}

#[test]
fn the_name_that_unpacking_writes_its_metadata_to_is_refused() {
    let error = create(&[file("hex_metadata.config", "")]).unwrap_err();
    assert_eq!(error.code, Code::UnsafePath);
    create(&[file("test/hex_metadata.config", "")]).unwrap();
}

#[test]
fn metadata_that_does_not_parse_is_refused() {
    for text in [&b""[..], b"{<<\"name\">>,", b"not pairs.", b"\xff\xfe"] {
        let error = tarball::create::<Vec<u8>>(text, &[], Limits::default()).unwrap_err();
        assert_eq!(error.code, Code::BadMetadata, "{text:?}");
    }
}

#[test]
fn each_limit_is_the_first_size_that_still_passes() {
    let entries = [file("a", &"x".repeat(10_000))];
    let created = create(&entries).unwrap();
    // Two blocks of zeros end the archive, one is the header.
    let inflated = 512 + 10_000_u64.next_multiple_of(512) + 1024;
    let size = created.tarball.len() as u64;
    for (limits, passes) in [
        (Limits { tarball: Some(size), contents: Some(inflated) }, true),
        (Limits { tarball: None, contents: None }, true),
        (Limits { tarball: Some(size - 1), contents: None }, false),
        (Limits { tarball: None, contents: Some(inflated - 1) }, false),
    ] {
        let result = tarball::create(METADATA, &entries, limits);
        if passes {
            assert_eq!(result.as_ref(), Ok(&created));
        } else {
            let error = result.unwrap_err();
            assert_eq!(error.code, Code::TooLarge, "{limits:?}");
            assert_eq!(error.details.limit, limits.tarball.or(limits.contents));
        }
        let read = tarball::unpack(&created.tarball, limits, &mut Vec::new());
        assert_eq!(read.map(drop).map_err(|e| e.code), if passes { Ok(()) } else { Err(Code::TooLarge) });
    }
    let mut metadata = METADATA.to_vec();
    metadata.resize((1 << 20) + 1, b'\n');
    let error = tarball::create::<Vec<u8>>(&metadata, &[], Limits::default()).unwrap_err();
    assert_eq!((error.code, error.details.limit), (Code::TooLarge, Some(1 << 20)));
}

/// Past 16 MiB contents are inflated as a stream, below in one go.
#[test]
fn large_contents_come_back_as_they_were() {
    let limits = Limits { tarball: None, contents: None };
    for size in [(16 << 20) - 4096, (16 << 20) + 1, 33 << 20] {
        let body = (0..size).map(|n: u32| n.wrapping_mul(2_654_435_761).to_be_bytes()[0] & 0x0f).collect();
        let large = Entry { path: "large".to_owned(), mode: 0o600, content: Content::File(body) };
        let entries = [file("before", "1"), large, file("index.html", "2")];
        let created = tarball::create(METADATA, &entries, limits).unwrap();
        let mut unpacked = Vec::new();
        tarball::unpack(&created.tarball, limits, &mut unpacked).unwrap();
        assert!(unpacked == entries, "a package of {size} bytes");
        let docs = tarball::create_docs(&entries, limits).unwrap();
        let mut unpacked = Vec::new();
        tarball::unpack_docs(&docs, limits, &mut unpacked).unwrap();
        assert!(unpacked == entries, "documentation of {size} bytes");
    }
}

#[test]
fn documentation_comes_back_as_it_was() {
    let entries = [file("index.html", "<html>"), file("assets/ü.css", "a{}"), directory("empty")];
    let tarball = tarball::create_docs(&entries, Limits::default()).unwrap();
    assert_eq!(tarball, tarball::create_docs(&entries, Limits::default()).unwrap());
    let mut unpacked = Vec::new();
    tarball::unpack_docs(&tarball, Limits::default(), &mut unpacked).unwrap();
    assert_eq!(unpacked, entries);
    tarball::inspect_docs(&tarball, Limits::default()).unwrap();
}

#[test]
fn documentation_that_could_not_be_served_is_refused() {
    let index = || file("index.html", "");
    for (entries, code) in [
        (vec![], Code::BadTarball),
        (vec![file("a.html", "")], Code::BadTarball),
        (vec![file("doc/index.html", "")], Code::BadTarball),
        (vec![directory("index.html")], Code::BadTarball),
        (vec![index(), file("1.0.0/index.html", "")], Code::BadTarball),
        (vec![index(), file("2.0.0-rc.1+build", "")], Code::BadTarball),
        (vec![index(), directory("1.2.3")], Code::BadTarball),
        (vec![index(), file("../x", "")], Code::UnsafePath),
        (vec![index(), link("a", "/etc")], Code::UnsafePath),
    ] {
        assert_eq!(
            tarball::create_docs(&entries, Limits::default()).map_err(|e| e.code),
            Err(code),
            "{entries:?}"
        );
    }
    tarball::create_docs(&[index(), file("v/1.0.0/a", ""), file("1.0", "")], Limits::default()).unwrap();
    for limits in
        [Limits { tarball: Some(10), contents: None }, Limits { tarball: None, contents: Some(1024) }]
    {
        let error = tarball::create_docs(&[index()], limits).unwrap_err();
        assert_eq!((error.code, error.details.limit), (Code::TooLarge, limits.tarball.or(limits.contents)));
    }
}
