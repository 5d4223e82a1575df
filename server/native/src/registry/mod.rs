//! What is published: the tarballs and documentation, the signed index over them, and how the
//! API shows it.

mod blobs;
mod docs_site;
mod index;
mod listed;
pub mod present;
mod signed;
mod urls;

pub use blobs::Blobs;
pub use docs_site::DocsCache;
pub use index::Index;
pub use signed::Signed;
pub use urls::Urls;
