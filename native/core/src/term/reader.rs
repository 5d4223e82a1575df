//! Tokens into terms.

use std::{borrow::Cow, collections::HashMap};

use super::{
    Dialect, MAX_DEPTH, ReadError, Term,
    lexer::{Lexer, Spanned, Token},
};
use crate::etf;

/// Reads terms, each ended by a full stop.
///
/// Of a key that occurs twice in a map the last value stays, in the first one's place. Atoms may be any,
/// where the reference takes only those that its node knows. Not read, since nothing of Hex has them:
/// integers beyond 64 bits, bit strings, segments with a size or of a type other than `integer` and `utf8`,
/// improper lists, parentheses and funs.
///
/// # Errors
/// The first place that does not fit the dialect, or nests deeper than [`MAX_DEPTH`].
pub fn read(text: &[u8], dialect: Dialect) -> Result<Vec<Term>, ReadError> {
    let text = decode(text, dialect)?;
    let mut lexer = Lexer::new(&text, dialect);
    let next = lexer.next()?;
    let mut reader = Reader { lexer, next, depth: 0 };
    let mut terms = Vec::new();
    while reader.next.token != Token::End {
        terms.push(reader.term()?);
        if reader.next.token != Token::Stop {
            return Err(reader.unexpected("a full stop"));
        }
        reader.advance()?;
    }
    if terms.is_empty() && dialect == Dialect::Metadata {
        return Err(reader.unexpected("a term"));
    }
    Ok(terms)
}

fn decode(text: &[u8], dialect: Dialect) -> Result<Cow<'_, str>, ReadError> {
    match std::str::from_utf8(text) {
        Ok(text) => Ok(Cow::Borrowed(text)),
        Err(_) if dialect == Dialect::Metadata => Ok(text.iter().copied().map(char::from).collect()),
        Err(error) => {
            let good = text.get(..error.valid_up_to()).unwrap_or_default();
            let lines = || good.split(|byte| *byte == b'\n');
            let last = lines().next_back().unwrap_or_default();
            Err(ReadError {
                line: lines().count(),
                column: String::from_utf8_lossy(last).chars().count() + 1,
                message: "the text is not UTF-8".to_owned(),
            })
        }
    }
}

struct Reader<'a> {
    lexer: Lexer<'a>,
    next: Spanned,
    depth: usize,
}

