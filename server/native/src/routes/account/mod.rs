//! The pages of an account.

pub mod device;
pub mod key;
pub mod organization;
pub mod overview;
pub mod password;
pub mod session;
pub mod sign_in;
pub mod sign_up;
pub mod two_factor;
