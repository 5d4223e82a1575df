//! What happens in the running program, told as lines of text: on standard error, or to whoever takes them.

use std::fmt::{self, Write};

use tracing::{
    Event, Level, Metadata, Subscriber,
    field::{Field, Visit},
    span, subscriber,
};

/// Shows the log on standard error.
pub fn to_terminal() {
    to(|level, line| eprintln!("{level:<5} {line}"));
}

/// Hands each line of the log to `take`, which must not block: what warns of anything, and what informs of the
/// registry. Called once; a second call would change nothing.
pub fn to(take: impl Fn(Level, String) + Send + Sync + 'static) {
    let _ = subscriber::set_global_default(Lines(take));
}

struct Lines<T>(T);

impl<T: Fn(Level, String) + Send + Sync + 'static> Subscriber for Lines<T> {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() <= Level::WARN
            || (*metadata.level() <= Level::INFO && metadata.target().starts_with("hexide"))
    }

    fn event(&self, event: &Event<'_>) {
        let mut line = Line::default();
        event.record(&mut line);
        (self.0)(*event.metadata().level(), line.message + &line.fields);
    }

    // Spans are not shown; one number serves them all.
    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }
    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

#[derive(Default)]
struct Line {
    message: String,
    fields: String,
}

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        // Writing to a string cannot fail.
        let _written = match field.name() {
            "message" => write!(self.message, "{value:?}"),
            name => write!(self.fields, " {name}={value:?}"),
        };
    }
}
