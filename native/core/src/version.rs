//! Versions: Semantic Versioning 2.0, compared by precedence.

use std::{cmp::Ordering, fmt, str::FromStr};

use crate::error::{Error, Result};

/// A version. Equality and order are by precedence: build metadata does not count.
#[derive(Clone, Debug)]
pub struct Version(semver::Version);

/// Which part of a version to increment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// `1.2.3` becomes `2.0.0`.
    Major,
    /// `1.2.3` becomes `1.3.0`.
    Minor,
    /// `1.2.3` becomes `1.2.4`; a pre-release loses its suffix.
    Patch,
}

impl Version {
    /// The major number.
    #[must_use]
    pub fn major(&self) -> u64 {
        self.0.major
    }
    /// The minor number.
    #[must_use]
    pub fn minor(&self) -> u64 {
        self.0.minor
    }
    /// The patch number.
    #[must_use]
    pub fn patch(&self) -> u64 {
        self.0.patch
    }
    /// The pre-release identifiers, joined by dots; empty for a stable version.
    #[must_use]
    pub fn pre(&self) -> &str {
        self.0.pre.as_str()
    }
    /// The build metadata; empty where there is none.
    #[must_use]
    pub fn build(&self) -> &str {
        self.0.build.as_str()
    }
    /// The next version of that part; with `pre`, its pre-release of that name (`rc` gives `-rc.1`, and once more `-rc.2`).
    ///
    /// # Errors
    /// `bad_version` where `pre` is no identifier.
    pub fn bump(&self, _part: Part, _pre: Option<&str>) -> Result<Self> {
        unimplemented!()
    }
}

impl FromStr for Version {
    type Err = Error;
    fn from_str(_text: &str) -> Result<Self> {
        unimplemented!()
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.cmp_precedence(&other.0)
    }
}
impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}
impl Eq for Version {}
