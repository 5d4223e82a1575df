//! The External Term Format, against bytes that Erlang made and against what nobody should send.

use crate::samples::{erl, from_base64, terms};
use hexide_core::{
    Code,
    etf::{MAX_TERMS, decode, encode, from_json, to_json},
    term::{MAX_DEPTH, Term},
};
use proptest::prelude::*;
use serde_json::{Value, json};

fn refused(bytes: &[u8], reason: &str) {
    let error = decode(bytes).unwrap_err();
    assert_eq!(error.code, Code::Protocol, "{bytes:?}");
    assert!(error.message.contains(reason), "{bytes:?}: {}", error.message);
}

fn integers(values: &[i64]) -> Term {
    Term::List(values.iter().copied().map(Term::Integer).collect())
}

#[test]
fn bytes_differ_from_the_formats_description() {
    let cases: &[(Term, &[u8])] = &[
        (Term::Integer(0), &[131, 97, 0]),
        (Term::Integer(255), &[131, 97, 255]),
        (Term::Integer(256), &[131, 98, 0, 0, 1, 0]),
        (Term::Integer(-1), &[131, 98, 255, 255, 255, 255]),
        (Term::Integer(2_147_483_647), &[131, 98, 127, 255, 255, 255]),
        (Term::Integer(2_147_483_648), &[131, 110, 4, 0, 0, 0, 0, 128]),
        (Term::Integer(-2_147_483_648), &[131, 98, 128, 0, 0, 0]),
        (Term::Integer(-2_147_483_649), &[131, 110, 4, 1, 1, 0, 0, 128]),
        (Term::Integer(i64::MIN), &[131, 110, 8, 1, 0, 0, 0, 0, 0, 0, 0, 128]),
        (Term::Float(1.5), &[131, 70, 63, 248, 0, 0, 0, 0, 0, 0]),
        (Term::atom("nil"), &[131, 119, 3, 110, 105, 108]),
        (Term::atom("é"), &[131, 119, 2, 195, 169]),
        (Term::binary("a"), &[131, 109, 0, 0, 0, 1, 97]),
        (Term::List(vec![]), &[131, 106]),
        (integers(&[1, 255]), &[131, 107, 0, 2, 1, 255]),
        (integers(&[1, 256]), &[131, 108, 0, 0, 0, 2, 97, 1, 98, 0, 0, 1, 0, 106]),
        (Term::Tuple(vec![]), &[131, 104, 0]),
        (Term::Map(vec![(Term::atom("a"), Term::Integer(1))]), &[131, 116, 0, 0, 0, 1, 119, 1, 97, 97, 1]),
    ];
    for (term, bytes) in cases {
        assert_eq!(encode(term), *bytes, "{term:?}");
        assert_eq!(decode(bytes).unwrap(), *term, "{bytes:?}");
    }
}

#[test]
fn other_forms_of_the_same_are_refused() {
    let mut old_float = b"\x83c1.50000000000000000000e+00".to_vec();
    old_float.resize(33, 0);
    let cases: &[(&[u8], Term)] = &[
        (&[131, 100, 0, 1, 233], Term::atom("é")),
        (&[131, 115, 1, 233], Term::atom("é")),
        (&[131, 118, 0, 2, 195, 169], Term::atom("é")),
        (&[131, 111, 0, 0, 0, 1, 1, 5], Term::Integer(-5)),
        (&[131, 110, 10, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0], Term::Integer(1)),
        (&[131, 110, 0, 1], Term::Integer(0)),
        (&[131, 108, 0, 0, 0, 0, 106], Term::List(vec![])),
        (&[131, 107, 0, 0], Term::List(vec![])),
        (&[131, 105, 0, 0, 0, 1, 106], Term::Tuple(vec![Term::List(vec![])])),
        (&old_float, Term::Float(1.5)),
    ];
    for (bytes, term) in cases {
        assert_eq!(decode(bytes).unwrap(), *term, "{bytes:?}");
    }
}

