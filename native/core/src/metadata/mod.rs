//! The metadata of a package: `metadata.config`.

mod check;
mod parse;
mod render;

use serde::{Serialize, Serializer};
use serde_json::Value;

pub use check::{MAX_DESCRIPTION, Problem, is_license};

/// One dependency of a package.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Dependency {
    /// Name of the package.
    pub name: String,
    /// The OTP application it provides.
    pub app: String,
    /// The version requirement as text; `None` accepts any version.
    pub requirement: Option<String>,
    /// Whether it is optional.
    pub optional: bool,
    /// Repository, where it is another one.
    pub repository: Option<String>,
}

/// The metadata of a package (docs/protocol.md §1). Missing lists are empty.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Metadata {
    /// Name of the package.
    pub name: String,
    /// Version, as written.
    pub version: String,
    /// The OTP application.
    pub app: Option<String>,
    /// One paragraph for people.
    pub description: Option<String>,
    /// SPDX licence identifiers.
    pub licenses: Vec<String>,
    /// Labelled links, in their order; a map where this is serialized.
    #[serde(serialize_with = "as_map")]
    pub links: Vec<(String, String)>,
    /// The files of the package, in their order.
    pub files: Vec<String>,
    /// Build tools; guessed from the files where the metadata has none.
    pub build_tools: Vec<String>,
    /// What it depends on.
    pub requirements: Vec<Dependency>,
    /// The Elixir requirement.
    pub elixir: Option<String>,
    /// Data of other tools, as JSON (maps for proplists).
    pub extra: Option<Value>,
}

fn as_map<S: Serializer>(pairs: &[(String, String)], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(pairs.iter().map(|(key, value)| (key, value)))
}
