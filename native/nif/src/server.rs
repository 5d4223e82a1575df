//! The embedded registry.

use std::{
    net::IpAddr,
    path::PathBuf,
    sync::{Mutex, PoisonError},
};

use hexide_core::{Code, Error, Result};
use hexide_server::{DataDir, NewUser, Options, Server};
use rustler::{Atom, Encoder, Env, NifMap, Resource, ResourceArc, Term, types::erlang_option::ErlOption};

use crate::{
    job::{self, Done},
    runtime,
    term::Typed,
};

/// What `hexide_server` passes on; its type documents the fields.
#[derive(NifMap)]
struct Given {
    data_dir: ErlOption<String>,
    blobs: ErlOption<String>,
    address: String,
    port: u16,
    repository: String,
    public_url: ErlOption<String>,
    confirm_email: bool,
    basic_auth: bool,
}

impl Given {
    fn options(self) -> Result<Options> {
        let address: IpAddr = self.address.parse().map_err(|_| {
            Error::new(Code::BadConfig, format!("`{}` is no IP address", self.address))
                .with(|d| d.key = Some("address".to_owned()))
        })?;
        let data_dir = Option::<String>::from(self.data_dir);
        let data_dir = data_dir.map_or(DataDir::Temporary, |folder| DataDir::Path(PathBuf::from(folder)));
        Ok(Options {
            blobs: self.blobs.into(),
            address,
            port: self.port,
            repository: self.repository,
            public_url: self.public_url.into(),
            confirm_email: self.confirm_email,
            basic_auth: self.basic_auth,
            ..Options::new(data_dir, runtime::cpu())
        })
    }
}

/// A registry that runs; it ends when it is stopped or when Erlang forgets it.
struct Registry(Mutex<Option<Server>>);

#[rustler::resource_impl]
impl Resource for Registry {}

impl Registry {
    /// What the running server gives.
    fn running<T>(&self, ask: impl FnOnce(&Server) -> T) -> Result<T> {
        let server = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        server.as_ref().map(ask).ok_or_else(|| Error::new(Code::Io, "the registry was stopped"))
    }
}
