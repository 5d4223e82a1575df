//! The NIF library behind `hexide_nif`: decode to owned values, one call, encode. No logic lives here.
//!
//! A NIF either returns in well under a millisecond or starts a [job] and returns its reference.

mod auth;
mod config;
mod docs;
mod error;
mod fields;
mod file;
mod held;
mod job;
mod json;
mod key;
mod log;
mod org;
mod owner;
mod package;
mod registry;
mod release;
mod repo;
mod runtime;
mod tarball;
mod term;
mod terminal;
mod user;
mod vault;
mod version;

use rustler::{Env, Term};

/// A node tells the C library to give every block of 128 kB back to the system at once, and most replies are
/// larger (docs/decisions/0023).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

rustler::init!("hexide_nif", load = load);

/// Takes the limits of the application environment. Threads start with the first job, not here.
fn load(_env: Env<'_>, info: Term<'_>) -> bool {
    info.decode().is_ok_and(runtime::configure)
}
