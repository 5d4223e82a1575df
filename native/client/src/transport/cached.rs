//! Requests whose replies are kept: asked again only for changes, and answered without a network.

use std::{sync::Arc, time::Instant};

use hexide_core::{Code, Error, Result};
use http::{
    HeaderMap, HeaderValue, StatusCode,
    header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, ETAG},
};
use zeroize::Zeroizing;

use super::{Reply, Request, send};
use crate::{
    address::public_url,
    cache::{self, Asked, Cache, Head, Kept},
    client::Client,
    credentials::Purpose,
};

impl Client {
    /// Sends a request and reads its reply with `read`, which checks everything about it. Where the reply
    /// may be kept, `read` is also given one that was: after the server said that it still holds, or without
    /// a network. Only what `read` takes is kept.
    ///
    /// # Errors
    /// `offline` where nothing was kept, those of [`Client::send`] and those of `read`.
    pub(crate) async fn exchange<T, Read, Reading>(&self, request: Request, read: Read) -> Result<T>
    where
        Read: Fn(Reply) -> Reading,
        Reading: Future<Output = Result<T>>,
    {
        let Some(cache) = self.cache.as_ref().filter(|_| request.kept) else {
            return read(self.send(request).await?).await;
        };
        let asked = Arc::new(self.asked(&request)?);
        if self.config.offline {
            return read(self.without_network(cache, asked, &request).await?).await;
        }
        // Who asks for changes since a version of its own has that version.
        if request.if_none_match.is_none()
            && let Some(kept) = self.in_cache(cache, &asked, Cache::find).await
            && let Some(etag) = kept.head.etag.clone().filter(|_| fits(&kept, &request))
        {
            let mut request = request.clone();
            request.if_none_match = Some(etag);
            request.cached_at = Some(kept.head.fetched_at);
            let reply = self.send(request.clone()).await?;
            if reply.status != StatusCode::NOT_MODIFIED {
                return self.read_and_keep(cache, asked, reply, &request, read).await;
            }
            let outcome = read(reply_of(&kept, &request)).await;
            if outcome.is_ok() {
                let head = Head { fetched_at: cache::now(), ..kept.head };
                self.keep(cache, asked, Kept { head, ..kept }).await;
                return outcome;
            }
            // What was kept is no good, whatever the server says. It is asked for as if it were not there.
            self.forget(cache, Arc::clone(&asked)).await;
        }
        let reply = self.send(request.clone()).await?;
        self.read_and_keep(cache, asked, reply, &request, read).await
    }

    async fn read_and_keep<T, Read, Reading>(
        &self,
        cache: &Arc<Cache>,
        asked: Arc<Asked>,
        reply: Reply,
        request: &Request,
        read: Read,
    ) -> Result<T>
    where
        Read: Fn(Reply) -> Reading,
        Reading: Future<Output = Result<T>>,
    {
        let gone = matches!(reply.status.as_u16(), 401 | 403 | 404 | 410);
        let kept = self.keepable(&reply, request);
        let outcome = read(reply).await;
        match (outcome.is_ok(), kept) {
            (true, Some(kept)) => self.keep(cache, asked, kept).await,
            (false, _) if gone => self.forget(cache, asked).await,
            _ => {}
        }
        outcome
    }

    /// A kept reply, without asking anybody.
    async fn without_network(
        &self,
        cache: &Arc<Cache>,
        asked: Arc<Asked>,
        request: &Request,
    ) -> Result<Reply> {
        let started = Instant::now();
        let shown = public_url(&request.url);
        let found = self.in_cache(cache, &asked, Cache::find_also_public).await;
        let Some(kept) = found.filter(|kept| fits(kept, request)) else {
            let message =
                format!("{shown} would have to be asked, but offline is set and nothing of it is cached");
            return Err(Error::new(Code::Offline, message).with(|d| d.url = Some(shown)));
        };
        let mut reply = reply_of(&kept, request);
        if request.if_none_match.is_some() && request.if_none_match == kept.head.etag {
            reply.status = StatusCode::NOT_MODIFIED;
        }
        let outcome = Ok(reply);
        send::log(request, &outcome, started, 0, Some(kept.head.fetched_at));
        outcome
    }

    /// What tells this request from others. Replies to a login are for that login alone.
    fn asked(&self, request: &Request) -> Result<Asked> {
        let secrets = self.credentials.headers(request.purpose, &request.url)?;
        let login = secrets.get(AUTHORIZATION).map(|secret| match &self.config.cache_login {
            // A session has another token every hour, and stays the same person's.
            Some(login) if request.purpose == Purpose::Api => {
                Zeroizing::new([b"login ", login.as_bytes()].concat())
            }
            _ => Zeroizing::new([b"secret ", secret.as_bytes()].concat()),
        });
        let accept = String::from_utf8_lossy(request.accept.as_bytes());
        Ok(Asked::new(format!("{}\n{}\n{accept}", request.method, request.url), login))
    }

    /// What of a reply is kept, if it may be.
    fn keepable(&self, reply: &Reply, request: &Request) -> Option<Kept> {
        let forbidden = reply.header(CACHE_CONTROL).is_some_and(|rules| rules.contains("no-store"));
        // A peer that repeats our secrets must not get them written down.
        let telling = request.purpose == Purpose::Api
            && self.credentials.redaction(request.secret.as_ref()).occurs_in(&reply.body);
        if reply.status != StatusCode::OK || forbidden || telling {
            return None;
        }
        let head = Head {
            url: reply.url.clone(),
            status: reply.status.as_u16(),
            content_type: reply.header(CONTENT_TYPE).map(str::to_owned),
            etag: reply.header(ETAG).map(str::to_owned),
            fetched_at: cache::now(),
        };
        Some(Kept { head, body: reply.body.clone() })
    }

    async fn in_cache(
        &self,
        cache: &Arc<Cache>,
        asked: &Arc<Asked>,
        find: fn(&Cache, &Asked) -> Option<Kept>,
    ) -> Option<Kept> {
        let (cache, asked) = (Arc::clone(cache), Arc::clone(asked));
        self.cpu.run(move || find(&cache, &asked)).await.ok().flatten()
    }

    async fn keep(&self, cache: &Arc<Cache>, asked: Arc<Asked>, kept: Kept) {
        let cache = Arc::clone(cache);
        // A cache that fails must not fail the request.
        let _ = self.cpu.run(move || cache.keep(&asked, &kept)).await;
    }

    async fn forget(&self, cache: &Arc<Cache>, asked: Arc<Asked>) {
        let cache = Arc::clone(cache);
        let _ = self.cpu.run(move || cache.forget(&asked)).await;
    }
}

/// Whether it may be as large: limits change.
fn fits(kept: &Kept, request: &Request) -> bool {
    u64::try_from(kept.body.len()).is_ok_and(|size| size <= request.limit)
}

/// The reply as it came.
fn reply_of(kept: &Kept, request: &Request) -> Reply {
    let mut headers = HeaderMap::new();
    for (name, value) in [(CONTENT_TYPE, &kept.head.content_type), (ETAG, &kept.head.etag)] {
        if let Some(value) = value.as_deref().and_then(|value| HeaderValue::from_str(value).ok()) {
            headers.insert(name, value);
        }
    }
    Reply {
        method: request.method.clone(),
        url: kept.head.url.clone(),
        status: StatusCode::from_u16(kept.head.status).unwrap_or(StatusCode::OK),
        headers,
        body: kept.body.clone(),
    }
}
