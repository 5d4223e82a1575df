//! Signing a device in: its code, what it asks for, and the decision.

use super::{
    field::Field,
    html::{Html, html},
    moment, notice, token,
};
use crate::store::DeviceRequest;

/// The code that the device shows.
#[must_use]
pub fn enter(csrf: &str, user_code: &str, error: Option<&str>) -> Html {
    let code = Field {
        label: "Code",
        name: "user_code",
        kind: "text",
        autocomplete: "off",
        value: user_code,
        hint: Some("As it stands in the terminal. Capital or small letters, with or without the dash."),
        error,
        code: true,
        first: true,
        ..Field::default()
    };
    html!(
        "<p>Enter the code that the program shows, to sign it in as you.</p>\n\
         <form class=\"card\" method=\"post\" action=\"/oauth/device\">\n{csrf}{code}\
         <button>Continue</button>\n</form>\n",
        csrf = token(csrf),
        code = code.show()
    )
}

/// What is asked for, and the two answers.
#[must_use]
pub fn decide(csrf: &str, device: &DeviceRequest, client: &str, username: &str) -> Html {
    let scopes: Vec<Html> = device
        .scopes
        .iter()
        .map(|scope| html!("<li>{text} <code>({scope})</code></li>", text = meaning(scope), scope))
        .collect();
    let name = device.name.as_deref().unwrap_or("not said");
    html!(
        "<p>A program wants to be signed in as <strong>{username}</strong>.</p>\n\
         <p class=\"alert\"><strong>Only approve if you started this yourself</strong>, just now, and the code \
         below is the one in front of you. Nobody else has a reason to ask you for it.</p>\n\
         <p class=\"big code\">{user_code}</p>\n<dl class=\"facts\">\n<dt>Program</dt><dd>{client}</dd>\n\
         <dt>Device</dt><dd>{name}</dd>\n<dt>Address</dt><dd>{ip}</dd>\n<dt>Asked</dt><dd>{at}</dd>\n\
         <dt>It may</dt><dd><ul class=\"plain\">{scopes}</ul></dd>\n</dl>\n\
         <form method=\"post\" action=\"/oauth/device/decide\">\n{csrf}\
         <input type=\"hidden\" name=\"user_code\" value=\"{code}\">\n<div class=\"actions\">\
         <button name=\"decision\" value=\"approve\">Approve</button> \
         <button class=\"quiet\" name=\"decision\" value=\"deny\">Deny</button></div>\n</form>\n",
        username,
        user_code = dashed(&device.user_code),
        client,
        name,
        ip = device.ip,
        at = moment(device.inserted_at),
        scopes,
        csrf = token(csrf),
        code = device.user_code
    )
}

/// The decision was taken.
#[must_use]
pub fn decided(approved: bool) -> Html {
    let (text, more) = if approved {
        ("The program is signed in.", "Go back to it; it goes on by itself. You can close this page.")
    } else {
        ("The program was refused.", "It is not signed in. You can close this page.")
    };
    html!(
        "{notice}<p>{more}</p>\n<p><a href=\"/account#programs\">All programs that are signed in</a></p>\n",
        notice = notice(text),
        more
    )
}

/// What a scope allows (docs/protocol.md §3), for people.
fn meaning(scope: &str) -> String {
    match scope.split_once(':') {
        None if scope == "api" => "read and change everything that is yours".to_owned(),
        Some(("api", "read")) => "read everything that is yours".to_owned(),
        Some(("api", "write")) => "change everything that is yours: publish, owners, keys".to_owned(),
        None if scope == "repositories" => "fetch from all your private repositories".to_owned(),
        Some(("repository", name)) => format!("fetch from the repository {name}"),
        Some(("package", name)) => format!("change the package {name}"),
        Some(("docs", name)) => format!("read the documentation of {name}"),
        _ => "use".to_owned(),
    }
}

/// Two halves are read and compared more easily.
fn dashed(code: &str) -> String {
    match code.split_at_checked(code.len() / 2) {
        Some((first, second)) if code.len() == 8 => format!("{first}-{second}"),
        _ => code.to_owned(),
    }
}
