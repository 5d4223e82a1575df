//! The proto2 schemas of the index (docs/protocol.md §2).

use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// Every package of a repository.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Names {
    /// The packages.
    #[prost(message, repeated, tag = "1")]
    pub packages: Vec<NamesEntry>,
    /// The repository.
    #[prost(string, required, tag = "2")]
    pub repository: String,
}
/// One package of [`Names`].
#[derive(Clone, PartialEq, prost::Message)]
pub struct NamesEntry {
    /// Its name.
    #[prost(string, required, tag = "1")]
    pub name: String,
    /// When it last changed.
    #[prost(message, optional, tag = "3")]
    pub updated_at: Option<Timestamp>,
}
/// Every version of every package of a repository.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Versions {
    /// The packages.
    #[prost(message, repeated, tag = "1")]
    pub packages: Vec<VersionsEntry>,
    /// The repository.
    #[prost(string, required, tag = "2")]
    pub repository: String,
}
/// One package of [`Versions`].
#[derive(Clone, PartialEq, prost::Message)]
pub struct VersionsEntry {
    /// Its name.
    #[prost(string, required, tag = "1")]
    pub name: String,
    /// Its versions, oldest first.
    #[prost(string, repeated, tag = "2")]
    pub versions: Vec<String>,
    /// Indexes into `versions` of the retired ones.
    #[prost(int32, repeated, packed = "true", tag = "3")]
    pub retired: Vec<i32>,
    /// Indexes into `versions` of those with security advisories.
    #[prost(int32, repeated, packed = "true", tag = "5")]
    pub with_advisories: Vec<i32>,
}
/// A moment: seconds and nanoseconds since 1970.
#[derive(Clone, Copy, PartialEq, Eq, prost::Message)]
pub struct Timestamp {
    /// Seconds.
    #[prost(int64, required, tag = "1")]
    pub seconds: i64,
    /// Nanoseconds.
    #[prost(int32, required, tag = "2")]
    pub nanos: i32,
}

impl Timestamp {
    /// RFC 3339, UTC; `None` for a moment that no calendar has.
    #[must_use]
    pub fn to_rfc3339(self) -> Option<String> {
        const SECOND: i32 = 1_000_000_000;
        let seconds = self.seconds.checked_add(self.nanos.div_euclid(SECOND).into())?;
        let nanos = u32::try_from(self.nanos.rem_euclid(SECOND)).ok()?;
        let time = OffsetDateTime::from_unix_timestamp(seconds).ok()?.replace_nanosecond(nanos).ok()?;
        time.format(&Rfc3339).ok()
    }

    /// Reads RFC 3339.
    #[must_use]
    pub fn from_rfc3339(text: &str) -> Option<Self> {
        let time = OffsetDateTime::parse(text, &Rfc3339).ok()?;
        Some(Self { seconds: time.unix_timestamp(), nanos: i32::try_from(time.nanosecond()).ok()? })
    }
}

