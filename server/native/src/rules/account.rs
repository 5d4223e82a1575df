//! What an account can have.

use serde_json::{Map, Value, json};

const RESERVED: [&str; 6] = ["me", "hex", "hexpm", "elixir", "erlang", "otp"];

/// Refuses what no account can have.
///
/// # Errors
/// The errors by field.
pub fn check(username: Option<&str>, email: Option<&str>, password: Option<&str>) -> Result<(), Value> {
    let mut errors = Map::new();
    let mut refuse = |key: &str, error: Value| errors.insert(key.to_owned(), error);
    match username {
        None => drop(refuse("username", json!("can't be blank"))),
        Some(name)
            if !name
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_-.()".contains(&b)) =>
        {
            refuse("username", json!("has invalid format"));
        }
        Some(name) if name.len() < 3 => {
            refuse("username", json!("should be at least 3 character(s)"));
        }
        Some(name) if name.len() > 255 => {
            refuse("username", json!("should be at most 255 character(s)"));
        }
        Some(name) if RESERVED.contains(&name) => drop(refuse("username", json!("is reserved"))),
        Some(_) => {}
    }
    if let Some(error) = password.and_then(password_error) {
        refuse("password", json!(error));
    }
    match email {
        None => drop(refuse("emails", json!("can't be blank"))),
        Some(email) if !plausible(email) => {
            refuse("emails", json!({"email": "has invalid format"}));
        }
        Some(_) => {}
    }
    if errors.is_empty() { Ok(()) } else { Err(Value::Object(errors)) }
}

/// What is wrong with a password.
pub fn password_error(password: &str) -> Option<&'static str> {
    match password.chars().count() {
        0..8 => Some("should be at least 8 character(s)"),
        8..=1024 => None,
        // Hashing what a stranger sends must have an end.
        _ => Some("should be at most 1024 character(s)"),
    }
}

fn plausible(email: &str) -> bool {
    let parts = email.split_once('@');
    let clean = !email.contains(|c: char| c.is_whitespace() || c.is_control()) && email.len() <= 255;
    clean && parts.is_some_and(|(local, host)| !local.is_empty() && !host.is_empty() && !host.contains('@'))
}
