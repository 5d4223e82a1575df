//! The text of terms, against rebar3's reader of metadata and Erlang's `file:consult/1`.

use crate::samples::{erl, terms};
use hexide_core::{
    Code, etf,
    term::{Dialect, MAX_DEPTH, Term, read, write},
};
use proptest::prelude::*;
use serde_json::Value;

/// What Erlang read; `data/terms.escript` made it and says what the fields are.
const TABLE: &str = include_str!("../data/terms.jsonl");

/// What stands in texts that Erlang reads and we refuse (or the reverse, for the last two), with the reason.
const DEVIATIONS: &[(&str, &str)] = &[
    ("9223372036854775808", "integers have 64 bits"),
    ("123456789012345678901234567890", "integers have 64 bits"),
    ("[x|y]", "lists are proper"),
    ("(1)", "no parentheses"),
    ("fun x:y/1", "no funs"),
    ("<<1:8>>", "segments have no size"),
    ("<<1:4>>", "no bit strings"),
    ("<<\"x\":8>>", "segments have no size"),
    ("<<1/utf16>>", "segments are bytes or UTF-8"),
    ("<<1.5/float>>", "segments are bytes or UTF-8"),
    (
        "\"\\^\"",
        "the reference's token for a string is ambiguous: here the quote is what the caret applies to",
    ),
    (
        "<<\"x\\\\\">>}.\n{<<\"b\">>,<<\"y\">>",
        "the same, see backslash_at_the_end_of_a_binary_swallows_what_follows",
    ),
];

fn from_hex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

/// The term as Erlang has it: strings are lists there, and maps have no order.
fn as_erlang(term: &Term) -> Term {
    match term {
        Term::String(text) => {
            Term::List(text.chars().map(|char| Term::Integer(u32::from(char).into())).collect())
        }
        Term::List(terms) => Term::List(terms.iter().map(as_erlang).collect()),
        Term::Tuple(terms) => Term::Tuple(terms.iter().map(as_erlang).collect()),
        Term::Map(pairs) => {
            let mut pairs: Vec<_> =
                pairs.iter().map(|(key, value)| (as_erlang(key), as_erlang(value))).collect();
            pairs.sort_by_key(|(key, _)| etf::encode(key));
            Term::Map(pairs)
        }
        other => other.clone(),
    }
}

fn is_deviation(text: &str) -> bool {
    let value = text.split_once(',').map(|(_, rest)| rest.trim_end().trim_end_matches("}."));
    DEVIATIONS.iter().any(|(known, _)| Some(*known) == value)
}

