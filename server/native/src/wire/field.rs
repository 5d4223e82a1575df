//! The fields of a request, as a client wrote them.

use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use serde_json::{Map, Value, json};

use crate::wire::HttpError;

/// A field that a client may leave out, or fill with something else than it is for. Neither makes the whole request
/// unreadable: what is to be answered then depends on the field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Field<T> {
    /// It is not there.
    #[default]
    Absent,
    /// It is there, and says nothing.
    Null,
    /// It holds something else.
    Unreadable,
    /// It holds this.
    Given(T),
}

impl<T> Field<T> {
    /// What it holds, where that could be read.
    #[must_use]
    pub fn given(self) -> Option<T> {
        match self {
            Self::Given(value) => Some(value),
            Self::Absent | Self::Null | Self::Unreadable => None,
        }
    }

    /// What can be made of it; what cannot be is not readable.
    #[must_use]
    pub fn and_then<U>(self, make: impl FnOnce(T) -> Option<U>) -> Field<U> {
        match self {
            Self::Absent => Field::Absent,
            Self::Null => Field::Null,
            Self::Unreadable => Field::Unreadable,
            Self::Given(value) => make(value).map_or(Field::Unreadable, Field::Given),
        }
    }

    /// What it holds, where it is there.
    ///
    /// # Errors
    /// 422 under that name where it holds something else.
    pub fn or_invalid(self, name: &str) -> Result<Option<T>, HttpError> {
        match self {
            Self::Unreadable => Err(HttpError::invalid(json!({name: "is invalid"}))),
            Self::Absent | Self::Null => Ok(None),
            Self::Given(value) => Ok(Some(value)),
        }
    }
}

impl Field<String> {
    /// The text, where there is any.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Given(text) => Some(text.as_str()).filter(|text| !text.is_empty()),
            Self::Absent | Self::Null | Self::Unreadable => None,
        }
    }
}

impl Field<Flag> {
    /// Whether it says yes.
    #[must_use]
    pub fn is_true(&self) -> bool {
        match self {
            Self::Given(Flag::Truth(truth)) => *truth,
            Self::Given(Flag::Text(text)) => text == "true",
            Self::Absent | Self::Null | Self::Unreadable => false,
        }
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Field<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match Value::deserialize(deserializer)? {
            Value::Null => Self::Null,
            value => T::deserialize(value).map_or(Self::Unreadable, Self::Given),
        })
    }
}

/// Yes or no, as data or as the text of a form.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Flag {
    /// As data.
    Truth(bool),
    /// As text.
    Text(String),
}

/// A count, as data or as the text of a form.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Count {
    /// As data.
    Number(u64),
    /// As text.
    Text(String),
}

impl Count {
    /// The number; `None` where the text is none.
    #[must_use]
    pub fn number(self) -> Option<u64> {
        match self {
            Self::Number(number) => Some(number),
            Self::Text(text) => text.parse().ok(),
        }
    }
}

/// Fields by name: alone, a structure would be read from a list, too.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Named<T>(pub T);

impl<'de, T: DeserializeOwned> Deserialize<'de> for Named<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let fields = Map::deserialize(deserializer)?;
        T::deserialize(Value::Object(fields)).map(Self).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Default, PartialEq, Deserialize)]
    #[serde(default)]
    struct Sample {
        text: Field<String>,
        flag: Field<Flag>,
        count: Field<Count>,
        list: Field<Vec<Field<Named<Inner>>>>,
    }

    #[derive(Debug, Default, PartialEq, Deserialize)]
    #[serde(default)]
    struct Inner {
        text: Field<String>,
    }

    fn read(value: Value) -> Sample {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn a_field_of_another_type_is_told_from_one_that_is_not_there() {
        assert_eq!(read(json!({})), Sample::default());
        assert_eq!(read(json!({"text": null, "other": 1})).text, Field::Null);
        for other in [json!(1), json!([]), json!({}), json!(true)] {
            let text = read(json!({"text": other})).text;
            assert_eq!(text, Field::Unreadable);
            assert_eq!(
                text.or_invalid("text").unwrap_err().errors,
                Some(Box::new(json!({"text": "is invalid"})))
            );
        }
        assert_eq!(read(json!({"text": "a"})).text.text(), Some("a"));
        assert_eq!(read(json!({"text": ""})).text.text(), None);
    }

    #[test]
    fn flags_and_counts_are_data_or_text() {
        for (value, truth) in [
            (json!(true), true),
            (json!("true"), true),
            (json!(false), false),
            (json!("1"), false),
            (json!(1), false),
        ] {
            assert_eq!(read(json!({"flag": value})).flag.is_true(), truth, "{value}");
        }
        for (value, number) in [
            (json!(7), Some(7)),
            (json!("7"), Some(7)),
            (json!(-7), None),
            (json!(7.0), None),
            (json!("x"), None),
            (json!([7]), None),
        ] {
            assert_eq!(
                read(json!({"count": value})).count.given().and_then(Count::number),
                number,
                "{value}"
            );
        }
    }

    #[test]
    fn a_list_is_never_read_as_fields() {
        let list = read(json!({"list": [{"text": "a"}, ["a"], "a", {}]})).list.given().unwrap();
        let given = list.into_iter().map(|item| item.given().map(|Named(inner)| inner.text));
        let expected = [Some(Field::Given("a".to_owned())), None, None, Some(Field::Absent)];
        assert_eq!(given.collect::<Vec<_>>(), expected);
    }
}
