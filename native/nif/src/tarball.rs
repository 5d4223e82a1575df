//! Package and documentation tarballs.