fn compare(dialect: Dialect, field: &str) {
    let (mut wrong, mut deviated) = (Vec::new(), 0);
    for line in TABLE.lines() {
        let row: Value = serde_json::from_str(line).unwrap();
        let text = row["text"].as_str().unwrap();
        let ours = read(text.as_bytes(), dialect).map(|terms| as_erlang(&Term::List(terms)));
        // A term that our decoder does not take is one that the reader must not give either.
        let theirs = row[field].as_str().map(|hex| etf::decode(&from_hex(hex)).map(|term| as_erlang(&term)));
        let same = match (&ours, &theirs) {
            (Ok(ours), Some(Ok(theirs))) => ours == theirs,
            (Err(_), None) => true,
            (Err(_), Some(_)) | (Ok(_), None) if is_deviation(text) => {
                deviated += 1;
                true
            }
            _ => false,
        };
        if !same {
            wrong.push(format!("{text:?}: {ours:?}, Erlang {theirs:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} differ: {wrong:#?}", wrong.len());
    assert!(deviated > 0, "no text of the table deviates: is the list of deviations still right?");
}

#[test]
fn metadata_is_read_unlike_the_reference() {
    compare(Dialect::Metadata, "metadata");
}

#[test]
fn configuration_is_read_unlike_file_consult() {
    compare(Dialect::Config, "config");
}

/// The reference's reader takes a quote behind two backslashes for an escaped one where another quote follows.
/// OTP writes such text (a binary that ends in a backslash), so we read it as it is meant.
#[test]
fn backslash_at_the_end_of_a_binary_swallows_what_follows() {
    let text = br#"{<<"a">>,<<"x\\">>}. {<<"b">>,<<"y">>}."#;
    for dialect in [Dialect::Metadata, Dialect::Config] {
        let terms = read(text, dialect).unwrap();
        assert_eq!(terms[0], Term::Tuple(vec![Term::binary("a"), Term::binary("x\\")]));
        assert_eq!(terms.len(), 2);
    }
}

#[test]
fn old_metadata_in_latin1_is_refused() {
    let terms = read(b"{<<\"a\">>,<<\"caf\xe9\"/utf8>>}.", Dialect::Metadata).unwrap();
    assert_eq!(terms, [Term::Tuple(vec![Term::binary("a"), Term::binary("café")])]);
}

#[test]
fn configuration_that_is_not_utf8_is_guessed_at() {
    let error = read(b"{a,\n \"\xe9\"}.", Dialect::Config).unwrap_err();
    assert_eq!((error.line, error.column), (2, 3));
}

#[test]
fn place_of_an_error_is_wrong() {
    let cases = [
        ("{a,b}.\n  {c,.", 2, 6),
        ("[a b].", 1, 4),
        ("{<<\"é日\">>,B}.", 1, 11),
        ("\"abc", 1, 1),
        ("a", 1, 2),
        ("{a,\n\n  9223372036854775808}.", 3, 3),
    ];
    for (text, line, column) in cases {
        let error = read(text.as_bytes(), Dialect::Metadata).unwrap_err();
        assert_eq!((error.line, error.column), (line, column), "{text:?}: {error}");
    }
    let error = read(b"x", Dialect::Config).unwrap_err().into_error(Code::BadConfig, "hex.config");
    assert_eq!(error.code, Code::BadConfig);
    assert_eq!(error.message, "hex.config, line 1, column 2: expected a full stop, found the end");
}

#[test]
fn secret_stands_in_an_error() {
    let texts = [
        "#{repo_key => <<\"x\">> s3cret}.",
        "#{repo_key => s3cret=>s3cret=>}.",
        "#{key => 5312345678901234567890123456789012345678901234567890}.",
        "#{key => 53123456789012345678901}.",
        "#{key => 99#5312}.",
        "#{key => 2#5312}.",
        "#{key => <<5312345678/utf8>>}.",
        "#{key => \"s3cret}.",
        "#{key => 's3cret}.",
        "s3cret",
    ];
    for text in texts {
        let error = read(text.as_bytes(), Dialect::Config).unwrap_err();
        assert!(!error.message.contains("s3") && !error.message.contains("53"), "{text}: {error}");
    }
}

/// What rebar3 keeps there: a map of repositories, with what its plugin stored, and keys of others.
#[test]
fn hex_config_changes_in_a_rewrite() {
    let text = "%% coding: utf-8\n#{<<\"$oauth\">> =>\n      #{access_token => <<\"x\">>,expires_at => 1764000000},\n  \
                <<\"hexpm\">> =>\n      #{username => <<\"jürgen\"/utf8>>,\n        write_key =>\n            \
                {<<5,200,0,255>>,\n             {<<\"k\\e\\\"\\\\\">>,<<\"ab\">>}}},\n  other => [\"a\",$b,1.5]}.\n";
    let terms = read(text.as_bytes(), Dialect::Config).unwrap();
    let written = format!("%% coding: utf-8\n{}.\n", write(&terms[0]));
    assert_eq!(
        written,
        "%% coding: utf-8\n#{<<\"$oauth\">> => #{access_token => <<\"x\">>,expires_at => 1764000000},\
         <<\"hexpm\">> => #{username => <<\"jürgen\"/utf8>>,\
         write_key => {<<5,200,0,255>>,{<<107,27,34,92>>,<<\"ab\">>}}},other => [\"a\",98,1.5]}.\n"
    );
    assert_eq!(read(written.as_bytes(), Dialect::Config).unwrap(), terms);
}

#[test]
fn nesting_is_unbounded() {
    for (open, close) in [("[", "]"), ("{", "}"), ("#{x=>", "}"), ("#{", "=>x}"), ("[x|", "]")] {
        let inner = if open == "[x|" { "[]" } else { "x" };
        let text = |depth: usize| format!("{}{inner}{}.", open.repeat(depth), close.repeat(depth));
        let deepest = if inner == "[]" { MAX_DEPTH - 1 } else { MAX_DEPTH };
        let dialect = Dialect::Config;
        assert!(read(text(deepest).as_bytes(), dialect).is_ok(), "{open}");
        let error = read(text(deepest + 1).as_bytes(), dialect).unwrap_err();
        assert!(error.message.contains("nest deeper"), "{error}");
        assert!(read(text(100_000).as_bytes(), dialect).is_err(), "{open}");
    }
}

#[test]
fn large_text_takes_quadratic_time() {
    // A mebibyte, the most that metadata may have, of what costs most: escapes, keys of one map, joined strings.
    let keys: String = (0..60_000).map(|key| format!("{key}=>[],")).collect();
    let map = format!("#{{{keys}x=>y}}.");
    let strings = format!("{}.", "\"\\n\" ".repeat(200_000));
    let started = std::time::Instant::now();
    for text in [map, strings] {
        assert_eq!(read(text.as_bytes(), Dialect::Metadata).unwrap().len(), 1);
    }
    assert!(started.elapsed().as_secs() < 20, "took {:?}", started.elapsed());
}

#[test]
fn atom_is_written_as_something_else() {
    let cases = [
        ("x", "x"),
        ("x@y_Z9", "x@y_Z9"),
        ("end", "'end'"),
        ("maybe", "'maybe'"),
        ("", "''"),
        ("A", "'A'"),
        ("é", "'é'"),
        ("it's", "'it\\'s'"),
        ("a\\", "'a\\134'"),
    ];
    for (name, expected) in cases {
        assert_eq!(write(&Term::atom(name)), expected);
    }
}

#[test]
fn value_is_written_as_something_else() {
    let cases = [
        (Term::Float(1.0), "1.0"),
        (Term::Float(1e100), "1.0e100"),
        (Term::Float(-1.5e-9), "-1.5e-9"),
        (Term::Float(f64::NAN), "undefined"),
        (Term::Integer(i64::MIN), "-9223372036854775808"),
        (Term::Binary(vec![]), "<<>>"),
        (Term::binary("a\"b\n"), "<<\"a\\\"b\\n\">>"),
        (Term::binary("é"), "<<\"é\"/utf8>>"),
        (Term::Binary(vec![233, 0]), "<<233,0>>"),
        (Term::binary("a\u{1}"), "<<97,1>>"),
        (Term::String("a\u{1}é".to_owned()), "\"a\\001é\""),
        (Term::String("\u{ffff}".to_owned()), "[65535]"),
        (Term::Map(vec![(Term::atom("a"), Term::List(vec![]))]), "#{a => []}"),
        (Term::Tuple(vec![Term::Integer(1), Term::atom("b")]), "{1,b}"),
    ];
    for (term, expected) in cases {
        assert_eq!(write(&term), expected);
    }
}

fn assert_read_back(term: &Term, dialect: Dialect) -> Result<(), TestCaseError> {
    let text = format!("{}.", write(term));
    let back = read(text.as_bytes(), dialect);
    prop_assert!(back.is_ok(), "{:?}: {}", back, text);
    prop_assert_eq!(
        back.unwrap().iter().map(as_erlang).collect::<Vec<_>>(),
        vec![as_erlang(term)],
        "{}",
        text
    );
    Ok(())
}

proptest! {
    #[test]
    fn configuration_changes_when_written(term in terms(true)) {
        assert_read_back(&term, Dialect::Config)?;
    }

    #[test]
    fn metadata_changes_when_written(term in terms(false)) {
        assert_read_back(&term, Dialect::Metadata)?;
    }

    #[test]
    fn some_text_makes_the_reader_panic(
        text in "([\\[\\]{}<>#,.=|/+-]|\"|'|\\\\|\\$|%|=>|<<|>>|utf8|x\\{?4|[a-z0-9A-Z_ \né日]){0,60}",
    ) {
        for dialect in [Dialect::Metadata, Dialect::Config] {
            let _ = read(text.as_bytes(), dialect);
        }
    }

    #[test]
    fn some_bytes_make_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
        for dialect in [Dialect::Metadata, Dialect::Config] {
            let _ = read(&bytes, dialect);
        }
    }
}

#[test]
fn erlang_reads_something_else_than_was_written() {
    let samples = crate::samples::sample(&terms(true), 400);
    let file = crate::samples::temporary("hexide-terms");
    let text: String = samples.iter().map(|term| write(term) + ".\n").collect();
    std::fs::write(&file, format!("%% coding: utf-8\n{text}")).unwrap();
    let script = format!(
        "{{ok, Terms}} = file:consult({:?}), \
         [io:format(\"~s~n\", [binary:encode_hex(term_to_binary(T, [{{minor_version, 2}}]))]) || T <- Terms]",
        file.to_str().unwrap()
    );
    let answer = erl(&script);
    std::fs::remove_file(&file).unwrap();
    let Some(answer) = answer else { return };
    let read: Vec<Term> =
        answer.lines().map(|line| as_erlang(&etf::decode(&from_hex(line)).unwrap())).collect();
    let written: Vec<Term> = samples.iter().map(as_erlang).collect();
    assert_eq!(read, written);
}
