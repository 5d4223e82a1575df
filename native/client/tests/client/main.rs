//! The tests of the client. They are one program: what takes time is to link it.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used
)]

mod cache;
mod common;
mod disk;
mod environment;
mod leaks;
mod log;
mod oauth;
mod operations;
mod recordings;
mod redirects;
mod replies;
mod repo;
mod requests;
mod secrecy;
mod tls;
mod transport;
