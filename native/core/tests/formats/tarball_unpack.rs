//! Reading tarballs that others made, with good intentions and bad ones.

use crate::support::{METADATA, Tar, checksum, from_base64, gzip, package, recorded};
use hexide_core::{
    Code, Error, Result,
    tarball::{self, Content, Entry, FileContent, Limits, Sink},
};
use sha2::{Digest as _, Sha256};

fn unpack(tarball: &[u8]) -> Result<Vec<Entry>> {
    let mut entries = Vec::new();
    tarball::unpack(tarball, Limits::default(), &mut entries).map(|_| entries)
}

fn paths(tarball: &[u8]) -> Vec<String> {
    unpack(tarball).unwrap().into_iter().map(|entry| entry.path).collect()
}

/// Counts the bytes that reach it.
#[derive(Default)]
struct Counter {
    entries: usize,
    bytes: u64,
}

impl Sink for Counter {
    fn entry(&mut self, entry: Entry<FileContent<'_>>) -> Result<()> {
        self.entries += 1;
        if let Content::File(file) = entry.content {
            let mut buffer = [0; 4096];
            while let Ok(read @ 1..) = file.reader.read(&mut buffer) {
                self.bytes += read as u64;
            }
        }
        Ok(())
    }
}

/// Old clients left files writable by all, and wrote the type of a file into its mode.
#[test]
fn a_package_of_an_old_client_is_read() {
    let files: Vec<String> = (0..89).map(|number| format!("gen/src/old@module_{number}.erl")).collect();
    let mut contents = tar::Builder::new(Vec::new());
    for file in &files {
        let mut header = tar::Header::new_ustar();
        header.set_path(file).unwrap();
        header.set_entry_type(tar::EntryType::Regular);
        header.set_mode(0o100_666);
        header.set_size(file.len() as u64);
        header.set_cksum();
        contents.append(&header, file.as_bytes()).unwrap();
    }
    let contents = gzip(&contents.into_inner().unwrap());
    let listed: Vec<String> = files.iter().map(|file| format!("<<\"{file}\">>")).collect();
    let metadata =
        format!("{{<<\"files\">>,[{}]}}.\n{}", listed.join(",\n  "), str::from_utf8(METADATA).unwrap());
    let tarball = Tar::new()
        .file("VERSION", b"3")
        .file("CHECKSUM", checksum(b"3", metadata.as_bytes(), &contents).as_bytes())
        .file("metadata.config", metadata.as_bytes())
        .file("contents.tar.gz", &contents)
        .end();
    let mut entries = Vec::new();
    let unpacked = tarball::unpack(&tarball, Limits::default(), &mut entries).unwrap();
    assert_eq!(unpacked.outer_checksum[..], Sha256::digest(&tarball)[..]);
    assert_eq!((unpacked.metadata.name.as_str(), unpacked.metadata.version.as_str()), ("sample", "1.0.0"));
    assert_eq!(tarball::inspect(&tarball, Limits::default()).unwrap(), unpacked);
    assert_eq!(unpacked.metadata.files, files);
    assert_eq!(entries.iter().map(|entry| entry.path.as_str()).collect::<Vec<_>>(), files);
    assert!(entries.iter().all(|entry| entry.mode == 0o666));
}

/// The clients of the recordings carry newer copies of the reference than rebar3 does.
#[test]
fn a_recorded_package_is_read_and_made_again_byte_for_byte() {
    let mut packages = 0;
    for file in ["api.jsonl", "mix-client.jsonl"] {
        let recordings = recorded(file);
        for line in recordings.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            let exchange: serde_json::Value = serde_json::from_slice(line).unwrap();
            let status = exchange["response"]["status"].as_u64().unwrap();
            for side in ["request", "response"] {
                let Some(body) = exchange[side]["body"]["base64"].as_str() else { continue };
                let tarball = from_base64(body);
                if status > 201 || !tarball.starts_with(b"VERSION\0") {
                    continue;
                }
                let mut entries = Vec::new();
                let unpacked = tarball::unpack(&tarball, Limits::default(), &mut entries).unwrap();
                let again = tarball::create(&unpacked.metadata_text, &entries, Limits::default()).unwrap();
                assert!(again.tarball == tarball, "exchange {} of {file}", exchange["n"]);
                assert_eq!(again.outer_checksum, unpacked.outer_checksum);
                packages += 1;
            }
        }
    }
    assert!(packages > 10, "only {packages} packages were found");
}

