//! Version requirements, in Elixir's language (docs/protocol.md §4).

use std::{cmp::Ordering, fmt, str::FromStr};

use crate::{
    error::{Code, Error, Result},
    version::Version,
};

/// A parsed requirement, e.g. `~> 1.2 and != 1.2.5 or >= 2.0.0`.
///
/// Parse it once and match often: matching neither parses nor allocates. [`Display`](fmt::Display) writes it
/// with every operator named (`1.0.0` becomes `== 1.0.0`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requirement {
    /// At least one alternative, of at least one comparison each.
    alternatives: Vec<Vec<Comparison>>,
}

/// An operator and its version.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Comparison {
    operator: Operator,
    version: Version,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Equal,
    NotEqual,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
    /// `~> 1.2`: the same major number.
    WithinMajor,
    /// `~> 1.2.3`: the same major and minor number.
    WithinMinor,
}

impl Requirement {
    /// Whether `version` satisfies this. A pre-release matches `>`, `>=` and `~>` only where the version
    /// beside the operator is itself a pre-release, or with `allow_pre`; the other operators compare by
    /// precedence alone.
    #[must_use]
    pub fn matches(&self, version: &Version, allow_pre: bool) -> bool {
        self.alternatives.iter().any(|all| all.iter().all(|one| one.matches(version, allow_pre)))
    }
}

impl Comparison {
    fn matches(&self, version: &Version, allow_pre: bool) -> bool {
        let bound = &self.version;
        let order = version.cmp(bound);
        let may_be_pre = || allow_pre || version.pre().is_empty() || !bound.pre().is_empty();
        match self.operator {
            Operator::Equal => order == Ordering::Equal,
            Operator::NotEqual => order != Ordering::Equal,
            Operator::Less => order == Ordering::Less,
            Operator::LessOrEqual => order != Ordering::Greater,
            Operator::Greater => order == Ordering::Greater && may_be_pre(),
            Operator::GreaterOrEqual => order != Ordering::Less && may_be_pre(),
            Operator::WithinMajor => {
                order != Ordering::Less && version.major() == bound.major() && may_be_pre()
            }
            Operator::WithinMinor => {
                order != Ordering::Less
                    && version.major() == bound.major()
                    && version.minor() == bound.minor()
                    && may_be_pre()
            }
        }
    }

    /// `operator` as it stands before `text`; `None` where the text is no version for it.
    fn parse(operator: &str, text: &str) -> Option<Self> {
        let operator = match operator {
            "==" => Operator::Equal,
            "!=" | "!" => Operator::NotEqual,
            ">" => Operator::Greater,
            ">=" => Operator::GreaterOrEqual,
            "<" => Operator::Less,
            "<=" => Operator::LessOrEqual,
            _ => {
                return match with_patch(text) {
                    Some(full) => Some(Self { operator: Operator::WithinMajor, version: full.parse().ok()? }),
                    None => Some(Self { operator: Operator::WithinMinor, version: text.parse().ok()? }),
                };
            }
        };
        Some(Self { operator, version: text.parse().ok()? })
    }
}

/// `1.2-rc` as `1.2.0-rc`; `None` where the text has not exactly two numbers.
fn with_patch(text: &str) -> Option<String> {
    let end = text.find(['-', '+']).unwrap_or(text.len());
    let (numbers, rest) = text.split_at_checked(end)?;
    (numbers.matches('.').count() == 1).then(|| format!("{numbers}.0{rest}"))
}

/// What the text of a requirement is made of.
#[derive(Clone, Copy, PartialEq)]
enum Token<'a> {
    Operator(&'a str),
    And,
    Or,
    Text(&'a str),
}

/// Longer operators stand before those they begin with.
const OPERATORS: [&str; 8] = [">=", "<=", "~>", "==", "!=", ">", "<", "!"];

/// Splits as Elixir does: `and` and `or` need a space on both sides, all else may touch, and a space ends a
/// version.
fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix(" and ") {
            tokens.push(Token::And);
            rest = after;
        } else if let Some(after) = rest.strip_prefix(" or ") {
            tokens.push(Token::Or);
            rest = after;
        } else if let Some(after) = rest.strip_prefix(' ') {
            rest = after;
        } else if let Some(operator) = OPERATORS.into_iter().find(|operator| rest.starts_with(operator)) {
            tokens.push(Token::Operator(operator));
            rest = rest.strip_prefix(operator).unwrap_or_default();
        } else {
            // A lone `=` or `~` is no operator and thereby part of the text, where no version has it.
            let end = rest
                .char_indices()
                .map(|(at, _)| at)
                .find(|&at| {
                    let tail = rest.get(at..).unwrap_or_default();
                    tail.starts_with(' ') || OPERATORS.iter().any(|operator| tail.starts_with(operator))
                })
                .unwrap_or(rest.len());
            let (word, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
            tokens.push(Token::Text(word));
            rest = after;
        }
    }
    tokens
}

/// Groups tokens into alternatives of comparisons; `None` where they make no requirement.
fn alternatives(tokens: &[Token<'_>]) -> Option<Vec<Vec<Comparison>>> {
    let mut alternatives = Vec::new();
    for alternative in tokens.split(|token| *token == Token::Or) {
        let mut comparisons = Vec::new();
        for comparison in alternative.split(|token| *token == Token::And) {
            comparisons.push(match comparison {
                [Token::Text(version)] => Comparison::parse("==", version)?,
                [Token::Operator(operator), Token::Text(version)] => Comparison::parse(operator, version)?,
                _ => return None,
            });
        }
        alternatives.push(comparisons);
    }
    Some(alternatives)
}

impl FromStr for Requirement {
    type Err = Error;

    /// Reads a requirement: `==`, `!=` (or `!`), `>`, `>=`, `<`, `<=`, `~>` (which alone takes a version of
    /// two numbers), a bare version meaning `==`, joined by `and` and `or`, of which `or` binds looser.
    fn from_str(text: &str) -> Result<Self> {
        alternatives(&tokens(text)).map(|alternatives| Self { alternatives }).ok_or_else(|| {
            Error::new(Code::BadRequirement, format!("{text:?} is not a version requirement such as ~> 1.2"))
                .with(|details| details.actual = Some(text.to_owned()))
        })
    }
}

impl fmt::Display for Requirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, alternative) in self.alternatives.iter().enumerate() {
            if index > 0 {
                f.write_str(" or ")?;
            }
            for (index, comparison) in alternative.iter().enumerate() {
                if index > 0 {
                    f.write_str(" and ")?;
                }
                comparison.fmt(f)?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let version = &self.version;
        match self.operator {
            Operator::Equal => write!(f, "== {version}"),
            Operator::NotEqual => write!(f, "!= {version}"),
            Operator::Greater => write!(f, "> {version}"),
            Operator::GreaterOrEqual => write!(f, ">= {version}"),
            Operator::Less => write!(f, "< {version}"),
            Operator::LessOrEqual => write!(f, "<= {version}"),
            Operator::WithinMinor => write!(f, "~> {version}"),
            Operator::WithinMajor => {
                write!(f, "~> {}.{}", version.major(), version.minor())?;
                if !version.pre().is_empty() {
                    write!(f, "-{}", version.pre())?;
                }
                Ok(())
            }
        }
    }
}
