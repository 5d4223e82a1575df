//! Terms into text.

use std::fmt::Write as _;

use super::{RESERVED, Term};

/// Writes one term on one line, without the full stop.
///
/// Erlang reads it back as the same term, `file:consult/1` as well as the reference's reader of metadata
/// (which knows no floats). A float that is not finite has no Erlang form and becomes the atom `undefined`.
#[must_use]
pub fn write(term: &Term) -> String {
    let mut text = String::new();
    write_term(&mut text, term);
    text
}

fn write_term(out: &mut String, term: &Term) {
    match term {
        Term::Integer(value) => push(out, value),
        Term::Float(value) => write_float(out, *value),
        Term::Atom(name) => write_atom(out, name),
        Term::Binary(bytes) => write_binary(out, bytes),
        Term::String(text) if text.chars().all(is_allowed) => quote(out, text, '"'),
        Term::String(text) => write_all(out, "[", text.chars(), "]", |out, char| push(out, u32::from(char))),
        Term::List(terms) => write_all(out, "[", terms, "]", write_term),
        Term::Tuple(terms) => write_all(out, "{", terms, "}", write_term),
        Term::Map(pairs) => write_all(out, "#{", pairs, "}", |out, (key, value)| {
            write_term(out, key);
            out.push_str(" => ");
            write_term(out, value);
        }),
    }
}

fn write_all<T>(
    out: &mut String,
    open: &str,
    items: impl IntoIterator<Item = T>,
    close: &str,
    write: impl Fn(&mut String, T),
) {
    out.push_str(open);
    for (index, item) in items.into_iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        write(out, item);
    }
    out.push_str(close);
}

fn push(out: &mut String, value: impl std::fmt::Display) {
    // Writing into a string cannot fail.
    let _ = write!(out, "{value}");
}

fn write_float(out: &mut String, value: f64) {
    if !value.is_finite() {
        out.push_str("undefined");
        return;
    }
    let text = format!("{value:?}");
    // Rust writes 1e100 where Erlang wants 1.0e100.
    match text.split_once('e') {
        Some((mantissa, exponent)) if !mantissa.contains('.') => {
            push(out, format_args!("{mantissa}.0e{exponent}"))
        }
        _ => out.push_str(&text),
    }
}

fn write_atom(out: &mut String, name: &str) {
    let bare = name.starts_with(|char: char| char.is_ascii_lowercase())
        && name.chars().all(|char| char.is_ascii_alphanumeric() || char == '_' || char == '@')
        && !RESERVED.contains(&name);
    if bare {
        out.push_str(name);
    } else {
        quote(out, name, '\'');
    }
}

fn write_binary(out: &mut String, bytes: &[u8]) {
    match std::str::from_utf8(bytes) {
        Ok("") => out.push_str("<<>>"),
        Ok(text) if text.chars().all(is_text) => {
            out.push_str("<<");
            quote(out, text, '"');
            out.push_str(if text.is_ascii() { ">>" } else { "/utf8>>" });
        }
        _ => write_all(out, "<<", bytes, ">>", push),
    }
}

/// Whether a binary with this character is better shown as text than as numbers.
fn is_text(char: char) -> bool {
    (!char.is_control() || matches!(char, '\t' | '\n' | '\r')) && is_allowed(char)
}

/// Erlang's scanner refuses these two in strings.
fn is_allowed(char: char) -> bool {
    !matches!(char, '\u{fffe}' | '\u{ffff}')
}

/// Three octal digits are the one escape by number that both readers know.
fn quote(out: &mut String, text: &str, quote: char) {
    out.push(quote);
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        match char {
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            // The reference's reader takes a quote after two backslashes for an escaped one.
            '\\' if chars.peek().is_none() => out.push_str("\\134"),
            '\\' => out.push_str("\\\\"),
            char if char == quote => push(out, format_args!("\\{char}")),
            char if char.is_control() => push(out, format_args!("\\{:03o}", u32::from(char))),
            char => out.push(char),
        }
    }
    out.push(quote);
}
