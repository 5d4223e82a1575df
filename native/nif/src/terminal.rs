//! The terminal: whether there is one, hiding what is typed, and being told of Ctrl-C. For commands only, never for a
//! node.

use std::{
    fs::{File, OpenOptions},
    io::{self, IsTerminal},
    sync::{Mutex, PoisonError},
};

use hexide_core::{Code, Error, Result};
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use rustler::{Atom, Encoder, Env, NifUnitEnum, Resource, ResourceArc, Term};
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::{
    error::outcome,
    job::{self, Done},
    runtime,
};

mod atoms {
    rustler::atoms! { ok }
}

#[derive(NifUnitEnum)]
enum Stream {
    Stdin,
    Stdout,
    Stderr,
}

#[rustler::nif]
fn terminal_is_attached(stream: Stream) -> bool {
    match stream {
        Stream::Stdin => io::stdin().is_terminal(),
        Stream::Stdout => io::stdout().is_terminal(),
        Stream::Stderr => io::stderr().is_terminal(),
    }
}

/// A terminal that shows nothing of what is typed, until this is dropped: also when the process that
/// asked for it dies.
struct Hidden(Mutex<Option<Echo>>);

#[rustler::resource_impl]
impl Resource for Hidden {}

/// The terminal with the settings to go back to.
struct Echo {
    terminal: File,
    before: Termios,
}

impl Echo {
    fn off() -> Result<Self> {
        let failed = |error: &dyn std::fmt::Display| {
            Error::new(Code::Io, format!("the terminal cannot be used: {error}"))
                .with(|d| d.path = Some("/dev/tty".to_owned()))
        };
        let terminal =
            OpenOptions::new().read(true).write(true).open("/dev/tty").map_err(|error| failed(&error))?;
        let before = tcgetattr(&terminal).map_err(|error| failed(&error))?;
        let mut hidden = before.clone();
        hidden.local_modes.remove(LocalModes::ECHO);
        // The line's end still shows, so that the cursor goes where people expect it.
        hidden.local_modes.insert(LocalModes::ECHONL);
        tcsetattr(&terminal, OptionalActions::Now, &hidden).map_err(|error| failed(&error))?;
        Ok(Echo { terminal, before })
    }
}

impl Drop for Echo {
    fn drop(&mut self) {
        // A terminal that has gone needs no restoring.
        let _ = tcsetattr(&self.terminal, OptionalActions::Now, &self.before);
    }
}

#[rustler::nif]
fn terminal_hide(env: Env<'_>) -> Term<'_> {
    outcome(env, Echo::off(), |echo| ResourceArc::new(Hidden(Mutex::new(Some(echo)))).encode(env))
}

#[rustler::nif]
fn terminal_show(hidden: ResourceArc<Hidden>) -> Atom {
    drop(hidden.0.lock().unwrap_or_else(PoisonError::into_inner).take());
    atoms::ok()
}

/// Answers at the next Ctrl-C. When this returns, Ctrl-C does nothing else any more.
#[rustler::nif]
fn terminal_interrupt(env: Env<'_>) -> Term<'_> {
    let watched = watch();
    job::start(env, |_| async {
        watched?.recv().await;
        Ok(Done)
    })
}

fn watch() -> Result<Signal> {
    let runtime = runtime::handle()?;
    let _inside = runtime.enter();
    signal(SignalKind::interrupt())
        .map_err(|error| Error::new(Code::Io, format!("Ctrl-C cannot be watched for: {error}")))
}
