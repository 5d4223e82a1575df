//! The configuration map.
