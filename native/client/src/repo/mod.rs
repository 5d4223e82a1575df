//! The repository: the signed index, tarballs, documentation (docs/protocol.md §2).

mod index;
mod many;
mod tarball;

use hexide_core::{Code, Error, Result, name};
use http::{HeaderValue, Method, StatusCode, header::CONTENT_TYPE};

use crate::{
    api::reply,
    client::Client,
    credentials::Purpose,
    transport::{Reply, Request},
};

pub use index::{Asked, Fetched, index, names, package, policy, versions};
pub use many::{FetchedItem, Item, Target, fetch_many};
pub use tarball::{docs, public_key, tarball};

const ACCEPT: HeaderValue = HeaderValue::from_static("*/*");

impl Client {
    /// The name that resources of the configured repository carry.
    fn repository_name(&self) -> &str {
        self.config.repo_organization.as_deref().unwrap_or(&self.config.repo_name)
    }

    /// A request to the repository at these path segments, for a reply of up to `limit` bytes.
    fn resource(&self, segments: &[&str], limit: u64) -> Result<Request> {
        let segments = match self.config.repo_organization.as_deref() {
            Some(organization) => [&["repos", organization], segments].concat(),
            None => segments.to_vec(),
        };
        Ok(Request {
            purpose: Purpose::Repository,
            method: Method::GET,
            url: crate::api::address(&self.repository, &segments)?,
            accept: ACCEPT,
            if_none_match: None,
            kept: true,
            cached_at: None,
            body: None,
            secret: None,
            limit,
            progress: None,
            item: None,
        })
    }

    /// Sends a repository request and verifies its reply with `read`; replies that are failures become errors.
    async fn fetch<T, Read, Reading>(&self, request: Request, read: Read) -> Result<T>
    where
        Read: Fn(Reply) -> Reading,
        Reading: Future<Output = Result<T>>,
    {
        let asked_for_changes = request.if_none_match.is_some();
        let read = &read;
        let checked = move |reply: Reply| async move {
            self.check(&reply, asked_for_changes)?;
            read(reply).await
        };
        self.exchange(request, checked).await.map_err(|error| self.redacted(error))
    }

    /// A failure without the secrets that the peer repeats in what it serves.
    fn redacted(&self, error: Error) -> Error {
        self.credentials.redaction(None).error(error)
    }

    fn check(&self, reply: &Reply, asked_for_changes: bool) -> Result<()> {
        reply::check(Purpose::Repository, reply, &self.credentials.redaction(None))?;
        if reply.header(CONTENT_TYPE).is_some_and(|kind| kind.starts_with("text/html")) {
            let message = format!("{} answered with a page (text/html); is it a Hex repository?", reply.url);
            return Err(Error::new(Code::Protocol, message).with(|d| d.url = Some(reply.url.clone())));
        }
        if reply.status == StatusCode::NOT_MODIFIED && !asked_for_changes {
            let message = format!("{} says that nothing changed since a version not mentioned", reply.url);
            return Err(Error::new(Code::Protocol, message).with(|d| d.url = Some(reply.url.clone())));
        }
        Ok(())
    }
}

/// Refuses what is no package name: it becomes part of addresses and file names.
fn check_name(name: &str) -> Result<()> {
    if name::is_package(name) {
        return Ok(());
    }
    Err(Error::new(Code::Invalid, format!("\"{}\" is no package name", name.escape_default())))
}

/// Refuses what cannot be a version within an address or file name.
fn check_version(version: &str) -> Result<()> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'+');
    if version.starts_with(|first: char| first.is_ascii_digit()) && version.bytes().all(fits) {
        return Ok(());
    }
    Err(Error::new(Code::BadVersion, format!("\"{}\" is no version", version.escape_default())))
}
