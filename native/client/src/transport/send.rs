//! A request from beginning to end: offline, deadline, retries, redirects, the log.

use std::time::{Duration, Instant};

use hexide_core::{Code, Error, Result};
use http::{HeaderMap, StatusCode};
use secrecy::SecretString;

use super::{Reply, Request, attempt, failure, redirect, retry};
use crate::{
    address::{public_url, same_origin},
    cache,
    client::Client,
};

/// A request with all its repetitions may take this many times the configured timeout, so that a peer
/// who sends a byte now and then cannot hold a job for ever.
const DEADLINE_FACTOR: u32 = 40;

impl Client {
    /// Sends a request and gives the final reply, whatever its status. Knows nothing of the cache.
    ///
    /// # Errors
    /// `offline`, `bad_config`, `connect`, `tls`, `timeout`, `protocol`, `too_large`.
    pub(crate) async fn send(&self, request: Request) -> Result<Reply> {
        if self.config.offline {
            let shown = public_url(&request.url);
            let message = format!("{shown} would have to be asked, but offline is set");
            return Err(Error::new(Code::Offline, message).with(|d| d.url = Some(shown)));
        }
        let started = Instant::now();
        let deadline = self.config.timeout.saturating_mul(DEADLINE_FACTOR).min(Duration::from_secs(86_400));
        let mut repetitions = 0;
        let outcome = tokio::time::timeout(deadline, self.persist(&request, &mut repetitions)).await;
        let outcome = outcome.unwrap_or_else(|_| Err(failure::overdue(deadline, &public_url(&request.url))));
        let unchanged = outcome.as_ref().is_ok_and(|reply| reply.status == StatusCode::NOT_MODIFIED);
        log(&request, &outcome, started, repetitions, request.cached_at.filter(|_| unchanged));
        let reply = outcome?;
        self.pass_on_notice(&reply.headers, request.secret.as_ref());
        Ok(reply)
    }

    /// Tries until there is a reply that is final.
    async fn persist(&self, request: &Request, repetitions: &mut u32) -> Result<Reply> {
        loop {
            let outcome = self.follow(request).await;
            if !retry::is_idempotent(&request.method) || *repetitions >= self.config.retries {
                return outcome;
            }
            let Some(wait) = retry::delay(&outcome, *repetitions, self.config.timeout) else {
                return outcome;
            };
            *repetitions += 1;
            tokio::time::sleep(wait).await;
        }
    }

    /// Sends to the address and to where it redirects.
    async fn follow(&self, request: &Request) -> Result<Reply> {
        let mut url = request.url.clone();
        // Once the origin was left, no secret is sent any more, not even back at home.
        let mut at_home = true;
        for _ in 0..=redirect::MOST {
            at_home = at_home && same_origin(&request.url, &url);
            let secrets =
                if at_home { self.credentials.headers(request.purpose, &url)? } else { HeaderMap::new() };
            let reply = attempt::run(self, request, &url, secrets).await?;
            match redirect::target(&reply, &request.method, &url)? {
                Some(next) => url = next,
                None => return Ok(reply),
            }
        }
        let what = format!("the peer redirects more than {} times", redirect::MOST);
        Err(failure::senseless(&what, &public_url(&request.url)))
    }

    /// Hands the server's words for the user on, without control characters (docs/protocol.md §3) and secrets.
    fn pass_on_notice(&self, headers: &HeaderMap, secret: Option<&SecretString>) {
        let Some(value) = headers.get("x-hex-message") else { return };
        let mut text = String::from_utf8_lossy(value.as_bytes()).into_owned();
        self.credentials.redaction(secret).text(&mut text);
        let text: String = text.chars().filter(|character| !character.is_control()).take(1000).collect();
        tracing::info!(target: "hexide::notice", text);
    }
}

/// Tells of a request once: no query, no secret. `cached_at`: when the reply was fetched, if it is a kept one.
pub(super) fn log(
    request: &Request,
    outcome: &Result<Reply>,
    started: Instant,
    repetitions: u32,
    cached_at: Option<u64>,
) {
    let reply = outcome.as_ref().ok();
    tracing::debug!(
        target: "hexide::http",
        method = %request.method,
        url = public_url(&request.url),
        status = reply.map(|reply| reply.status.as_u16()),
        error = outcome.as_ref().err().map(|error| error.code.name()),
        bytes = reply.map(|reply| reply.body.len()),
        ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
        retries = repetitions,
        cached_at = cached_at.and_then(cache::rfc3339),
    );
}
