//! The recorded conversations with hexpm.

use std::{collections::BTreeMap, path::PathBuf};

use hexide_core::etf;
use serde_json::Value;

/// One recorded exchange.
pub struct Exchange {
    pub number: u64,
    pub section: String,
    pub method: String,
    pub path: String,
    pub headers: BTreeMap<String, String>,
    pub body: Vec<u8>,
    pub status: u16,
    pub reply_headers: BTreeMap<String, String>,
    pub reply: Reply,
}

/// A recorded body.
pub enum Reply {
    Nothing,
    Json(Value),
    Text(String),
    Bytes(Vec<u8>),
}

/// The exchanges of a file.
pub fn read(file: &str) -> Vec<Exchange> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../test/data/hexpm");
    let text = std::fs::read_to_string(PathBuf::from(folder).join(file)).expect("the recordings");
    text.lines().map(|line| exchange(&serde_json::from_str(line).expect("JSON"))).collect()
}

fn exchange(line: &Value) -> Exchange {
    let text = |pointer: &str| line.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
    let request_headers = line["request"]["headers"].as_object().expect("headers");
    let reply_headers = line["response"]["headers"].as_array().expect("headers");
    Exchange {
        number: line["n"].as_u64().expect("a number"),
        section: text("/section"),
        method: text("/request/method"),
        path: text("/request/path"),
        headers: request_headers
            .iter()
            .map(|(name, value)| (name.clone(), value.as_str().expect("text").to_owned()))
            .collect(),
        body: match body(&line["request"]["body"]) {
            Reply::Nothing => Vec::new(),
            Reply::Json(value) => value.to_string().into_bytes(),
            Reply::Text(text) => text.into_bytes(),
            Reply::Bytes(bytes) => bytes,
        },
        status: u16::try_from(line["response"]["status"].as_u64().expect("a status")).unwrap(),
        reply_headers: reply_headers
            .iter()
            .map(|pair| (pair[0].as_str().unwrap().to_owned(), pair[1].as_str().unwrap().to_owned()))
            .collect(),
        reply: body(&line["response"]["body"]),
    }
}

fn body(body: &Value) -> Reply {
    if let Some(json) = body.get("json") {
        return Reply::Json(json.clone());
    }
    if let Some(text) = body.get("text").and_then(Value::as_str) {
        return Reply::Text(text.to_owned());
    }
    if let Some(text) = body.get("base64").and_then(Value::as_str) {
        return Reply::Bytes(base64(text));
    }
    match body.get("bytes").and_then(Value::as_u64) {
        Some(length) => Reply::Bytes(vec![0; usize::try_from(length).unwrap()]),
        None => Reply::Nothing,
    }
}

pub fn term(bytes: &[u8]) -> Value {
    etf::to_json(&etf::decode(bytes).expect("a term")).expect("data")
}

fn base64(text: &str) -> Vec<u8> {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut bytes = Vec::new();
    let (mut bits, mut count) = (0_u32, 0);
    for c in text.trim_end_matches('=').bytes() {
        let value = alphabet.iter().position(|known| *known == c).expect("base64");
        bits = (bits << 6 | u32::try_from(value).unwrap()) & 0xffff;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from(bits >> count & 0xff).unwrap());
        }
    }
    bytes
}