/// The releases of one package.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Package {
    /// Oldest first.
    #[prost(message, repeated, tag = "1")]
    pub releases: Vec<Release>,
    /// Its name.
    #[prost(string, required, tag = "2")]
    pub name: String,
    /// The repository.
    #[prost(string, required, tag = "3")]
    pub repository: String,
    /// Security advisories.
    #[prost(message, repeated, tag = "4")]
    pub advisories: Vec<SecurityAdvisory>,
}
/// One release of a [`Package`].
#[derive(Clone, PartialEq, prost::Message)]
pub struct Release {
    /// The version.
    #[prost(string, required, tag = "1")]
    pub version: String,
    /// SHA-256, 32 bytes.
    #[prost(bytes = "vec", required, tag = "2")]
    pub inner_checksum: Vec<u8>,
    /// What it depends on.
    #[prost(message, repeated, tag = "3")]
    pub dependencies: Vec<Dependency>,
    /// Set where it is retired.
    #[prost(message, optional, tag = "4")]
    pub retired: Option<RetirementStatus>,
    /// SHA-256 of the tarball, 32 bytes.
    #[prost(bytes = "vec", optional, tag = "5")]
    pub outer_checksum: Option<Vec<u8>>,
    /// Indexes into the package's advisories.
    #[prost(uint32, repeated, packed = "false", tag = "6")]
    pub advisory_indexes: Vec<u32>,
    /// When it was published.
    #[prost(message, optional, tag = "7")]
    pub published_at: Option<Timestamp>,
}
/// Why a release is retired.
#[derive(Clone, PartialEq, prost::Message)]
pub struct RetirementStatus {
    /// The reason.
    #[prost(enumeration = "RetirementReason", required, tag = "1")]
    pub reason: i32,
    /// A message for people.
    #[prost(string, optional, tag = "2")]
    pub message: Option<String>,
}
/// The reasons for which a release is retired.
#[derive(Clone, Copy, Debug, PartialEq, Eq, prost::Enumeration)]
#[repr(i32)]
#[allow(missing_docs)]
pub enum RetirementReason {
    Other = 0,
    Invalid = 1,
    Security = 2,
    Deprecated = 3,
    Renamed = 4,
}
/// A dependency of a release.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Dependency {
    /// Package name.
    #[prost(string, required, tag = "1")]
    pub package: String,
    /// Version requirement.
    #[prost(string, required, tag = "2")]
    pub requirement: String,
    /// Whether it is optional.
    #[prost(bool, optional, tag = "3")]
    pub optional: Option<bool>,
    /// The OTP application, where it differs from the package.
    #[prost(string, optional, tag = "4")]
    pub app: Option<String>,
    /// The repository, where it is another one.
    #[prost(string, optional, tag = "5")]
    pub repository: Option<String>,
}
/// A security advisory of a package.
#[derive(Clone, PartialEq, prost::Message)]
pub struct SecurityAdvisory {
    /// Its identifier.
    #[prost(string, required, tag = "1")]
    pub id: String,
    /// One line.
    #[prost(string, required, tag = "2")]
    pub summary: String,
    /// Page for people.
    #[prost(string, required, tag = "3")]
    pub html_url: String,
    /// How bad it is.
    #[prost(enumeration = "Severity", optional, tag = "4")]
    pub severity: Option<i32>,
    /// CVSS score.
    #[prost(float, optional, tag = "5")]
    pub cvss_score: Option<f32>,
    /// Page for programs.
    #[prost(string, optional, tag = "6")]
    pub api_url: Option<String>,
    /// Other identifiers, such as CVE numbers.
    #[prost(string, repeated, tag = "7")]
    pub aliases: Vec<String>,
}
/// How bad an advisory is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, prost::Enumeration)]
#[repr(i32)]
#[allow(missing_docs)]
pub enum Severity {
    None = 0,
    Low = 1,
    Medium = 2,
    High = 3,
    Critical = 4,
}
/// A dependency policy of an organization.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Policy {
    /// The repository it belongs to.
    #[prost(string, required, tag = "1")]
    pub repository: String,
    /// Its name.
    #[prost(string, required, tag = "2")]
    pub name: String,
    /// For people.
    #[prost(string, optional, tag = "3")]
    pub description: Option<String>,
    /// Who sees it.
    #[prost(enumeration = "Visibility", optional, tag = "4")]
    pub visibility: Option<i32>,
    /// What it says of each repository.
    #[prost(message, repeated, tag = "5")]
    pub repositories: Vec<PolicyRepository>,
}
/// Who sees a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, prost::Enumeration)]
#[repr(i32)]
#[allow(missing_docs)]
pub enum Visibility {
    Private = 0,
    Public = 1,
}
/// What a policy says of one repository.
#[derive(Clone, PartialEq, prost::Message)]
pub struct PolicyRepository {
    /// The repository.
    #[prost(string, required, tag = "1")]
    pub repository: String,
    /// What is restricted.
    #[prost(message, optional, tag = "2")]
    pub restriction: Option<PolicyRestriction>,
    /// Exceptions.
    #[prost(message, repeated, tag = "3")]
    pub overrides: Vec<PolicyOverride>,
}
/// What a policy restricts.
#[derive(Clone, PartialEq, prost::Message)]
pub struct PolicyRestriction {
    /// Advisories of this severity and worse.
    #[prost(enumeration = "Severity", optional, tag = "1")]
    pub advisory_min_severity: Option<i32>,
    /// Releases retired for one of these reasons.
    #[prost(enumeration = "RetirementReason", repeated, packed = "true", tag = "2")]
    pub retirement_reasons: Vec<i32>,
    /// Releases younger than this.
    #[prost(string, optional, tag = "3")]
    pub cooldown: Option<String>,
}
/// An exception of a policy.
#[derive(Clone, PartialEq, prost::Message)]
pub struct PolicyOverride {
    /// What to do.
    #[prost(enumeration = "PolicyAction", required, tag = "1")]
    pub action: i32,
    /// With what.
    #[prost(message, required, tag = "2")]
    pub r#ref: PolicyRef,
}
/// What an exception does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, prost::Enumeration)]
#[repr(i32)]
#[allow(missing_docs)]
pub enum PolicyAction {
    Allow = 0,
    Deny = 1,
}
/// The releases that an exception is about.
#[derive(Clone, PartialEq, prost::Message)]
pub struct PolicyRef {
    /// Package name.
    #[prost(string, required, tag = "1")]
    pub package: String,
    /// Version requirement; all versions where it is missing.
    #[prost(string, optional, tag = "2")]
    pub requirement: Option<String>,
}
