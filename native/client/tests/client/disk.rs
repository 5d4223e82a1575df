//! Files and folders: what is read for a tarball, and what an archive may do to a disk.
#![cfg(unix)]

use std::{
    fs,
    os::unix::fs::{PermissionsExt, symlink},
    path::Path,
};

use hexide_client::disk::{self, Folder, Source};
use hexide_core::{
    Code, Error, Result,
    tarball::{Content, Entry, FileContent, Limits, Sink, create},
};
use tempfile::TempDir;

const METADATA: &[u8] = b"{<<\"app\">>,<<\"pa\">>}.\n{<<\"build_tools\">>,[<<\"rebar3\">>]}.\n\
{<<\"files\">>,[<<\"a\">>]}.\n{<<\"name\">>,<<\"pa\">>}.\n{<<\"version\">>,<<\"1.0.0\">>}.\n";

fn file(folder: &mut Folder, path: &str, text: &str, mode: u32) -> Result<()> {
    let mut reader = text.as_bytes();
    let content = Content::File(FileContent { size: text.len() as u64, reader: &mut reader });
    folder.entry(Entry { path: path.to_owned(), mode, content })
}

fn link(folder: &mut Folder, path: &str, target: &str) -> Result<()> {
    folder.entry(Entry { path: path.to_owned(), mode: 0o777, content: Content::Symlink(target.to_owned()) })
}

fn directory(folder: &mut Folder, path: &str) -> Result<()> {
    folder.entry(Entry { path: path.to_owned(), mode: 0o755, content: Content::Directory })
}

fn names(path: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(path).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path).unwrap().permissions().mode() & 0o7777
}

fn tarball() -> Vec<u8> {
    let entry = Entry { path: "a".to_owned(), mode: 0o644, content: Content::File(b"new".to_vec()) };
    create(METADATA, &[entry], Limits::default()).unwrap().tarball
}

#[test]
fn a_package_appears_whole_with_its_metadata() {
    let temporary = TempDir::new().unwrap();
    let target = temporary.path().join("deep/deps/pa");
    let unpacked = disk::unpack(&tarball(), Limits::default(), &target, false).unwrap();
    assert_eq!(unpacked.metadata.name, "pa");
    assert_eq!(names(&target), ["a", "hex_metadata.config"]);
    assert_eq!(fs::read(target.join("hex_metadata.config")).unwrap(), METADATA);
    assert_eq!(names(target.parent().unwrap()), ["pa"], "nothing temporary stays");
}

#[test]
fn a_package_that_is_refused_leaves_nothing() {
    let temporary = TempDir::new().unwrap();
    let target = temporary.path().join("pa");
    let mut broken = tarball();
    let middle = broken.len() / 2;
    broken[middle] ^= 1;
    disk::unpack(&broken, Limits::default(), &target, false).unwrap_err();
    disk::unpack(b"garbage", Limits::default(), &target, false).unwrap_err();
    assert!(names(temporary.path()).is_empty());
}

#[test]
fn a_folder_in_use_is_kept_unless_replacing_was_asked_for() {
    let temporary = TempDir::new().unwrap();
    let target = temporary.path().join("pa");
    fs::create_dir(&target).unwrap();
    fs::write(target.join("mine"), "work").unwrap();
    let error = disk::unpack(&tarball(), Limits::default(), &target, false).unwrap_err();
    assert_eq!((error.code, error.details.path), (Code::Io, Some(target.display().to_string())));
    disk::unpack(b"garbage", Limits::default(), &target, true).unwrap_err();
    assert_eq!(names(&target), ["mine"], "a failure replaces nothing");
    disk::unpack(&tarball(), Limits::default(), &target, true).unwrap();
    assert_eq!(names(&target), ["a", "hex_metadata.config"]);
    assert_eq!(names(temporary.path()), ["pa"]);
}

#[test]
fn an_empty_folder_may_be_filled() {
    let temporary = TempDir::new().unwrap();
    let target = temporary.path().join("pa");
    fs::create_dir(&target).unwrap();
    disk::unpack(&tarball(), Limits::default(), &target.join("."), false).unwrap();
    assert_eq!(names(&target), ["a", "hex_metadata.config"]);
}

#[test]
fn a_target_that_is_a_link_or_a_file_is_refused() {
    let temporary = TempDir::new().unwrap();
    let (real, link, file) =
        (temporary.path().join("real"), temporary.path().join("link"), temporary.path().join("file"));
    fs::create_dir(&real).unwrap();
    symlink(&real, &link).unwrap();
    fs::write(&file, "text").unwrap();
    for target in [link, file.clone(), file.join("below")] {
        let error = disk::unpack(&tarball(), Limits::default(), &target, true).unwrap_err();
        assert_eq!(error.code, Code::Io, "{error}");
    }
    assert!(names(&real).is_empty());
    assert_eq!(fs::read(&file).unwrap(), b"text");
}