#[test]
fn what_is_no_data_gets_in() {
    let cases: &[(&[u8], &str)] = &[
        (b"", "cut short"),
        (b"{}", "begins with byte 123"),
        (&[131], "cut short"),
        (&[131, 97], "cut short"),
        (&[131, 97, 1, 1], "goes on after its end"),
        (&[131, 80, 0, 0, 0, 2, 120, 156], "compressed"),
        (&[131, 77, 0, 0, 0, 1, 4, 240], "bit string"),
        (&[131, 112, 0, 0, 0, 0], "fun"),
        (&[131, 113, 119, 1, 97, 119, 1, 98, 97, 0], "fun"),
        (&[131, 117, 0, 0, 0, 0], "fun"),
        (&[131, 103, 119, 1, 97, 0, 0, 0, 1, 0, 0, 0, 0, 0], "tag 103"),
        (&[131, 88, 119, 1, 97], "tag 88"),
        (&[131, 114, 0, 1], "tag 114"),
        (&[131, 101, 119, 1, 97], "tag 101"),
        (&[131, 90, 0, 1], "tag 90"),
        (&[131, 102, 119, 1, 97], "tag 102"),
        (&[131, 89, 119, 1, 97], "tag 89"),
        (&[131, 120, 119, 1, 97], "tag 120"),
        (&[131, 82, 0], "tag 82"),
        (&[131, 68, 0], "tag 68"),
        (&[131, 131, 97, 1], "tag 131"),
        (&[131, 108, 0, 0, 0, 1, 97, 1, 97, 2], "improper"),
        (&[131, 70, 127, 240, 0, 0, 0, 0, 0, 0], "not finite"),
        (&[131, 110, 8, 0, 0, 0, 0, 0, 0, 0, 0, 128], "64 bits"),
        (&[131, 110, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], "64 bits"),
        (&[131, 119, 1, 255], "not UTF-8"),
        (&[131, 116, 0, 0, 0, 2, 97, 1, 106, 97, 1, 106], "twice"),
    ];
    for (bytes, reason) in cases {
        refused(bytes, reason);
    }
    let mut long = vec![131, 100, 1, 0];
    long.resize(4 + 256, b'a');
    refused(&long, "255 characters");
    let mut float = b"\x83cinf".to_vec();
    float.resize(33, 0);
    refused(&float, "not finite");
}

#[test]
fn claimed_length_is_believed() {
    // Each claims 4 GiB of content and has none; with the claim believed, the test would not end.
    for tag in [105, 108, 109, 111, 116] {
        refused(&[131, tag, 255, 255, 255, 255], "cut short");
        refused(&[131, tag, 255, 255, 255, 255, 0], if tag == 109 || tag == 111 { "cut short" } else { "" });
    }
}

#[test]
fn small_body_becomes_a_large_heap() {
    let list = |count: usize| {
        let length = u32::try_from(count).unwrap().to_be_bytes();
        [&[131, 108][..], &length, &vec![106; count], &[106]].concat()
    };
    assert!(decode(&list(MAX_TERMS - 1)).is_ok());
    refused(&list(MAX_TERMS), "more than");
    let bytes = [&[107, 255, 255][..], &[0; 65_535]].concat();
    let strings = [&[131, 108, 0, 0, 0, 17][..], &bytes.repeat(17), &[106]].concat();
    refused(&strings, "more than");
}

#[test]
fn nesting_is_unbounded() {
    for (open, close) in [
        (&[108, 0, 0, 0, 1][..], &[106][..]),
        (&[104, 1], &[]),
        (&[116, 0, 0, 0, 1, 106], &[]),
        (&[105, 0, 0, 0, 1], &[]),
    ] {
        let bytes = |depth: usize| [&[131], &*open.repeat(depth), &[106], &*close.repeat(depth)].concat();
        assert!(decode(&bytes(MAX_DEPTH)).is_ok());
        refused(&bytes(MAX_DEPTH + 1), "nests deeper");
        refused(&bytes(500_000), "nests deeper");
    }
}

#[test]
fn what_erlang_cannot_hold_is_encoded() {
    assert_eq!(decode(&encode(&Term::Float(f64::INFINITY))).unwrap(), Term::atom("undefined"));
    let long = "é".repeat(255);
    assert_eq!(decode(&encode(&Term::atom(long.as_str()))).unwrap(), Term::atom(long));
    let longer = "a".repeat(256);
    assert_eq!(decode(&encode(&Term::atom(longer.as_str()))).unwrap(), Term::binary(longer));
}

#[test]
fn long_list_of_bytes_loses_elements() {
    for length in [65_535, 65_536] {
        let list = integers(&vec![7; length]);
        let bytes = encode(&list);
        assert_eq!(bytes[1], if length == 65_535 { 107 } else { 108 });
        assert_eq!(decode(&bytes).unwrap(), list);
    }
    let text = Term::String("aé日".to_owned());
    assert_eq!(decode(&encode(&text)).unwrap(), integers(&[97, 233, 26_085]));
}

#[test]
fn term_becomes_other_json() {
    let term = Term::Map(vec![
        (Term::binary("none"), Term::atom("nil")),
        (Term::atom("list"), integers(&[1, 2])),
        (Term::Integer(3), Term::atom("undefined")),
        (Term::String("text".to_owned()), Term::String("é".to_owned())),
        (Term::binary("atoms"), Term::List(vec![Term::atom("true"), Term::atom("ok"), Term::atom("null")])),
        (Term::binary("float"), Term::Float(0.5)),
        (Term::binary("empty"), Term::List(vec![])),
    ]);
    let expected = json!({"none": null, "list": [1, 2], "3": null, "text": "é", "atoms": [true, "ok", null],
        "float": 0.5, "empty": []});
    assert_eq!(to_json(&term).unwrap(), expected);
    let no_json = [
        Term::Tuple(vec![]),
        Term::Binary(vec![255]),
        Term::List(vec![Term::Tuple(vec![])]),
        Term::Map(vec![(Term::List(vec![]), Term::Integer(1))]),
        Term::Float(f64::NAN),
    ];
    for term in no_json {
        assert_eq!(to_json(&term).unwrap_err().code, Code::Protocol, "{term:?}");
    }
}

