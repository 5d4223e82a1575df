//! Every route of the server.

use std::{any::Any, sync::Arc};

use axum::{
    Router,
    extract::Request,
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{delete, get, post},
};
use http::{HeaderValue, header};
use tower_http::catch_panic::CatchPanicLayer;

use crate::{
    app::App,
    negotiate,
    pages::PageError,
    routes::{
        account, auth, docs, key, oauth, organization, owner, package, page, publish, release, repos,
        repository, site, user,
    },
    wire::HttpError,
};

/// The routes over that registry.
pub fn router(app: Arc<App>) -> Router {
    Router::new()
        .nest("/api", api(&app))
        .nest("/repo", repository().nest("/repos/{repository}", repository()))
        .route("/docs/{name}", get(site::root))
        .route("/docs/{name}/", get(site::get))
        .route("/docs/{name}/{*file}", get(site::get))
        .merge(pages())
        .route("/", get(page::root))
        .route("/style.css", get(page::style))
        .route("/packages/{name}", get(page::package))
        .route("/packages/{name}/{version}", get(page::package))
        .route("/packages/{repository}/{name}/{version}", get(page::package))
        .fallback(no_page)
        .method_not_allowed_fallback(no_page)
        .layer(CatchPanicLayer::custom(panicked))
        .layer(middleware::from_fn(nosniff))
        .with_state(app)
}

/// What people do in a browser.
fn pages() -> Router<Arc<App>> {
    use account::{device, key, organization, overview, password, session, sign_in, sign_up, two_factor};
    Router::new()
        .route("/account", get(overview::get))
        .route("/account/sign-up", get(sign_up::get).post(sign_up::post))
        .route("/account/confirm", get(sign_up::confirm).post(sign_up::confirmed))
        .route("/account/sign-in", get(sign_in::get).post(sign_in::post))
        .route("/account/sign-in/code", get(sign_in::code).post(sign_in::check_code))
        .route("/account/sign-out", post(sign_in::out))
        .route("/account/password", post(password::change))
        .route("/account/sessions/browser", post(session::end_browser))
        .route("/account/sessions/program", post(session::end_program))
        .route("/account/keys/revoke", post(key::revoke))
        .route("/account/organizations", post(organization::create))
        .route("/account/two-factor", get(two_factor::get))
        .route("/account/two-factor/on", post(two_factor::on))
        .route("/account/two-factor/off", post(two_factor::off))
        .route("/password/forgot", get(password::forgot).post(password::send))
        .route("/password/reset", get(password::reset).post(password::set))
        .route("/oauth/device", get(device::get).post(device::show))
        .route("/oauth/device/decide", post(device::decide))
}

fn api(app: &Arc<App>) -> Router<Arc<App>> {
    packages()
        .nest("/repos/{repository}", packages())
        .route("/repos", get(repos::list))
        .route("/repos/{repository}", get(repos::get))
        .route("/users", post(user::create))
        .route("/users/me", get(user::me))
        .route("/users/me/audit-logs", get(user::my_log))
        .route("/users/{name}", get(user::get))
        .route("/users/{name}/test", get(user::test))
        .route("/users/{name}/reset", post(account::password::reset_by_api))
        .route("/keys", get(key::list).post(key::create).delete(key::remove_all))
        .route("/keys/{name}", get(key::get).delete(key::remove))
        .route("/orgs", get(organization::list))
        .route("/orgs/{organization}", get(organization::get).post(organization::update))
        .route("/orgs/{organization}/audit-logs", get(organization::log))
        .route("/orgs/{organization}/members", get(organization::members).post(organization::add_member))
        .route(
            "/orgs/{organization}/members/{name}",
            get(organization::member).post(organization::set_role).delete(organization::remove_member),
        )
        .route("/orgs/{organization}/keys", get(key::list).post(key::create).delete(key::remove_all))
        .route("/orgs/{organization}/keys/{name}", get(key::get).delete(key::remove))
        .route("/auth", get(auth::test))
        .route("/oauth/device_authorization", post(oauth::device))
        .route("/oauth/token", post(oauth::token))
        .route("/oauth/revoke", post(oauth::revoke))
        .fallback(unknown)
        .method_not_allowed_fallback(unknown)
        .layer(CatchPanicLayer::custom(panicked))
        .layer(middleware::from_fn_with_state(Arc::clone(app), negotiate::negotiate))
        .layer(middleware::from_fn(closed))
}

/// What is there once for the default repository, and once for each by name.
fn packages() -> Router<Arc<App>> {
    Router::new()
        .route("/publish", post(publish::publish))
        .route("/packages", get(package::list))
        .route("/packages/{name}", get(package::get))
        .route("/packages/{name}/audit-logs", get(package::log))
        .route("/packages/{name}/retire", post(release::retire_all))
        .route("/packages/{name}/owners", get(owner::list))
        .route("/packages/{name}/owners/{owner}", get(owner::get).put(owner::put).delete(owner::remove))
        .route("/packages/{name}/releases", post(publish::publish))
        .route("/packages/{name}/releases/{version}", get(release::get).delete(release::revert))
        .route(
            "/packages/{name}/releases/{version}/docs",
            get(docs::get).post(docs::publish).delete(docs::revert),
        )
        .route("/packages/{name}/releases/{version}/retire", delete(release::unretire).post(release::retire))
}

fn repository() -> Router<Arc<App>> {
    Router::new()
        .route("/names", get(repository::names))
        .route("/versions", get(repository::versions))
        .route("/packages/{name}", get(repository::package))
        .route("/tarballs/{file}", get(repository::tarball))
        .route("/docs/{file}", get(repository::docs))
        .route("/public_key", get(repository::public_key))
        .route("/installs/{file}", get(repository::installs))
}

async fn no_page() -> PageError {
    HttpError::not_found().into()
}

async fn unknown() -> HttpError {
    HttpError::not_found().or_page()
}

fn panicked(_: Box<dyn Any + Send>) -> Response {
    HttpError::internal("a handler panicked").into_response()
}

/// No reply is ever to be taken for something else than its type says.
async fn nosniff(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    response.headers_mut().insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

/// Replies of the API are data: a page of the documentation site must not read them by framing or
/// opening them.
async fn closed(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let policy = "default-src 'none'; frame-ancestors 'none'; sandbox";
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    response
}
