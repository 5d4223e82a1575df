//! Text into tokens, in the two dialects.

use super::{Dialect, RESERVED, ReadError};

/// The longest name of an atom, in characters.
const MAX_ATOM: usize = 255;

/// A token of term text.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    Atom(String),
    /// The content of a string literal, as characters (octal escapes go up to 511).
    Text(String),
    /// Wider than a term's integer, so that a sign may follow later.
    Integer(i128),
    Float(f64),
    /// One of `{ } [ ] << >> => # , + - / |`.
    Punctuation(&'static str),
    /// The full stop that ends a term.
    Stop,
    End,
}

/// A token and where it begins.
#[derive(Clone, Debug)]
pub(super) struct Spanned {
    pub(super) token: Token,
    pub(super) line: usize,
    pub(super) column: usize,
}

pub(super) struct Lexer<'a> {
    rest: &'a str,
    dialect: Dialect,
    line: usize,
    column: usize,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(text: &'a str, dialect: Dialect) -> Self {
        Self { rest: text, dialect, line: 1, column: 1 }
    }

    pub(super) fn next(&mut self) -> Result<Spanned, ReadError> {
        self.skip_space();
        let (line, column) = (self.line, self.column);
        let token = self.token().map_err(|message| ReadError { line, column, message })?;
        Ok(Spanned { token, line, column })
    }

    fn token(&mut self) -> Result<Token, String> {
        let Some(first) = self.peek() else { return Ok(Token::End) };
        if let Some(token) = self.punctuation() {
            return Ok(token);
        }
        match first {
            '"' => self.quoted('"', "string").map(Token::Text),
            '\'' => self.quoted('\'', "quoted atom").and_then(atom),
            '.' => self.stop(),
            '0'..='9' => self.number(),
            '$' if self.is_config() => self.character(),
            _ if self.begins_atom(first) => self.bare_atom(),
            _ => Err(format!("{first:?} is not part of any term here")),
        }
    }

    fn is_config(&self) -> bool {
        self.dialect == Dialect::Config
    }

    fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    fn take(&mut self) -> Option<char> {
        let mut chars = self.rest.chars();
        let char = chars.next()?;
        self.rest = chars.as_str();
        if char == '\n' {
            self.line += 1;
            self.column = 1;
        } else {
            self.column += 1;
        }
        Some(char)
    }

    fn take_while(&mut self, accept: impl Fn(char) -> bool) -> &'a str {
        let text = self.rest;
        let end = text.find(|char| !accept(char)).unwrap_or(text.len());
        let (taken, _) = text.split_at_checked(end).unwrap_or((text, ""));
        for _ in taken.chars() {
            self.take();
        }
        taken
    }

    fn skip_space(&mut self) {
        let config = self.is_config();
        loop {
            self.take_while(|char| char <= ' ' || config && ('\u{80}'..='\u{a0}').contains(&char));
            if !(config && self.peek() == Some('%')) {
                return;
            }
            self.take_while(|char| char != '\n');
        }
    }

    fn punctuation(&mut self) -> Option<Token> {
        const BOTH: [&str; 12] = ["<<", ">>", "=>", "{", "}", "[", "]", "#", ",", "+", "-", "/"];
        let found = BOTH.into_iter().find(|mark| self.rest.starts_with(mark));
        let bar = || (self.is_config() && self.rest.starts_with('|')).then_some("|");
        let mark = found.or_else(bar)?;
        for _ in mark.chars() {
            self.take();
        }
        Some(Token::Punctuation(mark))
    }

    /// In the configuration dialect a full stop needs white space, a comment or the end behind it.
    fn stop(&mut self) -> Result<Token, String> {
        self.take();
        match self.peek() {
            Some(next)
                if self.is_config()
                    && next > ' '
                    && next != '%'
                    && !('\u{80}'..='\u{a0}').contains(&next) =>
            {
                Err("a full stop needs white space after it".to_owned())
            }
            _ => Ok(Token::Stop),
        }
    }

    fn begins_atom(&self, char: char) -> bool {
        char.is_ascii_lowercase() || self.is_config() && matches!(char, 'ß'..='ö' | 'ø'..='ÿ')
    }

    fn bare_atom(&mut self) -> Result<Token, String> {
        let config = self.is_config();
        let name = self.take_while(|char| {
            char.is_ascii_alphanumeric()
                || char == '_'
                || char == '@'
                || config && matches!(char, 'À'..='Ö' | 'Ø'..='ö' | 'ø'..='ÿ')
        });
        if config && RESERVED.contains(&name) && name != "maybe" && name != "else" {
            return Err(format!("the reserved word {name} is no atom without quotes"));
        }
        atom(name.to_owned())
    }

    fn quoted(&mut self, quote: char, what: &str) -> Result<String, String> {
        self.take();
        let mut text = String::new();
        loop {
            match self.take() {
                None => return Err(format!("the {what} that begins here has no end")),
                Some(char) if char == quote => return Ok(text),
                Some('\\') => text.extend(self.escape()?),
                Some(char) => text.push(char),
            }
        }
    }

    /// What follows a backslash; `None` where it stands for nothing (white space, in metadata).
    fn escape(&mut self) -> Result<Option<char>, String> {
        let unfinished = || "the text ends within an escape".to_owned();
        let char = self.take().ok_or_else(unfinished)?;
        Ok(Some(match char {
            '0'..='7' => return self.octal(char).map(Some),
            'x' if self.is_config() => return self.hexadecimal().map(Some),
            '^' => match self.take().ok_or_else(unfinished)? {
                '\n' => '\n',
                char => char::from_u32(u32::from(char) & 31).unwrap_or_default(),
            },
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'v' => '\u{b}',
            'b' => '\u{8}',
            'f' => '\u{c}',
            'e' => '\u{1b}',
            's' => ' ',
            'd' => '\u{7f}',
            char if char <= ' ' && !self.is_config() => return Ok(None),
            char => char,
        }))
    }

    /// One to three digits; in metadata fewer than three are no escape, and the first stands for itself.
    fn octal(&mut self, first: char) -> Result<char, String> {
        let digits: Vec<u32> = std::iter::once(first)
            .chain(self.rest.chars().take(2))
            .map_while(|char| char.to_digit(8))
            .collect();
        if digits.len() < 3 && !self.is_config() {
            return Ok(first);
        }
        for _ in digits.iter().skip(1) {
            self.take();
        }
        let value = digits.iter().fold(0, |value, digit| value * 8 + digit);
        char::from_u32(value).ok_or_else(|| "the escape names no character".to_owned())
    }

    /// `41` or `{1F600}`, after `\x`.
    fn hexadecimal(&mut self) -> Result<char, String> {
        let bad = || "\\x needs two hexadecimal digits, or some in braces that name a character".to_owned();
        let digits = if self.peek() == Some('{') {
            self.take();
            let digits = self.take_while(|char| char.is_ascii_hexdigit());
            if self.take() != Some('}') {
                return Err(bad());
            }
            digits
        } else {
            let digits = self.rest.get(..2).ok_or_else(bad)?;
            self.take();
            self.take();
            digits
        };
        if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(bad());
        }
        u32::from_str_radix(digits, 16).ok().and_then(char::from_u32).ok_or_else(bad)
    }

    /// `$a`, `$\n`.
    fn character(&mut self) -> Result<Token, String> {
        self.take();
        let char = match self.take() {
            Some('\\') => self.escape()?,
            other => other,
        };
        char.map(|char| Token::Integer(u32::from(char).into()))
            .ok_or_else(|| "$ needs a character".to_owned())
    }

    fn number(&mut self) -> Result<Token, String> {
        let whole = self.digits(10);
        if self.is_config() {
            if self.peek() == Some('#') {
                self.take();
                return self.based(&whole);
            }
            let mut ahead = self.rest.chars();
            if ahead.next() == Some('.') && ahead.next().is_some_and(|char| char.is_ascii_digit()) {
                return self.fraction(whole);
            }
        }
        whole.parse().map(Token::Integer).map_err(|_| "the integer is too large".to_owned())
    }

    /// Digits; in a configuration, single underscores may stand between them.
    fn digits(&mut self, base: u32) -> String {
        let mut digits = self.take_while(|char| char.is_digit(base)).to_owned();
        while self.is_config() && !digits.is_empty() {
            let mut ahead = self.rest.chars();
            if ahead.next() != Some('_') || !ahead.next().is_some_and(|char| char.is_digit(base)) {
                break;
            }
            self.take();
            digits.push_str(self.take_while(|char| char.is_digit(base)));
        }
        digits
    }

    fn based(&mut self, base: &str) -> Result<Token, String> {
        let radix = base.parse().ok().filter(|base| (2..=36).contains(base));
        let radix = radix.ok_or_else(|| "integers have a base from 2 to 36".to_owned())?;
        let digits = self.digits(radix);
        let value = i128::from_str_radix(&digits, radix);
        value
            .map(Token::Integer)
            .map_err(|_| "the integer has no digits of its base, or is too large".to_owned())
    }

    fn fraction(&mut self, mut text: String) -> Result<Token, String> {
        self.take();
        text.push('.');
        text.push_str(&self.digits(10));
        let mut ahead = self.rest.chars();
        if matches!(ahead.next(), Some('e' | 'E')) {
            let sign = ahead.clone().next().filter(|char| matches!(char, '+' | '-'));
            if sign.is_some() {
                ahead.next();
            }
            if ahead.next().is_some_and(|char| char.is_ascii_digit()) {
                self.take();
                text.push('e');
                if let Some(sign) = sign {
                    self.take();
                    text.push(sign);
                }
                text.push_str(&self.digits(10));
            }
        }
        match text.parse::<f64>() {
            Ok(value) if value.is_finite() => Ok(Token::Float(value)),
            _ => Err("the float is too large".to_owned()),
        }
    }
}

fn atom(name: String) -> Result<Token, String> {
    if name.chars().count() > MAX_ATOM {
        return Err(format!("an atom has at most {MAX_ATOM} characters"));
    }
    Ok(Token::Atom(name))
}
