//! The registry as a program of its own: for a terminal or a service manager, or, with `--stdio`, for a program that
//! starts it and talks to it.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "a program: it talks to its terminal and takes its defaults from the environment"
)]

mod arguments;
mod log;
mod stdio;

use std::process::ExitCode;

use arguments::Command;
use hexide_server::{Options, start};
use tokio::{
    runtime::Builder,
    signal::unix::{SignalKind, signal},
};

/// Threads that wait for the network, and the most that block: for files, and for what computes.
const WORKERS: usize = 2;
const BLOCKING: usize = 64;

fn main() -> ExitCode {
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let command = match arguments::parse(std::env::args().skip(1), variable) {
        Ok(command) => command,
        Err(message) => {
            eprintln!("hexide-server: {message}\n\n{}", arguments::USAGE);
            return ExitCode::from(2);
        }
    };
    if matches!(command, Command::Help) {
        print!("{}", arguments::USAGE);
        return ExitCode::SUCCESS;
    }
    let runtime = Builder::new_multi_thread()
        .worker_threads(WORKERS)
        .max_blocking_threads(BLOCKING)
        .enable_all()
        .build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => return failed(&format!("no threads could be started: {error}")),
    };
    let ended = match command {
        Command::Help => Ok(()),
        Command::Stdio => runtime.block_on(stdio::serve()),
        Command::Serve(options) => runtime.block_on(serve(*options)),
    };
    // What still blocks, such as a write that nobody reads, must not hold the end up.
    runtime.shutdown_background();
    ended.map_or_else(|message| failed(&message), |()| ExitCode::SUCCESS)
}

fn failed(message: &str) -> ExitCode {
    eprintln!("hexide-server: {message}");
    ExitCode::FAILURE
}

async fn serve(options: Options) -> Result<(), String> {
    log::to_terminal();
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
