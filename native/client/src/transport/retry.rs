//! When a request is tried again, and how long to wait before.

use std::{
    hash::{BuildHasher, RandomState},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use hexide_core::{Code, Result};
use http::{HeaderMap, Method, StatusCode, header::RETRY_AFTER};

use super::Reply;

/// The wait before the first repetition, doubled for each further one.
const FIRST: Duration = Duration::from_millis(200);

/// The longest wait of our own choice.
const LONGEST: Duration = Duration::from_secs(10);

/// Whether doing it twice is the same as doing it once. A repeated DELETE would answer "not found"
/// where the first one was carried out and only its answer was lost, so it is not among them.
pub(super) fn is_idempotent(method: &Method) -> bool {
    *method == Method::GET || *method == Method::HEAD || *method == Method::PUT
}

/// How long to wait before the next try; `None` where trying again makes no sense or the peer asks for
/// more than `cap`.
pub(super) fn delay(outcome: &Result<Reply>, repetition: u32, cap: Duration) -> Option<Duration> {
    let own = backoff(repetition).min(cap);
    match outcome {
        Err(error) => (error.code == Code::Connect).then_some(own),
        Ok(reply) => match reply.status {
            StatusCode::TOO_MANY_REQUESTS
            | StatusCode::BAD_GATEWAY
            | StatusCode::SERVICE_UNAVAILABLE
            | StatusCode::GATEWAY_TIMEOUT => match wait_asked_for(&reply.headers) {
                Some(seconds) => {
                    Some(Duration::from_secs(seconds)).filter(|wait| *wait <= cap).map(|w| w.max(own))
                }
                None => Some(own),
            },
            _ => None,
        },
    }
}

/// How many seconds the peer asks to wait: `retry-after` as seconds or date, else, where the rate limit
/// is used up, `x-ratelimit-reset` in Unix seconds.
pub(crate) fn wait_asked_for(headers: &HeaderMap) -> Option<u64> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    if let Some(value) = text(RETRY_AFTER.as_str()) {
        let date = || httpdate::parse_http_date(value).ok().map(seconds_until);
        if let Some(seconds) = value.parse().ok().or_else(date) {
            return Some(seconds);
        }
    }
    if text("x-ratelimit-remaining").is_some_and(|left| left != "0") {
        return None;
    }
    let reset: u64 = text("x-ratelimit-reset")?.parse().ok()?;
    UNIX_EPOCH.checked_add(Duration::from_secs(reset)).map(seconds_until)
}

/// Full seconds until then, rounded up; 0 for the past.
fn seconds_until(then: SystemTime) -> u64 {
    let left = then.duration_since(SystemTime::now()).unwrap_or_default();
    left.as_secs() + u64::from(left.subsec_nanos() > 0)
}

/// A wait that doubles, of which up to half is left to chance, so that many clients do not come back at
/// the same moment.
fn backoff(repetition: u32) -> Duration {
    let full = FIRST.saturating_mul(2_u32.saturating_pow(repetition)).min(LONGEST);
    let half = full / 2;
    // Every `RandomState` has new random keys; that is randomness enough here, without a dependency.
    let chance = RandomState::new().hash_one(repetition) % 1000;
    half + half.mul_f64(f64::from(u32::try_from(chance).unwrap_or(0)) / 1000.0)
}
