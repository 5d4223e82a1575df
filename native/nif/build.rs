//! Link settings that only the cdylib needs.

// A build script is told its target by the environment; there is no other way.
#[allow(clippy::disallowed_methods)]
fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let target = |part: &str| std::env::var(format!("CARGO_CFG_TARGET_{part}")).unwrap_or_default();
    if target("OS") == "linux" {
        // A purge of hexide_nif must not unmap code that Tokio's threads still run.
        println!("cargo:rustc-cdylib-link-arg=-Wl,-z,nodelete");
    }
    if target("OS") == "macos" {
        // The NIF functions are resolved in the running VM.
        println!("cargo:rustc-cdylib-link-arg=-undefined");
        println!("cargo:rustc-cdylib-link-arg=dynamic_lookup");
    }
}
