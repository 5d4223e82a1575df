//! Arguments that outlive their call: terms kept for a job, without copying their large binaries.

use std::sync::Mutex;

use bytes::Bytes;
use hexide_core::{Code, Error, Result};
use rustler::{
    Binary, Decoder, NifResult, Term,
    env::{OwnedEnv, SavedTerm},
};

/// A term in an environment of its own. Large binaries in it are shared with the caller, not copied.
pub struct Held {
    // An environment may be used by one thread at a time; the lock also makes this usable across awaits.
    env: Mutex<OwnedEnv>,
    term: SavedTerm,
}

impl<'a> Decoder<'a> for Held {
    fn decode(term: Term<'a>) -> NifResult<Self> {
        let env = OwnedEnv::new();
        let term = env.save(term);
        Ok(Held { env: Mutex::new(env), term })
    }
}

impl Held {
    /// Reads the term. Not on a scheduler: that is what it was kept for.
    ///
    /// # Errors
    /// `internal` where the term has not the shape that the Erlang module promised.
    pub fn read<T>(&self, read: impl FnOnce(Term<'_>) -> NifResult<T>) -> Result<T> {
        let env = self.env.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        env.run(|env| read(self.term.load(env)))
            .map_err(|_| Error::new(Code::Internal, "an argument has not the expected shape"))
    }
}

/// A binary kept for a job.
pub struct HeldBinary(Held);

impl<'a> Decoder<'a> for HeldBinary {
    fn decode(term: Term<'a>) -> NifResult<Self> {
        term.decode::<Binary<'a>>()?;
        term.decode().map(HeldBinary)
    }
}

impl HeldBinary {
    /// Works on the bytes where they are.
    ///
    /// # Errors
    /// Those of `work`.
    pub fn with<T>(&self, work: impl FnOnce(&[u8]) -> Result<T>) -> Result<T> {
        self.0.read(|term| Ok(work(term.decode::<Binary<'_>>()?.as_slice())))?
    }

    /// A copy, for what needs to own them.
    ///
    /// # Errors
    /// None in practice: that it is a binary was checked.
    pub fn copy(&self) -> Result<Bytes> {
        self.with(|bytes| Ok(Bytes::copy_from_slice(bytes)))
    }
}