impl Reader<'_> {
    fn advance(&mut self) -> Result<Token, ReadError> {
        let next = self.lexer.next()?;
        Ok(std::mem::replace(&mut self.next, next).token)
    }

    /// Takes the next token if it is this one.
    fn accept(&mut self, mark: &str) -> Result<bool, ReadError> {
        let found = matches!(self.next.token, Token::Punctuation(next) if next == mark);
        if found {
            self.advance()?;
        }
        Ok(found)
    }

    fn expect(&mut self, mark: &str) -> Result<(), ReadError> {
        if self.accept(mark)? { Ok(()) } else { Err(self.unexpected(mark)) }
    }

    fn error(&self, message: impl Into<String>) -> ReadError {
        ReadError { line: self.next.line, column: self.next.column, message: message.into() }
    }

    /// Says what kind of thing was found, never its text: a configuration holds secrets.
    fn unexpected(&self, wanted: &str) -> ReadError {
        let found = match &self.next.token {
            Token::Atom(_) => "an atom",
            Token::Text(_) => "a string",
            Token::Integer(_) | Token::Float(_) => "a number",
            Token::Punctuation(mark) => mark,
            Token::Stop => "a full stop",
            Token::End => "the end",
        };
        self.error(format!("expected {wanted}, found {found}"))
    }

    fn term(&mut self) -> Result<Term, ReadError> {
        match &mut self.next.token {
            Token::Atom(name) => {
                let name = std::mem::take(name);
                self.advance()?;
                Ok(Term::Atom(name))
            }
            Token::Text(_) => self.text().map(Term::String),
            Token::Integer(_) | Token::Float(_) | Token::Punctuation("+" | "-") => self.number(),
            Token::Punctuation("<<") => self.binary().map(Term::Binary),
            Token::Punctuation("{") => self.nested(|reader| reader.sequence("}").map(Term::Tuple)),
            Token::Punctuation("[") => self.nested(Self::list),
            Token::Punctuation("#") => {
                self.advance()?;
                self.nested(Self::map)
            }
            _ => Err(self.unexpected("a term")),
        }
    }

    fn nested(&mut self, read: impl FnOnce(&mut Self) -> Result<Term, ReadError>) -> Result<Term, ReadError> {
        if self.depth == MAX_DEPTH {
            return Err(self.error(format!("terms nest deeper than {MAX_DEPTH}")));
        }
        self.depth += 1;
        let term = read(self);
        self.depth -= 1;
        term
    }

    /// A string and those that follow it, joined.
    fn text(&mut self) -> Result<String, ReadError> {
        let mut text = String::new();
        while let Token::Text(part) = &self.next.token {
            text.push_str(part);
            self.advance()?;
        }
        Ok(text)
    }

    /// A number with at most one sign.
    fn number(&mut self) -> Result<Term, ReadError> {
        let negative = self.accept("-")?;
        if !negative {
            self.accept("+")?;
        }
        let term = match self.next.token {
            Token::Integer(value) => {
                let value = if negative { -value } else { value };
                let value = i64::try_from(value);
                Term::Integer(value.map_err(|_| self.error("the integer does not fit into 64 bits"))?)
            }
            Token::Float(value) => Term::Float(if negative { -value } else { value }),
            _ => return Err(self.unexpected("a number")),
        };
        self.advance()?;
        Ok(term)
    }

    /// Terms between an opening mark, which is the next token, and its closing one.
    fn sequence(&mut self, close: &str) -> Result<Vec<Term>, ReadError> {
        self.advance()?;
        let mut terms = Vec::new();
        if self.accept(close)? {
            return Ok(terms);
        }
        loop {
            terms.push(self.term()?);
            if self.accept(close)? {
                return Ok(terms);
            }
            self.expect(",")?;
        }
    }

    fn list(&mut self) -> Result<Term, ReadError> {
        self.advance()?;
        let mut terms = Vec::new();
        if self.accept("]")? {
            return Ok(Term::List(terms));
        }
        loop {
            terms.push(self.term()?);
            if self.accept("]")? {
                return Ok(Term::List(terms));
            }
            if self.accept("|")? {
                match self.term()? {
                    Term::List(tail) => terms.extend(tail),
                    Term::String(tail) => {
                        terms.extend(tail.chars().map(|char| Term::Integer(u32::from(char).into())));
                    }
                    _ => return Err(self.error("the tail before here is not a list")),
                }
                self.expect("]")?;
                return Ok(Term::List(terms));
            }
            self.expect(",")?;
        }
    }

    fn map(&mut self) -> Result<Term, ReadError> {
        if !matches!(self.next.token, Token::Punctuation("{")) {
            return Err(self.unexpected("{"));
        }
        self.advance()?;
        let mut pairs: Vec<(Term, Term)> = Vec::new();
        let mut places = HashMap::new();
        if self.accept("}")? {
            return Ok(Term::Map(pairs));
        }
        loop {
            let key = self.term()?;
            self.expect("=>")?;
            let value = self.term()?;
            let place = *places.entry(etf::encode(&key)).or_insert(pairs.len());
            match pairs.get_mut(place) {
                Some(pair) => pair.1 = value,
                None => pairs.push((key, value)),
            }
            if self.accept("}")? {
                return Ok(Term::Map(pairs));
            }
            self.expect(",")?;
        }
    }

    fn binary(&mut self) -> Result<Vec<u8>, ReadError> {
        self.advance()?;
        let mut bytes = Vec::new();
        if self.accept(">>")? {
            return Ok(bytes);
        }
        loop {
            self.segment(&mut bytes)?;
            if self.accept(">>")? {
                return Ok(bytes);
            }
            self.expect(",")?;
        }
    }

    /// `"text"`, `"text"/utf8`, `10`, `10/utf8`; without `utf8`, each element is one byte: its value modulo
    /// 256.
    fn segment(&mut self, bytes: &mut Vec<u8>) -> Result<(), ReadError> {
        if matches!(self.next.token, Token::Text(_)) {
            let text = self.text()?;
            if self.is_utf8()? {
                bytes.extend_from_slice(text.as_bytes());
            } else {
                bytes.extend(text.chars().map(|char| low_byte(u32::from(char).into())));
            }
            return Ok(());
        }
        let Term::Integer(value) = self.number()? else {
            return Err(self.error("a float makes no byte"));
        };
        if self.is_utf8()? {
            let char = u32::try_from(value).ok().and_then(char::from_u32);
            let char = char.ok_or_else(|| self.error("the integer before here is no character"))?;
            bytes.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes());
        } else {
            bytes.push(low_byte(value));
        }
        Ok(())
    }

    /// Reads the types of a segment, if any, and says whether `utf8` is among them.
    fn is_utf8(&mut self) -> Result<bool, ReadError> {
        if !self.accept("/")? {
            return Ok(false);
        }
        let mut utf8 = false;
        loop {
            match &self.next.token {
                Token::Atom(name) if name == "utf8" => utf8 = true,
                // Neither changes the meaning of a single byte or of UTF-8.
                Token::Atom(name)
                    if matches!(name.as_str(), "integer" | "big" | "little" | "unsigned" | "signed") => {}
                _ => return Err(self.unexpected("utf8 or integer")),
            }
            self.advance()?;
            if !self.accept("-")? {
                return Ok(utf8);
            }
        }
    }
}

fn low_byte(value: i64) -> u8 {
    let [low, ..] = value.to_le_bytes();
    low
}
