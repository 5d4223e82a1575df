//! Terms and JSON, as the Hex API maps them.

use serde_json::{Map, Number, Value};

use crate::{
    error::{Code, Error, Result},
    term::Term,
};

/// The term as JSON: `nil`, `null` and `undefined` become null, `true` and `false` booleans, other atoms,
/// binaries and string literals text. Keys of maps become text too, integers by their digits.
///
/// # Errors
/// `protocol` where it has no JSON form (a tuple, bytes that are not UTF-8, a key that is a list or map).
pub fn to_json(term: &Term) -> Result<Value> {
    Ok(match term {
        Term::Integer(value) => Value::from(*value),
        Term::Float(value) => {
            Value::Number(Number::from_f64(*value).ok_or_else(|| no_json("a float that is not finite"))?)
        }
        Term::Atom(name) => match name.as_str() {
            "nil" | "null" | "undefined" => Value::Null,
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            text => Value::from(text),
        },
        Term::Binary(bytes) => Value::from(utf8(bytes)?),
        Term::String(text) => Value::from(text.as_str()),
        Term::List(terms) => Value::Array(terms.iter().map(to_json).collect::<Result<_>>()?),
        Term::Map(pairs) => {
            let pairs = pairs.iter().map(|(key, value)| Ok((key_text(key)?, to_json(value)?)));
            Value::Object(pairs.collect::<Result<Map<_, _>>>()?)
        }
        Term::Tuple(_) => return Err(no_json("a tuple")),
    })
}

fn key_text(key: &Term) -> Result<String> {
    match key {
        Term::Binary(bytes) => utf8(bytes).map(str::to_owned),
        Term::Atom(text) | Term::String(text) => Ok(text.clone()),
        Term::Integer(value) => Ok(value.to_string()),
        _ => Err(no_json("a map with a key that is no text")),
    }
}

fn utf8(bytes: &[u8]) -> Result<&str> {
    std::str::from_utf8(bytes).map_err(|_| no_json("a binary that is not UTF-8"))
}

fn no_json(what: &str) -> Error {
    Error::new(Code::Protocol, format!("the Erlang term holds {what}, which has no JSON form"))
}

/// JSON as a term: null becomes the atom `nil`, booleans atoms, text and keys binaries. An integer beyond 64
/// bits with sign becomes a float.
#[must_use]
pub fn from_json(value: &Value) -> Term {
    match value {
        Value::Null => Term::atom("nil"),
        Value::Bool(value) => Term::atom(value.to_string()),
        Value::Number(number) => match number.as_i64() {
            Some(value) => Term::Integer(value),
            None => Term::Float(number.as_f64().unwrap_or_default()),
        },
        Value::String(text) => Term::binary(text.as_str()),
        Value::Array(values) => Term::List(values.iter().map(from_json).collect()),
        Value::Object(pairs) => Term::Map(
            pairs.iter().map(|(key, value)| (Term::binary(key.as_str()), from_json(value))).collect(),
        ),
    }
}
