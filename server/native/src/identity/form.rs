//! Forms that were sent from one of our pages.

use std::{collections::HashMap, ops::Deref, sync::Arc};

use axum::extract::{FromRequest, Request};
use http::{HeaderMap, StatusCode, header, uri::Authority};
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, value},
};
use url::Url;
use zeroize::Zeroizing;

use crate::{
    app::App,
    identity::Visit,
    pages::PageError,
    wire::{Limits, Upload},
};

/// No form here holds more bytes.
const MOST: usize = 64 << 10;

/// A form, and the browser that sent it. It came from a page that was made for that browser: the origin was
/// checked, and the token.
pub struct Form<T = Button> {
    /// The browser.
    pub visit: Visit,
    /// What was entered.
    pub entered: T,
}

/// A form without fields.
#[derive(Deserialize)]
pub struct Button {}

/// What was entered in a field; nothing where there is no such field. It may be a password, so it is wiped at the
/// end.
#[derive(Default)]
pub struct Entered(Zeroizing<String>);

impl Deref for Entered {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl Entered {
    /// A password, to be taken to another thread.
    #[must_use]
    pub fn password(&self) -> Zeroizing<String> {
        self.0.clone()
    }

    /// A number.
    #[must_use]
    pub fn number(&self) -> Option<i64> {
        self.trim().parse().ok()
    }
}

impl<'de> Deserialize<'de> for Entered {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self(Zeroizing::new(text)))
    }
}

impl<T: DeserializeOwned> FromRequest<Arc<App>> for Form<T> {
    type Rejection = PageError;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, PageError> {
        let (parts, body) = request.into_parts();
        if !from_here(&parts.headers, &app.urls.base) {
            return Err(PageError::new(StatusCode::FORBIDDEN, "The form was sent from another site."));
        }
        let visit = Visit::of(&parts, app).await?;
        let limits = Limits { body: MOST, ..app.limits };
        let bytes = Upload::new(body, &parts.headers, limits).bytes().await?;
        let fields: HashMap<String, Zeroizing<String>> = url::form_urlencoded::parse(&bytes)
            .map(|(name, value)| (name.into_owned(), Zeroizing::new(value.into_owned())))
            .collect();
        if !visit.holds(fields.get("csrf").map(|token| token.as_str()).unwrap_or_default()) {
            let message = "The form is too old. Go back, reload the page and try again.";
            return Err(PageError::new(StatusCode::FORBIDDEN, message));
        }
        let entered = fields.iter().map(|(name, text)| (name.as_str(), text.as_str()));
        let entered = T::deserialize(value::MapDeserializer::<_, value::Error>::new(entered));
        let malformed = |_| PageError::new(StatusCode::BAD_REQUEST, "Bad request");
        Ok(Self { visit, entered: entered.map_err(malformed)? })
    }
}

/// Whether the request was sent by a page of this server: of the host that was asked, or of the public
/// address where a proxy in front changes the host. Browsers say it in `origin`; some that are older or
/// print text only say it in `referer`.
fn from_here(headers: &HeaderMap, base: &str) -> bool {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let Some(from) = text(header::ORIGIN).or_else(|| text(header::REFERER)) else { return false };
    let Ok(from) = Url::parse(from) else { return false };
    if Url::parse(base).is_ok_and(|base| base.origin() == from.origin()) {
        return true;
    }
    // Behind https the public address is known and was compared; here it is a name of this machine.
    let host = text(header::HOST).and_then(|host| host.parse::<Authority>().ok());
    host.is_some_and(|host| {
        from.scheme() == "http"
            && from.host_str().is_some_and(|name| name.eq_ignore_ascii_case(host.host()))
            && from.port().unwrap_or(80) == host.port_u16().unwrap_or(80)
    })
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn forms_of_other_origins_are_known_as_such() {
        for (name, value, here) in [
            ("origin", "http://localhost:4043", true),
            ("origin", "http://LOCALHOST:4043", true),
            ("origin", "https://hex.example.com", true),
            ("referer", "http://localhost:4043/account", true),
            ("origin", "http://localhost:4044", false),
            ("origin", "http://localhost", false),
            ("origin", "https://localhost:4043", false),
            ("origin", "http://hex.example.com", false),
            ("origin", "https://hex.example.com.evil.example", false),
            ("origin", "null", false),
            ("x-other", "http://localhost:4043", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert("host", HeaderValue::from_static("localhost:4043"));
            headers.insert(name, HeaderValue::from_static(value));
            assert_eq!(from_here(&headers, "https://hex.example.com"), here, "{name}: {value}");
        }
    }
}
