//! Who asks, in a program or in a browser, and what that one gets to see and do.

pub mod authenticate;
mod caller;
mod form;
pub mod oauth;
mod requester;
pub mod scope;
pub mod second_factor;
mod visible;
mod visit;

pub use caller::{AnyCaller, Caller, Need, Visitor, reach};
pub use form::Form;
pub use requester::{Requester, client_address, user_agent};
pub use visit::Visit;
