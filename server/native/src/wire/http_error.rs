//! The one road from an error to HTTP.

use http::StatusCode;
use serde::Serialize;
use serde_json::Value;

use crate::{computing::Panicked, secret::NoSecret, store::StoreError};

/// A request that was not granted.
#[derive(Clone, Debug)]
pub struct HttpError {
    /// The status.
    pub status: StatusCode,
    /// One sentence.
    pub message: String,
    /// The errors by field (422); boxed to keep `Result` small.
    pub errors: Option<Box<Value>>,
    /// How the client is told to authenticate.
    pub challenge: Option<&'static str>,
    /// The code of an OAuth error, whose body has a form of its own (RFC 6749 §5.2).
    pub oauth: Option<&'static str>,
    /// Whether a client that names no format gets an HTML page, as browsers do for what has no address.
    pub page: bool,
}

/// The body of an error.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum ErrorBody<'a> {
    /// As OAuth has it (RFC 6749 §5.2).
    OAuth {
        /// The code.
        error: &'static str,
        /// One sentence.
        error_description: &'a str,
    },
    /// As the rest of the API has it.
    Api {
        /// One sentence.
        message: &'a str,
        /// The status.
        status: u16,
        /// The errors by field (422).
        #[serde(skip_serializing_if = "Option::is_none")]
        errors: Option<&'a Value>,
    },
}

impl HttpError {
    /// An error of that status with that message.
    pub fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, message: message.into(), errors: None, challenge: None, oauth: None, page: false }
    }

    /// 404: it does not exist, or may not be seen.
    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "Page not found")
    }

    /// 400.
    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    /// 401, naming the scheme as hexpm does.
    pub fn unauthorized(message: impl Into<String>) -> Self {
        let mut error = Self::new(StatusCode::UNAUTHORIZED, message);
        error.challenge = Some("Basic realm=hex");
        error
    }

    /// An OAuth error of that code: 401, 403 or 400, as hexpm has them.
    pub fn oauth(code: &'static str, description: impl Into<String>) -> Self {
        let status = match code {
            "invalid_client" => StatusCode::UNAUTHORIZED,
            "access_denied" => StatusCode::FORBIDDEN,
            _ => StatusCode::BAD_REQUEST,
        };
        let mut error = Self::new(status, description);
        error.oauth = Some(code);
        error
    }

    /// 401 where nothing was shown.
    pub fn unknown_caller() -> Self {
        Self::unauthorized("missing authentication information")
    }

    /// 403.
    pub fn forbidden(message: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, message)
    }

    /// 422 with the errors by field.
    pub fn invalid(errors: Value) -> Self {
        let mut error = Self::new(StatusCode::UNPROCESSABLE_ENTITY, "Validation error(s)");
        error.errors = Some(Box::new(errors));
        error
    }

    /// 413.
    pub fn too_large() -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "Request entity too large")
    }

    /// 500. What happened goes to the log, not to the client.
    pub fn internal(cause: impl std::fmt::Display) -> Self {
        tracing::error!(%cause, "a request failed");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "Internal server error")
    }

    /// The same error, shown as a page where no format is named.
    #[must_use]
    pub fn or_page(mut self) -> Self {
        self.page = true;
        self
    }

    /// The body, as data.
    #[must_use]
    pub fn body(&self) -> ErrorBody<'_> {
        match self.oauth {
            Some(error) => ErrorBody::OAuth { error, error_description: &self.message },
            None => ErrorBody::Api {
                message: &self.message,
                status: self.status.as_u16(),
                errors: self.errors.as_deref(),
            },
        }
    }
}

impl From<StoreError> for HttpError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound => Self::not_found(),
            StoreError::Forbidden => Self::forbidden("account not authorized for this action"),
            StoreError::Invalid(errors) => Self::invalid(errors),
            StoreError::Broken(cause) => Self::internal(cause),
        }
    }
}

impl From<object_store::Error> for HttpError {
    fn from(error: object_store::Error) -> Self {
        Self::internal(error)
    }
}

impl From<Panicked> for HttpError {
    fn from(_: Panicked) -> Self {
        Self::internal("CPU-bound work panicked")
    }
}

impl From<NoSecret> for HttpError {
    fn from(error: NoSecret) -> Self {
        Self::internal(error)
    }
}
