//! The text of `metadata.config`, read.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::{Dependency, Metadata};
use crate::{
    error::{Code, Error, Result},
    term::{self, Dialect, Term},
};

/// Which file at the top of a package tells of which build tool, by name of the tool.
const BUILD_TOOL_FILES: [(&str, &str); 5] = [
    ("Makefile", "make"),
    ("Makefile.win", "make"),
    ("mix.exs", "mix"),
    ("rebar", "rebar3"),
    ("rebar.config", "rebar3"),
];

impl Metadata {
    /// Reads the text of `metadata.config`: a name and a version are demanded, all else may be missing, and
    /// keys that are not known here are ignored.
    ///
    /// Text that is not UTF-8 is taken as latin-1 (very old packages); the dependencies of before 2015, a
    /// list of proplists that carry their name, are read too. Of a key that occurs twice, the last value
    /// counts. A dependency without `app` is the application of its own name.
    ///
    /// # Errors
    /// `bad_metadata`, with the key concerned where it is about one.
    pub fn parse(text: &[u8]) -> Result<Self> {
        let terms = term::read(text, Dialect::Metadata)
            .map_err(|error| error.into_error(Code::BadMetadata, "metadata.config"))?;
        let mut metadata = Self::default();
        let (mut name, mut version, mut build_tools) = (None, None, None);
        for term in &terms {
            let (key, value) = pair(term).ok_or_else(|| {
                Error::new(Code::BadMetadata, "metadata.config holds a term that is no pair of key and value")
            })?;
            match text_of(key).as_deref() {
                Some("name") => name = Some(required_text("name", value)?),
                Some("version") => version = Some(required_text("version", value)?),
                Some("app") => metadata.app = optional_text("app", value)?,
                Some("description") => metadata.description = optional_text("description", value)?,
                Some("elixir") => metadata.elixir = optional_text("elixir", value)?,
                Some("licenses") => metadata.licenses = texts("licenses", value)?,
                Some("files") => metadata.files = texts("files", value)?,
                Some("build_tools") if is_absent(value) => build_tools = None,
                Some("build_tools") => build_tools = Some(texts("build_tools", value)?),
                Some("links") => metadata.links = links(value)?,
                Some("requirements") => metadata.requirements = requirements(value)?,
                Some("extra") => metadata.extra = extra(value),
                _ => {}
            }
        }
        metadata.name = name.ok_or_else(|| bad("name", "is missing"))?;
        metadata.version = version.ok_or_else(|| bad("version", "is missing"))?;
        metadata.build_tools = build_tools.unwrap_or_else(|| guess_build_tools(&metadata.files));
        Ok(metadata)
    }
}

fn bad(key: &str, problem: &str) -> Error {
    Error::new(Code::BadMetadata, format!("metadata.config: {key} {problem}"))
        .with(|details| details.key = Some(key.to_owned()))
}

fn guess_build_tools(files: &[String]) -> Vec<String> {
    let found = |file: &str| files.iter().any(|name| name == file);
    let mut tools: Vec<String> = BUILD_TOOL_FILES
        .into_iter()
        .filter(|(file, _)| found(file))
        .map(|(_, tool)| tool.to_owned())
        .collect();
    tools.dedup();
    tools
}

fn pair(term: &Term) -> Option<(&Term, &Term)> {
    match term {
        Term::Tuple(elements) => match elements.as_slice() {
            [key, value] => Some((key, value)),
            _ => None,
        },
        _ => None,
    }
}

/// The pairs of a proplist or map.
fn pairs(term: &Term) -> Option<Vec<(&Term, &Term)>> {
    match term {
        Term::List(elements) => elements.iter().map(pair).collect(),
        Term::Map(pairs) => Some(pairs.iter().map(|(key, value)| (key, value)).collect()),
        Term::String(text) if text.is_empty() => Some(Vec::new()),
        _ => None,
    }
}

/// Text, as a binary (latin-1 where it is not UTF-8), string or atom.
fn text_of(term: &Term) -> Option<String> {
    match term {
        Term::Binary(bytes) => Some(bytes_as_text(bytes)),
        Term::String(text) => Some(text.clone()),
        Term::Atom(name) if !is_absent(term) => Some(name.clone()),
        _ => None,
    }
}

fn bytes_as_text(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().copied().map(char::from).collect(),
    }
}

fn is_absent(term: &Term) -> bool {
    matches!(term, Term::Atom(name) if matches!(name.as_str(), "nil" | "null" | "undefined"))
}

fn required_text(key: &str, value: &Term) -> Result<String> {
    text_of(value).ok_or_else(|| bad(key, "is not text"))
}

fn optional_text(key: &str, value: &Term) -> Result<Option<String>> {
    if is_absent(value) { Ok(None) } else { required_text(key, value).map(Some) }
}

