//! The page of an account: where it is signed in, what may act for it, and how it is secured.

use super::{
    alert,
    field::Field,
    html::{Html, html},
    moment, notice, password, token,
};
use crate::store::{BrowserSession, Key, Organization, Role, Session, TwoFactor};

/// What the page of an account shows.
pub struct Account<'a> {
    /// The token of the forms.
    pub csrf: &'a str,
    /// Where it is looked at.
    pub here: &'a BrowserSession,
    /// The browsers that are signed in.
    pub browsers: &'a [BrowserSession],
    /// The programs that are signed in.
    pub programs: &'a [Session],
    /// The API keys.
    pub keys: &'a [Key],
    /// The organizations, and the role in each.
    pub organizations: &'a [(Organization, Role)],
    /// The second factor, and how many recovery codes are left.
    pub two_factor: Option<(&'a TwoFactor, usize)>,
    /// What was wrong with a field of a form.
    pub refusal: Option<(&'a str, &'a str)>,
    /// What was done.
    pub notice: Option<&'a str>,
}

/// The page.
#[must_use]
pub fn show(account: &Account<'_>) -> Html {
    let user = &account.here.user;
    html!(
        "{notice}{alert}<dl class=\"facts\">\n<dt>Username</dt><dd>{username}</dd>\n\
         <dt>E-mail address</dt><dd>{email}</dd>\n</dl>\n{two_factor}{programs}{browsers}{keys}{organizations}{password}",
        notice = account.notice.map(notice),
        alert = account.refusal.map(|_| alert("That was not done: see below.")),
        username = user.username,
        email = user.email,
        two_factor = two_factor(account),
        programs = programs(account),
        browsers = browsers(account),
        keys = keys(account),
        organizations = organizations(account),
        password = change_password(account)
    )
}

fn two_factor(account: &Account<'_>) -> Html {
    let Some((two_factor, codes)) = account.two_factor else {
        return html!(
            "<h2 id=\"two-factor\">Two-factor authentication</h2>\n<p>Off. Programs that are signed in cannot \
             publish without it. <a href=\"/account/two-factor\">Switch it on</a></p>\n"
        );
    };
    let code = Field {
        label: "Two-factor code",
        name: "code",
        kind: "text",
        autocomplete: "one-time-code",
        error: refusal(account, "code"),
        code: true,
        ..Field::default()
    };
    html!(
        "<h2 id=\"two-factor\">Two-factor authentication</h2>\n<p>On since {since}. Recovery codes left: \
         {codes}.</p>\n<form class=\"card\" method=\"post\" action=\"/account/two-factor/off\">\n{csrf}{code}\
         <button class=\"danger\">Switch it off</button>\n</form>\n",
        since = moment(two_factor.inserted_at),
        codes,
        csrf = token(account.csrf),
        code = code.show()
    )
}

fn refusal<'a>(account: &Account<'a>, field: &str) -> Option<&'a str> {
    account.refusal.filter(|(name, _)| *name == field).map(|(_, refusal)| refusal)
}

/// A button that ends something, alone in its form.
fn button(csrf: &str, action: &str, name: &str, value: &Html, label: &str, of: &str) -> Html {
    html!(
        "<form method=\"post\" action=\"{action}\">{csrf}\
         <input type=\"hidden\" name=\"{name}\" value=\"{value}\">\
         <button class=\"danger small\" aria-label=\"{label} {of}\">{label}</button></form>",
        action,
        csrf = token(csrf),
        name,
        value,
        label,
        of
    )
}

fn list(rows: Vec<Html>, none: &str) -> Html {
    if rows.is_empty() {
        html!("<p class=\"hint\">{none}</p>\n", none)
    } else {
        html!("<ul class=\"rows\">\n{rows}</ul>\n", rows)
    }
}

fn programs(account: &Account<'_>) -> Html {
    let row = |session: &Session| {
        let name = session.name.as_deref().unwrap_or("A program");
        let used = session.last_use.as_ref();
        let used =
            used.map(|last| html!(", last used {at} from {ip}", at = moment(last.used_at), ip = last.ip));
        html!(
            "<li><div><strong>{name}</strong><p class=\"hint\">May use {scopes}. Signed in {since}{used}.</p>\
             </div>{button}</li>\n",
            name,
            scopes = session.scopes.join(", "),
            since = moment(session.inserted_at),
            used,
            button = button(
                account.csrf,
                "/account/sessions/program",
                "id",
                &html!("{id}", id = session.id),
                "Revoke",
                name
            )
        )
    };
    html!(
        "<h2 id=\"programs\">Programs</h2>\n<p class=\"hint\">Signed in through the device page, such as \
         rebar3 or Mix. A new one? <a href=\"/oauth/device\">Enter its code</a></p>\n{list}",
        list = list(account.programs.iter().map(row).collect(), "No program is signed in.")
    )
}