#[test]
fn what_is_no_package_tarball_is_refused() {
    let contents = Tar::new().file("a", b"").gzip();
    let sum = checksum(b"3", METADATA, &contents);
    let entries: [(&str, &[u8]); 4] = [
        ("VERSION", b"3"),
        ("CHECKSUM", sum.as_bytes()),
        ("metadata.config", METADATA),
        ("contents.tar.gz", &contents),
    ];
    let build = |entries: &mut dyn Iterator<Item = (&str, &[u8])>| {
        entries.fold(Tar::new(), |tar, (name, body)| tar.file(name, body))
    };
    assert_eq!(paths(&build(&mut entries.into_iter()).end()), ["a"]);

    for missing in 0..4 {
        let mut rest = entries.into_iter().enumerate().filter(|(n, _)| *n != missing).map(|(_, entry)| entry);
        let error = unpack(&build(&mut rest).end()).unwrap_err();
        assert_eq!((error.code, error.details.path.as_deref()), (Code::BadTarball, Some(entries[missing].0)));
        let twice = build(&mut entries.into_iter()).file(entries[missing].0, entries[missing].1).end();
        assert_eq!(unpack(&twice).unwrap_err().code, Code::BadTarball);
        let linked = build(&mut std::iter::empty()).link(entries[missing].0, "x").end();
        assert_eq!(unpack(&linked).unwrap_err().code, Code::BadTarball);
    }
    for bytes in [&b""[..], b"not a tar", &[0; 511], &[0; 1024], &[b'x'; 2048]] {
        assert_eq!(unpack(bytes).unwrap_err().code, Code::BadTarball);
    }
    let whole = build(&mut entries.into_iter()).end();
    for length in 0..whole.len() - 512 {
        assert_eq!(
            unpack(&whole[..length]).map_err(|e| e.code),
            Err(Code::BadTarball),
            "cut to {length} bytes"
        );
    }
}

#[test]
fn entries_of_other_names_are_ignored() {
    let contents = Tar::new().file("a", b"").gzip();
    let tarball = Tar::new()
        .file("SIGNATURE", &[b'x'; 5000])
        .link("../VERSION", "/etc/passwd")
        .raw(b'g', "pax_global_header", "", b"19 comment=whatever\n")
        .file("VERSION", b"3")
        .file("CHECKSUM", checksum(b"3", METADATA, &contents).to_lowercase().as_bytes())
        .file("metadata.config", METADATA)
        .file("contents.tar.gz", &contents)
        .end();
    assert_eq!(paths(&tarball), ["a"]);
}

#[test]
fn another_version_of_the_format_is_named() {
    let tarball = Tar::new()
        .file("VERSION", b"4")
        .file("CHECKSUM", b"whatever")
        .file("metadata.config", METADATA)
        .file("contents.tar.gz", b"")
        .end();
    let error = unpack(&tarball).unwrap_err();
    assert_eq!((error.code, error.details.actual.as_deref()), (Code::BadTarball, Some("4")));
    assert!(error.message.contains("\"4\""), "{}", error.message);
}

#[test]
fn an_outer_entry_past_its_limit_is_refused() {
    for (name, limit) in [("VERSION", 32), ("CHECKSUM", 128), ("metadata.config", 1 << 20)] {
        let tarball = Tar::new().file(name, &vec![b' '; limit + 1]).end();
        let error = unpack(&tarball).unwrap_err();
        assert_eq!((error.code, error.details.limit), (Code::TooLarge, Some(limit as u64)), "{name}");
    }
}

#[test]
fn a_wrong_checksum_is_found_before_the_contents_are_looked_at() {
    let sum = checksum(b"3", METADATA, b"other contents");
    let with = |sum: &[u8]| {
        Tar::new()
            .file("VERSION", b"3")
            .file("CHECKSUM", sum)
            .file("metadata.config", METADATA)
            .file("contents.tar.gz", b"no gzip at all")
            .end()
    };
    let error = unpack(&with(sum.as_bytes())).unwrap_err();
    assert_eq!((error.code, error.details.expected), (Code::BadChecksum, Some(sum.to_lowercase())));
    let actual = checksum(b"3", METADATA, b"no gzip at all");
    assert_eq!(error.details.actual, Some(actual.to_lowercase()));
    for sum in [&b""[..], b"zz", &actual.as_bytes()[1..], format!("{actual}\n").as_bytes()] {
        assert_eq!(unpack(&with(sum)).unwrap_err().code, Code::BadChecksum);
    }
    assert_eq!(unpack(&with(actual.as_bytes())).unwrap_err().code, Code::BadTarball);
    // Neither does a look at the metadata reach the contents.
    tarball::inspect(&with(actual.as_bytes()), Limits::default()).unwrap();
}

