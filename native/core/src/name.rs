//! What a package may be called.

/// Whether `name` is a package name: `^[a-z][a-z0-9_]*$`, at least two characters (protocol.md §3).
#[must_use]
pub fn is_package(name: &str) -> bool {
    let bytes = name.as_bytes();
    bytes.len() >= 2
        && bytes.first().is_some_and(u8::is_ascii_lowercase)
        && bytes.iter().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || *b == b'_')
}
