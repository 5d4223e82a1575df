//! The body of a request: raw for tarballs, or data in any of the formats (docs/protocol.md §3).

use std::{sync::Arc, time::Duration};

use axum::body::{Body, BodyDataStream};
use bytes::{Bytes, BytesMut};
use futures::StreamExt;
use hexide_core::etf;
use http::{HeaderMap, StatusCode, header};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use tokio::{sync::Mutex, time::timeout};

use crate::wire::{Format, HttpError, Limits, Named, format_named};

/// A refused upload is read to its end within these bounds, so that the client, who may still be
/// writing, gets to see the reply.
const DRAIN: (usize, Duration) = (32 << 20, Duration::from_secs(10));

/// The body of one request, read at most once.
#[derive(Clone)]
pub struct Upload {
    stream: Arc<Mutex<BodyDataStream>>,
    kind: String,
    length: Option<usize>,
    limits: Limits,
}

impl Upload {
    /// Takes the body of a request with that head.
    pub fn new(body: Body, head: &HeaderMap, limits: Limits) -> Self {
        let text = |name| head.get(name).and_then(|value| value.to_str().ok());
        let kind = text(header::CONTENT_TYPE).unwrap_or_default();
        Self {
            stream: Arc::new(Mutex::new(body.into_data_stream())),
            kind: kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase(),
            length: text(header::CONTENT_LENGTH).and_then(|length| length.parse().ok()),
            limits,
        }
    }

    /// All of it.
    ///
    /// # Errors
    /// 413 beyond the limit, 408 where it stops arriving, 400 where it breaks off.
    pub async fn bytes(&self) -> Result<Bytes, HttpError> {
        if self.length.is_some_and(|length| length > self.limits.body) {
            return Err(HttpError::too_large());
        }
        let late = |_| HttpError::new(StatusCode::REQUEST_TIMEOUT, "Request timeout");
        timeout(self.limits.body_timeout, self.read()).await.map_err(late)?
    }

    async fn read(&self) -> Result<Bytes, HttpError> {
        let late = |_| HttpError::new(StatusCode::REQUEST_TIMEOUT, "Request timeout");
        let mut stream = self.stream.lock().await;
        let mut bytes = BytesMut::new();
        loop {
            let next = timeout(self.limits.read_timeout, stream.next()).await.map_err(late)?;
            match next {
                None => return Ok(bytes.freeze()),
                Some(Err(_)) => return Err(HttpError::bad_request("Bad request")),
                Some(Ok(piece)) if bytes.len() + piece.len() > self.limits.body => {
                    return Err(HttpError::too_large());
                }
                Some(Ok(piece)) => bytes.extend_from_slice(&piece),
            }
        }
    }

    /// The parameters in it; those of an empty map where it is empty.
    ///
    /// # Errors
    /// As [`bytes`](Self::bytes), 400 where it does not parse, 415 where its type is not known.
    pub async fn params<T: DeserializeOwned>(&self) -> Result<T, HttpError> {
        let bytes = self.bytes().await?;
        let malformed = || HttpError::bad_request("Bad request").or_page();
        let value = match (self.kind.as_str(), format_named(&self.kind)) {
            _ if bytes.is_empty() => Value::Object(Map::new()),
            (_, Some(Format::Json)) => serde_json::from_slice(&bytes).map_err(|_| malformed())?,
            (_, Some(Format::Erlang)) => {
                let term = etf::decode(&bytes).map_err(|_| malformed())?;
                etf::to_json(&term).map_err(|_| malformed())?
            }
            ("application/x-www-form-urlencoded", _) => form(&bytes),
            _ => {
                return Err(HttpError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "Unsupported media type"));
            }
        };
        // A list is never read as parameters.
        let Named(params) = serde_json::from_value(value).map_err(|_| malformed())?;
        Ok(params)
    }

    /// Reads and forgets what is left.
    pub async fn drain(&self) {
        let (limit, time) = DRAIN;
        let mut stream = self.stream.lock().await;
        let mut seen = 0;
        let rest = async {
            while let Some(Ok(piece)) = stream.next().await {
                seen += piece.len();
                if seen > limit {
                    break;
                }
            }
        };
        // Whether it ended or not, the reply is due now.
        let _ended = timeout(time, rest).await;
    }
}

/// `a=1&b[c]=2&d[][e]=3` as data, with text at the leaves.
fn form(bytes: &[u8]) -> Value {
    let mut root = Value::Object(Map::new());
    for (name, value) in url::form_urlencoded::parse(bytes) {
        let mut keys = name.split('[').map(|key| key.trim_end_matches(']'));
        let path: Vec<&str> = keys.by_ref().take(8).collect();
        if path.first().is_some_and(|key| !key.is_empty()) {
            set(&mut root, &path, &value);
        }
    }
    root
}

fn set(place: &mut Value, path: &[&str], value: &str) {
    let Some((key, rest)) = path.split_first() else {
        *place = Value::String(value.to_owned());
        return;
    };
    if key.is_empty() {
        if !place.is_array() {
            *place = Value::Array(Vec::new());
        }
        let Some(items) = place.as_array_mut() else { return };
        // `a[][x]=1&a[][y]=2` is one element with two keys until a key comes again.
        let next = rest.first();
        let open = items.last().and_then(Value::as_object);
        let continues = next.is_some_and(|key| open.is_some_and(|item| !item.contains_key(*key)));
        if !continues {
            items.push(Value::Null);
        }
        if let Some(last) = items.last_mut() {
            set(last, rest, value);
        }
        return;
    }
    if !place.is_object() {
        *place = Value::Object(Map::new());
    }
    if let Some(map) = place.as_object_mut() {
        set(map.entry(*key).or_insert(Value::Null), rest, value);
    }
}
