//! Data as the text of an Elixir term.

use std::collections::BTreeMap;

use serde_json::Value;

/// The text of the term: null is `nil`, maps are sorted by key.
#[must_use]
pub fn inspect(value: &Value) -> String {
    match value {
        Value::Null => "nil".to_owned(),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
        Value::String(text) => quote(text),
        Value::Array(items) => {
            format!("[{}]", items.iter().map(inspect).collect::<Vec<_>>().join(", "))
        }
        Value::Object(map) => {
            let sorted: BTreeMap<&String, &Value> = map.iter().collect();
            let pairs =
                sorted.into_iter().map(|(key, value)| format!("{} => {}", quote(key), inspect(value)));
            format!("%{{{}}}", pairs.collect::<Vec<_>>().join(", "))
        }
    }
}

fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            // Else a reader that evaluates the text would interpolate.
            '#' => quoted.push_str("\\#"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            c if c.is_control() => quoted.push_str(&format!("\\x{{{:X}}}", u32::from(c))),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_strangers_stays_text() {
        let value = serde_json::json!({"b": [null, true, 1.5], "a": "\"#{1}\\\n\u{1b}"});
        let expected = r##"%{"a" => "\"\#{1}\\\n\x{1B}", "b" => [nil, true, 1.5]}"##;
        assert_eq!(inspect(&value), expected);
    }
}
