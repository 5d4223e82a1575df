//! One line of a form: label, hint, input and what is wrong with it.

use super::html::{Html, html};

/// A field to be filled in.
#[derive(Clone, Copy, Default)]
pub struct Field<'a> {
    /// What the label says.
    pub label: &'a str,
    /// The name in the form; the id, too.
    pub name: &'a str,
    /// `text`, `password`, `email`.
    pub kind: &'a str,
    /// What browsers and password keepers should fill in (the attribute `autocomplete`).
    pub autocomplete: &'a str,
    /// What was entered before.
    pub value: &'a str,
    /// How it is to be filled in.
    pub hint: Option<&'a str>,
    /// What is wrong with what was entered.
    pub error: Option<&'a str>,
    /// Whether it may stay empty.
    pub optional: bool,
    /// Whether it is a short code: digits or letters, in a face that tells them apart.
    pub code: bool,
    /// Whether typing starts here.
    pub first: bool,
}

impl Field<'_> {
    /// The line.
    #[must_use]
    pub fn show(&self) -> Html {
        let Self { label, name, kind, autocomplete, value, .. } = *self;
        let hint = self.hint.map(|hint| html!("<p class=\"hint\" id=\"{name}-hint\">{hint}</p>", name, hint));
        let error =
            self.error.map(|error| html!("<p class=\"error\" id=\"{name}-error\">{error}</p>", name, error));
        let described = match (self.hint, self.error) {
            (None, None) => None,
            (Some(_), None) => Some(html!(" aria-describedby=\"{name}-hint\"", name)),
            (None, Some(_)) => Some(html!(" aria-describedby=\"{name}-error\"", name)),
            (Some(_), Some(_)) => Some(html!(" aria-describedby=\"{name}-hint {name}-error\"", name)),
        };
        let invalid = self.error.map(|_| html!(" aria-invalid=\"true\""));
        let required = (!self.optional).then(|| html!(" required"));
        let code = self.code.then(|| html!(" class=\"code\" autocapitalize=\"off\" spellcheck=\"false\""));
        let first = self.first.then(|| html!(" autofocus"));
        html!(
            "<div class=\"field\">\n<label for=\"{name}\">{label}</label>\n{hint}{error}\
             <input id=\"{name}\" name=\"{name}\" type=\"{kind}\" autocomplete=\"{autocomplete}\" \
             value=\"{value}\"{required}{described}{invalid}{code}{first}>\n</div>\n",
            name,
            label,
            hint,
            error,
            kind,
            autocomplete,
            value,
            required,
            described,
            invalid,
            code,
            first
        )
    }
}
