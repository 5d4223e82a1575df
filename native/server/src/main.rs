//! The registry as a program of its own.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "a program: it talks to its terminal and takes its defaults from the environment"
)]

mod terminal_log;

use std::{net::IpAddr, path::PathBuf, process::ExitCode};

use hexide_cpu::CpuBudget;
use hexide_server::{DataDir, Network, Options, start};
use tokio::signal::unix::{SignalKind, signal};

const USAGE: &str = "\
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
  --help               this
";

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> ExitCode {
    let options = match options(std::env::args().skip(1)) {
        Ok(Some(options)) => options,
        Ok(None) => {
            print!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        Err(message) => {
            eprintln!("hexide-server: {message}\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    if tracing::subscriber::set_global_default(terminal_log::TerminalLog).is_err() {
        eprintln!("hexide-server: the log cannot be shown");
    }
    match serve(options).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("hexide-server: {message}");
            ExitCode::FAILURE
        }
    }
}

async fn serve(options: Options) -> Result<(), String> {
    let cannot = |error: std::io::Error| format!("signals cannot be waited for: {error}");
    let mut interrupt = signal(SignalKind::interrupt()).map_err(cannot)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(cannot)?;
    let server = start(options).await.map_err(|error| error.to_string())?;
    let info = server.info();
    println!("API          {}", info.api_url);
    println!("repository   {}", info.repo_url);
    println!("docs         {}", info.docs_url);
    println!("data         {}", info.data_dir.display());
    println!("fingerprint  {}", info.fingerprint);
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    server.stop().await;
    Ok(())
}

/// The options from the command line, then the environment, then the defaults; `None` where help is asked for.
fn options(mut arguments: impl Iterator<Item = String>) -> Result<Option<Options>, String> {
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
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
    while let Some(argument) = arguments.next() {
        let place = match argument.as_str() {
            "--data" => &mut data,
            "--port" => &mut port,
            "--address" => &mut address,
            "--public-url" => &mut public_url,
            "--repository" => &mut repository,
            "--blobs" => &mut blobs,
            "--trusted-proxy" => {
                proxies.push(arguments.next().ok_or_else(|| format!("{argument} needs a value"))?);
                continue;
            }
            "--confirm-email" => {
                confirm_email = true;
                continue;
            }
            "--basic-auth" => {
                basic_auth = true;
                continue;
            }
            "--help" | "-h" => return Ok(None),
            other => return Err(format!("{other} is no option")),
        };
        *place = Some(arguments.next().ok_or_else(|| format!("{argument} needs a value"))?);
    }
    let data = PathBuf::from(data.unwrap_or_else(|| "hexide-data".to_owned()));
    let mut options = Options::new(DataDir::Path(data), CpuBudget::for_this_machine());
    let port = port.unwrap_or_else(|| "4043".to_owned());
    options.port = port.parse().map_err(|_| format!("{port} is no port"))?;
    if let Some(address) = address {
        options.address = address.parse::<IpAddr>().map_err(|_| format!("{address} is no IP address"))?;
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
    Ok(Some(options))
}
