//! What every request works with.

use std::sync::Arc;

use tokio::sync::Semaphore;

use crate::{
    clock::Clock,
    computing::Computing,
    mail::Mailbox,
    options::OAuth,
    rate_limit::{Attempts, RateLimit, Throttle},
    registry::{Blobs, DocsCache, Index, Urls},
    shelf::Shelf,
    store::{PackageId, ReleaseId, Store, StoredTarball},
    wire::{Cache, Format, Limits, Network, Reply},
};

/// The registry, as requests see it.
pub struct App {
    /// The memory.
    pub store: Arc<dyn Store>,
    /// The tarballs and documentation archives.
    pub blobs: Blobs,
    /// The signed resources.
    pub index: Index,
    /// Packages as the API shows them, written already.
    pub shown: Shelf<(PackageId, Format), Reply>,
    /// Where tarballs are that were fetched lately.
    pub fetched: Shelf<ReleaseId, StoredTarball>,
    /// Documentation that was read lately, unpacked.
    pub docs: DocsCache,
    /// Where CPU-bound work is done.
    pub computing: Computing,
    /// The time.
    pub clock: Clock,
    /// What one request may take.
    pub limits: Limits,
    /// How often somebody may try.
    pub attempts: Attempts,
    /// Where mails go.
    pub mailbox: Mailbox,
    /// Tarballs that may be taken in at the same time.
    pub uploads: Semaphore,
    /// The name of the default repository.
    pub repository: String,
    /// Where clients reach the server.
    pub urls: Urls,
    /// The public key, as PEM.
    pub public_key: String,
    /// Its fingerprint.
    pub fingerprint: String,
    /// How many requests a client may make.
    pub throttle: Throttle,
    /// The proxies whose `x-forwarded-for` is believed.
    pub trusted_proxies: Vec<Network>,
    /// Whether fresh users must be confirmed.
    pub confirm_email: bool,
    /// Whether HTTP Basic is taken.
    pub basic_auth: bool,
    /// How programs are signed in.
    pub oauth: OAuth,
    /// How many wrong codes of a second factor each user has shown lately.
    pub wrong_codes: RateLimit,
}

impl App {
    /// Who may keep a reply about something of that repository. Not everybody where it is private,
    /// although hexpm says so: a proxy that shares what it keeps would show it to strangers.
    #[must_use]
    pub fn cache(&self, repository: &str) -> Cache {
        if repository == self.repository { Cache::Public } else { Cache::Private }
    }
}
