//! Metadata as terms, and as text.

use serde_json::Value;

use super::{Dependency, Metadata};
use crate::term::{self, Term};

impl Metadata {
    /// The pairs of `metadata.config` in the order in which OTP lists a map of them (by key). What is absent
    /// is left out; lists stand even when they are empty.
    #[must_use]
    pub fn to_terms(&self) -> Vec<(Term, Term)> {
        let optional = |text: &Option<String>| text.as_deref().map(Term::binary);
        let links = self.links.iter().map(|(label, url)| pair(label, Term::binary(url.as_str())));
        [
            ("app", optional(&self.app)),
            ("build_tools", Some(texts(&self.build_tools))),
            ("description", optional(&self.description)),
            ("elixir", optional(&self.elixir)),
            ("extra", self.extra.as_ref().map(extra)),
            ("files", Some(texts(&self.files))),
            ("licenses", Some(texts(&self.licenses))),
            ("links", Some(Term::List(links.collect()))),
            ("name", Some(Term::binary(self.name.as_str()))),
            ("requirements", Some(Term::List(self.requirements.iter().map(dependency).collect()))),
            ("version", Some(Term::binary(self.version.as_str()))),
        ]
        .into_iter()
        .filter_map(|(key, value)| Some((Term::binary(key), value?)))
        .collect()
    }

    /// A plain rendering, one pair a line, for callers without a BEAM. (For the reference's own bytes, OTP
    /// must render the text: it wraps long lines.)
    #[must_use]
    pub fn to_text(&self) -> String {
        let lines = self.to_terms().into_iter().map(|(key, value)| {
            let mut line = term::write(&Term::Tuple(vec![key, value]));
            line.push_str(".\n");
            line
        });
        lines.collect()
    }
}

fn texts(texts: &[String]) -> Term {
    Term::List(texts.iter().map(|text| Term::binary(text.as_str())).collect())
}

fn pair(key: &str, value: Term) -> Term {
    Term::Tuple(vec![Term::binary(key), value])
}

fn dependency(dependency: &Dependency) -> Term {
    let mut properties = vec![
        pair("app", Term::binary(dependency.app.as_str())),
        pair("optional", Term::atom(dependency.optional.to_string())),
    ];
    if let Some(repository) = &dependency.repository {
        properties.push(pair("repository", Term::binary(repository.as_str())));
    }
    if let Some(requirement) = &dependency.requirement {
        properties.push(pair("requirement", Term::binary(requirement.as_str())));
    }
    pair(&dependency.name, Term::List(properties))
}

/// JSON as metadata writes it: objects as lists of pairs, null as `nil` (which Elixir reads as such). The
/// reference's reader knows no floats: one that is whole becomes an integer, any other its text.
fn extra(value: &Value) -> Term {
    match value {
        Value::Null => Term::atom("nil"),
        Value::Bool(value) => Term::atom(value.to_string()),
        Value::Number(number) => {
            number.as_i64().map_or_else(|| Term::binary(number.to_string()), Term::Integer)
        }
        Value::String(text) => Term::binary(text.as_str()),
        Value::Array(values) => Term::List(values.iter().map(extra).collect()),
        Value::Object(pairs) => {
            Term::List(pairs.iter().map(|(key, value)| pair(key, extra(value))).collect())
        }
    }
}
