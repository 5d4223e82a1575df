//! HTML into which text cannot get unescaped.
//!
//! [`html!`] is `format!` whose arguments are [`Markup`]: text is escaped, [`Html`] is not. Names must be
//! handed over (`html!("<p>{name}</p>", name)`): because the pattern goes through `concat!`, the compiler
//! refuses `{name}` alone, which would put the text in as it is.

use std::fmt;

/// A piece of HTML.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Html(String);

impl Html {
    /// Takes markup that [`html!`] made, or that holds nothing from outside.
    #[must_use]
    pub fn trusted(markup: String) -> Self {
        Self(markup)
    }

    /// The markup.
    #[must_use]
    pub fn into_string(self) -> String {
        self.0
    }
}

/// What can stand in HTML, between tags and in a quoted attribute.
pub trait Markup {
    /// Writes it, escaped as it needs.
    ///
    /// # Errors
    /// As the formatter's.
    fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result;
}

impl Markup for Html {
    fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Markup for str {
    fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for piece in self.split_inclusive(['&', '<', '>', '"', '\'']) {
            let (text, escaped) = match piece.char_indices().next_back() {
                Some((at, '&')) => (piece.get(..at), "&amp;"),
                Some((at, '<')) => (piece.get(..at), "&lt;"),
                Some((at, '>')) => (piece.get(..at), "&gt;"),
                Some((at, '"')) => (piece.get(..at), "&quot;"),
                Some((at, '\'')) => (piece.get(..at), "&#39;"),
                _ => (Some(piece), ""),
            };
            f.write_str(text.unwrap_or_default())?;
            f.write_str(escaped)?;
        }
        Ok(())
    }
}

impl Markup for String {
    fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_str().write(f)
    }
}

impl<T: Markup + ?Sized> Markup for &T {
    fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).write(f)
    }
}

impl<T: Markup> Markup for Option<T> {
    fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_ref().map_or(Ok(()), |inner| inner.write(f))
    }
}

impl<T: Markup> Markup for Vec<T> {
    fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.iter().try_for_each(|each| each.write(f))
    }
}

macro_rules! numbers {
    ($($number:ty),*) => {
        $(impl Markup for $number {
            fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        })*
    };
}

numbers!(u16, i64, u64, usize);

/// Markup, for `format!`.
pub struct Written<'a, T: ?Sized>(pub &'a T);

impl<T: Markup + ?Sized> fmt::Display for Written<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.write(f)
    }
}

/// `html!("<p>{name} {more}</p>", name, more = expression)`: [`Html`] with what is named put in.
macro_rules! html {
    (@value $name:ident) => { $name };
    (@value $name:ident $value:expr) => { $value };
    ($pattern:literal $(, $name:ident $(= $value:expr)?)* $(,)?) => {
        $crate::pages::html::Html::trusted(format!(
            concat!($pattern),
            $($name = $crate::pages::html::Written(&html!(@value $name $($value)?))),*
        ))
    };
}

pub(crate) use html;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_escaped_and_markup_is_not() {
        let hostile = "<b onclick='x(\"&\")'>ü";
        let inner = html!("<i>{hostile}</i>", hostile);
        let outer = html!(
            "<p title=\"{hostile}\">{inner}{none}{n}</p>",
            hostile,
            inner,
            none = None::<Html>,
            n = 7_u16
        );
        let safe = "&lt;b onclick=&#39;x(&quot;&amp;&quot;)&#39;&gt;ü";
        assert_eq!(outer.into_string(), format!("<p title=\"{safe}\"><i>{safe}</i>7</p>"));
    }

    #[test]
    fn lists_stand_side_by_side_and_what_is_put_in_is_no_pattern() {
        let items: Vec<Html> = ["{}", "{x}"].iter().map(|item| html!("<li>{item}</li>", item)).collect();
        assert_eq!(html!("<ul>{items}</ul>", items).into_string(), "<ul><li>{}</li><li>{x}</li></ul>");
    }
}
