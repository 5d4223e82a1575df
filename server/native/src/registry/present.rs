//! From the nouns of the store to the data that the API shows: the fields of hexpm, in its shapes.

use hexide_core::{Version, hex};
use serde_json::{Map, Value, json};

use crate::{
    registry::Urls,
    store::{
        Key, LogEntry, Member, Organization, Owner, Package, PackageId, Release, ReleaseSummary, Retirement,
        User,
    },
};

/// A user, alone.
pub fn user(user: &User, urls: &Urls) -> Map<String, Value> {
    let mut shown = Map::new();
    shown.insert("username".to_owned(), user.username.clone().into());
    shown.insert("full_name".to_owned(), user.full_name.clone().into());
    shown.insert("email".to_owned(), user.email.clone().into());
    shown.insert("handles".to_owned(), json!({}));
    shown.insert("url".to_owned(), user_url(user, urls).into());
    shown.insert("inserted_at".to_owned(), user.inserted_at.rfc3339().into());
    shown.insert("updated_at".to_owned(), user.updated_at.rfc3339().into());
    shown
}

/// A user with the packages owned.
pub fn user_with_packages(of: &User, packages: &[PackageId], urls: &Urls) -> Map<String, Value> {
    let mut shown = user(of, urls);
    let owned = packages.iter().map(|id| (id.name.clone(), urls.package(id).into()));
    shown.insert("owned_packages".to_owned(), Value::Object(owned.collect()));
    let listed = packages.iter().map(|id| {
        json!({
            "name": id.name,
            "repository": id.repository,
            "url": urls.package(id),
            "html_url": html_url(id, urls),
        })
    });
    shown.insert("packages".to_owned(), listed.collect());
    shown
}

/// An owner of a package.
pub fn owner(owner: &Owner, urls: &Urls) -> Value {
    let mut shown = user(&owner.user, urls);
    shown.insert("level".to_owned(), owner.level.name().into());
    Value::Object(shown)
}

fn user_url(user: &User, urls: &Urls) -> String {
    format!("{}/users/{}", urls.api(), user.username)
}

fn brief(user: &User, urls: &Urls) -> Value {
    json!({"username": user.username, "email": user.email, "url": user_url(user, urls)})
}

/// An organization, as a listing shows it. Nothing is paid for here, so billing is always in order.
pub fn listed_organization(organization: &Organization) -> Map<String, Value> {
    let mut shown = Map::new();
    shown.insert("name".to_owned(), organization.name.clone().into());
    shown.insert("billing_active".to_owned(), true.into());
    shown.insert("inserted_at".to_owned(), organization.inserted_at.rfc3339().into());
    shown.insert("updated_at".to_owned(), organization.updated_at.rfc3339().into());
    shown
}

/// An organization, alone.
pub fn organization(organization: &Organization) -> Value {
    let mut shown = listed_organization(organization);
    shown.insert("seats".to_owned(), organization.seats.into());
    Value::Object(shown)
}

/// A member, as a listing shows it.
pub fn listed_member(member: &Member, urls: &Urls) -> Value {
    let mut shown = brief(&member.user, urls);
    if let Some(shown) = shown.as_object_mut() {
        shown.insert("role".to_owned(), member.role.name().into());
    }
    shown
}

/// A member, alone.
pub fn member(member: &Member, urls: &Urls) -> Value {
    let mut shown = user(&member.user, urls);
    shown.insert("role".to_owned(), member.role.name().into());
    Value::Object(shown)
}

/// A key. The secret is known only while the key is made.
pub fn key(key: &Key, secret: Option<&str>, authing: bool, urls: &Urls) -> Value {
    let mut shown = json!({
        "name": key.name,
        "secret": secret,
        "permissions": key.permissions,
        "authing_key": authing,
        "revoke_at": key.revoke_at.map(|at| at.rfc3339()),
        "url": format!("{}/keys/{}", urls.api(), key.name),
        "inserted_at": key.inserted_at.rfc3339(),
        "updated_at": key.updated_at.rfc3339(),
    });
    if let (Some(last), Some(shown)) = (&key.last_use, shown.as_object_mut()) {
        let usage = json!({
            "ip": last.ip,
            "user_agent": last.user_agent,
            "used_at": last.used_at.rfc3339(),
        });
        shown.insert("last_use".to_owned(), usage);
    }
    shown
}

fn html_url(id: &PackageId, urls: &Urls) -> String {
    if urls.is_public(&id.repository) {
        format!("{}/packages/{}", urls.base, id.name)
    } else {
        format!("{}/packages/{}/{}", urls.base, id.repository, id.name)
    }
}

