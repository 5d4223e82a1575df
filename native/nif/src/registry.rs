//! The signed index, as terms.
