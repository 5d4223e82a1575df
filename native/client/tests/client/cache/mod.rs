//! Replies kept on disk: what they save, to whom they are given, and that they are believed no more than others.

mod answers;
mod disk;
mod fixture;
mod logins;
mod trust;
