//! The registry over real sockets: what it answers, what it keeps, and what it survives.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test ends at the first thing that is not as it should be, and says what it skipped"
)]

mod api;
mod bad_input;
mod browser;
mod crash;
mod docs;
mod fixture;
mod http_client;
mod index;
mod load;
mod oauth;
mod organizations;
mod owners_and_keys;
mod pages;
mod private_packages;
mod rate_limits;
mod recordings;
mod replay;
mod second_factor;
mod sessions;
mod shape;
mod shown;
mod start;
