//! Replies kept on disk: what they save, to whom they are given, and that they are believed no more than others.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::print_stderr)]

#[path = "../common/mod.rs"]
mod common;

mod answers;
mod disk;
mod fixture;
mod logins;
mod trust;
