//! What several tests share: generated terms, and a real Erlang.

use std::{path::PathBuf, process::Command};

use hexide_core::{etf, term::Term};
use proptest::{prelude::*, strategy::ValueTree, test_runner::TestRunner};

/// Terms of every kind, up to six levels deep; floats on demand, since the text of metadata has none.
pub fn terms(floats: bool) -> BoxedStrategy<Term> {
    let float = any::<f64>().prop_filter("finite", |value| value.is_finite()).prop_map(Term::Float);
    let text = prop_oneof![
        ".{0,8}",
        "[ -~]{0,12}",
        "[\\x00-\\x20\"'\\\\a-c]{0,8}",
        "[\\x7f-\\xa0\u{fffe}\u{ffff}é]{0,3}"
    ];
    let atom = prop_oneof![
        "[a-z][a-zA-Z0-9_@]{0,8}",
        text.clone(),
        Just("end".to_owned()),
        Just("undefined".to_owned())
    ]
    // Erlang's scanner refuses these two, so no atom that has them can be written.
    .prop_filter("a name that has a text", |name| !name.contains(['\u{fffe}', '\u{ffff}']));
    let leaf = prop_oneof![
        any::<i64>().prop_map(Term::Integer),
        (-300_i64..300).prop_map(Term::Integer),
        if floats { float.boxed() } else { Just(Term::Integer(0)).boxed() },
        atom.prop_map(Term::Atom),
        proptest::collection::vec(any::<u8>(), 0..8).prop_map(Term::Binary),
        text.clone().prop_map(Term::binary),
        text.prop_map(Term::String),
    ];
    leaf.prop_recursive(6, 48, 6, |inner| {
        let list = proptest::collection::vec(inner.clone(), 0..6);
        prop_oneof![
            list.clone().prop_map(Term::List),
            list.prop_map(Term::Tuple),
            proptest::collection::vec((inner.clone(), inner), 0..6).prop_map(map),
        ]
    })
    .boxed()
}

/// A map whose keys differ, by their bytes.
fn map(mut pairs: Vec<(Term, Term)>) -> Term {
    let mut seen = std::collections::HashSet::new();
    pairs.retain(|(key, _)| seen.insert(etf::encode(key)));
    Term::Map(pairs)
}

/// Values of a strategy, the same ones in every run.
pub fn sample<S: Strategy>(strategy: &S, count: usize) -> Vec<S::Value> {
    let mut runner = TestRunner::deterministic();
    (0..count).map(|_| strategy.new_tree(&mut runner).unwrap().current()).collect()
}

/// A path in the system's folder for temporary files that no other process uses.
pub fn temporary(name: &str) -> PathBuf {
    std::env::temp_dir().join(format!("{name}-{}", std::process::id()))
}

/// What Erlang prints for these expressions; `None`, said on stderr, where there is no Erlang.
#[allow(clippy::print_stderr)]
pub fn erl(expressions: &str) -> Option<String> {
    let script = format!("{expressions}, halt().");
    let Ok(output) = Command::new("erl").args(["-noshell", "-noinput", "-eval", &script]).output() else {
        eprintln!("skipped: no `erl` on the path");
        return None;
    };
    assert!(output.status.success(), "erl failed: {}", String::from_utf8_lossy(&output.stdout));
    Some(String::from_utf8(output.stdout).unwrap())
}

/// The bytes of a body in the recordings.
pub fn from_base64(text: &str) -> Vec<u8> {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut bytes = Vec::new();
    let (mut bits, mut held) = (0_u32, 0);
    for char in text.bytes().filter(|char| *char != b'=') {
        bits = bits << 6 | u32::try_from(ALPHABET.iter().position(|known| *known == char).unwrap()).unwrap();
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push(u8::try_from(bits >> held & 255).unwrap());
        }
    }
    bytes
}