/// A package, as a listing shows it.
pub fn listed_package(package: &Package, urls: &Urls) -> Map<String, Value> {
    let id = &package.id;
    let latest = package.releases.first();
    let stable = package.releases.iter().find(|release| !release.version.contains('-'));
    // The documentation site shows the public repository only.
    let documented =
        urls.is_public(&id.repository) && package.releases.iter().any(|release| release.has_docs);
    let releases = package.releases.iter().map(|release| {
        json!({
            "version": release.version,
            "url": format!("{}/releases/{}", urls.package(id), release.version),
            "has_docs": release.has_docs,
            "inserted_at": release.inserted_at.rfc3339(),
        })
    });
    let releases: Vec<Value> = releases.collect();
    let retired = package.releases.iter().filter_map(|release| {
        release.retirement.as_ref().map(|retirement| (release.version.clone(), shown_retirement(retirement)))
    });
    let retirements: Map<String, Value> = retired.collect();
    let links: Map<String, Value> =
        package.meta.links.iter().map(|(label, url)| (label.clone(), url.as_str().into())).collect();
    let shown = json!({
        "name": id.name,
        "repository": id.repository,
        "url": urls.package(id),
        "html_url": html_url(id, urls),
        "docs_html_url": documented.then(|| format!("{}/{}/", urls.docs(), id.name)),
        "meta": {
            "description": package.meta.description,
            "licenses": package.meta.licenses,
            "links": links,
            "maintainers": [],
        },
        "latest_version": latest.map(|release| &release.version),
        "latest_stable_version": stable.map(|release| &release.version),
        "configs": stable.or(latest).map(|release: &ReleaseSummary| {
            configs(id, &release.app, &release.version, urls)
        }),
        "releases": releases,
        "retirements": retirements,
        "downloads": {},
        "inserted_at": package.inserted_at.rfc3339(),
        "updated_at": package.updated_at.rfc3339(),
    });
    match shown {
        Value::Object(shown) => shown,
        _ => Map::new(),
    }
}

/// A package, alone.
pub fn package(package: &Package, urls: &Urls) -> Value {
    let mut shown = listed_package(package, urls);
    let owners = package.owners.iter().map(|owner| brief(&owner.user, urls));
    shown.insert("owners".to_owned(), owners.collect());
    shown.insert("security_advisories".to_owned(), json!([]));
    Value::Object(shown)
}

fn shown_retirement(retirement: &Retirement) -> Value {
    json!({"reason": retirement.reason.name(), "message": retirement.message})
}

/// A release, as publishing answers it.
pub fn published_release(release: &Release, urls: &Urls) -> Map<String, Value> {
    let (package, version) = (&release.id.package, &release.id.version);
    let requirements = release.requirements.iter().map(|requirement| {
        let shown = json!({
            "app": requirement.app,
            "optional": requirement.optional,
            "requirement": requirement.requirement,
        });
        (requirement.package.clone(), shown)
    });
    let requirements: Map<String, Value> = requirements.collect();
    let documented = urls.is_public(&package.repository) && release.has_docs;
    let shown = json!({
        "version": version,
        "checksum": hex::lower(&release.outer_checksum),
        "meta": {"app": release.app, "build_tools": release.build_tools, "elixir": release.elixir},
        "requirements": requirements,
        "retirement": release.retirement.as_ref().map(shown_retirement),
        "has_docs": release.has_docs,
        "docs_html_url": documented.then(|| format!("{}/{}/{version}/", urls.docs(), package.name)),
        "publisher": release.publisher.as_ref().map(|publisher| brief(publisher, urls)),
        "downloads": null,
        "configs": configs(package, &release.app, version, urls),
        "url": format!("{}/releases/{version}", urls.package(package)),
        "package_url": urls.package(package),
        "html_url": format!("{}/{version}", html_url(package, urls)),
        "inserted_at": release.inserted_at.rfc3339(),
        "updated_at": release.updated_at.rfc3339(),
    });
    match shown {
        Value::Object(shown) => shown,
        _ => Map::new(),
    }
}

/// A release, alone. (Downloads are not counted here; the list is there because clients read it.)
pub fn release(release: &Release, urls: &Urls) -> Value {
    let mut shown = published_release(release, urls);
    shown.insert("downloads".to_owned(), json!([]));
    shown.insert("security_advisories".to_owned(), json!([]));
    Value::Object(shown)
}

/// The lines that make a project depend on a release.
fn configs(id: &PackageId, app: &str, version: &str, urls: &Urls) -> Value {
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
    json!({"mix.exs": mix, "rebar.config": rebar, "erlang.mk": format!("dep_{name} = hex {version}")})
}

/// The lines of an audit log.
pub fn log(entries: Vec<LogEntry>) -> Value {
    let shown = entries
        .into_iter()
        .map(|entry| json!({"action": entry.action, "user_agent": entry.user_agent, "params": entry.params}));
    shown.collect()
}
