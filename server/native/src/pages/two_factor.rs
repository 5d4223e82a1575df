//! Switching two-factor authentication on.

use qrcode::{Color, QrCode};

use super::{
    field::Field,
    html::{Html, html},
    notice, token,
};
use crate::secret::totp::Secret;

/// The secret, as a picture and as text, and the field for the first code.
#[must_use]
pub fn set_up(csrf: &str, secret: &Secret, uri: &str, error: Option<&str>) -> Html {
    let text = secret.text();
    let grouped: Vec<&str> =
        text.as_bytes().chunks(4).filter_map(|group| std::str::from_utf8(group).ok()).collect();
    let code = Field {
        label: "Code",
        name: "code",
        kind: "text",
        autocomplete: "one-time-code",
        hint: Some("The six digits that the application shows now."),
        error,
        code: true,
        first: true,
        ..Field::default()
    };
    html!(
        "<p>Scan this with an authenticator application:</p>\n{picture}\
         <p>Or enter this secret there:</p>\n<p><code id=\"secret\">{grouped}</code></p>\n\
         <form class=\"card\" method=\"post\" action=\"/account/two-factor/on\">\n{csrf}\
         <input type=\"hidden\" name=\"secret\" value=\"{text}\">\n{code}\
         <div class=\"actions\"><button>Switch it on</button> <a href=\"/account\">Not now</a></div>\n</form>\n",
        picture = picture(uri),
        grouped = grouped.join(" "),
        csrf = token(csrf),
        text = text.as_str(),
        code = code.show()
    )
}

/// The recovery codes, once.
#[must_use]
pub fn recovery_codes(codes: &[String]) -> Html {
    let rows: Vec<Html> = codes.iter().map(|code| html!("<li><code>{code}</code></li>\n", code)).collect();
    html!(
        "{notice}<h2>Recovery codes</h2>\n<p>Each signs you in once, should you lose your authenticator. Keep \
         them in a safe place: <strong>they are not shown again</strong>.</p>\n<ul class=\"codes\">\n{rows}</ul>\n\
         <p><a href=\"/account\">I have kept them</a></p>\n",
        notice = notice("Two-factor authentication is on."),
        rows
    )
}

/// A QR code, dark on light in either colour scheme: not every reader knows it the other way round.
fn picture(text: &str) -> Option<Html> {
    let code = QrCode::new(text).ok()?;
    let (width, quiet) = (code.width(), 4);
    let dark = code.to_colors().into_iter().enumerate().filter(|(_, color)| *color == Color::Dark);
    let path: String =
        dark.map(|(at, _)| format!("M{} {}h1v1h-1z", at % width + quiet, at / width + quiet)).collect();
    Some(html!(
        "<svg class=\"qr\" role=\"img\" aria-label=\"QR code of the secret\" viewBox=\"0 0 {size} {size}\" \
         shape-rendering=\"crispEdges\"><path fill=\"#fff\" d=\"M0 0h{size}v{size}H0z\"/>\
         <path fill=\"#000\" d=\"{path}\"/></svg>\n",
        size = width + 2 * quiet,
        path
    ))
}
