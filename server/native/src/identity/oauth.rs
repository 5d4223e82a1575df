//! Signing in programs through a browser: what tokens and codes look like (RFC 8628, RFC 6749;
//! docs/protocol.md §3, "OAuth").

use aws_lc_rs::rand;
use zeroize::Zeroizing;

use crate::{
    clock::Moment,
    secret::{self, NoSecret},
    store::NewToken,
};

/// What access tokens begin with, so that people and secret scanners know one when they see it.
const ACCESS: &str = "hxa_";
/// What refresh tokens begin with.
const REFRESH: &str = "hxr_";
/// No vowels, that no words come about, and nothing that looks like something else.
const USER_CODE: &[u8; 28] = b"BCDFGHJKLMNPQRSTVWXZ23456789";
const USER_CODE_LENGTH: usize = 8;
const BASE64_URL: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// A token that was just made: its text is for the client alone.
pub struct Fresh {
    /// What the client shows.
    pub text: Zeroizing<String>,
    /// What is kept.
    pub token: NewToken,
}

impl Fresh {
    /// An access token.
    ///
    /// # Errors
    /// [`NoSecret`].
    pub fn access(expires_at: Moment) -> Result<Self, NoSecret> {
        Self::new(ACCESS, expires_at)
    }

    /// A refresh token.
    ///
    /// # Errors
    /// [`NoSecret`].
    pub fn refresh(expires_at: Moment) -> Result<Self, NoSecret> {
        Self::new(REFRESH, expires_at)
    }

    fn new(prefix: &str, expires_at: Moment) -> Result<Self, NoSecret> {
        let text = Zeroizing::new(format!("{prefix}{}", random_text::<43>()?.as_str()));
        let token = NewToken { hash: secret::hash_key(&text), expires_at };
        Ok(Self { text, token })
    }
}

/// What a device asks with: 32 characters, as hexpm's.
///
/// # Errors
/// [`NoSecret`].
pub fn device_code() -> Result<Zeroizing<String>, NoSecret> {
    random_text::<32>()
}

/// What a person types in: 8 characters of 28, 38 bits.
///
/// # Errors
/// [`NoSecret`].
pub fn user_code() -> Result<String, NoSecret> {
    // Numbers beyond the last whole multiple would make some characters likelier than others.
    let last = u8::MAX - u8::MAX % 28;
    let mut code = String::with_capacity(USER_CODE_LENGTH);
    while code.len() < USER_CODE_LENGTH {
        let mut bytes = [0; 16];
        rand::fill(&mut bytes).map_err(|_| NoSecret)?;
        let fair = bytes.iter().filter(|byte| **byte < last);
        let characters = fair.filter_map(|byte| USER_CODE.get(usize::from(byte % 28)));
        let missing = USER_CODE_LENGTH - code.len();
        code.extend(characters.take(missing).map(|c| char::from(*c)));
    }
    Ok(code)
}

/// That many random characters of the base64url alphabet, six bits each.
fn random_text<const LENGTH: usize>() -> Result<Zeroizing<String>, NoSecret> {
    let mut bytes = Zeroizing::new([0; LENGTH]);
    rand::fill(bytes.as_mut_slice()).map_err(|_| NoSecret)?;
    let characters = bytes.iter().filter_map(|byte| BASE64_URL.get(usize::from(byte & 63)));
    Ok(Zeroizing::new(characters.map(|c| char::from(*c)).collect()))
}

/// The access token among credentials: `Bearer TOKEN`, or the bare token. Keys are none.
#[must_use]
pub fn shown_token(credentials: &str) -> Option<&str> {
    match credentials.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => Some(token.trim()),
        _ => Some(credentials).filter(|text| text.starts_with(ACCESS)),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn user_codes_are_eight_characters_that_nobody_mistakes_and_differ() {
        let codes: HashSet<String> = (0..500).map(|_| user_code().unwrap()).collect();
        assert_eq!(codes.len(), 500);
        for code in &codes {
            assert_eq!(code.len(), 8);
            assert!(code.bytes().all(|c| USER_CODE.contains(&c)), "{code}");
            assert!(!code.contains(['0', 'O', '1', 'I', 'A', 'E', 'U']), "{code}");
        }
        let seen: HashSet<char> = codes.iter().flat_map(|code| code.chars()).collect();
        assert_eq!(seen.len(), USER_CODE.len(), "every character occurs");
    }

    #[test]
    fn tokens_are_told_from_keys() {
        let token = Fresh::access(Moment(0)).unwrap();
        assert_eq!(token.text.len(), 47);
        assert_eq!(shown_token(&format!("Bearer {}", token.text.as_str())), Some(token.text.as_str()));
        assert_eq!(shown_token(&token.text), Some(token.text.as_str()));
        assert_eq!(shown_token("bearer x"), Some("x"));
        assert_eq!(shown_token("0123456789abcdef0123456789abcdef"), None);
        assert_eq!(shown_token("Basic eDp5"), None);
    }
}
