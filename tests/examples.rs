//! The examples do what their heads say: those that end by themselves, and the echo server.

#[path = "../examples/common/open_files.rs"]
mod open_files;
mod programs;

use programs::{Server, built};
use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Output};
use std::time::Duration;

fn run(name: &str, args: &[&str]) -> Output {
    Command::new(built(name))
        .args(args)
        .output()
        .expect("the program starts")
}

/// Its lines, if it ended well.
fn lines(output: Output) -> Vec<String> {
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "{}: {stdout}{stderr}",
        output.status
    );
    stdout.lines().map(String::from).collect()
}

#[test]
fn hello_says_hello_and_good_bye() {
    let lines = lines(run("hello", &[]));
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(lines[0].starts_with("hello from "), "{lines:?}");
    assert!(lines[1].starts_with("and good-bye, "), "{lines:?}");
}

#[test]
fn tour_shows_every_section() {
    let lines = lines(run("tour", &[]));
    let sections = [
        "tasks: the answer is 42; 100 more added up to 4950",
        "panics: a task ended on purpose",
        "aborts: ",
        "blocking: spawn_blocking ",
        "blocking: block_in_place ",
        "time: ",
        "in one task: ",
        "channels: 10 squares add up to 385",
        "locks: ",
        "tcp: 14 bytes went there and back",
        "udp: ",
        "bytes: 3 lines ",
        "paused clock: slept 3600 s",
        "shutdown: ",
        "the end, ",
    ];
    for section in sections {
        let found = lines.iter().any(|line| line.starts_with(section));
        assert!(found, "no {section:?} in {lines:#?}");
    }
}

#[test]
fn echo_load_tests_itself() {
    let lines = lines(run(
        "echo_load",
        &["--connections", "200", "--messages", "5"],
    ));
    assert!(
        lines[0].starts_with("200 connections open after "),
        "{lines:?}"
    );
    assert!(
        lines[1].starts_with("1000 messages of 64 bytes came back"),
        "{lines:?}"
    );
    assert!(lines[2].starts_with("latency: p50 "), "{lines:?}");
}

#[test]
fn an_unknown_option_is_refused_with_the_usage() {
    for name in ["echo_server", "echo_load", "file_server"] {
        let output = run(name, &["--nonsense"]);
        assert_eq!(output.status.code(), Some(2));
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(
            stderr.contains("--nonsense is not known\nusage: "),
            "{stderr}"
        );
    }
}

fn echo_server(max: &str) -> Server {
    let mut command = Command::new(built("echo_server"));
    command.args(["--listen", "127.0.0.1:0", "--max", max]);
    Server::start(command)
}

fn connect(server: &Server) -> TcpStream {
    let stream = TcpStream::connect(server.address).expect("the server accepts");
    let limit = Some(Duration::from_secs(20));
    stream
        .set_read_timeout(limit)
        .expect("the limit is above 0");
    stream
}

fn talk(stream: &mut TcpStream, message: &[u8]) {
    stream.write_all(message).expect("the server reads");
    let mut answer = vec![0; message.len()];
    stream.read_exact(&mut answer).expect("the server answers");
    assert_eq!(answer, message);
}

#[test]
fn echo_server_holds_a_thousand_connections_and_lets_them_finish() {
    let count = open_files::make_room(1000, 1);
    let mut server = echo_server("2000");
    let mut streams: Vec<TcpStream> = (0..count).map(|_| connect(&server)).collect();
    for (number, stream) in streams.iter_mut().enumerate() {
        talk(stream, format!("message {number}").as_bytes());
    }
    server.interrupt();
    server.wait_for_line("stopping: ");
    assert!(
        TcpStream::connect(server.address).is_err(),
        "it still accepts"
    );
    for mut stream in streams {
        talk(&mut stream, b"still here");
        stream.shutdown(Shutdown::Write).expect("it is open");
        assert_eq!(stream.read(&mut [0]).expect("it ends well"), 0);
    }
    let ended = server.end(Duration::from_secs(6));
    assert_eq!(ended.status.code(), Some(0));
    assert!(!ended.stdout.contains("cut off"), "{}", ended.stdout);
    let counts = format!("0 open, {count} accepted, 0 failed");
    assert!(ended.stdout.contains(&counts), "{}", ended.stdout);
}

#[test]
fn a_connection_that_does_not_finish_is_cut_off_after_five_seconds() {
    let server = echo_server("10");
    let mut stream = connect(&server);
    talk(&mut stream, b"I shall stay");
    server.interrupt();
    let ended = server.end(Duration::from_secs(8));
    assert_eq!(ended.status.code(), Some(0));
    assert!(
        ended.stdout.contains("1 connections were cut off"),
        "{}",
        ended.stdout
    );
}

#[test]
fn a_second_interrupt_ends_at_once() {
    let mut server = echo_server("10");
    let mut stream = connect(&server);
    talk(&mut stream, b"I shall stay");
    server.interrupt();
    server.wait_for_line("stopping: ");
    server.interrupt();
    if interrupts_are_ignored() {
        // What comes back is what was there before, as a background job of a shell has it.
        let ended = server.end(Duration::from_secs(30));
        assert_eq!(ended.status.code(), Some(0));
        return;
    }
    let ended = server.end(Duration::from_secs(3));
    assert_eq!(ended.status.signal(), Some(libc::SIGINT));
}

/// Whether this process, and so each that it starts, began with SIGINT being ignored.
fn interrupts_are_ignored() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask & 1 << (libc::SIGINT - 1) != 0)
}

#[test]
fn where_files_are_few_the_server_says_so_and_serves_what_fits() {
    let mut command = Command::new("sh");
    command.args([
        "-c",
        "ulimit -n 40; exec \"$0\" --listen 127.0.0.1:0 --max 1000",
    ]);
    command.arg(built("echo_server"));
    let server = Server::start(command);
    // Eight fit; four times as many come, and each is served when it is its turn.
    let mut streams: Vec<TcpStream> = (0..32).map(|_| connect(&server)).collect();
    for stream in &mut streams {
        stream.write_all(b"in turn").expect("the kernel takes it");
        stream.shutdown(Shutdown::Write).expect("it is open");
    }
    for mut stream in streams {
        let mut answer = String::new();
        stream
            .read_to_string(&mut answer)
            .expect("the server answers");
        assert_eq!(answer, "in turn");
    }
    server.interrupt();
    let ended = server.end(Duration::from_secs(6));
    assert_eq!(ended.status.code(), Some(0));
    assert!(
        ended.stderr.contains("8 connections fit, not 1000"),
        "{}",
        ended.stderr
    );
    assert!(ended.stderr.contains("ulimit -n 1032"), "{}", ended.stderr);
}
