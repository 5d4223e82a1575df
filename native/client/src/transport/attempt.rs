//! One request to one address and its complete reply.

use std::{convert::Infallible, time::Duration};

use bytes::Bytes;
use futures::stream;
use hexide_core::Result;
use http::{
    HeaderMap,
    header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE, IF_NONE_MATCH, USER_AGENT},
};
use url::Url;

use super::{
    Body, Reply, Request, failure,
    idle::{Idle, Moved},
};
use crate::{
    address::public_url,
    client::Client,
    progress::{Progress, Report},
};

/// An upload is handed over in pieces of this size, so that progress and silence show.
const PIECE: usize = 64 << 10;

/// As much of an upload may still be in the system's buffers when the last piece was handed over …
const BUFFERED: u64 = 4 << 20;

/// … and leave them at this many bytes a second, over a slow line.
const SLOWEST: u64 = 128 << 10;

/// As much of the body of an error reply is read; the rest is of no use.
const ERROR_LIMIT: u64 = 1 << 20;

/// As much room is made for a reply before any of it is there …
const ROOM: u64 = 1 << 20;

/// … and when that is full, for so many times what is there: its length is a claim, but growing step by step would
/// hold it twice.
const TRUST: u64 = 32;

/// Sends `request` to `url` with the secrets in `secrets`, and reads the reply whole.
///
/// # Errors
/// `connect`, `tls`, `timeout`, `protocol`, `too_large`.
pub(super) async fn run(client: &Client, request: &Request, url: &Url, secrets: HeaderMap) -> Result<Reply> {
    let shown = public_url(url);
    let http = client.transport.http(&client.cpu).await?;
    let mut idle = Idle::new(client.config.timeout);
    let mut headers = secrets;
    headers.insert(ACCEPT, request.accept.clone());
    headers.insert(USER_AGENT, client.user_agent.clone());
    if let Some(etag) = &request.if_none_match {
        let etag =
            etag.parse().map_err(|_| failure::senseless("the ETag given is no header value", &shown))?;
        headers.insert(IF_NONE_MATCH, etag);
    }
    let mut builder = http.request(request.method.clone(), url.clone());
    if let Some(body) = &request.body {
        headers.insert(CONTENT_TYPE, body.content_type.clone());
        headers.insert(CONTENT_LENGTH, body.bytes.len().into());
        builder = builder.body(upload(body, idle.moved(), request));
    }
    let silent = |_| failure::silent(client.config.timeout, &shown);
    let broken = |error: reqwest::Error| failure::of(&error, &shown);
    let mut response = idle.watch(builder.headers(headers).send()).await.map_err(silent)?.map_err(broken)?;

    let success = response.status().is_success();
    let limit = if success { request.limit } else { ERROR_LIMIT };
    let total = response.content_length();
    let claimed = total.unwrap_or(0).min(limit);
    let mut body = Vec::with_capacity(length(claimed.min(ROOM)));
    let progress = request.progress.as_ref().filter(|_| success && request.body.is_none());
    while total.is_none_or(|total| total <= limit) {
        let Some(chunk) = idle.watch(response.chunk()).await.map_err(silent)?.map_err(broken)? else { break };
        let expected = length(claimed.min(size(&body).saturating_mul(TRUST)));
        if body.capacity() - body.len() < chunk.len() && expected.saturating_sub(body.len()) >= chunk.len() {
            body.reserve_exact(expected - body.len());
        }
        body.extend_from_slice(&chunk);
        if size(&body) > limit {
            break;
        }
        tell(progress, "download", size(&body), total, request.item.as_ref());
    }
    if total.unwrap_or(0).max(size(&body)) > limit && request.method != http::Method::HEAD {
        if success {
            return Err(failure::too_large(limit, &shown));
        }
        body.clear();
    }
    Ok(Reply {
        method: request.method.clone(),
        url: shown,
        status: response.status(),
        headers: std::mem::take(response.headers_mut()),
        body: Bytes::from(body),
    })
}

/// The body as a stream that reports what was handed over. An interrupted one starts anew.
fn upload(body: &Body, moved: Moved, request: &Request) -> reqwest::Body {
    let bytes = body.bytes.clone();
    let (progress, item) = (request.progress.clone(), request.item.clone());
    let total = size(&bytes);
    let mut rest = bytes;
    let pieces = std::iter::from_fn(move || {
        moved.touch();
        if rest.is_empty() {
            return None;
        }
        let piece = rest.split_to(PIECE.min(rest.len()));
        if rest.is_empty() {
            moved.goes_on(Duration::from_secs(total.min(BUFFERED) / SLOWEST));
        }
        tell(progress.as_ref(), "upload", total - size(&rest), Some(total), item.as_ref());
        Some(Ok::<_, Infallible>(piece))
    });
    reqwest::Body::wrap_stream(stream::iter(pieces))
}

fn tell(
    progress: Option<&Progress>,
    phase: &'static str,
    done: u64,
    total: Option<u64>,
    item: Option<&String>,
) {
    if let Some(progress) = progress {
        progress.report(Report { phase, done, total, item: item.cloned() });
    }
}

fn length(size: u64) -> usize {
    usize::try_from(size).unwrap_or(usize::MAX)
}

fn size(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}
