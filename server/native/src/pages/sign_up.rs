//! Signing up, and confirming the e-mail address.

use serde_json::Value;

use super::{
    field::Field,
    html::{Html, html},
    notice, token,
};

/// What the sign-up form shows.
#[derive(Clone, Copy)]
pub struct SignUp<'a> {
    /// The token of the form.
    pub csrf: &'a str,
    /// The username entered before.
    pub username: &'a str,
    /// The e-mail address entered before.
    pub email: &'a str,
    /// What was wrong, by field, as the API says it.
    pub errors: &'a Value,
}

/// The form.
#[must_use]
pub fn form(shown: &SignUp<'_>) -> Html {
    let error = |pointer: &str| shown.errors.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    let username_error = error("/username").map(|error| format!("The username {error}."));
    let email_error = error("/emails/email").or_else(|| error("/emails"));
    let email_error = email_error.map(|error| format!("The e-mail address {}{error}.", verb(&error)));
    let password_error = error("/password").map(|error| format!("The password {error}."));
    // Typing goes on at the first field that is wrong.
    let wrong = [&username_error, &email_error, &password_error];
    let place = wrong.iter().position(|error| error.is_some()).unwrap_or(0);
    let username = Field {
        label: "Username",
        name: "username",
        kind: "text",
        autocomplete: "username",
        value: shown.username,
        hint: Some("Everybody sees it. At least three small letters, digits, dashes or underscores."),
        error: username_error.as_deref(),
        first: place == 0,
        ..Field::default()
    };
    let email = Field {
        label: "E-mail address",
        name: "email",
        kind: "email",
        autocomplete: "email",
        value: shown.email,
        error: email_error.as_deref(),
        first: place == 1,
        ..Field::default()
    };
    let password = Field {
        label: "Password",
        name: "password",
        kind: "password",
        autocomplete: "new-password",
        hint: Some("At least eight characters."),
        error: password_error.as_deref(),
        first: place == 2,
        ..Field::default()
    };
    html!(
        "<form class=\"card\" method=\"post\" action=\"/account/sign-up\">\n{csrf}{username}{email}{password}\
         <button>Sign up</button>\n</form>\n<p>You have an account? <a href=\"/account/sign-in\">Sign in</a></p>\n",
        csrf = token(shown.csrf),
        username = username.show(),
        email = email.show(),
        password = password.show()
    )
}

/// `already in use` is no whole sentence with the field before it; the other errors are.
fn verb(error: &str) -> &'static str {
    if error.starts_with("already") { "is " } else { "" }
}

/// The account waits for its address to be confirmed.
#[must_use]
pub fn to_be_confirmed(email: &str) -> Html {
    html!(
        "{notice}<p>A link to confirm <strong>{email}</strong> is on its way. Open it, then \
         <a href=\"/account/sign-in\">sign in</a>.</p>\n",
        notice = notice("Your account was made."),
        email
    )
}

/// The link was opened; a person, not a program that looks at mails, must confirm.
#[must_use]
pub fn confirm(csrf: &str, link: &str, email: &str) -> Html {
    html!(
        "<form class=\"card\" method=\"post\" action=\"/account/confirm\">\n{csrf}\
         <input type=\"hidden\" name=\"token\" value=\"{link}\">\n\
         <p>Is <strong>{email}</strong> your address?</p>\n<button>Confirm the address</button>\n</form>\n",
        csrf = token(csrf),
        link,
        email
    )
}
