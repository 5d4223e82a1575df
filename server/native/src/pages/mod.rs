//! What people see in a browser: plain HTML, no scripts, one stylesheet.
//!
//! [`frame`] is around every page; the modules hold what is inside, by subject. All of it is made with
//! [`html!`](html::html), which escapes.

pub mod account;
pub mod device;
pub mod field;
pub mod html;
mod page;
pub mod password;
pub mod registry;
pub mod sign_in;
pub mod sign_up;
pub mod two_factor;

use html::{Html, html};
pub use page::{Page, PageError};

use crate::clock::Moment;

/// What every page may load and do: the stylesheet, inline pictures, and forms that lead here.
pub const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; \
                          frame-ancestors 'none'; base-uri 'none'";

/// The stylesheet.
pub const STYLE: &str = include_str!("style.css");

/// Who looks at a page, for its head.
#[derive(Clone, Copy)]
pub enum Reader<'a> {
    /// It is not known, or does not matter.
    Unknown,
    /// Nobody is signed in.
    Guest,
    /// A user, and the token that lets the button sign out.
    User {
        /// The name.
        username: &'a str,
        /// The token of the forms.
        csrf: &'a str,
    },
}

/// A whole page.
#[must_use]
pub fn frame(title: &str, reader: Reader<'_>, body: &Html) -> String {
    let links = match reader {
        Reader::Unknown => Html::default(),
        Reader::Guest => {
            html!("<a href=\"/account/sign-in\">Sign in</a> <a href=\"/account/sign-up\">Sign up</a>")
        }
        Reader::User { username, csrf } => html!(
            "<a href=\"/account\">{username}</a> <form method=\"post\" action=\"/account/sign-out\">{csrf}\
             <button class=\"link\">Sign out</button></form>",
            username,
            csrf = token(csrf)
        ),
    };
    html!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>{title} · hexide</title>\n\
         <link rel=\"icon\" href=\"data:,\">\n<link rel=\"stylesheet\" href=\"/style.css\">\n</head>\n<body>\n\
         <a class=\"skip\" href=\"#main\">Skip to the content</a>\n<header><nav aria-label=\"Main\">\
         <a class=\"brand\" href=\"/\">hexide</a> {links}</nav></header>\n<main id=\"main\">\n\
         <h1>{title}</h1>\n{body}</main>\n</body>\n</html>\n",
        title,
        links,
        body
    )
    .into_string()
}

/// The hidden field that shows where a form comes from.
#[must_use]
pub fn token(csrf: &str) -> Html {
    html!("<input type=\"hidden\" name=\"csrf\" value=\"{csrf}\">", csrf)
}

/// A notice that something was done.
#[must_use]
pub fn notice(text: &str) -> Html {
    html!("<p class=\"notice\" role=\"status\">{text}</p>\n", text)
}

/// A notice that something was not done.
#[must_use]
pub fn alert(text: &str) -> Html {
    html!("<p class=\"alert\" role=\"alert\">{text}</p>\n", text)
}

/// A moment, to the minute.
#[must_use]
pub fn moment(at: Moment) -> Html {
    let exact = at.rfc3339();
    let (day, time) = (exact.get(..10).unwrap_or_default(), exact.get(11..16).unwrap_or_default());
    html!("<time datetime=\"{exact}\">{day} {time} UTC</time>", exact, day, time)
}
