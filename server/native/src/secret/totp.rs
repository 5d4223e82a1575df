//! Time-based one-time passwords (RFC 6238): SHA-1, six digits, thirty seconds, as every authenticator
//! application has them.

use std::fmt;

use aws_lc_rs::{constant_time::verify_slices_are_equal, hmac, rand};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use zeroize::Zeroizing;

use crate::{clock::Moment, secret::NoSecret};

/// How many seconds a code stands for.
const STEP: i64 = 30;
/// A code of the step before or after is taken, too: clocks differ, and typing takes time.
const TOLERANCE: i64 = 1;
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// What the codes of one user are made of. Shown nowhere but to the user, once.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<Vec<u8>>);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

impl Secret {
    /// A fresh one of 20 random bytes.
    ///
    /// # Errors
    /// [`NoSecret`].
    pub fn random() -> Result<Self, NoSecret> {
        let mut bytes = Zeroizing::new(vec![0; 20]);
        rand::fill(&mut bytes).map_err(|_| NoSecret)?;
        Ok(Self(bytes))
    }

    /// The one of those bytes.
    #[must_use]
    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// Its bytes, for the database.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Reads what [`text`](Self::text) wrote, in either case.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut bytes = Zeroizing::new(Vec::with_capacity(text.len() * 5 / 8));
        let (mut bits, mut count) = (0_u32, 0);
        for c in text.trim_end_matches('=').bytes() {
            let value = BASE32.iter().position(|known| *known == c.to_ascii_uppercase())?;
            bits = bits << 5 | u32::try_from(value).ok()?;
            count += 5;
            if count >= 8 {
                count -= 8;
                bytes.push(u8::try_from(bits >> count & 0xff).ok()?);
                bits &= (1 << count) - 1;
            }
        }
        Some(Self(bytes))
    }

    /// Base32 (RFC 4648 §6) without padding, as people type it into an authenticator.
    #[must_use]
    pub fn text(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(self.0.len() * 8 / 5 + 1));
        for group in self.0.chunks(5) {
            let value = group.iter().fold(0_u64, |value, byte| value << 8 | u64::from(*byte));
            let value = value << (8 * (5 - group.len()));
            for position in 0..(group.len() * 8).div_ceil(5) {
                let index = usize::try_from(value >> (35 - 5 * position) & 31).unwrap_or(0);
                text.push(char::from(BASE32.get(index).copied().unwrap_or(b'A')));
            }
        }
        text
    }

    /// The address that authenticators read from a picture: `otpauth://totp/ISSUER:ACCOUNT?…`.
    #[must_use]
    pub fn uri(&self, issuer: &str, account: &str) -> Zeroizing<String> {
        let escape = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let (issuer, account, text) = (escape(issuer), escape(account), self.text());
        let text = text.as_str();
        Zeroizing::new(format!("otpauth://totp/{issuer}:{account}?secret={text}&issuer={issuer}"))
    }

    /// The code of that moment.
    #[must_use]
    pub fn code(&self, now: Moment) -> String {
        self.code_of_step(now.seconds().div_euclid(STEP))
    }

    /// The step that the code belongs to, where it is one of about now. Whoever must not take a code
    /// twice remembers the step.
    #[must_use]
    pub fn step_of(&self, code: &str, now: Moment) -> Option<i64> {
        let current = now.seconds().div_euclid(STEP);
        let steps = (current - TOLERANCE)..=(current + TOLERANCE);
        let code = code.trim().as_bytes();
        steps
            .into_iter()
            .find(|step| verify_slices_are_equal(self.code_of_step(*step).as_bytes(), code).is_ok())
    }

    fn code_of_step(&self, step: i64) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &self.0);
        let tag = hmac::sign(&key, &step.to_be_bytes());
        // RFC 4226 §5.3: the last four bits say where in the tag the number begins.
        let start = tag.as_ref().last().map_or(0, |byte| usize::from(byte & 15));
        let number = tag.as_ref().iter().skip(start).take(4);
        let number = number.fold(0_u32, |number, byte| number << 8 | u32::from(*byte)) & 0x7fff_ffff;
        format!("{:06}", number % 1_000_000)
    }
}

/// The code of a moment for a secret in base32: what an authenticator shows. For demos and tests, which
/// have none. `None` where the secret is not base32.
#[must_use]
pub fn totp_code(secret: &str, now: Moment) -> Option<String> {
    Secret::parse(secret).map(|secret| secret.code(now))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Moment {
        Moment(seconds * 1_000_000)
    }

    #[test]
    fn codes_are_those_of_the_rfc() {
        // RFC 6238, appendix B: the last six of the eight digits given there.
        let secret = Secret::from_bytes(b"12345678901234567890".to_vec());
        let table = [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ];
        for (seconds, code) in table {
            assert_eq!(secret.code(at(seconds)), code, "{seconds}");
        }
    }

    #[test]
    fn a_code_is_taken_one_step_early_or_late_and_not_two() {
        let secret = Secret::random().unwrap();
        let code = secret.code(at(900_000_000));
        for (seconds, taken) in
            [(-31, false), (-30, true), (0, true), (29, true), (59, true), (60, false), (3_000_000, false)]
        {
            let step = secret.step_of(&code, at(900_000_000 + seconds));
            assert_eq!(step, taken.then_some(30_000_000), "{seconds}");
        }
        for wrong in ["", "0", "00000a", "0000000"] {
            assert_eq!(secret.step_of(wrong, at(900_000_000)), None, "{wrong}");
        }
    }

    #[test]
    fn secrets_are_written_as_base32_and_read_back() {
        // RFC 4648 §10, without the padding.
        for (bytes, text) in [("", ""), ("f", "MY"), ("fo", "MZXQ"), ("foo", "MZXW6"), ("foob", "MZXW6YQ")] {
            let secret = Secret::from_bytes(bytes.as_bytes().to_vec());
            assert_eq!(secret.text().as_str(), text);
            assert_eq!(Secret::parse(&text.to_lowercase()), Some(secret));
        }
        let secret = Secret::random().unwrap();
        assert_eq!(secret.text().len(), 32);
        assert_eq!(Secret::parse(&secret.text()), Some(secret.clone()));
        assert_ne!(secret, Secret::random().unwrap());
        assert_eq!(Secret::parse("0189"), None);
        assert_eq!(format!("{secret:?}"), "Secret");
    }

    #[test]
    fn the_address_for_authenticators_names_issuer_and_account() {
        let secret = Secret::from_bytes(b"12345678901234567890".to_vec());
        let uri =
            "otpauth://totp/my%20registry:alice?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=my%20registry";
        assert_eq!(secret.uri("my registry", "alice").as_str(), uri);
    }
}