#[test]
fn json_becomes_another_term() {
    let value = json!({"a": null, "b": [true, false, 1, -1, 1.5, "é"], "c": {}});
    let expected = Term::Map(vec![
        (Term::binary("a"), Term::atom("nil")),
        (
            Term::binary("b"),
            Term::List(vec![
                Term::atom("true"),
                Term::atom("false"),
                Term::Integer(1),
                Term::Integer(-1),
                Term::Float(1.5),
                Term::binary("é"),
            ]),
        ),
        (Term::binary("c"), Term::Map(vec![])),
    ]);
    assert_eq!(from_json(&value), expected);
    assert_eq!(to_json(&expected).unwrap(), value);
    assert_eq!(from_json(&json!(u64::MAX)), Term::Float(18_446_744_073_709_551_615.0));
}

/// Every recorded body of hexpm in this format.
#[test]
fn recorded_bodies_change_when_decoded_and_encoded() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../test/data/hexpm");
    let mut seen = 0;
    for file in ["api.jsonl", "mix-client.jsonl"] {
        let lines = std::fs::read_to_string(format!("{folder}/{file}")).unwrap();
        for line in lines.lines() {
            let exchange: Value = serde_json::from_str(line).unwrap();
            for side in ["request", "response"] {
                let Some(text) = exchange[side]["body"]["base64"].as_str() else { continue };
                let bytes = from_base64(text);
                if bytes.first() != Some(&131) {
                    continue;
                }
                let term = decode(&bytes).unwrap();
                assert_eq!(encode(&term), bytes, "{file} {}", exchange["n"]);
                to_json(&term).unwrap();
                seen += 1;
            }
        }
        assert!(seen > 0, "{file} has no term");
    }
}

/// What a decoder gives for the term: string literals are lists of integers.
fn without_strings(term: &Term) -> Term {
    let all = |terms: &[Term]| terms.iter().map(without_strings).collect();
    match term {
        Term::String(text) => integers(&text.chars().map(|char| u32::from(char).into()).collect::<Vec<_>>()),
        Term::List(terms) => Term::List(all(terms)),
        Term::Tuple(terms) => Term::Tuple(all(terms)),
        Term::Map(pairs) => Term::Map(
            pairs.iter().map(|(key, value)| (without_strings(key), without_strings(value))).collect(),
        ),
        other => other.clone(),
    }
}

proptest! {
    #[test]
    fn term_changes_when_encoded_and_decoded(term in terms(true)) {
        prop_assert_eq!(decode(&encode(&term)).unwrap(), without_strings(&term));
    }

    #[test]
    fn some_bytes_make_the_decoder_panic(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
        let _ = decode(&bytes);
        let _ = decode(&[&[131], bytes.as_slice()].concat());
    }

    #[test]
    fn damaged_term_makes_the_decoder_panic(
        term in terms(true),
        damage in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut bytes = encode(&term);
        for (at, byte) in damage {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        // What is still a term must survive, being one like any other.
        if let Ok(term) = decode(&bytes) {
            prop_assert_eq!(decode(&encode(&term)).unwrap(), term);
        }
        bytes.truncate(cut.index(bytes.len()));
        let _ = decode(&bytes);
    }
}

#[test]
fn erlang_decodes_something_else_than_was_encoded() {
    // Erlang orders small maps by key, so what it encodes again is compared for terms without maps only.
    let samples = crate::samples::sample(&terms(true), 300);
    let file = crate::samples::temporary("hexide-etf");
    let bytes: Vec<u8> = samples
        .iter()
        .flat_map(|term| {
            let bytes = encode(term);
            [&u32::try_from(bytes.len()).unwrap().to_be_bytes()[..], &bytes].concat()
        })
        .collect();
    std::fs::write(&file, bytes).unwrap();
    let script = format!(
        "{{ok, All}} = file:read_file({:?}), \
         [io:format(\"~s~n\", [binary:encode_hex(term_to_binary(binary_to_term(B), [{{minor_version, 2}}]))]) \
          || <<L:32, B:L/binary>> <= All]",
        file.to_str().unwrap()
    );
    let answer = erl(&script);
    std::fs::remove_file(&file).unwrap();
    let Some(answer) = answer else { return };
    let lines: Vec<&str> = answer.lines().collect();
    assert_eq!(lines.len(), samples.len());
    let mut identical = 0;
    for (term, line) in samples.iter().zip(lines) {
        let ours: String = encode(term).iter().map(|byte| format!("{byte:02X}")).collect();
        assert_eq!(ours.len(), line.len(), "{term:?}");
        if !format!("{term:?}").contains("Map(") {
            assert_eq!(ours, line, "{term:?}");
            identical += 1;
        }
    }
    assert!(identical > 100, "only {identical} terms without maps");
}
