//! Versions and requirements, against the answers of Elixir's own Version module and by their rules.

use std::cmp::Ordering;

use hexide_core::{Code, Requirement, Version, version::Part};
use proptest::prelude::*;

/// What Elixir said; `data/versions.exs` made it and says what the columns are.
const TABLE: &str = include_str!("../data/versions.txt");

fn rows() -> impl Iterator<Item = Vec<&'static str>> {
    TABLE.lines().filter(|line| !line.starts_with('#')).map(|line| line.split('|').collect())
}

fn version(text: &str) -> Version {
    text.parse().unwrap()
}

fn answer(version: &str, requirement: &str, allow_pre: bool) -> char {
    match (requirement.parse::<Requirement>(), version.parse::<Version>()) {
        (Err(_), _) => 'r',
        (Ok(_), Err(_)) => 'v',
        (Ok(requirement), Ok(version)) if requirement.matches(&version, allow_pre) => 'y',
        _ => 'n',
    }
}

#[test]
fn matching_differs_from_elixir() {
    let mut wrong = Vec::new();
    let mut seen = 0;
    for row in rows() {
        let &[version, requirement, expected] = row.as_slice() else { continue };
        let actual: String =
            [false, true].into_iter().map(|allow_pre| answer(version, requirement, allow_pre)).collect();
        seen += 1;
        if actual != expected {
            wrong.push(format!("{version:?} {requirement:?}: {actual}, Elixir says {expected}"));
        }
    }
    assert!(seen > 500, "the table has only {seen} pairs");
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn ordering_differs_from_elixir() {
    let mut seen = 0;
    for row in rows() {
        let &["compare", a, b, expected] = row.as_slice() else { continue };
        let actual = match version(a).cmp(&version(b)) {
            Ordering::Less => "lt",
            Ordering::Equal => "eq",
            Ordering::Greater => "gt",
        };
        assert_eq!(actual, expected, "{a} against {b}");
        seen += 1;
    }
    assert!(seen > 50, "the table has only {seen} comparisons");
}

#[test]
fn requirement_changes_its_meaning_when_written() {
    for row in rows() {
        let &[of, text, _] = row.as_slice() else { continue };
        let Ok(requirement) = text.parse::<Requirement>() else { continue };
        let written = requirement.to_string();
        assert_eq!(written.parse::<Requirement>().unwrap(), requirement, "{text:?} written as {written:?}");
        for allow_pre in [false, true] {
            assert_eq!(
                answer(of, &written, allow_pre),
                answer(of, text, allow_pre),
                "{text:?} as {written:?}"
            );
        }
    }
}

#[test]
fn requirement_is_written_without_its_operators() {
    let cases = [
        ("1.0.0", "== 1.0.0"),
        ("!1.0.0", "!= 1.0.0"),
        ("~> 1.2", "~> 1.2"),
        ("~> 1.2.3", "~> 1.2.3"),
        ("~> 1.2-rc.1 or >=1.0.0  and  <2.0.0", "~> 1.2-rc.1 or >= 1.0.0 and < 2.0.0"),
    ];
    for (text, expected) in cases {
        assert_eq!(text.parse::<Requirement>().unwrap().to_string(), expected);
    }
}

#[test]
fn wrong_text_gets_the_wrong_code() {
    let error = "1.0".parse::<Version>().unwrap_err();
    assert_eq!((error.code, error.details.actual.as_deref()), (Code::BadVersion, Some("1.0")));
    let error = "~> 1".parse::<Requirement>().unwrap_err();
    assert_eq!((error.code, error.details.actual.as_deref()), (Code::BadRequirement, Some("~> 1")));
}

#[test]
fn number_beyond_64_bits_is_not_refused() {
    assert_eq!("18446744073709551616.0.0".parse::<Version>().unwrap_err().code, Code::BadVersion);
    assert_eq!("~> 18446744073709551616.0".parse::<Requirement>().unwrap_err().code, Code::BadRequirement);
}

#[test]
fn build_metadata_counts_in_equality() {
    assert_eq!(version("1.0.0+a"), version("1.0.0+b"));
    assert_eq!(version("1.0.0+a").to_string(), "1.0.0+a");
}

#[test]
fn bump_goes_to_the_wrong_version() {
    use Part::{Major, Minor, Patch};
    let cases = [
        ("1.2.3", Major, None, "2.0.0"),
        ("1.2.3", Minor, None, "1.3.0"),
        ("1.2.3", Patch, None, "1.2.4"),
        ("1.2.3+b", Patch, None, "1.2.4"),
        ("1.2.3", Major, Some("rc"), "2.0.0-rc.1"),
        ("1.2.3", Minor, Some("rc"), "1.3.0-rc.1"),
        ("1.2.3", Patch, Some("rc"), "1.2.4-rc.1"),
        ("1.3.0-rc.1", Minor, Some("rc"), "1.3.0-rc.2"),
        ("1.3.0-rc.9", Minor, Some("rc"), "1.3.0-rc.10"),
        ("1.3.0-rc", Minor, Some("rc"), "1.3.0-rc.1"),
        ("1.3.0-beta.4", Minor, Some("rc"), "1.3.0-rc.1"),
        ("1.3.0-rc.1", Minor, Some("alpha"), "1.4.0-alpha.1"),
        ("1.3.0-rc.1.x", Minor, Some("rc"), "1.4.0-rc.1"),
        ("1.3.0-rc.1", Major, Some("rc"), "2.0.0-rc.1"),
        ("1.3.1-rc.1", Patch, Some("rc"), "1.3.1-rc.2"),
        ("1.3.1-rc.1", Minor, Some("rc"), "1.4.0-rc.1"),
        ("1.3.0-rc.1", Minor, None, "1.3.0"),
        ("1.3.0-rc.1", Patch, None, "1.3.0"),
        ("1.3.0-rc.1", Major, None, "2.0.0"),
        ("2.0.0-rc.1", Major, None, "2.0.0"),
        ("2.0.0-rc.1", Minor, None, "2.0.0"),
        ("1.3.1-rc.1", Minor, None, "1.4.0"),
        ("1.3.1-rc.1", Patch, None, "1.3.1"),
    ];
    for (from, part, pre, expected) in cases {
        let next = version(from).bump(part, pre).unwrap();
        assert_eq!(next.to_string(), expected, "{from} {part:?} {pre:?}");
    }
}

#[test]
fn bump_takes_what_is_no_identifier() {
    for pre in ["", ".", "rc.1", "r c", "é", "01", "rc+"] {
        assert_eq!(
            version("1.0.0").bump(Part::Minor, Some(pre)).unwrap_err().code,
            Code::BadVersion,
            "{pre:?}"
        );
    }
}

#[test]
fn bump_overflows() {
    let cases = [
        ("18446744073709551615.0.0", Part::Major, None),
        ("0.18446744073709551615.0", Part::Minor, Some("rc")),
        ("0.0.18446744073709551615", Part::Patch, None),
        ("1.0.0-rc.18446744073709551615", Part::Major, Some("rc")),
        ("1.0.0-rc.99999999999999999999", Part::Major, Some("rc")),
    ];
    for (from, part, pre) in cases {
        assert_eq!(version(from).bump(part, pre).unwrap_err().code, Code::BadVersion, "{from}");
    }
}

proptest! {
    #[test]
    fn bump_does_not_go_up(
        text in "(0|[1-9][0-9]{0,2})\\.(0|[1-9])\\.(0|[1-9])(-(rc|a|[1-9])(\\.(0|[1-9][0-9]?|x))?)?",
        part in prop_oneof![Just(Part::Major), Just(Part::Minor), Just(Part::Patch)],
        pre in proptest::option::of("[a-z][a-z0-9-]{0,3}"),
    ) {
        let from = version(&text);
        let next = from.bump(part, pre.as_deref()).unwrap();
        prop_assert!(next > from, "{from} to {next}");
        prop_assert_eq!(next.pre().is_empty(), pre.is_none());
    }

    #[test]
    fn some_text_makes_the_parsers_panic(text in "[ ~>=<!.0-9a-zé+-]{0,24}") {
        if let Ok(requirement) = text.parse::<Requirement>() {
            let _ = requirement.matches(&version("1.0.0"), false);
        }
        let _ = text.parse::<Version>();
    }
}
