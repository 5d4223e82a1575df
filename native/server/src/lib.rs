//! A Hex-compatible registry: the API, the signed index, the tarballs and the documentation, over one
//! data folder.
//!
//! [`start`] gives a [`Server`] on the runtime of the caller. SQLite works on threads of its own, CPU-bound
//! work on the caller's [`CpuBudget`](hexide_cpu::CpuBudget): no worker of the runtime is ever blocked.

mod answer;
mod app;
mod attempts;
mod authenticate;
mod base64;
mod blobs;
mod body;
mod caller;
mod client_address;
mod clock;
mod data_folder;
mod docs_site;
mod elixir;
mod form;
mod format;
mod http_error;
mod index;
mod limits;
mod listen;
mod mail;
mod negotiate;
mod oauth;
mod options;
mod page;
mod pages;
mod patient_stream;
mod present;
mod query;
mod rate_limit;
mod reach;
mod reply;
mod requester;
mod router;
mod routes;
mod rules;
mod scope;
mod second_factor;
mod secret;
mod server;
mod start_error;
mod store;
mod throttle;
mod totp;
mod urls;
mod visit;

pub use client_address::{Network, NotANetwork};
pub use clock::{Clock, Moment};
pub use limits::Limits;
pub use mail::{Mail, MailSubject, Mailbox};
pub use options::{DataDir, OAuth, OAuthClient, Options};
pub use server::{CreatedUser, Info, NewUser, Server, start};
pub use start_error::StartError;
pub use totp::totp_code;
