//! What is to reach a person by mail. Mail itself is not sent here: whoever runs the server takes it over.

use std::{fmt, sync::Arc};

/// A message for one person. It holds a link that lets whoever has it in: treat it as a secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Mail {
    /// What it is about.
    pub subject: MailSubject,
    /// The name of the user.
    pub username: String,
    /// The e-mail address.
    pub to: String,
    /// The address to open.
    pub link: String,
}

/// What a message is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailSubject {
    /// Somebody, presumably the user, wants to set a new password.
    PasswordReset,
    /// The address was given at signing up.
    Confirmation,
}

impl fmt::Debug for Mail {
    /// Without the link.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mail")
            .field("subject", &self.subject)
            .field("username", &self.username)
            .field("to", &self.to)
            .finish_non_exhaustive()
    }
}

/// Where mails go.
#[derive(Clone)]
pub struct Mailbox(Arc<dyn Fn(Mail) + Send + Sync>);

impl Mailbox {
    /// Hands each mail to `take`, on a worker of the runtime: it must not block.
    pub fn new(take: impl Fn(Mail) + Send + Sync + 'static) -> Self {
        Self(Arc::new(take))
    }

    /// Writes each link to the log, for servers whose users can ask the one who reads it.
    #[must_use]
    pub fn log() -> Self {
        Self::new(|mail| {
            let purpose = match mail.subject {
                MailSubject::PasswordReset => "to set a new password",
                MailSubject::Confirmation => "to confirm the e-mail address",
            };
            tracing::info!(user = %mail.username, link = %mail.link, "a link {purpose}");
        })
    }

    /// Sends one.
    pub fn send(&self, mail: Mail) {
        (self.0)(mail);
    }
}

impl fmt::Debug for Mailbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mailbox")
    }
}
