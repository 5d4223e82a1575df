//! Versions: Semantic Versioning 2.0, compared by precedence.

use std::{cmp::Ordering, fmt, str::FromStr};

use semver::Prerelease;

use crate::error::{Code, Error, Result};

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
    /// The next version of that part, without build metadata; with `pre`, its next pre-release of that name.
    ///
    /// `1.2.3` gives `1.3.0` for the minor part, and `1.3.0-rc.1` with `pre` being `rc`. A pre-release that
    /// already leads to such a part stays there: of `1.3.0-rc.1`, the next minor one is `1.3.0`, and
    /// `1.3.0-rc.2` with `rc`. The answer is always later than `self`: where the name sorts before the
    /// present one (`alpha` after `rc`), the part is raised.
    ///
    /// # Errors
    /// `bad_version` where `pre` is no identifier (`[0-9A-Za-z-]+`, no leading zero in a number), or a number
    /// would exceed 64 bits.
    pub fn bump(&self, part: Part, pre: Option<&str>) -> Result<Self> {
        let Some(name) = pre else {
            return if self.leads_to(part) { Ok(self.with_pre(Prerelease::EMPTY)) } else { self.raise(part) };
        };
        if name.contains('.') {
            return Err(bad_pre(name));
        }
        let first = prerelease(name, 1)?;
        if self.leads_to(part) {
            let next = self.with_pre(match self.pre_number(name) {
                Some(number) => prerelease(name, increment(number?)?)?,
                None => first.clone(),
            });
            if next > *self {
                return Ok(next);
            }
        }
        Ok(self.raise(part)?.with_pre(first))
    }

    /// Whether this is a pre-release of a version whose lower parts are zero.
    fn leads_to(&self, part: Part) -> bool {
        !self.0.pre.is_empty()
            && match part {
                Part::Major => self.0.minor == 0 && self.0.patch == 0,
                Part::Minor => self.0.patch == 0,
                Part::Patch => true,
            }
    }

    /// The number of a pre-release `name.NUMBER`; `None` for any other one.
    fn pre_number(&self, name: &str) -> Option<Result<u64>> {
        let digits = self.pre().strip_prefix(name)?.strip_prefix('.')?;
        let all_digits = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        all_digits.then(|| digits.parse().map_err(|_| too_large()))
    }

    fn raise(&self, part: Part) -> Result<Self> {
        let Self(semver::Version { major, minor, patch, .. }) = *self;
        Ok(Self(match part {
            Part::Major => semver::Version::new(increment(major)?, 0, 0),
            Part::Minor => semver::Version::new(major, increment(minor)?, 0),
            Part::Patch => semver::Version::new(major, minor, increment(patch)?),
        }))
    }

    fn with_pre(&self, pre: Prerelease) -> Self {
        let mut version = semver::Version::new(self.0.major, self.0.minor, self.0.patch);
        version.pre = pre;
        Self(version)
    }
}

fn prerelease(name: &str, number: u64) -> Result<Prerelease> {
    if name.is_empty() {
        return Err(bad_pre(name));
    }
    Prerelease::new(&format!("{name}.{number}")).map_err(|_| bad_pre(name))
}

fn increment(number: u64) -> Result<u64> {
    number.checked_add(1).ok_or_else(too_large)
}

fn too_large() -> Error {
    Error::new(Code::BadVersion, "the next version would have a number that does not fit into 64 bits")
}

fn bad_pre(name: &str) -> Error {
    Error::new(
        Code::BadVersion,
        format!("{name:?} is no name of a pre-release: letters, digits and hyphens only"),
    )
    .with(|details| details.actual = Some(name.to_owned()))
}

impl FromStr for Version {
    type Err = Error;

    /// Reads a version such as `1.2.3`, `1.2.3-rc.1` or `1.2.3+build`.
    fn from_str(text: &str) -> Result<Self> {
        semver::Version::parse(text).map(Self).map_err(|reason| {
            Error::new(Code::BadVersion, format!("{text:?} is not a version such as 1.2.3 ({reason})"))
                .with(|details| details.actual = Some(text.to_owned()))
        })
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
