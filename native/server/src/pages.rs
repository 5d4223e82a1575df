//! The few pages that people see in a browser.

use crate::{app::Urls, store::Package};

/// A page for an error.
#[must_use]
pub fn error(status: http::StatusCode, message: &str) -> String {
    page(&format!("{} {}", status.as_u16(), status.canonical_reason().unwrap_or("")), &[message])
}

/// The page at the root: what this is, and where things are.
#[must_use]
pub fn root(api_url: &str, repo_url: &str, fingerprint: &str) -> String {
    let lines = [
        format!("API: {api_url}"),
        format!("Repository: {repo_url}"),
        format!("Public key: {repo_url}/public_key"),
        format!("Fingerprint: {fingerprint}"),
    ];
    page("A Hex registry", &lines.each_ref().map(String::as_str))
}

/// The page of a package: what it is, its versions, and where its documentation is.
#[must_use]
pub fn package(package: &Package, urls: &Urls) -> String {
    let mut lines = vec![package.meta.description.clone().unwrap_or_default()];
    lines.push(format!("Licences: {}", package.meta.licenses.join(", ")));
    lines.extend(package.meta.links.iter().map(|(label, url)| format!("{label}: {url}")));
    for release in &package.releases {
        let retired = release.retirement.as_ref().map(|retirement| {
            let message = retirement.message.as_deref().unwrap_or_default();
            format!(" (retired, {}: {message})", retirement.reason.name())
        });
        let docs =
            release.has_docs.then(|| format!(" {}/{}/{}/", urls.docs(), package.id.name, release.version));
        let (retired, docs) = (retired.unwrap_or_default(), docs.unwrap_or_default());
        lines.push(format!("{}{retired}{docs}", release.version));
    }
    page(&package.id.name, &lines.iter().map(String::as_str).collect::<Vec<_>>())
}

fn page(title: &str, paragraphs: &[&str]) -> String {
    let title = escape(title);
    let paragraphs: String = paragraphs.iter().map(|text| format!("<p>{}</p>\n", escape(text))).collect();
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>{title}</title>\n\
         </head>\n<body>\n<h1>{title}</h1>\n{paragraphs}</body>\n</html>\n"
    )
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
