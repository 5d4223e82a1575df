//! What a map from Erlang holds, field by field.

use rustler::{Atom, Decoder, Env, Error, NifResult, Term};
use secrecy::SecretString;

use crate::term;

mod atoms {
    rustler::atoms! { infinity, undefined }
}

/// The fields of a map with atom keys.
pub struct Fields<'a>(pub Term<'a>);

impl<'a> Fields<'a> {
    fn env(&self) -> Env<'a> {
        self.0.get_env()
    }

    /// A field that must be there.
    pub fn get<T: Decoder<'a>>(&self, key: &'static str) -> NifResult<T> {
        self.0.map_get(term::atom(self.env(), key)?).map_err(|_| Error::BadArg)?.decode()
    }

    /// A field that may be `undefined` or missing.
    pub fn optional<T: Decoder<'a>>(&self, key: &'static str) -> NifResult<Option<T>> {
        match self.0.map_get(term::atom(self.env(), key)?) {
            // First, since a `T` may be any atom.
            Ok(value) if atoms::undefined() == value => Ok(None),
            Ok(value) => value.decode().map(Some),
            Err(_) => Ok(None),
        }
    }

    /// The same as text that nothing prints.
    pub fn secret(&self, key: &'static str) -> NifResult<Option<SecretString>> {
        Ok(self.optional::<String>(key)?.map(SecretString::from))
    }

    /// A number of bytes, or `infinity`, which is `None`.
    pub fn size(&self, key: &'static str) -> NifResult<Option<u64>> {
        let value: Term<'a> = self.get(key)?;
        match value.decode::<Atom>() {
            Ok(atom) if atom == atoms::infinity() => Ok(None),
            Ok(_) => Err(Error::BadArg),
            Err(_) => value.decode().map(Some),
        }
    }
}
