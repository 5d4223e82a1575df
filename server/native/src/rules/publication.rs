//! What may be published, as far as the tarball alone tells (docs/protocol.md §3, "Rules"). What depends on
//! the registry's state is decided by the store.

use hexide_core::{
    Requirement as VersionRequirement, Version,
    metadata::{Metadata, is_license},
    name,
    tarball::Unpacked,
};
use serde_json::{Map, Value, json};

use crate::store::{PackageId, PackageMeta, Publication, ReleaseId, Requirement};

/// What a tarball asks to be published as; the blob is not known yet.
///
/// # Errors
/// The errors by field.
pub fn publication(
    unpacked: Unpacked,
    repository: String,
    default_repository: &str,
    replace: bool,
) -> Result<Publication, Value> {
    let metadata = unpacked.metadata;
    let mut errors = Map::new();
    if let Some(error) = name_error(&metadata.name) {
        errors.insert("name".to_owned(), error.into());
    }
    if let Some(error) = version_error(&metadata.version) {
        errors.insert("version".to_owned(), error.into());
    }
    let meta = meta_errors(&metadata, repository == default_repository);
    if !meta.is_empty() {
        errors.insert("meta".to_owned(), Value::Object(meta));
    }
    let requirements = requirement_errors(&metadata);
    if !requirements.is_empty() {
        errors.insert("requirements".to_owned(), Value::Object(requirements));
    }
    if !errors.is_empty() {
        return Err(Value::Object(errors));
    }
    let requirements = metadata.requirements.into_iter().map(|dependency| Requirement {
        // As on hexpm: a private package that names no repository means the public one.
        repository: dependency.repository.unwrap_or_else(|| default_repository.to_owned()),
        package: dependency.name,
        app: dependency.app,
        requirement: dependency.requirement.unwrap_or_else(|| ">= 0.0.0".to_owned()),
        optional: dependency.optional,
    });
    Ok(Publication {
        requirements: requirements.collect(),
        id: ReleaseId { package: PackageId { repository, name: metadata.name }, version: metadata.version },
        app: metadata.app.unwrap_or_default(),
        build_tools: metadata.build_tools,
        elixir: metadata.elixir,
        meta: PackageMeta {
            description: metadata.description,
            licenses: metadata.licenses,
            links: metadata.links,
            extra: metadata.extra,
        },
        inner_checksum: unpacked.inner_checksum,
        outer_checksum: unpacked.outer_checksum,
        blob: String::new(),
        replace,
    })
}

fn name_error(package: &str) -> Option<&'static str> {
    if package.len() < 2 {
        Some("should be at least 2 character(s)")
    } else if !name::is_package(package) {
        Some("has invalid format")
    } else if package.len() > 255 {
        Some("should be at most 255 character(s)")
    } else if name::is_reserved(package) {
        Some("is reserved")
    } else {
        None
    }
}

fn version_error(text: &str) -> Option<&'static str> {
    match text.parse::<Version>() {
        Err(_) => Some("is invalid SemVer"),
        Ok(version) if !version.build().is_empty() => Some("build number not allowed"),
        Ok(_) if text.len() > 128 => Some("should be at most 128 character(s)"),
        Ok(_) => None,
    }
}

/// Only public packages must tell strangers what they are and how they may be used.
fn meta_errors(metadata: &Metadata, public: bool) -> Map<String, Value> {
    let mut errors = Map::new();
    let blank = |text: &Option<String>| text.as_deref().is_none_or(|text| text.trim().is_empty());
    let missing = [
        ("app", blank(&metadata.app)),
        ("build_tools", metadata.build_tools.is_empty()),
        ("description", public && blank(&metadata.description)),
        ("files", metadata.files.is_empty()),
        ("licenses", public && metadata.licenses.is_empty()),
    ];
    for (key, _) in missing.into_iter().filter(|(_, missing)| *missing) {
        errors.insert(key.to_owned(), json!("can't be blank"));
    }
    let unknown = metadata.licenses.iter().find(|license| public && !is_license(license));
    if let Some(license) = unknown {
        errors.insert("licenses".to_owned(), format!("invalid license {license:?}").into());
    }
    if let Some((_, link)) = metadata.links.iter().find(|(_, link)| !link_usable(link)) {
        errors.insert("links".to_owned(), format!("invalid link {link:?}").into());
    }
    if metadata.elixir.as_deref().is_some_and(|text| text.parse::<VersionRequirement>().is_err()) {
        let text = metadata.elixir.as_deref().unwrap_or_default();
        errors.insert("elixir".to_owned(), format!("invalid requirement: {text:?}").into());
    }
    errors
}

fn link_usable(link: &str) -> bool {
    url::Url::parse(link).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

fn requirement_errors(metadata: &Metadata) -> Map<String, Value> {
    let wrong = metadata.requirements.iter().filter_map(|dependency| {
        let text = dependency.requirement.as_deref()?;
        let error =
            text.parse::<VersionRequirement>().err().map(|_| format!("invalid requirement: {text:?}"))?;
        Some((dependency.name.clone(), error.into()))
    });
    wrong.collect()
}
