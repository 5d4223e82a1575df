//! JSON for the doors: OTP 25 has no encoder.

use rustler::{Binary, Error, ListIterator, MapIterator, NifResult, Term, TermType};
use serde_json::{Map, Number, Value};

/// Terms deeper than this are a bug of the caller; the walk is recursive.
const MAX_DEPTH: usize = 64;

/// A term of the API as indented JSON: maps, lists, text, numbers, `true`, `false`; `undefined` is null.
#[rustler::nif(schedule = "DirtyCpu")]
fn json_encode(term: Term<'_>) -> NifResult<String> {
    serde_json::to_string_pretty(&value(term, 0)?).map_err(|_| Error::BadArg)
}

fn value(term: Term<'_>, depth: usize) -> NifResult<Value> {
    if depth > MAX_DEPTH {
        return Err(Error::BadArg);
    }
    match term.get_type() {
        TermType::Atom => atom(term),
        TermType::Binary => text(term).map(Value::String),
        TermType::Integer => Ok(Value::Number(match term.decode::<i64>() {
            Ok(number) => number.into(),
            Err(_) => term.decode::<u64>()?.into(),
        })),
        TermType::Float => Number::from_f64(term.decode()?).map(Value::Number).ok_or(Error::BadArg),
        TermType::List => {
            // Only a proper list has a length; the iterator would panic at the end of another.
            term.list_length()?;
            let items = term.decode::<ListIterator<'_>>()?;
            items.map(|item| value(item, depth + 1)).collect::<NifResult<_>>().map(Value::Array)
        }
        TermType::Map => {
            let mut object = Map::new();
            for (key, item) in MapIterator::new(term).ok_or(Error::BadArg)? {
                object.insert(name(key)?, value(item, depth + 1)?);
            }
            Ok(Value::Object(object))
        }
        _ => Err(Error::BadArg),
    }
}

fn atom(term: Term<'_>) -> NifResult<Value> {
    let name = term.atom_to_string()?;
    Ok(match name.as_str() {
        "undefined" => Value::Null,
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        _ => Value::String(name),
    })
}

fn text(term: Term<'_>) -> NifResult<String> {
    Ok(String::from_utf8_lossy(&term.decode::<Binary<'_>>()?).into_owned())
}

fn name(term: Term<'_>) -> NifResult<String> {
    match term.get_type() {
        TermType::Atom => term.atom_to_string(),
        TermType::Binary => text(term),
        _ => Err(Error::BadArg),
    }
}
