//! Frames in, frames out, and the terms in them.

use std::{
    io::{self, Read, Write},
    sync::{Arc, mpsc as blocking},
    thread,
    time::Duration,
};

use hexide_core::{
    Error, Result,
    etf::{self, from_json},
    term::Term,
};
use hexide_server::{Mail, MailSubject};
use serde::Serialize;
use serde_json::Value;
use tokio::{
    sync::{mpsc, oneshot},
    time::timeout,
};
use tracing::Level;

/// The longest frame that is taken.
const LONGEST: u32 = 1 << 20;
/// Frames that may wait for their reader before lines of the log are left out.
const WAITING: usize = 1024;
/// How long what was said last may wait for its reader.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// A struct as a map with atoms for its fields, those that are set. The atoms are names of this program's own.
pub fn fields(value: &impl Serialize) -> Term {
    let Ok(Value::Object(fields)) = serde_json::to_value(value) else { return Term::Map(Vec::new()) };
    let set = fields.into_iter().filter(|(_, value)| !value.is_null());
    Term::Map(set.map(|(name, value)| (Term::Atom(name), from_json(&value))).collect())
}

fn failure(error: &Error) -> Term {
    let Term::Map(mut details) = fields(&error.details) else { return Term::atom("internal") };
    details.push((Term::atom("message"), Term::binary(error.message.as_str())));
    Term::Tuple(vec![Term::atom(error.code.name()), Term::Map(details)])
}

/// The frames of standard input, until that closes.
pub fn frames() -> mpsc::Receiver<Vec<u8>> {
    let (send, frames) = mpsc::channel(16);
    // A thread of its own: reading cannot be called off.
    thread::spawn(move || {
        let mut input = io::stdin().lock();
        while let Ok(frame) = read(&mut input)
            && send.blocking_send(frame).is_ok()
        {}
    });
    frames
}

fn read(input: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut length = [0; 4];
    input.read_exact(&mut length)?;
    let length = u32::from_be_bytes(length);
    if length > LONGEST {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut frame = Vec::new();
    input.take(length.into()).read_to_end(&mut frame)?;
    if frame.len() < length as usize { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(frame) }
}

/// The way out; clones share it. Nobody who tells something waits for it to be read.
#[derive(Clone)]
pub struct Out {
    frames: blocking::Sender<Said>,
    waiting: Arc<()>,
}

enum Said {
    /// A frame; that it waits is counted by its share.
    Frame(Vec<u8>, Arc<()>),
    /// Nothing more comes: tell when all was written.
    Last(oneshot::Sender<()>),
}

impl Out {
    pub fn open() -> Self {
        let (frames, said) = blocking::channel::<Said>();
        thread::spawn(move || {
            let mut output = io::stdout().lock();
            for said in said {
                match said {
                    Said::Frame(frame, _waiting) => {
                        let length = u32::try_from(frame.len()).unwrap_or(u32::MAX).to_be_bytes();
                        let written = output.write_all(&length).and_then(|()| output.write_all(&frame));
                        if written.and_then(|()| output.flush()).is_err() {
                            break;
                        }
                    }
                    Said::Last(told) => {
                        let _ = told.send(());
                        break;
                    }
                }
            }
        });
        Self { frames, waiting: Arc::default() }
    }

    fn say(&self, parts: Vec<Term>) {
        // Where nobody reads any more, the end is near.
        let _ = self.frames.send(Said::Frame(etf::encode(&Term::Tuple(parts)), Arc::clone(&self.waiting)));
    }

    pub fn reply(&self, id: i64, result: Result<Option<Term>>) {
        let result = match result {
            Ok(None) => Term::atom("ok"),
            Ok(Some(value)) => Term::Tuple(vec![Term::atom("ok"), value]),
            Err(error) => Term::Tuple(vec![Term::atom("error"), failure(&error)]),
        };
        self.say(vec![Term::atom("reply"), Term::Integer(id), result]);
    }

    pub fn mail(&self, mail: &Mail) {
        let subject = match mail.subject {
            MailSubject::PasswordReset => "password_reset",
            MailSubject::Confirmation => "confirmation",
        };
        let letter = [
            ("subject", Term::atom(subject)),
            ("username", Term::binary(mail.username.as_str())),
            ("to", Term::binary(mail.to.as_str())),
            ("link", Term::binary(mail.link.as_str())),
        ];
        let letter = letter.into_iter().map(|(name, value)| (Term::atom(name), value));
        self.say(vec![Term::atom("mail"), Term::Map(letter.collect())]);
    }

    pub fn log(&self, level: Level, line: String) {
        if Arc::strong_count(&self.waiting) > WAITING {
            return;
        }
        let level = match level {
            Level::ERROR => "error",
            Level::WARN => "warning",
            Level::INFO => "info",
            _ => "debug",
        };
        self.say(vec![Term::atom("log"), Term::atom(level), Term::binary(line)]);
    }

    /// Waits until all was written, for a moment at most.
    pub async fn close(self) {
        let (told, written) = oneshot::channel();
        if self.frames.send(Said::Last(told)).is_ok() {
            let _ = timeout(LAST_WORDS, written).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use hexide_core::Code;

    use super::*;

    #[test]
    fn a_frame_longer_than_allowed_is_not_read() {
        let mut input = &[0xff, 0xff, 0xff, 0xff, 131][..];
        assert_eq!(read(&mut input).unwrap_err().kind(), io::ErrorKind::InvalidData);
    }

    #[test]
    fn a_frame_that_ends_early_is_none() {
        let mut input = &[0, 0, 0, 2, 131][..];
        assert_eq!(read(&mut input).unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
    }

    #[test]
    fn details_that_are_not_set_are_left_out() {
        let error = Error::new(Code::Invalid, "no").with(|details| details.key = Some("port".to_owned()));
        let expected = Term::Tuple(vec![
            Term::atom("invalid"),
            Term::Map(vec![
                (Term::atom("key"), Term::binary("port")),
                (Term::atom("message"), Term::binary("no")),
            ]),
        ]);
        assert_eq!(failure(&error), expected);
    }
}
