//! What one request may take.

use std::time::Duration;

use hexide_core::tarball;

/// What one request may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of a request body; more is answered with 413.
    pub body: usize,
    /// A package tarball and what its contents inflate to.
    pub package: tarball::Limits,
    /// A documentation tarball and what it inflates to.
    pub docs: tarball::Limits,
    /// How long the head of a request, and each next piece of its body, may take to arrive, and each piece
    /// of a reply to be taken.
    pub read_timeout: Duration,
    /// How long a whole body may take to arrive.
    pub body_timeout: Duration,
    /// How long requests in flight may go on after [`Server::stop`](crate::Server::stop).
    pub stop_grace: Duration,
    /// Open connections; further ones wait.
    pub connections: usize,
    /// Tarballs that are taken in at the same time; further ones wait.
    pub uploads: usize,
    /// Bytes of unpacked documentation kept in memory.
    pub docs_cache: usize,
    /// Bytes of packages, as the API shows them, kept in memory.
    pub shown_cache: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body: 20_000_000,
            package: tarball::Limits::default(),
            docs: tarball::Limits::default(),
            read_timeout: Duration::from_secs(30),
            body_timeout: Duration::from_secs(600),
            stop_grace: Duration::from_secs(5),
            connections: 1024,
            uploads: 8,
            docs_cache: 256 << 20,
            shown_cache: 32 << 20,
        }
    }
}
