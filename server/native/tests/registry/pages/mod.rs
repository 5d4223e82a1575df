//! The pages of an account: whom they let in, what they refuse, and what they show of whom.

mod devices;
mod passwords;
mod shape;
mod signing_in;
mod two_factor;

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use hexide_server::{Clock, Mail, Mailbox, Moment, Options, totp_code};
use tokio::{sync::mpsc, time::timeout};

use crate::{fixture::options, http_client::DEADLINE};

/// The code of a secret at that second.
fn code_of(secret: &str, seconds: i64) -> String {
    totp_code(secret, Moment(seconds * 1_000_000)).expect("a code")
}

/// A time that the test sets.
#[derive(Clone)]
struct Time(Arc<AtomicI64>);

impl Time {
    fn start() -> (Self, Options) {
        let time = Self(Arc::new(AtomicI64::new(1_700_000_000)));
        let shown = time.clone();
        let mut options = options();
        options.clock = Clock::new(move || Moment(shown.now() * 1_000_000));
        (time, options)
    }

    fn now(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }

    fn pass(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }
}

fn mails(options: &mut Options) -> mpsc::UnboundedReceiver<Mail> {
    let (sender, receiver) = mpsc::unbounded_channel();
    options.mailbox = Mailbox::new(move |mail| drop(sender.send(mail)));
    receiver
}

async fn next_mail(mails: &mut mpsc::UnboundedReceiver<Mail>) -> Mail {
    timeout(DEADLINE, mails.recv()).await.expect("a mail in time").expect("a mail")
}

/// The path of a mailed link.
fn path(mail: &Mail) -> String {
    let at = mail.link.find("/account").or_else(|| mail.link.find("/password")).unwrap();
    mail.link[at..].to_owned()
}
