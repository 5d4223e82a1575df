//! A Hex-compatible registry: the API, the signed index, the tarballs and the documentation, over one
//! data folder.
//!
//! [`start`] gives a [`Server`] on the runtime of the caller. SQLite works on threads of its own, CPU-bound
//! work is done on Tokio's blocking pool: no worker of the runtime is ever blocked.
//!
//! Inside, dependencies point down: a line uses only what stands in the lines below it.
//!
//! ```text
//! server                  starting and stopping
//! router · data_folder    which address is whose; what lies where on disk
//! negotiate · routes      what holds for every request of the API; what each address does
//! identity                who asks, and what that one gets to see and do
//! app                     what every request works with
//! pages                   what people see in a browser
//! rate_limit · registry   how often somebody may ask; what is published
//! rules                   what may be made and published
//! options                 what a registry is started with
//! wire                    HTTP, as it goes in and out
//! store                   what is remembered, in SQLite
//! shelf                   what was made lately, kept in memory
//! secret                  randomness, hashes and one-time codes
//! clock · mail            the time; messages to people
//! computing               CPU-bound work
//! ```

mod app;
mod clock;
mod computing;
mod data_folder;
mod identity;
mod mail;
mod negotiate;
mod options;
mod pages;
mod rate_limit;
mod registry;
mod router;
mod routes;
mod rules;
mod secret;
mod server;
mod shelf;
mod start_error;
mod store;
mod wire;

pub use clock::{Clock, Moment};
pub use mail::{Mail, MailSubject, Mailbox};
pub use options::{DataDir, OAuth, OAuthClient, Options};
pub use secret::totp::totp_code;
pub use server::{CreatedUser, Info, NewUser, Server, start};
pub use start_error::StartError;
pub use wire::{Limits, Network, NotANetwork};
