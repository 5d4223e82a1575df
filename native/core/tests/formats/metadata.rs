//! The metadata of packages: read in all its forms, written, and checked before publishing.

use hexide_core::{
    Code,
    metadata::{Dependency, Metadata},
    term,
};
use proptest::prelude::*;
use serde_json::{Value, json};

const FULL: &str = r#"{<<"app">>,<<"foo_app">>}.
{<<"build_tools">>,[<<"rebar3">>,<<"mix">>]}.
{<<"description">>,<<"Größe\nmatters"/utf8>>}.
{<<"elixir">>,<<"~> 1.14">>}.
{<<"extra">>,[{<<"a">>,[{<<"b">>,[1,<<"two">>,true]}]},{<<"none">>,nil},{<<"empty">>,[]}]}.
{<<"files">>,[<<"src/foo.erl">>,<<"mix.exs">>]}.
{<<"licenses">>,[<<"Apache-2.0">>]}.
{<<"links">>,[{<<"Site">>,<<"http://localhost">>},{<<"Again">>,<<"x">>}]}.
{<<"maintainers">>,[<<"nobody">>]}.
{<<"name">>,<<"foo">>}.
{<<"requirements">>,
 [{<<"bar">>,
   [{<<"app">>,<<"bar">>},
    {<<"optional">>,true},
    {<<"repository">>,<<"acme">>},
    {<<"requirement">>,<<"~> 1.0">>}]}]}.
{<<"something_new">>,#{x => 1}}.
{<<"version">>,<<"1.0.0">>}.
"#;

fn bar() -> Dependency {
    Dependency {
        name: "bar".to_owned(),
        app: "bar".to_owned(),
        requirement: Some("~> 1.0".to_owned()),
        optional: true,
        repository: Some("acme".to_owned()),
    }
}

fn full() -> Metadata {
    Metadata {
        name: "foo".to_owned(),
        version: "1.0.0".to_owned(),
        app: Some("foo_app".to_owned()),
        description: Some("Größe\nmatters".to_owned()),
        licenses: vec!["Apache-2.0".to_owned()],
        links: vec![("Site".to_owned(), "http://localhost".to_owned()), ("Again".to_owned(), "x".to_owned())],
        files: vec!["src/foo.erl".to_owned(), "mix.exs".to_owned()],
        build_tools: vec!["rebar3".to_owned(), "mix".to_owned()],
        requirements: vec![bar()],
        elixir: Some("~> 1.14".to_owned()),
        extra: Some(json!({"a": {"b": [1, "two", true]}, "none": null, "empty": []})),
    }
}

/// Metadata of a name, a version, and these pairs.
fn parse(pairs: &str) -> hexide_core::Result<Metadata> {
    Metadata::parse(
        format!("{{<<\"name\">>,<<\"foo\">>}}. {{<<\"version\">>,<<\"1.0.0\">>}}. {pairs}").as_bytes(),
    )
}

#[test]
fn field_of_metadata_is_lost() {
    assert_eq!(Metadata::parse(FULL.as_bytes()).unwrap(), full());
}

#[test]
fn field_is_lost_in_writing() {
    assert_eq!(Metadata::parse(full().to_text().as_bytes()).unwrap(), full());
    let keys: Vec<String> = full().to_terms().iter().map(|(key, _)| term::write(key)).collect();
    let mut sorted = keys.clone();
    sorted.sort();
    assert_eq!(keys, sorted, "OTP lists a map's binary keys in this order");
    let smallest = Metadata { name: "foo".to_owned(), version: "1.0.0".to_owned(), ..Metadata::default() };
    insta::assert_snapshot!(smallest.to_text(), @r#"
    {<<"build_tools">>,[]}.
    {<<"files">>,[]}.
    {<<"licenses">>,[]}.
    {<<"links">>,[]}.
    {<<"name">>,<<"foo">>}.
    {<<"requirements">>,[]}.
    {<<"version">>,<<"1.0.0">>}.
    "#);
}

#[test]
fn missing_lists_are_demanded() {
    let metadata = parse("").unwrap();
    assert_eq!(
        (metadata.app, metadata.description, metadata.elixir, metadata.extra),
        (None, None, None, None)
    );
    assert!(metadata.requirements.is_empty() && metadata.links.is_empty() && metadata.files.is_empty());
    let absent =
        "{<<\"app\">>,nil}. {<<\"links\">>,undefined}. {<<\"requirements\">>,nil}. {<<\"extra\">>,nil}.";
    assert_eq!(parse(absent).unwrap(), parse("").unwrap());
}

#[test]
fn dependency_is_lost_in_one_of_its_forms() {
    let forms = [
        r#"[{<<"bar">>,[{<<"app">>,<<"bar">>},{<<"optional">>,true},{<<"requirement">>,<<"~> 1.0">>},{<<"repository">>,<<"acme">>}]}]"#,
        r#"[[{<<"name">>,<<"bar">>},{<<"app">>,<<"bar">>},{<<"optional">>,true},{<<"requirement">>,<<"~> 1.0">>},{<<"repository">>,<<"acme">>}]]"#,
        r#"#{<<"bar">> => #{<<"app">> => <<"bar">>,<<"optional">> => true,<<"requirement">> => <<"~> 1.0">>,<<"repository">> => <<"acme">>}}"#,
        r#"[#{<<"requirement">> => <<"~> 1.0">>,<<"name">> => <<"bar">>,<<"optional">> => true,<<"repository">> => <<"acme">>}]"#,
    ];
    for form in forms {
        let metadata = parse(&format!("{{<<\"requirements\">>,{form}}}.")).unwrap();
        assert_eq!(metadata.requirements, [bar()], "{form}");
    }
    let bare = parse(r#"{<<"requirements">>,[{<<"bar">>,[{<<"requirement">>,nil}]}]}."#).unwrap();
    let expected = Dependency { requirement: None, optional: false, repository: None, ..bar() };
    assert_eq!(bare.requirements, [expected]);
}

#[test]
fn key_that_occurs_twice_has_its_first_value() {
    let text = r#"{<<"app">>,<<"a">>}. {<<"app">>,<<"b">>}.
        {<<"links">>,[{<<"x">>,<<"1">>},{<<"y">>,<<"2">>},{<<"x">>,<<"3">>}]}.
        {<<"requirements">>,[{<<"bar">>,[{<<"app">>,<<"c">>}]},{<<"bar">>,[{<<"app">>,<<"d">>}]}]}."#;
    let metadata = parse(text).unwrap();
    assert_eq!(metadata.app.as_deref(), Some("b"));
    assert_eq!(metadata.links, [("x".to_owned(), "3".to_owned()), ("y".to_owned(), "2".to_owned())]);
    assert_eq!(metadata.requirements.iter().map(|one| one.app.as_str()).collect::<Vec<_>>(), ["d"]);
}

#[test]
fn build_tools_are_guessed_unlike_the_reference() {
    let cases: [(&str, &[&str]); 10] = [
        ("mix.exs", &["mix"]),
        ("rebar.config", &["rebar3"]),
        ("rebar", &["rebar3"]),
        ("Makefile", &["make"]),
        ("Makefile.win", &["make"]),
        ("erlang.mk", &[]),
        ("a/mix.exs", &[]),
        ("./mix.exs", &[]),
        ("rebar.config.script", &[]),
        ("mix.exs\">>,<<\"rebar.config\">>,<<\"rebar\">>,<<\"Makefile", &["make", "mix", "rebar3"]),
    ];
    for (file, tools) in cases {
        let files = format!("{{<<\"files\">>,[<<\"{file}\">>]}}.");
        assert_eq!(parse(&files).unwrap().build_tools, tools, "{file}");
        let unknown = format!("{files} {{<<\"build_tools\">>,nil}}.");
        assert_eq!(parse(&unknown).unwrap().build_tools, tools, "{file}");
        let none = format!("{files} {{<<\"build_tools\">>,[]}}.");
        assert!(parse(&none).unwrap().build_tools.is_empty(), "{file}");
    }
}

#[test]
fn text_that_is_not_utf8_is_refused() {
    let metadata = Metadata::parse(
        b"{<<\"name\">>,<<\"foo\">>}.{<<\"version\">>,<<\"1.0.0\">>}.{<<\"description\">>,<<\"caf\xe9\">>}.",
    );
    assert_eq!(metadata.unwrap().description.as_deref(), Some("café"));
    // UTF-8, but a binary without its type: one byte a character.
    assert_eq!(parse("{<<\"description\">>,<<\"café\">>}.").unwrap().description.as_deref(), Some("café"));
    assert_eq!(parse("{<<\"description\">>,<<195,169>>}.").unwrap().description.as_deref(), Some("é"));
}

#[test]
fn extra_becomes_other_json() {
    let cases = [
        ("[]", json!({})),
        ("[{<<\"a\">>,[]}]", json!({"a": []})),
        ("#{a => <<\"b\">>}", json!({"a": "b"})),
        ("[1,-2]", json!([1, -2])),
        ("{a,b,\"c\"}", json!(["a", "b", "c"])),
        ("[{<<\"a\">>,1},2]", json!([["a", 1], 2])),
        ("#{1 => true,{} => undefined}", json!({"1": true, "{}": null})),
        ("<<\"x\">>", json!("x")),
    ];
    for (text, expected) in cases {
        assert_eq!(parse(&format!("{{<<\"extra\">>,{text}}}.")).unwrap().extra, Some(expected), "{text}");
    }
    let numbers = Metadata { extra: Some(json!({"float": 1.5, "large": u64::MAX})), ..full() };
    let back = Metadata::parse(numbers.to_text().as_bytes()).unwrap();
    assert_eq!(back.extra, Some(json!({"float": "1.5", "large": u64::MAX.to_string()})));
}

#[test]
fn wrong_metadata_is_taken_or_its_key_is_not_named() {
    let cases = [
        ("{<<\"name\">>,nil}.", Some("name")),
        ("{<<\"version\">>,1}.", Some("version")),
        ("{<<\"app\">>,[]}.", Some("app")),
        ("{<<\"description\">>,{}}.", Some("description")),
        ("{<<\"files\">>,<<\"a\">>}.", Some("files")),
        ("{<<\"files\">>,[{<<\"a\">>,<<\"b\">>}]}.", Some("files")),
        ("{<<\"licenses\">>,[1]}.", Some("licenses")),
        ("{<<\"build_tools\">>,[[]]}.", Some("build_tools")),
        ("{<<\"links\">>,[<<\"a\">>]}.", Some("links")),
        ("{<<\"elixir\">>,1}.", Some("elixir")),
        ("{<<\"requirements\">>,1}.", Some("requirements")),
        ("{<<\"requirements\">>,[a]}.", Some("requirements")),
        ("{<<\"requirements\">>,[[{<<\"app\">>,<<\"a\">>}]]}.", Some("requirements")),
        ("{<<\"requirements\">>,[{<<\"bar\">>,<<\"~> 1.0\">>}]}.", Some("requirements.bar")),
        ("{<<\"requirements\">>,[{<<\"bar\">>,[{<<\"optional\">>,1}]}]}.", Some("requirements.bar")),
        ("{<<\"requirements\">>,[{1,[]}]}.", Some("requirements")),
        ("{a,b,c}.", None),
        ("a.", None),
        ("{a,", None),
        ("% comment", None),
    ];
    for (text, key) in cases {
        let error = parse(text).unwrap_err();
        assert_eq!((error.code, error.details.key.as_deref()), (Code::BadMetadata, key), "{text}: {error}");
        assert!(error.message.starts_with("metadata.config"), "{error}");
    }
    for (text, key) in
        [("{<<\"version\">>,<<\"1.0.0\">>}.", "name"), ("{<<\"name\">>,<<\"foo\">>}.", "version")]
    {
        let error = Metadata::parse(text.as_bytes()).unwrap_err();
        assert_eq!((error.code, error.details.key.as_deref()), (Code::BadMetadata, Some(key)));
        assert_eq!(error.message, format!("metadata.config: {key} is missing"));
    }
    assert_eq!(Metadata::parse(b"").unwrap_err().code, Code::BadMetadata);
}

/// The text of `metadata.config` in a tarball, if it is one.
fn metadata_text(tarball: &[u8]) -> Option<Vec<u8>> {
    let mut archive = tar::Archive::new(tarball);
    let mut entries = archive.entries().ok()?.filter_map(Result::ok);
    let mut entry = entries.find(|entry| entry.path_bytes().as_ref() == b"metadata.config")?;
    let mut text = Vec::new();
    std::io::Read::read_to_end(&mut entry, &mut text).ok()?;
    Some(text)
}

/// As it was written before licences had identifiers: long terms broken by OTP, generated files with `@` in their names.
#[test]
fn metadata_of_an_old_client_does_not_parse() {
    let files: Vec<String> = (0..89).map(|number| format!("gen/src/old@module_{number}.erl")).collect();
    let listed: Vec<String> = files.iter().map(|file| format!("<<\"{file}\">>")).collect();
    let text = format!(
        r#"{{<<"app">>,<<"old">>}}.
{{<<"build_tools">>,[<<"rebar3">>]}}.
{{<<"description">>,
 <<"What many packages were made upon, and what some still depend on">>}}.
{{<<"files">>,
 [{}]}}.
{{<<"licenses">>,[<<"Apache 2.0">>]}}.
{{<<"links">>,[{{<<"Home">>,<<"http://localhost/">>}}]}}.
{{<<"name">>,<<"old">>}}.
{{<<"requirements">>,[]}}.
{{<<"version">>,<<"0.14.0">>}}.
"#,
        listed.join(",\n  ")
    );
    let metadata = Metadata::parse(text.as_bytes()).unwrap();
    assert_eq!((metadata.name.as_str(), metadata.version.as_str()), ("old", "0.14.0"));
    assert_eq!((&metadata.files, metadata.build_tools.as_slice()), (&files, &["rebar3".to_owned()][..]));
    assert_eq!(
        metadata.check().into_iter().map(|problem| problem.message).collect::<Vec<_>>(),
        ["\"Apache 2.0\" is not an SPDX identifier, nor LicenseRef-NAME"]
    );
    assert_eq!(Metadata::parse(metadata.to_text().as_bytes()).unwrap(), metadata);
}

#[test]
fn recorded_metadata_does_not_parse() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../test/data/hexpm");
    for file in ["api.jsonl", "mix-client.jsonl"] {
        let lines = std::fs::read_to_string(format!("{folder}/{file}")).unwrap();
        let exchanges = lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        let mut seen = 0;
        for exchange in exchanges.filter(|exchange| exchange["response"]["status"] == 201) {
            let body = exchange["request"]["body"]["base64"].as_str().map(crate::samples::from_base64);
            let Some(text) = body.and_then(|body| metadata_text(&body)) else { continue };
            let metadata = Metadata::parse(&text).unwrap();
            assert_eq!(metadata.check(), [], "{file} {}", exchange["n"]);
            assert_eq!(Metadata::parse(metadata.to_text().as_bytes()).unwrap(), metadata);
            seen += 1;
        }
        assert!(seen > 0, "{file} has no tarball that was accepted");
    }
}

/// JSON that metadata can hold: no floats, and no empty object within (it is written as an empty list).
fn extra() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
    ];
    let value = leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map(".{0,4}", inner, 1..4)
                .prop_map(|pairs| Value::Object(pairs.into_iter().collect())),
        ]
    });
    proptest::collection::btree_map(".{0,4}", value, 0..4)
        .prop_map(|pairs| Value::Object(pairs.into_iter().collect()))
}

proptest! {
    #[test]
    fn metadata_changes_when_written(
        description in proptest::option::of(".{0,40}"),
        files in proptest::collection::vec(".{1,20}", 0..5),
        links in proptest::collection::btree_map(".{0,8}", ".{0,20}", 0..4),
        name in "[ -~]{1,8}",
        extra in proptest::option::of(extra()),
    ) {
        let metadata = Metadata {
            description,
            files,
            links: links.into_iter().collect(),
            requirements: vec![Dependency { name: name.clone(), app: name, ..bar() }],
            extra,
            ..full()
        };
        prop_assert_eq!(Metadata::parse(metadata.to_text().as_bytes()).unwrap(), metadata);
    }

    #[test]
    fn some_metadata_makes_the_parser_panic(
        key in "(name|version|app|files|links|requirements|extra|build_tools|licenses)",
        value in "([\\[\\]{},]|#\\{|=>|<<\"x\">>|<<\"name\">>|x|1){1,24}",
    ) {
        let _ = parse(&format!("{{<<\"{key}\">>,{value}}}."));
    }
}