#[test]
fn an_entry_that_would_leave_the_folder_is_refused() {
    for name in ["../x", "a/../../x", "a/../b", "..", "/etc/passwd", "//x", "a\\b", "..\\x", "C:/x", "c:x"] {
        let error = unpack(&package(&Tar::new().file(name, b"").gzip())).unwrap_err();
        assert_eq!((error.code, error.details.path.as_deref()), (Code::UnsafePath, Some(name)));
        // A name can hide in front of its entry.
        let pax = Tar::new().pax(&[("path", name)]).file("harmless", b"").gzip();
        assert_eq!(unpack(&package(&pax)).unwrap_err().code, Code::UnsafePath, "{name}");
        let gnu = Tar::new().raw(b'L', "././@LongLink", "", name.as_bytes()).file("harmless", b"").gzip();
        assert_eq!(unpack(&package(&gnu)).unwrap_err().code, Code::UnsafePath, "{name}");
    }
    let nul = Tar::new().pax(&[("path", "a\0b")]).file("harmless", b"").gzip();
    assert_eq!(unpack(&package(&nul)).unwrap_err().code, Code::UnsafePath);
    assert_eq!(unpack(&package(&Tar::new().file("", b"").gzip())).unwrap_err().code, Code::UnsafePath);
    assert_eq!(unpack(&package(&Tar::new().file("./", b"").gzip())).unwrap_err().code, Code::BadTarball);
}

#[test]
fn a_link_that_would_leave_the_folder_is_refused() {
    for (name, target) in
        [("l", "../x"), ("l", "/etc"), ("a/l", "../../x"), ("l", "a/../../x"), ("l", ""), ("l", "..\\x")]
    {
        let error = unpack(&package(&Tar::new().link(name, target).gzip())).unwrap_err();
        assert_eq!(error.code, Code::UnsafePath, "{name} -> {target}");
        let pax = Tar::new().pax(&[("linkpath", "/etc")]).link(name, "harmless").gzip();
        assert_eq!(unpack(&package(&pax)).unwrap_err().code, Code::UnsafePath);
        let gnu = Tar::new().raw(b'K', "././@LongLink", "", b"/etc\0").link(name, "harmless").gzip();
        assert_eq!(unpack(&package(&gnu)).unwrap_err().code, Code::UnsafePath);
    }
}

#[test]
fn nothing_is_written_through_a_link() {
    for contents in [
        Tar::new().link("a", "b").file("a/x", b""),
        Tar::new().link("a", "b").file("a", b""),
        Tar::new().link("a", "b").link("a", "c"),
        Tar::new().file("a", b"").link("a", "b"),
        Tar::new().link("./a", "b").file("a/./x/y", b""),
        Tar::new().link("a", "b").raw(b'5', "a/", "", b""),
        Tar::new().link("a", "b").link("a/c", "d"),
        // A link that reads as if it stayed inside, by way of another.
        Tar::new().link("a/b/l", "../..").link("m", "a/b/l/.."),
        Tar::new().file("a", b"").file("a/x", b""),
        Tar::new().link("hex_metadata.config", "a"),
    ] {
        let error = unpack(&package(&contents.gzip())).unwrap_err();
        assert!(matches!(error.code, Code::UnsafePath | Code::BadTarball), "{error}");
    }
}

