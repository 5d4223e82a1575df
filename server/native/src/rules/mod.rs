//! What may be made: which names, addresses and passwords an account can have, which name an organization, and
//! what may be published. What depends on the registry's state is decided by the store.
//!
//! Whatever is refused is refused with the errors by field, as the API shows them.

pub mod account;
pub mod organization;
mod publication;

pub use publication::publication;
