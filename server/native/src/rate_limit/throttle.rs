//! How many requests of the API a client may make (docs/protocol.md §3, "Rate limits").

use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};

use crate::{
    clock::{Clock, Moment},
    rate_limit::RateLimit,
    store::PrincipalId,
    wire::{ClientAddress, HttpError},
};

/// Requests a minute of an address without valid credentials.
const ANONYMOUS: u32 = 100;
/// Requests a minute of a user, or of an organization.
const KNOWN: u32 = 500;
const MINUTE: Duration = Duration::from_secs(60);

/// The limits on requests.
pub struct Throttle {
    anonymous: RateLimit,
    known: RateLimit,
}

/// What a client is told of its limit.
#[derive(Clone, Copy, Debug)]
pub struct Usage {
    limit: u32,
    remaining: u32,
    reset: Moment,
    retry_after: Option<Duration>,
}

impl Throttle {
    /// The limits by that clock.
    pub fn new(clock: &Clock) -> Self {
        Self {
            anonymous: RateLimit::new(ANONYMOUS, MINUTE, clock.clone()),
            known: RateLimit::new(KNOWN, MINUTE, clock.clone()),
        }
    }

    /// Counts a request; gives what the client is told, and the refusal where it was one too many.
    /// Nothing is counted, and nothing told, where the client is on this machine, as on hexpm.
    pub fn count(
        &self,
        client: ClientAddress,
        caller: Option<PrincipalId>,
    ) -> (Option<Usage>, Result<(), HttpError>) {
        if client.local {
            return (None, Ok(()));
        }
        let (checked, who) = match caller {
            Some(PrincipalId::User(id)) => (self.known.check(&format!("user {id}")), format!("user {id}")),
            Some(PrincipalId::Organization(id)) => {
                (self.known.check(&format!("organization {id}")), format!("organization {id}"))
            }
            None => (self.anonymous.check(&client.limit_key()), format!("IP {}", client.ip)),
        };
        match checked {
            Ok(allowance) => {
                let (limit, remaining) = (allowance.limit, allowance.remaining);
                (Some(Usage { limit, remaining, reset: allowance.reset, retry_after: None }), Ok(()))
            }
            Err(refused) => {
                let (limit, reset) = (refused.limit, refused.reset);
                let usage = Usage { limit, remaining: 0, reset, retry_after: Some(refused.retry_after) };
                let message = format!("API rate limit exceeded for {who}");
                (Some(usage), Err(HttpError::new(StatusCode::TOO_MANY_REQUESTS, message)))
            }
        }
    }
}

impl Usage {
    /// Writes it into the head of the reply.
    pub fn write(&self, head: &mut HeaderMap) {
        let mut put = |name: HeaderName, number: i64| head.insert(name, HeaderValue::from(number));
        put(HeaderName::from_static("x-ratelimit-limit"), self.limit.into());
        put(HeaderName::from_static("x-ratelimit-remaining"), self.remaining.into());
        put(HeaderName::from_static("x-ratelimit-reset"), self.reset.seconds());
        if let Some(seconds) = self.retry_after.and_then(|wait| i64::try_from(wait.as_secs()).ok()) {
            put(header::RETRY_AFTER, seconds);
        }
    }
}
