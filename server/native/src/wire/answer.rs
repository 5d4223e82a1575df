//! What handlers give: a reply or an error, which travel to the one place that writes them.

use axum::response::{IntoResponse, Response};
use http::StatusCode;

use crate::wire::{HttpError, Reply};

/// What a handler gives, on its way to being written.
#[derive(Clone, Debug)]
pub enum Answer {
    /// Granted.
    Reply(Reply),
    /// Not granted.
    Error(HttpError),
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let mut response = StatusCode::INTERNAL_SERVER_ERROR.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        Answer::Reply(self).into_response()
    }
}

impl IntoResponse for HttpError {
    fn into_response(self) -> Response {
        Answer::Error(self).into_response()
    }
}