#[test]
fn no_entry_leaves_the_folder() {
    let temporary = TempDir::new().unwrap();
    let mut folder = Folder::begin(&temporary.path().join("pa"), false).unwrap();
    for path in ["../x", "/tmp/x", "a/../../x", "..", ".", "", "a\0b"] {
        let error = file(&mut folder, path, "x", 0o644).unwrap_err();
        assert_eq!(error.code, Code::UnsafePath, "{path:?}");
    }
    for (path, target) in [("l", "../x"), ("a/l", "../../x"), ("l", "/etc/passwd"), ("l", "a/../../x")] {
        let error = link(&mut folder, path, target).unwrap_err();
        assert_eq!(error.code, Code::UnsafePath, "{path} to {target}");
    }
}

#[test]
fn nothing_is_written_through_a_link() {
    let temporary = TempDir::new().unwrap();
    let target = temporary.path().join("pa");
    let mut folder = Folder::begin(&target, false).unwrap();
    directory(&mut folder, "real").unwrap();
    link(&mut folder, "way", "real").unwrap();
    let error: Error = file(&mut folder, "way/x", "x", 0o644).unwrap_err();
    assert_eq!(error.code, Code::UnsafePath);
    // A file of the link's own name takes its place, and what it pointed at stays.
    file(&mut folder, "real/kept", "kept", 0o644).unwrap();
    link(&mut folder, "alias", "real/kept").unwrap();
    file(&mut folder, "alias", "new", 0o644).unwrap();
    folder.finish().unwrap();
    assert_eq!(fs::read_to_string(target.join("real/kept")).unwrap(), "kept");
    assert!(fs::symlink_metadata(target.join("alias")).unwrap().is_file());
}

#[test]
fn modes_are_kept_but_not_those_that_change_who_one_is() {
    let temporary = TempDir::new().unwrap();
    let target = temporary.path().join("pa");
    let mut folder = Folder::begin(&target, false).unwrap();
    file(&mut folder, "run", "x", 0o755).unwrap();
    file(&mut folder, "plain", "x", 0o644).unwrap();
    file(&mut folder, "root", "x", 0o4755).unwrap();
    file(&mut folder, "locked", "x", 0o000).unwrap();
    folder.finish().unwrap();
    let modes = ["run", "plain", "root", "locked"].map(|name| mode(&target.join(name)));
    assert_eq!(modes, [0o755, 0o644, 0o755, 0o600]);
}

#[test]
fn what_is_read_is_what_is_there_in_the_order_asked() {
    let temporary = TempDir::new().unwrap();
    let root = temporary.path();
    fs::write(root.join("run"), "#!/bin/sh").unwrap();
    fs::set_permissions(root.join("run"), fs::Permissions::from_mode(0o755)).unwrap();
    fs::create_dir_all(root.join("full/empty")).unwrap();
    symlink("run", root.join("link")).unwrap();
    let sources = ["run", "full", "full/empty", "link"]
        .map(|path| Source { path: path.to_owned(), file: root.join(path) });
    let entries = disk::read(&sources, None).unwrap();
    let shown: Vec<_> = entries.iter().map(|entry| (entry.path.as_str(), &entry.content)).collect();
    let expected = [
        ("run", &Content::File(b"#!/bin/sh".to_vec())),
        ("full/empty", &Content::Directory),
        ("link", &Content::Symlink("run".to_owned())),
    ];
    assert_eq!(shown, expected);
    assert_eq!(entries[0].mode, 0o755);
}

#[test]
fn too_much_to_read_is_refused_and_named() {
    let temporary = TempDir::new().unwrap();
    let sources = ["a", "b"].map(|name| {
        let file = temporary.path().join(name);
        fs::write(&file, "12345").unwrap();
        Source { path: name.to_owned(), file }
    });
    disk::read(&sources, Some(10)).unwrap();
    let error = disk::read(&sources, Some(9)).unwrap_err();
    assert_eq!((error.code, error.details.limit), (Code::TooLarge, Some(9)));
    assert!(error.details.path.unwrap().ends_with("/b"));
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let source = Source { path: "a".to_owned(), file: "/nonexistent/a".into() };
    let error = disk::read(&[source], None).unwrap_err();
    assert_eq!((error.code, error.details.path.as_deref()), (Code::Io, Some("/nonexistent/a")));
}

#[test]
fn a_written_file_replaces_a_link_instead_of_following_it() {
    let temporary = TempDir::new().unwrap();
    let (real, path) = (temporary.path().join("real"), temporary.path().join("new/link"));
    fs::write(&real, "kept").unwrap();
    fs::create_dir(path.parent().unwrap()).unwrap();
    symlink(&real, &path).unwrap();
    disk::write(&path, b"written").unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"written");
    assert_eq!(fs::read(&real).unwrap(), b"kept");
    assert_eq!(names(path.parent().unwrap()), ["link"]);
}
