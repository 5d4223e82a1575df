//! The pages of the registry itself: its root, its packages, and errors.

use http::StatusCode;

use super::{
    Reader, alert, frame,
    html::{Html, html},
    moment,
};
use crate::{
    registry::Urls,
    store::{Owner, Package, PackageId, ReleaseSummary},
};

/// A page for an error.
#[must_use]
pub fn error(status: StatusCode, message: &str) -> String {
    let title = status.canonical_reason().unwrap_or("Error");
    let body = html!("{alert}<p><a href=\"/\">To the start</a></p>\n", alert = alert(message));
    frame(&format!("{} {title}", status.as_u16()), Reader::Unknown, &body)
}

/// The page at the root: what this is, and where things are.
#[must_use]
pub fn root(urls: &Urls, fingerprint: &str) -> Html {
    let (api, repo) = (urls.api(), urls.repo());
    html!(
        "<p>A registry of Hex packages. Point a client at these addresses.</p>\n<dl class=\"facts\">\n\
         <dt>API</dt><dd><code>{api}</code></dd>\n<dt>Repository</dt><dd><code>{repo}</code></dd>\n\
         <dt>Public key</dt><dd><a href=\"{repo}/public_key\"><code>{repo}/public_key</code></a></dd>\n\
         <dt>Fingerprint</dt><dd><code>{fingerprint}</code></dd>\n</dl>\n",
        api,
        repo,
        fingerprint
    )
}

/// The page of a package: what it is, its versions, and where its documentation is.
#[must_use]
pub fn package(package: &Package, urls: &Urls) -> Html {
    let meta = &package.meta;
    let description = meta.description.as_deref().unwrap_or_default();
    let links: Vec<Html> = meta.links.iter().map(|(label, url)| link(label, url)).collect();
    let links = (!links.is_empty())
        .then(|| html!("<dt>Links</dt><dd><ul class=\"plain\">{links}</ul></dd>\n", links));
    let owners: Vec<&str> = package.owners.iter().map(|Owner { user, .. }| user.username.as_str()).collect();
    let releases: Vec<Html> =
        package.releases.iter().map(|release| show_release(&package.id, release, urls)).collect();
    html!(
        "<p class=\"lead\">{description}</p>\n<dl class=\"facts\">\n<dt>Licences</dt><dd>{licenses}</dd>\n\
         <dt>Owners</dt><dd>{owners}</dd>\n{links}</dl>\n<h2>Releases</h2>\n<ul class=\"rows\">\n{releases}</ul>\n",
        description,
        licenses = meta.licenses.join(", "),
        owners = owners.join(", "),
        links,
        releases
    )
}

/// A link of a package leads to the web or nowhere.
fn link(label: &str, url: &str) -> Html {
    let web = url::Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
    if web {
        html!("<li><a href=\"{url}\" rel=\"nofollow noreferrer\">{label}</a></li>", url, label)
    } else {
        html!("<li>{label}: {url}</li>", label, url)
    }
}

fn show_release(id: &PackageId, release: &ReleaseSummary, urls: &Urls) -> Html {
    let version = release.version.as_str();
    // The documentation site shows what everybody may see.
    let documented = release.has_docs && urls.is_public(&id.repository);
    let docs = documented.then(|| {
        html!(
            "<a href=\"{docs}/{name}/{version}/\">Documentation</a>",
            docs = urls.docs(),
            name = id.name,
            version
        )
    });
    let retired = release.retirement.as_ref().map(|retirement| {
        let (reason, message) = (retirement.reason.name(), retirement.message.as_deref().unwrap_or_default());
        html!("<p class=\"hint\">Retired ({reason}): {message}</p>", reason, message)
    });
    html!(
        "<li><div><strong>{version}</strong> <span class=\"hint\">{at}</span>{retired}</div> {docs}</li>\n",
        version,
        at = moment(release.inserted_at),
        retired,
        docs
    )
}