#[test]
fn links_devices_and_other_oddities_are_refused() {
    for kind in [b'1', b'3', b'4', b'6', b'S', b'V', b'M', b'Z'] {
        let contents = Tar::new().raw(kind, "odd", "a", b"").gzip();
        let error = unpack(&package(&contents)).unwrap_err();
        assert_eq!((error.code, error.details.path.as_deref()), (Code::BadTarball, Some("odd")), "{kind}");
    }
    let sparse = Tar::new().pax(&[("GNU.sparse.major", "1"), ("GNU.sparse.minor", "0")]).file("odd", b"x");
    assert_eq!(unpack(&package(&sparse.gzip())).unwrap_err().code, Code::BadTarball);
    let sizes = Tar::new().pax(&[("size", "512")]).file("odd", b"x");
    assert_eq!(unpack(&package(&sizes.gzip())).unwrap_err().code, Code::BadTarball);
    let latin1 = {
        let mut header = tar::Header::new_gnu();
        header.as_old_mut().name[..2].copy_from_slice(b"\xfc!");
        header.set_size(0);
        header.set_mode(0o644);
        header.set_cksum();
        gzip(&[header.as_bytes().as_slice(), &[0; 1024]].concat())
    };
    assert_eq!(unpack(&package(&latin1)).unwrap_err().code, Code::BadTarball);
}

#[test]
fn the_forms_of_other_tars_are_read() {
    let long = "long/".repeat(60) + "ü";
    let mut builder = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_gnu();
    header.set_mode(0o104_755);
    header.set_size(2);
    builder.append_data(&mut header, &long, &b"hi"[..]).unwrap();
    let mut header = tar::Header::new_ustar();
    header.set_mode(0o644);
    header.set_size(3);
    builder.append_data(&mut header, "p".repeat(90) + "/" + &"q".repeat(60), &b"abc"[..]).unwrap();
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(tar::EntryType::Symlink);
    header.set_mode(0o777);
    header.set_size(0);
    builder.append_link(&mut header, "link", "t".repeat(130)).unwrap();
    let entries = unpack(&package(&gzip(&builder.into_inner().unwrap()))).unwrap();
    let expected = [
        Entry { path: long, mode: 0o755, content: Content::File(b"hi".to_vec()) },
        Entry {
            path: "p".repeat(90) + "/" + &"q".repeat(60),
            mode: 0o644,
            content: Content::File(b"abc".to_vec()),
        },
        Entry { path: "link".to_owned(), mode: 0o777, content: Content::Symlink("t".repeat(130)) },
    ];
    assert_eq!(entries, expected);

    let contents = Tar::new()
        .raw(b'g', "pax_global_header", "", b"19 comment=whatever\n")
        .raw(b'5', "./", "", b"")
        .file("./a", b"1")
        .raw(0, "b/", "", b"")
        .raw(0, "b//c", "", b"")
        .raw(b'7', "d", "", b"")
        .pax(&[("path", "line\nbreak"), ("mtime", "1.5"), ("path", "e")])
        .file("x", b"")
        .file("a", b"2")
        .gzip();
    assert_eq!(paths(&package(&contents)), ["a", "b", "b/c", "d", "e", "a"]);
}

#[test]
fn a_bomb_stops_at_the_limit() {
    let bomb = package(&Tar::new().file("zeros", &vec![0; 50 << 20]).gzip());
    assert!(bomb.len() < 1 << 20);
    let limits = Limits { contents: Some(1 << 20), ..Limits::default() };
    let mut counter = Counter::default();
    let error = tarball::unpack(&bomb, limits, &mut counter).unwrap_err();
    assert_eq!((error.code, error.details.limit), (Code::TooLarge, Some(1 << 20)));
    assert!(counter.bytes <= 1 << 20, "{} bytes came through", counter.bytes);

    // The end of the archive is no end to inflating.
    let mut behind = Tar::new().file("a", b"").end();
    behind.resize(50 << 20, 0);
    let error = tarball::unpack(&package(&gzip(&behind)), limits, &mut Counter::default()).unwrap_err();
    assert_eq!(error.code, Code::TooLarge);

    // A size is only a claim.
    let mut claim = tar::Header::new_gnu();
    claim.set_path("claim").unwrap();
    claim.set_size(u64::MAX / 2);
    claim.set_mode(0o644);
    claim.set_cksum();
    let error = unpack(&package(&gzip(claim.as_bytes()))).unwrap_err();
    assert_eq!(error.code, Code::BadTarball);
}

