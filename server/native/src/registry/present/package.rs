//! Packages.

use hexide_core::Version;
use serde::Serialize;

use super::{
    ByName, Empty, Nothing,
    user::{Brief, brief},
};
use crate::{
    registry::Urls,
    store::{Package, PackageId, ReleaseSummary, Retirement},
};

/// A package, as a listing shows it.
#[derive(Clone, Debug, Serialize)]
pub struct ListedPackage<'a> {
    name: &'a str,
    repository: &'a str,
    url: String,
    html_url: String,
    docs_html_url: Option<String>,
    meta: Meta<'a>,
    latest_version: Option<&'a str>,
    latest_stable_version: Option<&'a str>,
    configs: Option<Configs>,
    releases: Vec<ListedRelease<'a>>,
    retirements: ByName<&'a str, ShownRetirement<'a>>,
    downloads: Nothing,
    inserted_at: String,
    updated_at: String,
}

#[derive(Clone, Debug, Serialize)]
struct Meta<'a> {
    description: Option<&'a str>,
    licenses: &'a [String],
    links: ByName<&'a str, &'a str>,
    maintainers: Empty,
}

#[derive(Clone, Debug, Serialize)]
struct ListedRelease<'a> {
    version: &'a str,
    url: String,
    has_docs: bool,
    inserted_at: String,
}

/// A package, alone.
#[derive(Clone, Debug, Serialize)]
pub struct ShownPackage<'a> {
    #[serde(flatten)]
    listed: ListedPackage<'a>,
    owners: Vec<Brief<'a>>,
    security_advisories: Empty,
}

/// Why a release is retired.
#[derive(Clone, Debug, Serialize)]
pub(super) struct ShownRetirement<'a> {
    reason: &'static str,
    message: Option<&'a str>,
}

/// The lines that make a project depend on a release.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Configs {
    #[serde(rename = "mix.exs")]
    mix: String,
    #[serde(rename = "rebar.config")]
    rebar: String,
    #[serde(rename = "erlang.mk")]
    erlang_mk: String,
}

/// A package, as a listing shows it.
pub fn listed_package<'a>(package: &'a Package, urls: &Urls) -> ListedPackage<'a> {
    let id = &package.id;
    let latest = package.releases.first();
    let stable = package.releases.iter().find(|release| !release.version.contains('-'));
    // The documentation site shows the public repository only.
    let documented =
        urls.is_public(&id.repository) && package.releases.iter().any(|release| release.has_docs);
    let releases = package.releases.iter().map(|release| ListedRelease {
        version: &release.version,
        url: format!("{}/releases/{}", urls.package(id), release.version),
        has_docs: release.has_docs,
        inserted_at: release.inserted_at.rfc3339(),
    });
    let retired = package.releases.iter().filter_map(|release| {
        release.retirement.as_ref().map(|retirement| (release.version.as_str(), shown_retirement(retirement)))
    });
    let links = package.meta.links.iter().map(|(label, url)| (label.as_str(), url.as_str()));
    let version = |release: &'a ReleaseSummary| release.version.as_str();
    ListedPackage {
        name: &id.name,
        repository: &id.repository,
        url: urls.package(id),
        html_url: urls.page(id),
        docs_html_url: documented.then(|| format!("{}/{}/", urls.docs(), id.name)),
        meta: Meta {
            description: package.meta.description.as_deref(),
            licenses: &package.meta.licenses,
            links: ByName(links.collect()),
            maintainers: [],
        },
        latest_version: latest.map(version),
        latest_stable_version: stable.map(version),
        configs: stable.or(latest).map(|release| configs(id, &release.app, &release.version, urls)),
        releases: releases.collect(),
        retirements: ByName(retired.collect()),
        downloads: Nothing {},
        inserted_at: package.inserted_at.rfc3339(),
        updated_at: package.updated_at.rfc3339(),
    }
}

/// A package, alone.
pub fn package<'a>(package: &'a Package, urls: &Urls) -> ShownPackage<'a> {
    ShownPackage {
        listed: listed_package(package, urls),
        owners: package.owners.iter().map(|owner| brief(&owner.user, urls)).collect(),
        security_advisories: [],
    }
}

/// Why a release is retired.
pub(super) fn shown_retirement(retirement: &Retirement) -> ShownRetirement<'_> {
    ShownRetirement { reason: retirement.reason.name(), message: retirement.message.as_deref() }
}

/// The lines that make a project depend on a release.
pub(super) fn configs(id: &PackageId, app: &str, version: &str, urls: &Urls) -> Configs {
    let name = &id.name;
    let requirement = version.parse::<Version>().map_or_else(
        |_| version.to_owned(),
        |parsed| match (parsed.major(), parsed.pre()) {
            (0, "") => format!("~> 0.{}.{}", parsed.minor(), parsed.patch()),
            (major, "") => format!("~> {major}.{}", parsed.minor()),
            _ => format!("~> {version}"),
        },
    );
    let of = if urls.is_public(&id.repository) {
        String::new()
    } else {
        format!(", organization: \"{}\"", id.repository)
    };
    let (mix, rebar) = if app == name {
        (format!("{{:{name}, \"{requirement}\"{of}}}"), format!("{{{name}, \"{version}\"}}"))
    } else {
        let mix = format!("{{:{app}, \"{requirement}\", hex: :{name}{of}}}");
        (mix, format!("{{{app}, \"{version}\", {{pkg, {name}}}}}"))
    };
    Configs { mix, rebar, erlang_mk: format!("dep_{name} = hex {version}") }
}
