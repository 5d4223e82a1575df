//! Moments in time, and where they come from.

use std::{
    fmt,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// A moment: microseconds since 1970, UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(pub i64);

impl Moment {
    /// RFC 3339 with microseconds, as the API shows times: `2026-11-22T14:05:01.061889Z`.
    #[must_use]
    pub fn rfc3339(self) -> String {
        let micros = self.0.rem_euclid(1_000_000);
        OffsetDateTime::from_unix_timestamp(self.seconds())
            .ok()
            .and_then(|time| time.format(&Rfc3339).ok())
            .map(|text| format!("{}.{micros:06}Z", text.trim_end_matches('Z')))
            .unwrap_or_default()
    }

    /// Reads RFC 3339 text, or a plain date (its midnight, UTC).
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let parsed = OffsetDateTime::parse(text, &Rfc3339)
            .or_else(|_| OffsetDateTime::parse(&format!("{text}Z"), &Rfc3339))
            .or_else(|_| OffsetDateTime::parse(&format!("{text}T00:00:00Z"), &Rfc3339))
            .ok()?;
        i64::try_from(parsed.unix_timestamp_nanos() / 1000).ok().map(Self)
    }

    /// Whole seconds since 1970.
    #[must_use]
    pub fn seconds(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    /// The nanoseconds beyond the whole second.
    #[must_use]
    pub fn nanos(self) -> i32 {
        i32::try_from(self.0.rem_euclid(1_000_000) * 1000).unwrap_or(0)
    }

    /// The same moment for headers such as `last-modified`.
    #[must_use]
    pub fn system_time(self) -> SystemTime {
        UNIX_EPOCH + Duration::from_micros(u64::try_from(self.0).unwrap_or(0))
    }

    /// How many whole seconds lie between an earlier moment and this one.
    #[must_use]
    pub fn seconds_since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0).div_euclid(1_000_000)
    }
}

/// Where the server takes the time from.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Moment + Send + Sync>);

impl Clock {
    /// The system's clock.
    #[must_use]
    pub fn system() -> Self {
        Self::new(|| {
            let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            Moment(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
        })
    }

    /// A clock that says whatever `now` says: the hours of the revert rules need not be waited for.
    pub fn new(now: impl Fn() -> Moment + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// What time it is.
    #[must_use]
    pub fn now(&self) -> Moment {
        (self.0)()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_written_with_microseconds_and_read_back() {
        for (micros, text) in [
            (0, "1970-01-01T00:00:00.000000Z"),
            (1_700_000_000_000_001, "2023-11-14T22:13:20.000001Z"),
            (-1, "1969-12-31T23:59:59.999999Z"),
        ] {
            assert_eq!(Moment(micros).rfc3339(), text);
            assert_eq!(Moment::parse(text), Some(Moment(micros)), "{text}");
        }
        let midnight = Moment::parse("2023-11-14").unwrap();
        assert_eq!(midnight, Moment::parse("2023-11-14T01:00:00+01:00").unwrap());
        assert_eq!(midnight, Moment::parse("2023-11-14T00:00:00").unwrap());
        assert_eq!(Moment::parse("yesterday"), None);
    }
}
