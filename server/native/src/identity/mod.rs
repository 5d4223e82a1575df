//! Who asks, in a program or in a browser, what that one gets to see and do, and how somebody becomes known.

pub mod authenticate;
mod caller;
mod form;
pub mod link;
pub mod oauth;
mod registration;
mod requester;
pub mod scope;
pub mod second_factor;
mod visible;
mod visit;

pub use caller::{AnyCaller, Caller, Need, Visitor, reach};
pub use form::{Entered, Form};
pub use registration::{Application, register};
pub use requester::{Requester, client_address, user_agent};
pub use visit::Visit;
