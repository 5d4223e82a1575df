//! Whether two pieces of data have the same fields of the same types.

use serde_json::Value;

/// Notes every place where `actual` has not the shape of `expected`.
pub fn compare(place: &str, expected: &Value, actual: &Value, differences: &mut Vec<String>) {
    match (expected, actual) {
        (Value::Object(expected), Value::Object(actual)) => {
            for (key, value) in expected {
                match actual.get(key) {
                    Some(found) => compare(&format!("{place}.{key}"), value, found, differences),
                    None => differences.push(format!("{place}.{key} is missing")),
                }
            }
            for key in actual.keys().filter(|key| !expected.contains_key(*key)) {
                differences.push(format!("{place}.{key} is too much"));
            }
        }
        (Value::Array(expected), Value::Array(actual)) => {
            if expected.len() != actual.len() {
                differences.push(format!("{place}: {} elements, not {}", actual.len(), expected.len()));
            }
            for (position, (expected, actual)) in expected.iter().zip(actual).enumerate() {
                compare(&format!("{place}[{position}]"), expected, actual, differences);
            }
        }
        (expected, actual) if kind(expected) == kind(actual) => {}
        (expected, actual) => differences.push(format!("{place}: {actual}, not like {expected}")),
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "text",
        Value::Array(_) => "list",
        Value::Object(_) => "map",
    }
}

/// The keys of a term in Elixir's notation, in their order.
pub fn elixir_keys(text: &str) -> Vec<String> {
    let ends = text.split("\" => ").collect::<Vec<_>>();
    let keys = ends.iter().take(ends.len().saturating_sub(1));
    keys.map(|part| part.rsplit('"').next().unwrap_or_default().to_owned()).collect()
}
