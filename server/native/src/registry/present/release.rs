//! Releases.

use hexide_core::hex;
use serde::Serialize;

use super::{
    ByName, Empty,
    package::{Configs, ShownRetirement, configs, shown_retirement},
    user::{Brief, brief},
};
use crate::{registry::Urls, store::Release};

/// A release.
#[derive(Clone, Debug, Serialize)]
pub struct ShownRelease<'a> {
    version: &'a str,
    checksum: String,
    meta: Meta<'a>,
    requirements: ByName<&'a str, ShownRequirement<'a>>,
    retirement: Option<ShownRetirement<'a>>,
    has_docs: bool,
    docs_html_url: Option<String>,
    publisher: Option<Brief<'a>>,
    downloads: Option<Empty>,
    configs: Configs,
    url: String,
    package_url: String,
    html_url: String,
    inserted_at: String,
    updated_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    security_advisories: Option<Empty>,
}

#[derive(Clone, Debug, Serialize)]
struct Meta<'a> {
    app: &'a str,
    build_tools: &'a [String],
    elixir: Option<&'a str>,
}

#[derive(Clone, Debug, Serialize)]
struct ShownRequirement<'a> {
    app: &'a str,
    optional: bool,
    requirement: &'a str,
}

/// A release, as publishing answers it.
pub fn published_release<'a>(release: &'a Release, urls: &Urls) -> ShownRelease<'a> {
    let (package, version) = (&release.id.package, &release.id.version);
    let requirements = release.requirements.iter().map(|requirement| {
        let shown = ShownRequirement {
            app: &requirement.app,
            optional: requirement.optional,
            requirement: &requirement.requirement,
        };
        (requirement.package.as_str(), shown)
    });
    let documented = urls.is_public(&package.repository) && release.has_docs;
    ShownRelease {
        version,
        checksum: hex::lower(&release.outer_checksum),
        meta: Meta {
            app: &release.app,
            build_tools: &release.build_tools,
            elixir: release.elixir.as_deref(),
        },
        requirements: ByName(requirements.collect()),
        retirement: release.retirement.as_ref().map(shown_retirement),
        has_docs: release.has_docs,
        docs_html_url: documented.then(|| format!("{}/{}/{version}/", urls.docs(), package.name)),
        publisher: release.publisher.as_ref().map(|publisher| brief(publisher, urls)),
        downloads: None,
        configs: configs(package, &release.app, version, urls),
        url: format!("{}/releases/{version}", urls.package(package)),
        package_url: urls.package(package),
        html_url: format!("{}/{version}", urls.page(package)),
        inserted_at: release.inserted_at.rfc3339(),
        updated_at: release.updated_at.rfc3339(),
        security_advisories: None,
    }
}

/// A release, alone. (Downloads are not counted here; the list is there because clients read it.)
pub fn release<'a>(release: &'a Release, urls: &Urls) -> ShownRelease<'a> {
    ShownRelease { downloads: Some([]), security_advisories: Some([]), ..published_release(release, urls) }
}
