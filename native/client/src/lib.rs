//! The Hex client: every operation of the HTTP API and of the repository, over one transport.
//!
//! All functions are async and run on the caller's Tokio runtime; none blocks a worker. Dropping a
//! future cancels its request and closes its socket or stream.

mod address;
pub mod api;
mod cache;
pub mod client;
pub mod config;
mod cpu_budget;
pub mod credentials;
pub mod disk;
pub mod progress;
mod recent;
mod redaction;
pub mod repo;
pub mod transport;
pub mod user_file;
pub mod vault;

pub use client::Client;
pub use config::Config;
pub use cpu_budget::{CpuBudget, Panicked, Thread};
pub use progress::{Progress, Report};
