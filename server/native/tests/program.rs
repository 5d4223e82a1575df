//! The program itself: how it begins and how it ends.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test ends at the first thing that is not as it should be"
)]

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

use hexide_core::{etf, term::Term};
use rustix::process::{Pid, Signal, kill_process};

/// Long enough for a machine that is busy with other things.
const DEADLINE: Duration = Duration::from_secs(60);

/// The running program. A test that fails leaves none behind.
struct Program(Child);

impl Program {
    fn start(arguments: &[&str], input: Stdio) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hexide-server"));
        command.args(arguments).stdin(input).stdout(Stdio::piped()).stderr(Stdio::piped());
        Self(command.spawn().unwrap())
    }

    fn input(&mut self) -> ChildStdin {
        self.0.stdin.take().unwrap()
    }

    fn output(&mut self) -> ChildStdout {
        self.0.stdout.take().unwrap()
    }

    fn ended(&mut self) -> ExitStatus {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.0.try_wait().unwrap() {
                return status;
            }
            assert!(begun.elapsed() < DEADLINE, "the program does not end");
            thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.0.kill();
    }
}

fn map(pairs: &[(&str, Term)]) -> Term {
    Term::Map(pairs.iter().map(|(name, value)| (Term::atom(*name), value.clone())).collect())
}

fn send(input: &mut ChildStdin, request: &Term) {
    let frame = etf::encode(request);
    input.write_all(&u32::try_from(frame.len()).unwrap().to_be_bytes()).unwrap();
    input.write_all(&frame).unwrap();
}

fn receive(output: &mut ChildStdout) -> Term {
    let mut length = [0; 4];
    output.read_exact(&mut length).unwrap();
    let mut frame = vec![0; u32::from_be_bytes(length) as usize];
    output.read_exact(&mut frame).unwrap();
    etf::decode(&frame).unwrap()
}

fn start_request(address: &str) -> Term {
    map(&[
        ("id", Term::Integer(1)),
        ("do", Term::atom("start")),
        ("data_dir", Term::atom("undefined")),
        ("blobs", Term::atom("undefined")),
        ("address", Term::binary(address)),
        ("port", Term::Integer(0)),
        ("repository", Term::binary("hexpm")),
        ("public_url", Term::atom("undefined")),
        ("confirm_email", Term::atom("false")),
        ("basic_auth", Term::atom("false")),
        ("oauth_interval", Term::atom("undefined")),
        ("oauth_access_lifetime", Term::atom("undefined")),
        ("trusted_proxies", Term::List(Vec::new())),
    ])
}

fn replied(output: &mut ChildStdout) -> (Term, Term) {
    loop {
        let Term::Tuple(parts) = receive(output) else { panic!("a frame is a tuple") };
        match parts.as_slice() {
            [Term::Atom(kind), id, result] if kind == "reply" => return (id.clone(), result.clone()),
            [Term::Atom(kind), ..] if kind == "log" => {}
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn it_does_what_frames_say_and_leaves_nothing_behind() {
    let mut program = Program::start(&["--stdio"], Stdio::piped());
    let (mut input, mut output) = (program.input(), program.output());
    send(&mut input, &start_request("127.0.0.1"));
    let (_, started) = replied(&mut output);
    let Term::Tuple(started) = started else { panic!("{started:?}") };
    let [Term::Atom(ok), Term::Map(info)] = started.as_slice() else { panic!("{started:?}") };
    assert_eq!(ok, "ok");
    let folder = info.iter().find(|(name, _)| *name == Term::atom("data_dir")).unwrap().1.clone();
    let Term::Binary(folder) = folder else { panic!("{folder:?}") };
    let folder = String::from_utf8(folder).unwrap();
    assert!(std::path::Path::new(&folder).is_dir());
    send(&mut input, &map(&[("id", Term::Integer(2)), ("do", Term::atom("stop"))]));
    assert_eq!(replied(&mut output), (Term::Integer(2), Term::atom("ok")));
    assert!(program.ended().success());
    assert!(!std::path::Path::new(&folder).exists());
}

#[test]
fn what_cannot_start_says_why_and_can_be_told_again() {
    let mut program = Program::start(&["--stdio"], Stdio::piped());
    let (mut input, mut output) = (program.input(), program.output());
    send(&mut input, &start_request("nowhere"));
    let (_, refused) = replied(&mut output);
    assert!(format!("{refused:?}").contains("bad_config"), "{refused:?}");
    send(&mut input, &start_request("127.0.0.1"));
    assert!(matches!(replied(&mut output).1, Term::Tuple(parts) if parts.first() == Some(&Term::atom("ok"))));
    drop(input);
    assert!(program.ended().success());
}

#[test]
fn it_ends_when_its_input_closes_even_while_nobody_reads_what_it_says() {
    let mut program = Program::start(&["--stdio"], Stdio::piped());
    let mut input = program.input();
    // The replies to these are more than a pipe holds.
    for id in 0..20_000 {
        let request = map(&[
            ("id", Term::Integer(id)),
            ("do", Term::atom("confirm_user")),
            ("username", Term::binary("nobody")),
        ]);
        send(&mut input, &request);
    }
    drop(input);
    assert!(program.ended().success());
}

#[test]
fn a_frame_that_makes_no_sense_ends_it_with_a_sentence_on_standard_error() {
    let mut program = Program::start(&["--stdio"], Stdio::piped());
    send(&mut program.input(), &Term::atom("hello"));
    assert_eq!(program.ended().code(), Some(1));
    let mut said = String::new();
    program.0.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert!(said.contains("not a valid request"), "{said}");
}

#[test]
fn options_beside_stdio_are_refused() {
    let mut program = Program::start(&["--stdio", "--port", "0"], Stdio::piped());
    assert_eq!(program.ended().code(), Some(2));
}

#[test]
fn without_stdio_it_goes_on_when_there_is_no_input() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    // As a service manager starts it.
    let mut program = Program::start(&["--port", "0", "--data", data], Stdio::null());
    let mut lines = BufReader::new(program.output()).lines();
    let line = lines.next().unwrap().unwrap();
    let address = line.split("http://").nth(1).unwrap().split('/').next().unwrap().to_owned();
    for _ in 0..3 {
        let mut stream = TcpStream::connect(&address).unwrap();
        stream
            .write_all(
                b"GET /api/packages HTTP/1.1\r\nhost: x\r\nuser-agent: test\r\nconnection: close\r\n\r\n",
            )
            .unwrap();
        let mut reply = String::new();
        stream.read_to_string(&mut reply).unwrap();
        assert!(reply.starts_with("HTTP/1.1 200"), "{reply}");
    }
    let id = Pid::from_child(&program.0);
    kill_process(id, Signal::TERM).unwrap();
    assert!(program.ended().success());
}
