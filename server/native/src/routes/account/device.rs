//! `/oauth/device`: the page where a person signs a program in (RFC 8628 §3.3).

use std::sync::Arc;

use axum::extract::State;
use http::StatusCode;
use serde::Deserialize;

use crate::{
    app::App,
    identity::{Entered, Form, Visit},
    pages::{Page, PageError, device as shown},
    rate_limit::Attempts,
    store::{DeviceRequest, DeviceState, StoreError},
    wire::Query,
};

const TITLE: &str = "Sign a program in";
const UNKNOWN: &str = "There is no such code. Compare it with the one the program shows.";
const OVER: &str = "This code is too old, or was used already. Let the program show a new one.";

/// GET `/oauth/device?user_code=CODE`: the code is filled in, but a person must go on.
pub async fn get(query: Query, visit: Visit) -> Result<Page, PageError> {
    let code: String = query
        .get("user_code")
        .unwrap_or_default()
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || *c == '-')
        .take(16)
        .collect();
    let next =
        if code.is_empty() { "/oauth/device".to_owned() } else { format!("/oauth/device?user_code={code}") };
    visit.signed_in(&next)?;
    Ok(visit.page(TITLE, &shown::enter(&visit.csrf(), &code, None)))
}

/// The code that a program shows, and what is decided about it.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Decision {
    user_code: Entered,
    decision: Entered,
}

/// POST `/oauth/device`: shows who asks for what.
pub async fn show(State(app): State<Arc<App>>, form: Form<Decision>) -> Result<Page, PageError> {
    let session = form.visit.signed_in("/oauth/device")?;
    let device = match find(&app, &form).await? {
        Ok(device) => device,
        Err(refusal) => return Ok(again(&form, refusal)),
    };
    let client = app.oauth.client(&device.client_id).map_or(device.client_id.as_str(), |client| &client.name);
    let body = shown::decide(&form.visit.csrf(), &device, client, &session.user.username);
    Ok(form.visit.page(TITLE, &body))
}

/// POST `/oauth/device/decide`
pub async fn decide(State(app): State<Arc<App>>, form: Form<Decision>) -> Result<Page, PageError> {
    let session = form.visit.signed_in("/oauth/device")?;
    let approve = match &*form.entered.decision {
        "approve" => true,
        "deny" => false,
        _ => return Err(PageError::new(StatusCode::BAD_REQUEST, "Approve or deny?")),
    };
    if let Err(refusal) = find(&app, &form).await? {
        return Ok(again(&form, refusal));
    }
    let code = form.entered.user_code.to_owned();
    match app.store.decide_device(form.visit.actor(session), code, approve).await {
        Ok(_) => Ok(form.visit.page(TITLE, &shown::decided(approve))),
        Err(StoreError::Invalid(_) | StoreError::NotFound) => Ok(again(&form, OVER)),
        Err(error) => Err(error.into()),
    }
}

/// The request with the code that was entered, or why it cannot be decided. Counts the attempt.
async fn find(app: &App, form: &Form<Decision>) -> Result<Result<DeviceRequest, &'static str>, PageError> {
    let limits = &app.attempts;
    let user = form.visit.user().map(|user| user.id.to_string()).unwrap_or_default();
    Attempts::check(&[(&limits.addresses, &form.visit.counted_as), (&limits.user_codes, &user)])?;
    let device = app.store.device_by_user_code(form.entered.user_code.to_owned()).await?;
    Ok(match device {
        None => Err(UNKNOWN),
        Some(device) if device.state == DeviceState::Pending => Ok(device),
        Some(_) => Err(OVER),
    })
}

fn again(form: &Form<Decision>, refusal: &str) -> Page {
    let code: String = form.entered.user_code.trim().chars().take(16).collect();
    let body = shown::enter(&form.visit.csrf(), &code, Some(refusal));
    form.visit.page(TITLE, &body).with_status(StatusCode::UNPROCESSABLE_ENTITY)
}
