//! The one error type of the house: a code from a closed list, a message, and what is known besides.

use std::fmt;

use serde::Serialize;
use serde_json::Value;

/// Declares the codes once: the enum, its atom names and the list of all.
macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)+) => {
        /// What kind of failure happened. Every code is an atom of the Erlang API.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Code { $($(#[$doc])* $variant,)+ }

        impl Code {
            /// Every code, in the order of declaration.
            pub const ALL: &'static [Code] = &[$(Code::$variant,)+];

            /// The name under which Erlang code sees this code.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Code::$variant => $name,)+ }
            }
        }
    };
}

codes! {
    /// No credentials, wrong ones, or ones whose permissions do not reach (401).
    Unauthorized = "unauthorized",
    /// Authenticated but not allowed (403).
    Forbidden = "forbidden",
    /// A two-factor code is needed (401, `error="totp_required"`).
    OtpRequired = "otp_required",
    /// The two-factor code was wrong (401, `error="invalid_totp"`).
    OtpInvalid = "otp_invalid",
    /// The thing does not exist, or may not be seen.
    NotFound = "not_found",
    /// The peer refused the content of the request (422 and other 4xx).
    Invalid = "invalid",
    /// The release exists and replacing it was not asked for.
    AlreadyPublished = "already_published",
    /// Too many requests (429).
    RateLimited = "rate_limited",
    /// Something exceeds its limit in bytes.
    TooLarge = "too_large",
    /// A registry resource is not signed by the expected key.
    BadSignature = "bad_signature",
    /// A registry resource is signed, but is another repository's or package's.
    BadOrigin = "bad_origin",
    /// A checksum differs from the expected one.
    BadChecksum = "bad_checksum",
    /// The bytes are no package or documentation tarball.
    BadTarball = "bad_tarball",
    /// The metadata does not parse, or lacks a field.
    BadMetadata = "bad_metadata",
    /// A path would leave the folder it belongs to.
    UnsafePath = "unsafe_path",
    /// Not a Semantic Version.
    BadVersion = "bad_version",
    /// Not a version requirement.
    BadRequirement = "bad_requirement",
    /// A configuration key or value is wrong.
    BadConfig = "bad_config",
    /// No connection could be made, or it broke.
    Connect = "connect",
    /// The connection could not be secured.
    Tls = "tls",
    /// The peer did not answer in time.
    Timeout = "timeout",
    /// The peer's reply made no sense.
    Protocol = "protocol",
    /// The peer failed (5xx).
    Server = "server",
    /// A file or folder could not be read or written.
    Io = "io",
    /// The job was cancelled.
    Cancelled = "cancelled",
    /// Too many jobs are in flight and waiting.
    Busy = "busy",
    /// A bug in hexide: work ended without a result.
    Internal = "internal",
    /// The network is needed and `offline` is set.
    Offline = "offline",
}

impl Serialize for Code {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// What is known about a failure beside its code and message. Only what applies is set.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Details {
    /// HTTP status of the reply.
    pub status: Option<u16>,
    /// The peer's own field errors, as it sent them.
    pub errors: Option<Value>,
    /// The address that was asked, without credentials.
    pub url: Option<String>,
    /// Which of several causes of one code it is, as a word for programs: OAuth's own name of its failures
    /// (RFC 6749, RFC 8628), such as `expired_token`, or one of ours, such as `wrong_password`.
    pub reason: Option<String>,
    /// Seconds after which trying again makes sense.
    pub retry_after: Option<u64>,
    /// The file, folder or archive entry concerned.
    pub path: Option<String>,
    /// The configuration or metadata key concerned.
    pub key: Option<String>,
    /// The limit that was exceeded, in bytes.
    pub limit: Option<u64>,
    /// What was expected.
    pub expected: Option<String>,
    /// What was found instead.
    pub actual: Option<String>,
}

/// A failure. The message is one plain sentence for people and holds no secret.
#[derive(Clone, Debug, PartialEq)]
pub struct Error {
    /// The kind.
    pub code: Code,
    /// What happened, as one sentence.
    pub message: String,
    /// What is known besides; boxed to keep `Result` small.
    pub details: Box<Details>,
}

/// The result of anything that can fail here.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// A failure of this kind, with one sentence saying what happened.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), details: Box::default() }
    }

    /// Sets details on a fresh failure: `Error::new(…).with(|d| d.path = Some(path))`.
    #[must_use]
    pub fn with(mut self, set: impl FnOnce(&mut Details)) -> Self {
        set(&mut self.details);
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.name(), self.message)
    }
}

impl std::error::Error for Error {}
