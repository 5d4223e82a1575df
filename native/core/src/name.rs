//! What a package may be called.

/// Whether `name` is a package name: `^[a-z][a-z0-9_]*$`, at least two characters (docs/protocol.md §3).
#[must_use]
pub fn is_package(name: &str) -> bool {
    let bytes = name.as_bytes();
    bytes.len() >= 2
        && bytes.first().is_some_and(u8::is_ascii_lowercase)
        && bytes.iter().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || *b == b'_')
}

/// Whether no package may have this name, though it is well-formed: an application that comes with Erlang/OTP
/// or Elixir would be shadowed, a build tool could be imitated, and a device of Windows is no file there.
#[must_use]
pub fn is_reserved(name: &str) -> bool {
    [OTP, ELIXIR, TOOLS, GENERIC].into_iter().any(|group| group.contains(&name)) || is_device(name)
}

/// Applications of Erlang/OTP, of today and of former releases.
const OTP: &[&str] = &[
    "appmon",
    "asn1",
    "common_test",
    "compiler",
    "crypto",
    "debugger",
    "dialyzer",
    "diameter",
    "edoc",
    "eldap",
    "erl_docgen",
    "erl_interface",
    "erlang",
    "erts",
    "et",
    "eunit",
    "ftp",
    "gs",
    "hipe",
    "http_uri",
    "httpc",
    "httpd",
    "ic",
    "inets",
    "jinterface",
    "kernel",
    "megaco",
    "mnesia",
    "observer",
    "odbc",
    "orber",
    "os_mon",
    "ose",
    "otp",
    "otp_mibs",
    "parsetools",
    "percept",
    "pman",
    "public_key",
    "reltool",
    "runtime_tools",
    "sasl",
    "snmp",
    "ssh",
    "ssl",
    "stdlib",
    "syntax_tools",
    "test_server",
    "tftp",
    "toolbar",
    "tools",
    "tv",
    "typer",
    "webtool",
    "wx",
    "xmerl",
];

/// Applications of Elixir.
const ELIXIR: &[&str] = &["eex", "elixir", "ex_unit", "iex", "logger", "mix"];

/// What packages are built and fetched with.
const TOOLS: &[&str] = &["hex", "hexpm", "mix_hex", "rebar", "rebar3"];

/// Words that stand in the registry's own addresses.
const GENERIC: &[&str] = &["http", "net", "net_http", "organization", "package", "repository", "www"];

/// `con`, `prn`, `aux`, `nul`, and `com1` to `lpt9`.
fn is_device(name: &str) -> bool {
    let port = name.strip_prefix("com").or_else(|| name.strip_prefix("lpt"));
    matches!(name, "con" | "prn" | "aux" | "nul") || matches!(port.map(str::as_bytes), Some([b'1'..=b'9']))
}
