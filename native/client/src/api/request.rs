//! How API requests are put together and their replies read.

use bytes::Bytes;
use hexide_core::{Code, Error, Result};
use http::{HeaderValue, Method, header::CONTENT_TYPE};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::SecretString;
use serde::{Serialize, de::DeserializeOwned};
use url::Url;

use super::reply;
use crate::{
    client::Client,
    credentials::Purpose,
    progress::Progress,
    transport::{Body, Reply, Request},
};

/// Everything but RFC 3986's unreserved characters.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The largest API reply: a page of a hundred packages stays far below.
const LIMIT: u64 = 16 << 20;

/// Replies beyond this size are read off the workers.
const SMALL: usize = 64 << 10;

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// Any of the JSON types of the API; asked for explicitly, since unknown routes otherwise answer HTML.
const ACCEPT: HeaderValue = HeaderValue::from_static("application/vnd.hex+json, application/json;q=0.9");

const TARBALL: HeaderValue = HeaderValue::from_static("application/octet-stream");

/// The address below `base` with these segments, each percent-encoded.
///
/// # Errors
/// `invalid` for a segment that addresses would take for a step in the path.
pub(crate) fn address(base: &Url, segments: &[&str]) -> Result<Url> {
    let mut path = base.path().trim_end_matches('/').to_owned();
    for segment in segments {
        if matches!(*segment, "" | "." | "..") {
            return Err(Error::new(Code::Invalid, format!("\"{segment}\" cannot be part of an address")));
        }
        path.push('/');
        path.extend(utf8_percent_encode(segment, ENCODED));
    }
    let mut url = base.clone();
    url.set_path(&path);
    Ok(url)
}

impl Client {
    /// A request to the API at these path segments.
    pub(crate) fn api(&self, method: Method, segments: &[&str]) -> Result<Request> {
        Ok(Request {
            purpose: Purpose::Api,
            method,
            url: address(&self.api, segments)?,
            accept: ACCEPT,
            if_none_match: None,
            kept: false,
            cached_at: None,
            body: None,
            secret: None,
            limit: LIMIT,
            progress: None,
            item: None,
        })
    }

    /// A request about things within the configured repository: `{R}` of docs/protocol.md §3.
    pub(crate) fn api_in_repository(&self, method: Method, segments: &[&str]) -> Result<Request> {
        let config = &self.config;
        let repository = config.api_repository.as_deref().or(config.api_organization.as_deref());
        match repository.filter(|name| *name != "hexpm") {
            Some(name) => self.api(method, &[&["repos", name], segments].concat()),
            None => self.api(method, segments),
        }
    }

    /// Sends an API request; replies that are failures become errors.
    pub(crate) async fn call(&self, request: Request) -> Result<Reply> {
        let (purpose, secret) = (request.purpose, request.secret.clone());
        let outcome = self.send(request).await;
        let redaction = self.credentials.redaction(secret.as_ref());
        let checked = outcome.and_then(|reply| reply::check(purpose, &reply, &redaction).map(|()| reply));
        checked.map_err(|error| redaction.error(error))
    }

    /// Sends an API request and reads the reply.
    pub(crate) async fn ask<T: DeserializeOwned + Send + 'static>(&self, request: Request) -> Result<T> {
        let (purpose, secret) = (request.purpose, request.secret.clone());
        let secret = secret.as_ref();
        let redaction = &self.credentials.redaction(secret);
        let read = move |reply: Reply| async move {
            reply::check(purpose, &reply, redaction)?;
            self.read(reply, secret).await
        };
        self.exchange(request, read).await.map_err(|error| redaction.error(error))
    }

    /// Reads the JSON of a reply to a request with this secret in its body.
    pub(crate) async fn read<T: DeserializeOwned + Send + 'static>(
        &self,
        reply: Reply,
        secret: Option<&SecretString>,
    ) -> Result<T> {
        let read = if !reply::is_json(reply.header(CONTENT_TYPE)) {
            Err(reply::not_json(&reply))
        } else if reply.body.len() <= SMALL {
            reply::read(&reply)
        } else {
            self.compute(move || reply::read(&reply)).await
        };
        read.map_err(|error| self.credentials.redaction(secret).error(error))
    }
}

impl Request {
    /// Lets its reply be kept for use without a network: what everybody reads, and nothing of an account.
    pub(crate) fn kept(mut self) -> Self {
        self.kept = true;
        self
    }

    /// Adds a query.
    pub(crate) fn query(mut self, pairs: &[(&str, &str)]) -> Self {
        self.url.query_pairs_mut().extend_pairs(pairs);
        self
    }

    /// Asks for one page, where one is given.
    pub(crate) fn page(self, page: Option<u32>) -> Self {
        match page {
            Some(page) => self.query(&[("page", &page.to_string())]),
            None => self,
        }
    }

    /// Adds a JSON body.
    pub(crate) fn json(mut self, body: &impl Serialize) -> Result<Self> {
        let bytes = serde_json::to_vec(body)
            .map_err(|error| Error::new(Code::Invalid, format!("The request cannot be written: {error}")))?;
        self.body = Some(Body { content_type: JSON, bytes: bytes.into() });
        Ok(self)
    }

    /// Adds a tarball as body, whose upload is reported.
    pub(crate) fn tarball(
        mut self,
        tarball: Bytes,
        progress: Option<Progress>,
        item: Option<String>,
    ) -> Self {
        self.body = Some(Body { content_type: TARBALL, bytes: tarball });
        self.progress = progress;
        self.item = item;
        self
    }
}
