//! What goes in and out of the API: checks what holds for all requests, and writes each answer in the
//! format that its request asks for.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};

use crate::{
    app::App,
    identity::{AnyCaller, authenticate, client_address},
    pages::PageError,
    wire::{Answer, Cache, HttpError, Upload, Wanted, accepted},
};

/// Around every route of the API.
pub async fn negotiate(State(app): State<Arc<App>>, mut request: Request, next: Next) -> Response {
    let head = request.headers().clone();
    let Some(wanted) = accepted(&head) else {
        let message = "None of the formats asked for is spoken here.";
        let mut response = PageError::new(StatusCode::NOT_ACCEPTABLE, message).into_response();
        response.headers_mut().insert(header::CACHE_CONTROL, Cache::Never.header());
        return response;
    };
    if !head.contains_key(header::USER_AGENT) {
        return write_error(&HttpError::bad_request("User-Agent header is required"), wanted);
    }
    if request.uri().path().contains("%00") {
        return write_error(&HttpError::bad_request("Bad request"), wanted);
    }
    let (body, expects) = (std::mem::take(request.body_mut()), head.contains_key(header::EXPECT));
    let upload = Upload::new(body, &head, app.limits);
    request.extensions_mut().insert(upload.clone());
    request.extensions_mut().insert(wanted.format);
    let (mut parts, body) = request.into_parts();
    let identity = authenticate::identity(&mut parts, &app).await;
    let caller = identity.0.as_ref().ok().and_then(Option::as_ref);
    let (usage, admitted) = app.throttle.count(client_address(&parts, &app), caller.map(AnyCaller::id));
    let mut response = match admitted {
        Ok(()) => next.run(Request::from_parts(parts, body)).await,
        Err(refused) => refused.into_response(),
    };
    if !expects {
        upload.drain().await;
    }
    let mut response = match response.extensions_mut().remove::<Answer>() {
        Some(Answer::Reply(reply)) => reply.write(wanted.format, &head),
        Some(Answer::Error(error)) => write_error(&error, wanted),
        None => response,
    };
    if let Some(usage) = usage {
        usage.write(response.headers_mut());
    }
    response
}

fn write_error(error: &HttpError, wanted: Wanted) -> Response {
    let mut response = if error.page && !wanted.named {
        PageError::new(error.status, &error.message).into_response()
    } else {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = error.status;
        let body = serde_json::to_value(error.body()).unwrap_or_default();
        wanted.format.send(&mut response, wanted.format.render(&body));
        response
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, Cache::Never.header());
    if let Some(challenge) = error.challenge {
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
    }
    response
}