#[test]
fn a_damaged_gzip_stream_is_refused() {
    let tar = Tar::new().file("a", &[b'a'; 3000]).end();
    let good = gzip(&tar);
    assert_eq!(paths(&package(&good)), ["a"]);
    let changed = |at: usize| {
        let mut bytes = good.clone();
        bytes[at] ^= 1;
        bytes
    };
    let length = good.len();
    for (what, contents) in [
        ("a plain tar", tar.clone()),
        ("nothing", Vec::new()),
        ("a header only", good[..10].to_vec()),
        ("no trailer", good[..length - 8].to_vec()),
        ("half a trailer", good[..length - 1].to_vec()),
        ("another CRC", changed(length - 8)),
        ("another length", changed(length - 4)),
        ("a reserved flag", {
            let mut b = good.clone();
            b[3] |= 0x20;
            b
        }),
        ("another method", changed(2)),
        ("trailing garbage", [good.as_slice(), b"garbage"].concat()),
        ("trailing zeros", [good.as_slice(), &[0; 512]].concat()),
        ("a second member", [good.as_slice(), &good].concat()),
        ("an archive over two members", [gzip(&tar[..700]), gzip(&tar[700..])].concat()),
    ] {
        assert_eq!(unpack(&package(&contents)).map_err(|e| e.code), Err(Code::BadTarball), "{what}");
        let docs = tarball::unpack_docs(&contents, Limits::default(), &mut Vec::new());
        assert_eq!(docs.map_err(|e| e.code), Err(Code::BadTarball), "{what}");
    }
    let named = flate2::GzBuilder::new().filename("contents.tar").comment("c").extra(&b"extra"[..]);
    let mut encoder = named.write(Vec::new(), flate2::Compression::best());
    std::io::Write::write_all(&mut encoder, &tar).unwrap();
    assert_eq!(paths(&package(&encoder.finish().unwrap())), ["a"]);
}

#[test]
fn contents_that_are_cut_short_are_refused() {
    let tar = Tar::new().file("a", &[b'a'; 600]).end();
    let open = tar.len() - 1024;
    for length in (0..open + 512).step_by(100).chain([open, open + 511]) {
        let error = unpack(&package(&gzip(&tar[..length]))).unwrap_err();
        assert_eq!(error.code, Code::BadTarball, "cut to {length} bytes");
    }
    // One block of zeros is taken for an end, as the reference takes it.
    assert_eq!(paths(&package(&gzip(&tar[..open + 512]))), ["a"]);
    let mut behind = tar.clone();
    behind[open + 600] = 1;
    assert_eq!(unpack(&package(&gzip(&behind))).unwrap_err().code, Code::BadTarball);
    let mut header = tar;
    header[150] ^= 1;
    assert_eq!(unpack(&package(&gzip(&header))).unwrap_err().code, Code::BadTarball);
}

#[test]
fn a_sink_may_stop_and_may_leave_content_unread() {
    struct Stop;
    impl Sink for Stop {
        fn entry(&mut self, _entry: Entry<FileContent<'_>>) -> Result<()> {
            Err(Error::new(Code::Io, "the disk is full"))
        }
    }
    struct Names(Vec<String>);
    impl Sink for Names {
        fn entry(&mut self, entry: Entry<FileContent<'_>>) -> Result<()> {
            self.0.push(entry.path);
            Ok(())
        }
    }
    let tarball = package(&Tar::new().file("a", &[b'x'; 100_000]).file("b", b"y").gzip());
    let error = tarball::unpack(&tarball, Limits::default(), &mut Stop).unwrap_err();
    assert_eq!((error.code, error.message.as_str()), (Code::Io, "the disk is full"));
    let mut names = Names(Vec::new());
    tarball::unpack(&tarball, Limits::default(), &mut names).unwrap();
    assert_eq!(names.0, ["a", "b"]);
}

#[test]
fn documentation_is_judged_only_where_it_is_published() {
    let docs = Tar::new().file("1.0.0/index.html", b"").gzip();
    let mut entries = Vec::new();
    tarball::unpack_docs(&docs, Limits::default(), &mut entries).unwrap();
    assert_eq!(entries.len(), 1);
    assert_eq!(tarball::inspect_docs(&docs, Limits::default()).unwrap_err().code, Code::BadTarball);
    let limits = Limits { tarball: Some(docs.len() as u64 - 1), contents: None };
    let error = tarball::unpack_docs(&docs, limits, &mut entries).unwrap_err();
    assert_eq!((error.code, error.details.limit), (Code::TooLarge, limits.tarball));
}
