//! Version requirements, in Elixir's language.

use std::str::FromStr;

use crate::{
    error::{Error, Result},
    version::Version,
};

/// A parsed requirement, e.g. `~> 1.2 and != 1.2.5 or >= 2.0.0`.
#[derive(Clone, Debug)]
pub struct Requirement {}

impl Requirement {
    /// Whether `version` satisfies this. A pre-release matches only where the requirement itself names one, or with `allow_pre`.
    #[must_use]
    pub fn matches(&self, _version: &Version, _allow_pre: bool) -> bool {
        unimplemented!()
    }
}

impl FromStr for Requirement {
    type Err = Error;
    fn from_str(_text: &str) -> Result<Self> {
        unimplemented!()
    }
}