fn texts(key: &str, value: &Term) -> Result<Vec<String>> {
    match value {
        Term::List(elements) => elements.iter().map(text_of).collect::<Option<_>>(),
        Term::String(text) if text.is_empty() => Some(Vec::new()),
        Term::Atom(_) if is_absent(value) => Some(Vec::new()),
        _ => None,
    }
    .ok_or_else(|| bad(key, "is not a list of texts"))
}

fn links(value: &Term) -> Result<Vec<(String, String)>> {
    if is_absent(value) {
        return Ok(Vec::new());
    }
    let links = pairs(value).and_then(|pairs| {
        pairs.into_iter().map(|(label, url)| Some((text_of(label)?, text_of(url)?))).collect()
    });
    let links: Vec<(String, String)> =
        links.ok_or_else(|| bad("links", "is not a list of labels and addresses"))?;
    Ok(last_of_each(links, |(label, _)| label.clone()))
}

/// The last item of every key, in the place of the first one: what a map of them would hold.
fn last_of_each<T>(items: Vec<T>, key: impl Fn(&T) -> String) -> Vec<T> {
    let mut kept: Vec<T> = Vec::with_capacity(items.len());
    let mut places = HashMap::new();
    for item in items {
        let place = *places.entry(key(&item)).or_insert(kept.len());
        match kept.get_mut(place) {
            Some(earlier) => *earlier = item,
            None => kept.push(item),
        }
    }
    kept
}

fn requirements(value: &Term) -> Result<Vec<Dependency>> {
    if is_absent(value) {
        return Ok(Vec::new());
    }
    let dependencies = match (pairs(value), value) {
        (Some(pairs), _) => pairs
            .into_iter()
            .map(|(name, properties)| {
                let name = text_of(name).ok_or_else(|| bad("requirements", "has a name that is not text"))?;
                dependency(Some(name), properties)
            })
            .collect::<Result<_>>()?,
        (None, Term::List(elements)) => {
            elements.iter().map(|properties| dependency(None, properties)).collect::<Result<_>>()?
        }
        _ => return Err(bad("requirements", "is not a list")),
    };
    Ok(last_of_each(dependencies, |dependency: &Dependency| dependency.name.clone()))
}

/// One dependency; in the legacy form its properties carry the name.
fn dependency(mut name: Option<String>, properties: &Term) -> Result<Dependency> {
    let legacy = name.is_none();
    let key = |name: &Option<String>| match name {
        Some(name) => format!("requirements.{name}"),
        None => "requirements".to_owned(),
    };
    let properties = pairs(properties).ok_or_else(|| bad(&key(&name), "is not a list of pairs"))?;
    let (mut app, mut requirement, mut optional, mut repository) = (None, None, false, None);
    for (property, value) in properties {
        let key = key(&name);
        match text_of(property).as_deref() {
            Some("name") if legacy => name = Some(required_text(&key, value)?),
            Some("app") => app = optional_text(&key, value)?,
            Some("requirement") => requirement = optional_text(&key, value)?,
            Some("repository") => repository = optional_text(&key, value)?,
            Some("optional") => {
                optional = match value {
                    _ if is_absent(value) => false,
                    Term::Atom(name) if name == "true" => true,
                    Term::Atom(name) if name == "false" => false,
                    _ => return Err(bad(&key, "has an `optional` that is neither true nor false")),
                }
            }
            _ => {}
        }
    }
    let name = name.ok_or_else(|| bad("requirements", "has an entry without a name"))?;
    Ok(Dependency { app: app.unwrap_or_else(|| name.clone()), name, requirement, optional, repository })
}

/// At the top an empty list is an empty map; further down it stays a list.
fn extra(value: &Term) -> Option<Value> {
    match pairs(value) {
        _ if is_absent(value) => None,
        Some(pairs) if pairs.is_empty() => Some(Value::Object(Map::new())),
        _ => Some(json(value)),
    }
}

/// Any term as JSON: lists of pairs and maps as objects, other tuples as arrays, bytes as text.
fn json(term: &Term) -> Value {
    match term {
        Term::Integer(value) => Value::from(*value),
        Term::Float(value) => Value::from(*value),
        Term::Atom(_) if is_absent(term) => Value::Null,
        Term::Atom(name) => match name.as_str() {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            text => Value::from(text),
        },
        Term::Binary(bytes) => Value::from(bytes_as_text(bytes)),
        Term::String(text) => Value::from(text.as_str()),
        Term::Tuple(elements) => Value::Array(elements.iter().map(json).collect()),
        Term::Map(pairs) => object(pairs.iter().map(|(key, value)| (key, value))),
        Term::List(elements) => match pairs(term) {
            Some(pairs) if !pairs.is_empty() => object(pairs.into_iter()),
            _ => Value::Array(elements.iter().map(json).collect()),
        },
    }
}

fn object<'a>(pairs: impl Iterator<Item = (&'a Term, &'a Term)>) -> Value {
    let key = |key: &Term| text_of(key).unwrap_or_else(|| term::write(key));
    Value::Object(pairs.map(|(name, value)| (key(name), json(value))).collect())
}
