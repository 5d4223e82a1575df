//! Registries, users and packages to test with.

use hexide_core::tarball::{self, Content, Entry, Limits};
use hexide_server::{DataDir, NewUser, Options, Server, start};
use sha2::{Digest, Sha256};

use crate::http_client::{Response, send};

pub fn options() -> Options {
    Options::new(DataDir::Temporary)
}

/// A running registry and the key of its user alice.
pub struct Registry {
    pub server: Server,
    pub port: u16,
    pub key: String,
}

impl Registry {
    pub async fn start() -> Self {
        Self::with(options()).await
    }

    pub async fn with(options: Options) -> Self {
        let server = start(options).await.expect("the server starts");
        let port = server.info().port;
        let key = add_user(&server, "alice").await;
        Self { server, port, key }
    }

    pub async fn get(&self, path: &str) -> Response {
        send(self.port, "GET", path, &[("user-agent", "test/1"), ("accept", "application/json")], b"").await
    }

    /// A request of alice's with a JSON body.
    pub async fn call(&self, method: &str, path: &str, body: &str) -> Response {
        call_as(self.port, &self.key, method, path, body).await
    }

    pub async fn publish(&self, tarball: &[u8]) -> Response {
        publish_as(self.port, &self.key, tarball).await
    }
}

pub async fn add_user(server: &Server, username: &str) -> String {
    let email = format!("{username}@example.com");
    let user = NewUser { username: username.to_owned(), email, password: None };
    server.add_user(user).await.expect("a user").key
}

pub async fn call_as(port: u16, key: &str, method: &str, path: &str, body: &str) -> Response {
    let headers = [
        ("user-agent", "test/1"),
        ("accept", "application/json"),
        ("authorization", key),
        ("content-type", "application/json"),
    ];
    send(port, method, path, &headers, body.as_bytes()).await
}

pub async fn publish_as(port: u16, key: &str, tarball: &[u8]) -> Response {
    let headers = [("user-agent", "test/1"), ("accept", "application/json"), ("authorization", key)];
    send(port, "POST", "/api/publish?replace=true", &headers, tarball).await
}

/// The metadata of a package that may be published.
pub fn metadata(name: &str, version: &str) -> String {
    with_requirements(name, version, "")
}

/// The same with requirements, as a list of term text.
pub fn with_requirements(name: &str, version: &str, requirements: &str) -> String {
    format!(
        "{{<<\"app\">>,<<\"{name}\">>}}.\n{{<<\"build_tools\">>,[<<\"rebar3\">>]}}.\n\
         {{<<\"description\">>,<<\"The package {name}\">>}}.\n{{<<\"files\">>,[<<\"src/a.erl\">>]}}.\n\
         {{<<\"licenses\">>,[<<\"Apache-2.0\">>]}}.\n{{<<\"links\">>,[]}}.\n{{<<\"name\">>,<<\"{name}\">>}}.\n\
         {{<<\"requirements\">>,[{requirements}]}}.\n{{<<\"version\">>,<<\"{version}\">>}}.\n"
    )
}

pub fn tarball(metadata: &str) -> Vec<u8> {
    with_content(metadata, b"-module(a).\n".to_vec())
}

pub fn with_content(metadata: &str, content: Vec<u8>) -> Vec<u8> {
    let entry = Entry { path: "src/a.erl".to_owned(), mode: 0o644, content: Content::File(content) };
    tarball::create(metadata.as_bytes(), &[entry], Limits::default()).expect("a tarball").tarball
}

/// A package tarball with that metadata, whatever it says, and the right checksum.
pub fn unchecked_tarball(metadata: &str) -> Vec<u8> {
    let good = tarball(&self::metadata("foo", "1.0.0"));
    let contents = tar_entry(&good, "contents.tar.gz");
    let sum = Sha256::digest([b"3", metadata.as_bytes(), &contents[..]].concat());
    let sum: String = sum.iter().map(|byte| format!("{byte:02X}")).collect();
    let entries: [(&str, &[u8]); 4] = [
        ("VERSION", b"3"),
        ("CHECKSUM", sum.as_bytes()),
        ("metadata.config", metadata.as_bytes()),
        ("contents.tar.gz", &contents),
    ];
    let mut tar = Vec::new();
    for (name, content) in entries {
        let mut header = [0_u8; 512];
        header[..name.len()].copy_from_slice(name.as_bytes());
        header[100..107].copy_from_slice(b"0000644");
        header[124..135].copy_from_slice(format!("{:011o}", content.len()).as_bytes());
        header[136..147].copy_from_slice(b"00000000000");
        header[148..156].fill(b' ');
        header[156] = b'0';
        header[257..265].copy_from_slice(b"ustar\x0000");
        let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
        header[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
        tar.extend_from_slice(&header);
        tar.extend_from_slice(content);
        tar.resize(tar.len().next_multiple_of(512), 0);
    }
    tar.resize(tar.len() + 1024, 0);
    tar
}

fn tar_entry(tar: &[u8], name: &str) -> Vec<u8> {
    let header = tar.chunks(512).position(|block| block.starts_with(name.as_bytes())).expect(name) * 512;
    let size = std::str::from_utf8(&tar[header + 124..header + 135]).unwrap();
    let size = usize::from_str_radix(size, 8).unwrap();
    tar[header + 512..header + 512 + size].to_vec()
}

pub fn docs(files: &[(&str, &str)]) -> Vec<u8> {
    let entries: Vec<Entry> = files
        .iter()
        .map(|(path, text)| Entry {
            path: (*path).to_owned(),
            mode: 0o644,
            content: Content::File(text.as_bytes().to_vec()),
        })
        .collect();
    tarball::create_docs(&entries, Limits::default()).expect("documentation")
}
