//! What a release that is to be published must say of itself.

use serde::Serialize;

use super::{Dependency, Metadata};
use crate::{name, requirement::Requirement, version::Version};

/// The longest description that clients publish, in characters. (The server of hex.pm sets no limit.)
pub const MAX_DESCRIPTION: usize = 300;

/// Something in the metadata that stands against publishing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The key concerned; for a dependency, `requirements.NAME`.
    pub field: String,
    /// What is wrong with it, to be read after the field: `is missing`.
    pub message: String,
}

impl Metadata {
    /// All that stands against publishing this as a public package, by the registry's rules (docs/protocol.md §3):
    /// name, version, application, description, licences, files, build tools, requirements. Empty when
    /// nothing does.
    #[must_use]
    pub fn check(&self) -> Vec<Problem> {
        let mut problems = Problems(Vec::new());
        if let Some(message) = name_problem(&self.name) {
            problems.add("name", message);
        } else if name::is_reserved(&self.name) {
            problems.add("name", "is reserved");
        }
        match self.version.parse::<Version>() {
            Err(_) => problems.add("version", format!("{:?} is not a version such as 1.2.3", self.version)),
            Ok(version) if !version.build().is_empty() => {
                problems.add("version", format!("must not have build metadata (+{})", version.build()));
            }
            Ok(_) => {}
        }
        problems.demand("app", self.app.as_deref().is_some_and(|app| !app.is_empty()));
        problems
            .demand("description", self.description.as_deref().is_some_and(|text| !text.trim().is_empty()));
        problems.demand("licenses", !self.licenses.is_empty());
        problems.demand("files", !self.files.is_empty());
        problems.demand("build_tools", !self.build_tools.is_empty());
        for license in self.licenses.iter().filter(|license| !is_license(license)) {
            problems.add("licenses", format!("{license:?} is not an SPDX identifier, nor LicenseRef-NAME"));
        }
        if let Some(elixir) = self.elixir.as_deref().filter(|text| text.parse::<Requirement>().is_err()) {
            problems.add("elixir", format!("{elixir:?} is not a version requirement such as ~> 1.14"));
        }
        for dependency in &self.requirements {
            problems.check_dependency(dependency);
        }
        problems.0
    }

    /// As [`Metadata::check`], with what clients demand besides: at most [`MAX_DESCRIPTION`] characters of
    /// description.
    #[must_use]
    pub fn check_for_client(&self) -> Vec<Problem> {
        let mut problems = Problems(self.check());
        let length = self.description.as_deref().map_or(0, |text| text.chars().count());
        if length > MAX_DESCRIPTION {
            problems.add("description", format!("has {length} characters; {MAX_DESCRIPTION} are allowed"));
        }
        problems.0
    }
}

struct Problems(Vec<Problem>);

impl Problems {
    fn add(&mut self, field: impl Into<String>, message: impl Into<String>) {
        self.0.push(Problem { field: field.into(), message: message.into() });
    }

    fn demand(&mut self, field: &str, present: bool) {
        if !present {
            self.add(field, "is missing");
        }
    }

    fn check_dependency(&mut self, dependency: &Dependency) {
        let field = format!("requirements.{}", dependency.name);
        if let Some(message) = name_problem(&dependency.name) {
            self.add(field.as_str(), message);
        }
        if dependency.app.is_empty() {
            self.add(field.as_str(), "names no application");
        }
        if let Some(text) =
            dependency.requirement.as_deref().filter(|text| text.parse::<Requirement>().is_err())
        {
            self.add(field, format!("{text:?} is not a version requirement such as ~> 1.2"));
        }
    }
}

fn name_problem(name: &str) -> Option<String> {
    if name.is_empty() {
        return Some("is missing".to_owned());
    }
    let message = "must begin with a-z, go on with a-z, 0-9 and _, and have at least two characters";
    (!name::is_package(name)).then(|| format!("{name:?} {message}"))
}

/// An identifier of the SPDX list, deprecated ones included, or `LicenseRef-` and a name. No expressions:
/// each entry of the list is one licence.
#[must_use]
pub fn is_license(license: &str) -> bool {
    if let Some(name) = license.strip_prefix("LicenseRef-") {
        return !name.is_empty()
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.'));
    }
    // The crate ignores a plus at the end, which only these old identifiers have.
    let plus = license.ends_with('+') && !license.starts_with("GPL-") && !license.starts_with("LGPL-");
    let known = spdx::license_id(license).is_some_and(|id| !matches!(id.name, "NOASSERTION" | "NONE"));
    known && !plus && !license.ends_with("++")
}
