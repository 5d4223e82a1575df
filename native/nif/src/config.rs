//! The configuration: a map that is complete and checked by `hexide_config`, read here once.
//!
//! Every operation takes it as an opaque reference. Its secrets so stand in native memory only: no term
//! that Erlang may print (a stack trace, a crash report, the state of a process) holds them.

use std::{path::PathBuf, time::Duration};

use hexide_client::{Client, Config};
use hexide_core::registry::key::HEXPM_PUBLIC_KEY;
use rustler::{Decoder, Encoder, Env, NifResult, Resource, ResourceArc, Term};

use crate::{error, fields::Fields, runtime};

/// A configuration that Erlang holds by reference: the client of whoever has it.
struct Configuration(Client);

#[rustler::resource_impl]
impl Resource for Configuration {}

/// A configuration as a NIF's argument.
pub struct Configured(pub Client);

impl<'a> Decoder<'a> for Configured {
    fn decode(reference: Term<'a>) -> NifResult<Self> {
        Ok(Self(reference.decode::<ResourceArc<Configuration>>()?.0.clone()))
    }
}

/// Reads the map, which `hexide_config:native/1` alone passes.
#[rustler::nif]
fn config_open<'a>(env: Env<'a>, map: Settings) -> Term<'a> {
    error::outcome(env, Client::new(map.0, runtime::cpu()), |client| {
        ResourceArc::new(Configuration(client)).encode(env)
    })
}

struct Settings(Config);

impl<'a> Decoder<'a> for Settings {
    fn decode(map: Term<'a>) -> NifResult<Self> {
        let fields = Fields(map);
        let repo_name: String = fields.get("repo_name")?;
        Ok(Self(Config {
            api_key: fields.secret("api_key")?,
            api_otp: fields.secret("api_otp")?,
            api_organization: fields.optional("api_organization")?,
            api_repository: fields.optional("api_repository")?,
            api_url: fields.get("api_url")?,
            repo_key: fields.secret("repo_key")?,
            repo_organization: fields.optional("repo_organization")?,
            repo_public_key: fields
                .optional("repo_public_key")?
                .or_else(|| (repo_name == "hexpm").then(|| HEXPM_PUBLIC_KEY.to_owned())),
            repo_name,
            repo_url: fields.get("repo_url")?,
            repo_verify: fields.get("repo_verify")?,
            repo_verify_origin: fields.get("repo_verify_origin")?,
            tarball_max_size: fields.size("tarball_max_size")?,
            tarball_max_uncompressed_size: fields.size("tarball_max_uncompressed_size")?,
            docs_tarball_max_size: fields.size("docs_tarball_max_size")?,
            docs_tarball_max_uncompressed_size: fields.size("docs_tarball_max_uncompressed_size")?,
            http_proxy: fields.secret("http_proxy")?,
            https_proxy: fields.secret("https_proxy")?,
            no_proxy: fields.optional("no_proxy")?,
            cacerts_path: fields.optional::<String>("cacerts_path")?.map(PathBuf::from),
            unsafe_https: fields.get("unsafe_https")?,
            connect_timeout: Duration::from_millis(fields.get("connect_timeout")?),
            timeout: Duration::from_millis(fields.get("timeout")?),
            retries: fields.get("retries")?,
            http_concurrency: fields.get("http_concurrency")?,
            user_agent_fragment: fields.optional("user_agent_fragment")?,
            oauth_client_id: fields.get("oauth_client_id")?,
            cache_dir: fields.optional::<String>("cache_dir")?.map(PathBuf::from),
            cache_max_size: fields.size("cache_max_size")?,
            cache_login: fields.optional("cache_login")?,
            offline: fields.get("offline")?,
        }))
    }
}
