//! What packages and releases show of each other.

use serde::{Deserialize, Serialize};

/// A release within a [`Package`](super::package::Package).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReleaseSummary {
    /// The version.
    pub version: String,
    /// Address in the API.
    pub url: Option<String>,
    /// Whether it has documentation.
    pub has_docs: Option<bool>,
    /// When it was published, RFC 3339.
    pub inserted_at: Option<String>,
}

/// An owner within a [`Package`](super::package::Package), or the publisher of a release.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OwnerSummary {
    /// User name.
    pub username: String,
    /// E-mail address, where it is public.
    pub email: Option<String>,
    /// Address in the API.
    pub url: Option<String>,
}

/// Why a release is retired, as the API shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RetirementStatus {
    /// `other`, `invalid`, `security`, `deprecated` or `renamed`.
    pub reason: Option<String>,
    /// A message for people.
    pub message: Option<String>,
}
