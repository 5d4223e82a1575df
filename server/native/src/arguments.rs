//! What the program is told on the command line and by the environment.

use std::{net::IpAddr, path::PathBuf};

use hexide_server::{DataDir, Network, Options};

pub const USAGE: &str = "\
Usage: hexide-server [OPTIONS]

  --data DIR           where everything is kept (HEXIDE_DATA; default: ./hexide-data)
  --port PORT          0 takes any that is free (HEXIDE_PORT; default: 4043)
  --address ADDRESS    what to listen on (HEXIDE_ADDRESS; default: 127.0.0.1)
  --public-url URL     how clients reach the server (HEXIDE_PUBLIC_URL)
  --repository NAME    the name inside signed resources (HEXIDE_REPOSITORY; default: hexpm)
  --blobs URL          an object store for the tarballs (HEXIDE_BLOBS; default: in the data folder)
  --confirm-email      fresh users must be confirmed first
  --trusted-proxy NET  believe the x-forwarded-for of that address or network (ADDRESS/BITS); may be
                       given several times (HEXIDE_TRUSTED_PROXIES: a list with commas)
  --basic-auth         take username and password to make a key; on loopback only
  --stdio              be told all that in frames on standard input, as an Erlang node does, and end
                       when that closes
  --help               this
";

/// What the program is to do.
pub enum Command {
    /// Say how it is used.
    Help,
    /// Do what the program says that started it.
    Stdio,
    /// Run a registry until a signal ends it.
    Serve(Box<Options>),
}

/// Takes the options from the command line, then from the environment, then the defaults.
///
/// # Errors
/// A sentence that names the option or value that is not valid.
pub fn parse(
    mut arguments: impl Iterator<Item = String>,
    variable: impl Fn(&str) -> Option<String>,
) -> Result<Command, String> {
    let mut data = variable("HEXIDE_DATA");
    let mut port = variable("HEXIDE_PORT");
    let mut address = variable("HEXIDE_ADDRESS");
    let mut public_url = variable("HEXIDE_PUBLIC_URL");
    let mut repository = variable("HEXIDE_REPOSITORY");
    let mut blobs = variable("HEXIDE_BLOBS");
    let proxies = variable("HEXIDE_TRUSTED_PROXIES").unwrap_or_default();
    let mut proxies: Vec<String> = proxies.split(',').map(|text| text.trim().to_owned()).collect();
    proxies.retain(|text| !text.is_empty());
    let (mut confirm_email, mut basic_auth) = (false, false);
    let (mut stdio, mut other) = (false, None);
    while let Some(argument) = arguments.next() {
        let place = match argument.as_str() {
            "--help" | "-h" => return Ok(Command::Help),
            "--stdio" => {
                stdio = true;
                continue;
            }
            "--confirm-email" => {
                confirm_email = true;
                other = Some(argument);
                continue;
            }
            "--basic-auth" => {
                basic_auth = true;
                other = Some(argument);
                continue;
            }
            "--trusted-proxy" => {
                proxies.push(arguments.next().ok_or_else(|| format!("{argument} needs a value"))?);
                other = Some(argument);
                continue;
            }
            "--data" => &mut data,
            "--port" => &mut port,
            "--address" => &mut address,
            "--public-url" => &mut public_url,
            "--repository" => &mut repository,
            "--blobs" => &mut blobs,
            unknown => return Err(format!("{unknown} is not a valid option")),
        };
        *place = Some(arguments.next().ok_or_else(|| format!("{argument} needs a value"))?);
        other = Some(argument);
    }
    if stdio {
        return match other {
            None => Ok(Command::Stdio),
            Some(option) => Err(format!("{option} has no place beside --stdio: frames tell it")),
        };
    }
    let data = PathBuf::from(data.unwrap_or_else(|| "hexide-data".to_owned()));
    let mut options = Options::new(DataDir::Path(data));
    let port = port.unwrap_or_else(|| "4043".to_owned());
    options.port = port.parse().map_err(|_| format!("{port} is not a valid port"))?;
    if let Some(address) = address {
        options.address =
            address.parse::<IpAddr>().map_err(|_| format!("{address} is not a valid IP address"))?;
    }
    if let Some(repository) = repository {
        options.repository = repository;
    }
    for proxy in proxies {
        let network = proxy.parse::<Network>().map_err(|error| format!("{proxy}: {error}"))?;
        options.trusted_proxies.push(network);
    }
    options.public_url = public_url;
    options.blobs = blobs;
    options.confirm_email = confirm_email;
    options.basic_auth = basic_auth;
    Ok(Command::Serve(Box::new(options)))
}
