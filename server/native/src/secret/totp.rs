//! Time-based one-time passwords (RFC 6238): SHA-1, six digits, thirty seconds, as every authenticator
//! application has them.

use std::fmt;

use aws_lc_rs::rand;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use totp_rs::{Algorithm, Builder, Totp};
use zeroize::Zeroizing;

use crate::{clock::Moment, secret::NoSecret};

/// How many seconds a code stands for.
const STEP: u64 = 30;
/// A code of the step before or after is taken, too: clocks differ, and typing takes time.
const TOLERANCE: u16 = 1;
const DIGITS: u8 = 6;

/// What the codes of one user are made of. Shown nowhere but to the user, once.
#[derive(Clone)]
pub struct Secret(totp_rs::Secret);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.bytes() == other.bytes()
    }
}

impl Eq for Secret {}

impl Secret {
    /// A fresh one of 20 random bytes.
    ///
    /// # Errors
    /// [`NoSecret`].
    pub fn random() -> Result<Self, NoSecret> {
        let mut bytes = Zeroizing::new([0; 20]);
        rand::fill(bytes.as_mut_slice()).map_err(|_| NoSecret)?;
        Ok(Self(totp_rs::Secret::new_stack(*bytes)))
    }

    /// The one of those bytes.
    #[must_use]
    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(totp_rs::Secret::new(bytes.into_boxed_slice()))
    }

    /// Its bytes, for the database.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// Reads what [`text`](Self::text) wrote, in either case.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = Zeroizing::new(text.trim_end_matches('=').to_ascii_uppercase());
        totp_rs::Secret::try_from_base32(text.as_str()).ok().map(Self)
    }

    /// Base32 (RFC 4648 §6) without padding, as people type it into an authenticator.
    #[must_use]
    pub fn text(&self) -> Zeroizing<String> {
        Zeroizing::new(self.0.to_base32())
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
        self.generator().generate(seconds(now)).to_string()
    }

    /// The step that the code belongs to, where it is one of about now; how alike a wrong one is takes no longer
    /// to find out. Whoever must not take a code twice remembers the step.
    #[must_use]
    pub fn step_of(&self, code: &str, now: Moment) -> Option<i64> {
        self.generator().check(code.trim(), seconds(now)).and_then(|step| i64::try_from(step).ok())
    }

    /// Of a secret of any length: the RFC's own is shorter than what is demanded today.
    fn generator(&self) -> Totp {
        Builder::new()
            .with_algorithm(Algorithm::SHA1)
            .with_digits(DIGITS)
            .with_skew(TOLERANCE)
            .with_step_duration(STEP)
            .with_secret(self.0.clone())
            .build_noncompliant()
    }
}

/// Before 1970 there are no codes but the first.
fn seconds(now: Moment) -> u64 {
    u64::try_from(now.seconds()).unwrap_or(0)
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
