//! What is said against a release before it is published.

use hexide_core::{
    metadata::{Dependency, MAX_DESCRIPTION, Metadata},
    name,
};

fn dependency() -> Dependency {
    Dependency {
        name: "bar".to_owned(),
        app: "bar".to_owned(),
        requirement: Some("~> 1.0".to_owned()),
        optional: false,
        repository: None,
    }
}

/// A release that nothing stands against.
fn good() -> Metadata {
    Metadata {
        name: "foo".to_owned(),
        version: "1.0.0-rc.1".to_owned(),
        app: Some("foo_app".to_owned()),
        description: Some("Größe matters".to_owned()),
        licenses: vec!["Apache-2.0".to_owned()],
        files: vec!["src/foo.erl".to_owned()],
        build_tools: vec!["rebar3".to_owned()],
        requirements: vec![dependency()],
        elixir: Some("~> 1.14".to_owned()),
        ..Metadata::default()
    }
}

/// `field: message` of every problem.
fn problems(metadata: &Metadata) -> Vec<String> {
    metadata.check().into_iter().map(|problem| format!("{}: {}", problem.field, problem.message)).collect()
}

#[test]
fn good_release_is_held_back() {
    assert!(good().check_for_client().is_empty());
    for license in ["MIT", "Apache-2.0", "GPL-2.0", "GPL-2.0+", "LicenseRef-scancode-x.1", "0BSD", "ISC"] {
        let metadata = Metadata { licenses: vec![license.to_owned()], ..good() };
        assert_eq!(problems(&metadata), [""; 0], "{license}");
    }
    let any = Metadata { requirements: vec![Dependency { requirement: None, ..dependency() }], ..good() };
    assert!(any.check().is_empty());
}

#[test]
fn only_the_first_problem_is_told() {
    let bad = Dependency {
        name: "Bar".to_owned(),
        app: String::new(),
        requirement: Some("~> 1".to_owned()),
        ..dependency()
    };
    let metadata = Metadata {
        name: "Foo".to_owned(),
        version: "1.0".to_owned(),
        licenses: vec!["Apache 2".to_owned(), "MIT".to_owned()],
        requirements: vec![bad],
        elixir: Some("1.14".to_owned()),
        description: Some(" ".to_owned()),
        ..Metadata::default()
    };
    insta::assert_snapshot!(problems(&metadata).join("\n"), @r#"
    name: "Foo" must begin with a-z, go on with a-z, 0-9 and _, and have at least two characters
    version: "1.0" is not a version such as 1.2.3
    app: is missing
    description: is missing
    files: is missing
    build_tools: is missing
    licenses: "Apache 2" is not an SPDX identifier, nor LicenseRef-NAME
    elixir: "1.14" is not a version requirement such as ~> 1.14
    requirements.Bar: "Bar" must begin with a-z, go on with a-z, 0-9 and _, and have at least two characters
    requirements.Bar: names no application
    requirements.Bar: "~> 1" is not a version requirement such as ~> 1.2
    "#);
}

#[test]
fn wrong_version_or_licence_is_let_through() {
    let built = Metadata { version: "1.0.0+b".to_owned(), ..good() };
    assert_eq!(problems(&built), ["version: must not have build metadata (+b)"]);
    let unlicensed = Metadata { licenses: vec![], ..good() };
    assert_eq!(problems(&unlicensed), ["licenses: is missing"]);
    for license in [
        "",
        "mit",
        "Apache 2.0",
        "MIT OR ISC",
        "MIT+",
        "GPL-2.0++",
        "LicenseRef-",
        "LicenseRef-a b",
        "NOASSERTION",
    ] {
        let metadata = Metadata { licenses: vec![license.to_owned()], ..good() };
        assert_eq!(problems(&metadata).len(), 1, "{license:?}");
    }
}

#[test]
fn description_is_measured_by_the_server_or_in_bytes() {
    let described = |length: usize| Metadata { description: Some("é".repeat(length)), ..good() };
    assert!(described(MAX_DESCRIPTION).check_for_client().is_empty());
    let long = described(MAX_DESCRIPTION + 1);
    assert!(long.check().is_empty());
    assert_eq!(long.check_for_client()[0].field, "description");
}

#[test]
fn package_name_is_judged_wrongly() {
    for good in ["ab", "a1", "a_", "foo_bar2"] {
        assert!(name::is_package(good), "{good}");
    }
    for bad in ["", "a", "A", "aB", "1a", "_a", "a-b", "a.b", "ab\n", "aé", " ab"] {
        assert!(!name::is_package(bad), "{bad:?}");
    }
}

#[test]
fn reserved_name_is_given_away() {
    for reserved in ["stdlib", "otp", "mix", "rebar3", "repository", "con", "lpt9", "com1"] {
        assert!(name::is_reserved(reserved), "{reserved}");
        let metadata = Metadata { name: reserved.to_owned(), ..good() };
        assert_eq!(problems(&metadata), ["name: is reserved"]);
    }
    for free in ["hexide", "com", "com0", "com10", "lpt", "mixer", "comx"] {
        assert!(!name::is_reserved(free), "{free}");
    }
}
