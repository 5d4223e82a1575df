//! HTTP, as it goes in and out: connections, bodies, formats, replies and errors. Nothing here knows who
//! asks, or for what.

mod answer;
mod body;
mod client_address;
pub mod elixir;
mod field;
mod format;
mod http_error;
mod limits;
pub mod listen;
mod query;
mod reply;

pub use answer::Answer;
pub use body::Upload;
pub use client_address::{ClientAddress, Network, NotANetwork, Peer};
pub use field::{Count, Field, Flag, Named};
pub use format::{Format, Wanted, accepted, format_named};
pub use http_error::HttpError;
pub use limits::Limits;
pub use query::Query;
pub use reply::{Cache, Reply, tag_matches};
