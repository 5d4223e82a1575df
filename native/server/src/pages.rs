//! The few pages that people see in a browser.

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
