//! How often somebody may try: signing in, codes of devices, and whatever makes the server do something for a
//! stranger. Counted for each account and for each address, so that neither many guesses at one account
//! nor one guess at each of many goes on for long.

use std::time::Duration;

use crate::{
    clock::Clock,
    rate_limit::{RateLimit, Refused},
};

/// The limits of the pages.
pub struct Attempts {
    /// Passwords, by account.
    pub passwords: RateLimit,
    /// Passwords, user codes and links, by address.
    pub addresses: RateLimit,
    /// User codes of devices, by account.
    pub user_codes: RateLimit,
    /// New accounts, by address.
    pub sign_ups: RateLimit,
    /// Mails, by account and by address.
    pub mails: RateLimit,
}

impl Attempts {
    /// With that clock.
    #[must_use]
    pub fn new(clock: &Clock) -> Self {
        let limit =
            |times, minutes: u64| RateLimit::new(times, Duration::from_secs(minutes * 60), clock.clone());
        Self {
            passwords: limit(10, 15),
            addresses: limit(60, 15),
            user_codes: limit(20, 15),
            sign_ups: limit(10, 60),
            mails: limit(5, 60),
        }
    }

    /// Counts one more attempt against each key. It counts before it is known whether the attempt
    /// succeeds: many at the same moment must not all find room.
    ///
    /// # Errors
    /// The first limit that is reached.
    pub fn check(checks: &[(&RateLimit, &str)]) -> Result<(), Refused> {
        checks.iter().try_for_each(|(limit, key)| limit.check(key).map(drop))
    }
}
