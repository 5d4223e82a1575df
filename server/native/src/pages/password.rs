//! Passwords: forgotten and set anew.

use super::{
    field::Field,
    html::{Html, html},
    notice, token,
};

/// Whose password was forgotten?
#[must_use]
pub fn forgot(csrf: &str) -> Html {
    let login = Field {
        label: "Username or e-mail address",
        name: "login",
        kind: "text",
        autocomplete: "username",
        first: true,
        ..Field::default()
    };
    html!(
        "<p>You get a link with which you can set a new one. It works once, for one hour.</p>\n\
         <form class=\"card\" method=\"post\" action=\"/password/forgot\">\n{csrf}{login}\
         <button>Send the link</button>\n</form>\n",
        csrf = token(csrf),
        login = login.show()
    )
}

/// The same whether or not there is such a user.
#[must_use]
pub fn sent() -> Html {
    html!(
        "{notice}<p>Nothing came? Ask whoever runs this registry: where no mail is sent, the link is in the \
         server's log.</p>\n",
        notice = notice("If there is such an account, a link is on its way to its e-mail address.")
    )
}

/// The new password.
#[must_use]
pub fn reset(csrf: &str, link: &str, username: &str, error: Option<&str>) -> Html {
    html!(
        "<form class=\"card\" method=\"post\" action=\"/password/reset\">\n{csrf}\
         <input type=\"hidden\" name=\"token\" value=\"{link}\">\n\
         <p>For the account <strong>{username}</strong>. It is signed out everywhere then.</p>\n{password}\
         <button>Set the password</button>\n</form>\n",
        csrf = token(csrf),
        link,
        username,
        password = new("password", error, true).show()
    )
}

/// The field for a new password.
#[must_use]
pub fn new<'a>(name: &'a str, error: Option<&'a str>, first: bool) -> Field<'a> {
    Field {
        label: "New password",
        name,
        kind: "password",
        autocomplete: "new-password",
        hint: Some("At least eight characters."),
        error,
        first,
        ..Field::default()
    }
}
