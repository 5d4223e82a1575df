//! The tests of the formats. They are one program: what takes time is to link it.
#![allow(
    clippy::cast_sign_loss,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used
)]

mod etf;
mod metadata;
mod metadata_check;
mod reference;
mod registry;
mod registry_borrowed;
mod robustness;
mod samples;
mod support;
mod tarball_create;
mod tarball_unpack;
mod term;
mod version;
