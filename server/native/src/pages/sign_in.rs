//! Signing in: name and password, then the two-factor code.

use super::{
    alert,
    field::Field,
    html::{Html, html},
    notice, token,
};

/// What the sign-in form shows.
#[derive(Clone, Copy, Default)]
pub struct SignIn<'a> {
    /// The token of the form.
    pub csrf: &'a str,
    /// Where to go then.
    pub next: &'a str,
    /// What was entered before.
    pub login: &'a str,
    /// What was wrong with it.
    pub refusal: Option<&'a str>,
    /// What happened before.
    pub notice: Option<&'a str>,
}

/// Name and password.
#[must_use]
pub fn form(shown: &SignIn<'_>) -> Html {
    let login = Field {
        label: "Username or e-mail address",
        name: "login",
        kind: "text",
        autocomplete: "username",
        value: shown.login,
        first: shown.login.is_empty(),
        ..Field::default()
    };
    let password = Field {
        label: "Password",
        name: "password",
        kind: "password",
        autocomplete: "current-password",
        first: !shown.login.is_empty(),
        ..Field::default()
    };
    html!(
        "{notice}{alert}<form class=\"card\" method=\"post\" action=\"/account/sign-in\">\n{csrf}\
         <input type=\"hidden\" name=\"next\" value=\"{next}\">\n{login}{password}\
         <div class=\"actions\"><button>Sign in</button> <a href=\"/password/forgot\">Forgot your password?</a>\
         </div>\n</form>\n<p>No account yet? <a href=\"/account/sign-up\">Sign up</a></p>\n",
        notice = shown.notice.map(notice),
        alert = shown.refusal.map(alert),
        csrf = token(shown.csrf),
        next = shown.next,
        login = login.show(),
        password = password.show()
    )
}

/// The two-factor code.
#[must_use]
pub fn code(csrf: &str, next: &str, refusal: Option<&str>) -> Html {
    let code = Field {
        label: "Two-factor code",
        name: "code",
        kind: "text",
        autocomplete: "one-time-code",
        hint: Some("The six digits from your authenticator application, or one of your recovery codes."),
        error: refusal,
        code: true,
        first: true,
        ..Field::default()
    };
    html!(
        "<form class=\"card\" method=\"post\" action=\"/account/sign-in/code\">\n{csrf}\
         <input type=\"hidden\" name=\"next\" value=\"{next}\">\n{code}<button>Continue</button>\n</form>\n\
         <p class=\"hint\">A recovery code works once, in place of the six digits.</p>\n",
        csrf = token(csrf),
        next,
        code = code.show()
    )
}