fn browsers(account: &Account<'_>) -> Html {
    let row = |session: &BrowserSession| {
        let name = browser_name(&session.user_agent);
        let here = session.id == account.here.id;
        let tag = here.then(|| html!(" <span class=\"tag\">this one</span>"));
        let (action, id) = ("/account/sessions/browser", html!("{id}", id = session.id));
        html!(
            "<li><div><strong>{name}</strong>{tag}<p class=\"hint\">Last seen {seen} from {ip}, signed in \
             {since}.</p></div>{button}</li>\n",
            name,
            tag,
            seen = moment(session.seen_at),
            ip = session.ip,
            since = moment(session.inserted_at),
            button = button(account.csrf, action, "id", &id, "Sign out", name)
        )
    };
    html!(
        "<h2 id=\"browsers\">Browsers</h2>\n{list}",
        list = list(account.browsers.iter().map(row).collect(), "No browser is signed in.")
    )
}

/// What a browser is, for people; the whole of what it calls itself says little to them.
fn browser_name(user_agent: &str) -> &str {
    // The more special comes first: nearly all of them call themselves Safari, too.
    let known = ["Firefox", "Edg", "OPR", "Chromium", "Chrome", "Safari"];
    let found = known.into_iter().find(|name| user_agent.contains(&format!("{name}/")));
    match found {
        Some("Edg") => "Edge",
        Some("OPR") => "Opera",
        Some(name) => name,
        None => user_agent.split([' ', '/']).next().filter(|name| !name.is_empty()).unwrap_or("A browser"),
    }
}

fn keys(account: &Account<'_>) -> Html {
    let row = |key: &Key| {
        let permissions: Vec<String> = key
            .permissions
            .iter()
            .map(|held| match &held.resource {
                Some(resource) => format!("{}:{resource}", held.domain),
                None => held.domain.clone(),
            })
            .collect();
        let used = key.last_use.as_ref();
        let used =
            used.map(|last| html!(", last used {at} from {ip}", at = moment(last.used_at), ip = last.ip));
        let ends = key.revoke_at.map(|at| html!(", ends {at}", at = moment(at)));
        html!(
            "<li><div><strong>{name}</strong><p class=\"hint\">May use {permissions}. Made {made}{used}{ends}.\
             </p></div>{button}</li>\n",
            name = key.name,
            permissions = permissions.join(", "),
            made = moment(key.inserted_at),
            used,
            ends,
            button = button(
                account.csrf,
                "/account/keys/revoke",
                "name",
                &html!("{name}", name = key.name),
                "Revoke",
                &key.name
            )
        )
    };
    html!(
        "<h2 id=\"keys\">API keys</h2>\n<p class=\"hint\">Make one with <code>rebar3 hex key generate</code>.\
         </p>\n{list}",
        list = list(account.keys.iter().map(row).collect(), "There is no key.")
    )
}

fn organizations(account: &Account<'_>) -> Html {
    let row = |(organization, role): &(Organization, Role)| {
        html!(
            "<li><div><strong>{name}</strong> <span class=\"tag\">{role}</span></div></li>\n",
            name = organization.name,
            role = role.name()
        )
    };
    let name = Field {
        label: "Name of a new organization",
        name: "organization",
        kind: "text",
        autocomplete: "off",
        hint: Some("Small letters, digits and underscores. Its private repository has the same name."),
        error: refusal(account, "organization"),
        ..Field::default()
    };
    html!(
        "<h2 id=\"organizations\">Organizations</h2>\n<p class=\"hint\">Members publish and fetch private \
         packages. Manage them with <code>rebar3 hex organization</code>.</p>\n{list}\
         <form class=\"card\" method=\"post\" action=\"/account/organizations\">\n{csrf}{name}\
         <button class=\"quiet\">Make the organization</button>\n</form>\n",
        list = list(account.organizations.iter().map(row).collect(), "You are in no organization."),
        csrf = token(account.csrf),
        name = name.show()
    )
}

fn change_password(account: &Account<'_>) -> Html {
    let current = Field {
        label: "Current password",
        name: "current",
        kind: "password",
        autocomplete: "current-password",
        error: refusal(account, "current"),
        ..Field::default()
    };
    html!(
        "<h2 id=\"password\">Change the password</h2>\n<p class=\"hint\">All programs and all other browsers \
         are signed out then. API keys stay.</p>\n\
         <form class=\"card\" method=\"post\" action=\"/account/password\">\n{csrf}\
         <input type=\"hidden\" name=\"username\" autocomplete=\"username\" value=\"{username}\">\n\
         {current}{new}<button>Change the password</button>\n</form>\n",
        csrf = token(account.csrf),
        username = account.here.user.username,
        current = current.show(),
        new = password::new("new", refusal(account, "new"), false).show()
    )
}
