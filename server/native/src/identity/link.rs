//! Links that are mailed: whoever opens one has shown that the address is theirs.

use crate::{
    app::App,
    clock::Moment,
    mail::{Mail, MailSubject},
    secret,
    store::{Actor, NewLink, Purpose, User},
    wire::HttpError,
};

/// How long a link to set a new password is good.
const RESET: i64 = 3600;
/// How long a link to confirm an address is good.
const CONFIRM: i64 = 7 * 24 * 3600;

/// Makes a link for a user and hands it out.
///
/// # Errors
/// 500.
pub async fn mail(app: &App, user: &User, purpose: Purpose, user_agent: String) -> Result<(), HttpError> {
    let token = secret::random_hex::<32>()?;
    let (path, subject, lasts) = match purpose {
        Purpose::Reset => ("password/reset", MailSubject::PasswordReset, RESET),
        Purpose::Confirm => ("account/confirm", MailSubject::Confirmation, CONFIRM),
    };
    let link = NewLink {
        user_id: user.id,
        purpose,
        token_hash: secret::hash_key(&token),
        ends_at: Moment(app.clock.now().0.saturating_add(lasts * 1_000_000)),
    };
    app.store.create_link(Actor::of_user(user.id, user_agent), link).await?;
    app.mailbox.send(Mail {
        subject,
        username: user.username.clone(),
        to: user.email.clone(),
        link: format!("{}/{path}?token={token}", app.urls.base),
    });
    Ok(())
}
