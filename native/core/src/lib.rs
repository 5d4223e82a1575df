//! The Hex formats and rules.
//!
//! Everything in this crate is pure: bytes and values go in, bytes and values come out. It knows no
//! network, no clock, no environment and no file system, so that the client, the server and the NIF
//! can share one reading of every format.

pub mod error;
pub mod etf;
mod gzip;
pub mod hex;
pub mod metadata;
pub mod name;
pub mod registry;
pub mod requirement;
pub mod tarball;
pub mod term;
pub mod version;

pub use error::{Code, Error, Result};
pub use requirement::Requirement;
pub use version::Version;
