//! What the native side tells of its work, as messages to one process: `{hexide_log, Map}`.
//!
//! Nobody listens until somebody asks; then every event costs one message. No event holds a secret: that
//! is the duty of whoever emits it, and tests hold them to it.

use std::{
    fmt::{self, Write},
    sync::{PoisonError, RwLock},
};

use rustler::{Atom, Encoder, Env, LocalPid, OwnedEnv};
use tokio::runtime::Handle;
use tracing::{
    Event, Level, Metadata, Subscriber,
    field::{Field, Visit},
    span,
    subscriber::{self, Interest},
};

use crate::term;

mod atoms {
    rustler::atoms! { ok, hexide_log, level, target, text, cached_at, error, warning, info, debug }
}

/// Who is told.
static LISTENER: RwLock<Option<LocalPid>> = RwLock::new(None);

/// From now on the calling process is told, and nobody else.
#[rustler::nif]
fn log_listen(env: Env<'_>) -> Atom {
    // The first one makes it; another library of the program may have its own, which stays.
    let _ = subscriber::set_global_default(Messages);
    set(Some(env.pid()));
    atoms::ok()
}

/// Nobody is told any more.
#[rustler::nif]
fn log_stop() -> Atom {
    set(None);
    atoms::ok()
}

fn set(listener: Option<LocalPid>) {
    *LISTENER.write().unwrap_or_else(PoisonError::into_inner) = listener;
}

fn listener() -> Option<LocalPid> {
    *LISTENER.read().unwrap_or_else(PoisonError::into_inner)
}

struct Messages;

impl Subscriber for Messages {
    // Listeners come and go, so the answer is not for ever.
    fn register_callsite(&self, _: &'static Metadata<'static>) -> Interest {
        Interest::sometimes()
    }

    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_event()
            && *metadata.level() <= Level::DEBUG
            && metadata.target().starts_with("hexide")
            && listener().is_some()
    }

    fn event(&self, event: &Event<'_>) {
        // The VM takes messages from its own threads in another way; events come from tasks.
        let (Some(listener), Ok(_)) = (listener(), Handle::try_current()) else { return };
        let mut line = Line::default();
        event.record(&mut line);
        let metadata = event.metadata();
        let sent = OwnedEnv::new().send_and_clear(&listener, |env| {
            let mut pairs = vec![
                (atoms::level(), level(*metadata.level()).encode(env)),
                (atoms::target(), term::text(env, metadata.target())),
                (atoms::text(), term::text(env, line.text.trim_start())),
            ];
            let cached_at = line.cached_at.as_deref().map(|time| (atoms::cached_at(), term::text(env, time)));
            pairs.extend(cached_at);
            (atoms::hexide_log(), term::map(env, &pairs))
        });
        if sent.is_err() {
            set(None);
        }
    }

    // Spans are not told; one number serves them all.
    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }
    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

fn level(level: Level) -> Atom {
    match level {
        Level::ERROR => atoms::error(),
        Level::WARN => atoms::warning(),
        Level::INFO => atoms::info(),
        _ => atoms::debug(),
    }
}

/// The message, then each field as ` name=value`; the age of a kept reply also by itself.
#[derive(Default)]
struct Line {
    text: String,
    cached_at: Option<String>,
}

impl Line {
    fn add(&mut self, field: &Field, value: fmt::Arguments<'_>) {
        // Writing to a string cannot fail.
        let _written = match field.name() {
            "message" => write!(self.text, "{value}"),
            name => write!(self.text, " {name}={value}"),
        };
    }
}

impl Visit for Line {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "cached_at" {
            self.cached_at = Some(value.to_owned());
        }
        self.add(field, format_args!("{value}"));
    }
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.add(field, format_args!("{value:?}"));
    }
}
