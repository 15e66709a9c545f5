//! The standard streams, in child processes: this program again, with the name of a scene in
//! its environment.

#[path = "common/runtimes.rs"]
mod runtimes;

use runtime::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, stderr, stdin, stdout};
use runtime::rt::{Builder, Runtime};
use runtimes::within;
use std::fs::File;
use std::future::Future;
use std::io::{Read, Seek, Write};
use std::net::Shutdown;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::pin::pin;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

const SCENE: &str = "STDIO_SCENE";
const BEGIN: &str = "<<<";
const END: &str = ">>>";

// ---- scenes ----

/// What the child does. It ends the process, so that the harness has no last word.
#[test]
fn scene() {
    let Ok(name) = std::env::var(SCENE) else {
        return;
    };
    let runtime = match name.strip_suffix("_alone") {
        Some(_) => Builder::new_current_thread().enable_all().build(),
        None => Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build(),
    };
    let runtime = runtime.expect("there are threads");
    println!("{BEGIN}");
    match name.trim_end_matches("_alone") {
        "echo" => runtime.block_on(echo()),
        "echo_in_bits" => runtime.block_on(echo_in_bits()),
        "echo_by_two" => runtime.block_on(echo_by_two()),
        "count" => runtime.block_on(count()),
        "leave_a_read" => leave_a_read(runtime),
        "two_runtimes" => two_runtimes(runtime),
        "much_output" => runtime.block_on(much_output()),
        "dropped_writes" => runtime.block_on(dropped_writes()),
        "lines_among_lines" => runtime.block_on(lines_among_lines()),
        "until_broken" => runtime.block_on(until_broken()),
        other => panic!("there is no scene {other}"),
    }
    println!("{END}");
    std::process::exit(0);
}

async fn echo() {
    let mut lines = BufReader::new(stdin()).lines();
    let mut out = stdout();
    while let Some(line) = lines.next_line().await.expect("it can be read") {
        out.write_all(format!("[{line}]\n").as_bytes())
            .await
            .expect("it can be written");
    }
    out.flush().await.expect("it can be written");
}

/// Reads a few bytes at a time, and gives each read up after a poll or two.
async fn echo_in_bits() {
    let mut input = stdin();
    let mut all = Vec::new();
    let mut round = 0;
    loop {
        round += 1;
        let mut bytes = [0; 7];
        let read = match round % 3 {
            0 => Some(input.read(&mut bytes).await),
            polls => polled(input.read(&mut bytes), polls).await,
        };
        match read {
            Some(Ok(0)) => break,
            Some(count) => all.extend_from_slice(&bytes[..count.expect("it can be read")]),
            None => {}
        }
    }
    print!("[{}]", String::from_utf8_lossy(&all));
}

async fn polled<T>(future: impl Future<Output = T>, polls: usize) -> Option<T> {
    let mut future = pin!(future);
    for _ in 0..polls {
        let mut cx = Context::from_waker(Waker::noop());
        if let Poll::Ready(output) = future.as_mut().poll(&mut cx) {
            return Some(output);
        }
        runtime::task::yield_now().await;
    }
    None
}

/// Two handles, in two tasks, for one input.
async fn echo_by_two() {
    let read_all = || async {
        let mut all = Vec::new();
        let mut input = stdin();
        loop {
            let mut bytes = [0; 100];
            match input.read(&mut bytes).await.expect("it can be read") {
                0 => return all,
                count => all.extend_from_slice(&bytes[..count]),
            }
            runtime::task::yield_now().await;
        }
    };
    let one = runtime::spawn(read_all());
    let other = runtime::spawn(read_all());
    let (one, other) = (one.await.expect("no panic"), other.await.expect("no panic"));
    let sum: usize = one
        .iter()
        .chain(&other)
        .map(|&byte| usize::from(byte))
        .sum();
    print!("[{} {sum}]", one.len() + other.len());
}

async fn count() {
    let mut bytes = Vec::new();
    stdin()
        .take(100_000)
        .read_to_end(&mut bytes)
        .await
        .expect("it can be read");
    print!("[{}]", bytes.len());
}

/// A task waits for input when the runtime and the process end.
fn leave_a_read(runtime: Runtime) {
    runtime.block_on(async {
        runtime::spawn(async { stdin().read_u8().await });
        for _ in 0..10 {
            runtime::task::yield_now().await;
        }
        let mut input = stdin();
        let read = runtime::time::timeout(Duration::from_millis(5), input.read_u8());
        assert!(read.await.is_err(), "nobody has written");
    });
    drop(runtime);
}

/// One handle, read in a runtime, and in another one when that is gone.
fn two_runtimes(first: Runtime) {
    let mut input = stdin();
    let mut one = [0; 5];
    first
        .block_on(input.read_exact(&mut one))
        .expect("it can be read");
    drop(first);
    let second = Runtime::new().expect("there are threads");
    let mut rest = String::new();
    second
        .block_on(input.read_to_string(&mut rest))
        .expect("it can be read");
    print!("[{}|{rest}]", String::from_utf8_lossy(&one));
}

async fn much_output() {
    let mut out = stdout();
    let bytes = vec![b'x'; 1_000_000];
    out.write_all(&bytes).await.expect("it can be written");
    out.flush().await.expect("it can be written");
    let mut errors = stderr();
    errors
        .write_all(b"and an error")
        .await
        .expect("it can be written");
    errors.shutdown().await.expect("it can be written");
}

/// Each write is polled once and dropped; what was accepted comes out.
async fn dropped_writes() {
    let mut out = stdout();
    let mut accepted = String::new();
    while accepted.len() < 2000 {
        let text = format!("{} ", accepted.len());
        match polled(out.write(text.as_bytes()), 1).await {
            Some(count) => assert_eq!(count.expect("it can be written"), text.len()),
            None => continue,
        }
        accepted.push_str(&text);
    }
    out.flush().await.expect("it can be written");
    println!("|{accepted}");
}

async fn lines_among_lines() {
    let thread = std::thread::spawn(|| {
        for _ in 0..300 {
            println!("{}", "p".repeat(100));
        }
    });
    let mut out = stdout();
    let line = format!("{}\n", "w".repeat(100));
    for _ in 0..300 {
        out.write_all(line.as_bytes())
            .await
            .expect("it can be written");
    }
    out.flush().await.expect("it can be written");
    thread.join().expect("no panic");
}

async fn until_broken() {
    let mut out = stdout();
    let error = loop {
        if let Err(error) = out.write_all(&[b'x'; 10_000]).await {
            break error;
        }
    };
    eprint!("[{:?}]", error.kind());
    std::process::exit(0);
}

// ---- the other side ----

fn command(scene: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("there is a program"));
    command.args(["scene", "--exact", "--nocapture", "--test-threads=1"]);
    command.env(SCENE, scene).stdout(Stdio::piped());
    command
}

/// What the scene printed, once it has ended.
fn finish(child: Child) -> String {
    let output = child.wait_with_output().expect("it was started");
    let text = String::from_utf8_lossy(&output.stdout).replace('\r', "");
    assert!(output.status.success(), "{}: {text}", output.status);
    let begin = text
        .find(BEGIN)
        .unwrap_or_else(|| panic!("no begin: {text}"));
    let end = text.rfind(END).unwrap_or_else(|| panic!("no end: {text}"));
    text[begin + BEGIN.len()..end].trim().to_owned()
}

#[track_caller]
fn play(scene: &'static str, input: impl Into<Stdio>, claim: impl FnOnce(String) + Send + 'static) {
    let child = command(scene)
        .stdin(input)
        .spawn()
        .expect("it can be started");
    within(scene, move || claim(finish(child)));
}

/// A file with this text, at its beginning.
fn file(text: &str) -> File {
    static NUMBER: AtomicUsize = AtomicUsize::new(0);
    let number = NUMBER.fetch_add(1, Ordering::SeqCst);
    let name = format!("stdio-{}-{number}", std::process::id());
    let path = std::env::temp_dir().join(name);
    let mut options = File::options();
    let mut file = options
        .read(true)
        .write(true)
        .create(true)
        .truncate(true)
        .open(&path)
        .expect("a file");
    std::fs::remove_file(&path).expect("it is there");
    file.write_all(text.as_bytes()).expect("there is room");
    file.rewind().expect("it is a file");
    file
}

/// The end of a pipe, or of a socket, from which this text can be read.
fn pipe(text: &'static str) -> OwnedFd {
    let (reader, mut writer) = pipe_ends();
    std::thread::spawn(move || {
        for bytes in text.as_bytes().chunks(5) {
            writer.write_all(bytes).expect("somebody reads");
            std::thread::yield_now();
        }
    });
    reader
}

fn socket(text: &'static str) -> OwnedFd {
    let (ours, theirs) = UnixStream::pair().expect("there are descriptors");
    std::thread::spawn(move || {
        for bytes in text.as_bytes().chunks(5) {
            (&ours).write_all(bytes).expect("somebody reads");
            std::thread::yield_now();
        }
        ours.shutdown(Shutdown::Write)
    });
    theirs.into()
}

/// The end of a pipe to read from, and the one to write to. std makes one only since after our
/// oldest compiler: `cat` lies in between.
fn pipe_ends() -> (OwnedFd, ChildStdin) {
    let mut cat = Command::new("cat");
    let cat = cat.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut cat = cat.spawn().expect("there is a cat");
    let reader = cat.stdout.take().expect("it was asked for").into();
    let writer = cat.stdin.take().expect("it was asked for");
    std::thread::spawn(move || cat.wait());
    (reader, writer)
}

const TEXT: &str = "one\ntwo\nthree, and the last one has no newline";
const ECHO: &str = "[one]\n[two]\n[three, and the last one has no newline]";

#[test]
fn lines_come_from_pipes_sockets_and_files_alike() {
    for scene in ["echo", "echo_alone"] {
        play(scene, pipe(TEXT), |text| assert_eq!(text, ECHO));
        play(scene, socket(TEXT), |text| assert_eq!(text, ECHO));
        play(scene, file(TEXT), |text| assert_eq!(text, ECHO));
    }
}

#[test]
fn a_read_that_is_cancelled_loses_no_byte() {
    for scene in ["echo_in_bits", "echo_in_bits_alone"] {
        let wanted = || move |text| assert_eq!(text, format!("[{TEXT}]"));
        play(scene, pipe(TEXT), wanted());
        play(scene, socket(TEXT), wanted());
        play(scene, file(TEXT), wanted());
    }
}

#[test]
fn two_handles_share_the_input_and_both_find_its_end() {
    let sum: usize = TEXT.bytes().map(usize::from).sum();
    let wanted = move |text| assert_eq!(text, format!("[{} {sum}]", TEXT.len()));
    play("echo_by_two", pipe(TEXT), wanted);
    play("echo_by_two", socket(TEXT), wanted);
    play("echo_by_two", file(TEXT), wanted);
}

#[test]
fn no_input_is_the_end_at_once() {
    play("echo", Stdio::null(), |text| assert_eq!(text, ""));
    within("a closed descriptor", || {
        let program = command("echo");
        let mut shell = Command::new("sh");
        shell
            .args(["-c", "exec \"$0\" \"$@\" <&-"])
            .arg(program.get_program());
        shell
            .args(program.get_args())
            .env(SCENE, "echo")
            .stdout(Stdio::piped());
        assert_eq!(finish(shell.spawn().expect("there is a shell")), "");
    });
}

#[test]
fn a_device_that_cannot_be_watched_is_read_too() {
    let zero = File::open("/dev/zero").expect("it is there");
    play("count", zero, |text| assert_eq!(text, "[100000]"));
}

#[test]
fn a_read_that_waits_does_not_hold_up_the_end() {
    for scene in ["leave_a_read", "leave_a_read_alone"] {
        let (reader, writer) = pipe_ends();
        play(scene, reader, |text| assert_eq!(text, ""));
        drop(writer);
        let (ours, theirs) = UnixStream::pair().expect("there are descriptors");
        play(scene, OwnedFd::from(theirs), |text| assert_eq!(text, ""));
        drop(ours);
        // The other side of a terminal is not opened again: a thread waits.
        let mut options = File::options();
        match options.read(true).write(true).open("/dev/ptmx") {
            Ok(device) => play(scene, device, |text| assert_eq!(text, "")),
            Err(error) => eprintln!("skipped, there are no terminals here: {error}"),
        }
    }
}

#[test]
fn what_others_have_of_the_input_goes_on_blocking() {
    let (reader, mut writer) = pipe_ends();
    let ours = reader.try_clone().expect("there are descriptors");
    let child = command("echo")
        .stdin(reader)
        .spawn()
        .expect("it can be started");
    writer.write_all(b"one\n").expect("it reads");
    drop(writer);
    within("echo", move || {
        assert_eq!(finish(child), "[one]");
        assert!(
            !socket2::SockRef::from(&ours)
                .nonblocking()
                .expect("it is open")
        );
    });
    let theirs = socket("one\n");
    let ours = theirs.try_clone().expect("there are descriptors");
    play("echo", theirs, move |text| {
        assert_eq!(text, "[one]");
        assert!(
            !socket2::SockRef::from(&ours)
                .nonblocking()
                .expect("it is open")
        );
    });
}

#[test]
fn a_handle_goes_on_in_another_runtime() {
    for _ in 0..3 {
        play("two_runtimes", pipe("hello world"), |text| {
            assert_eq!(text, "[hello| world]")
        });
        play("two_runtimes", socket("hello world"), |text| {
            assert_eq!(text, "[hello| world]")
        });
        play("two_runtimes", file("hello world"), |text| {
            assert_eq!(text, "[hello| world]")
        });
    }
}

/// In a terminal, which `script` makes.
fn in_a_terminal(scene: &str) -> Option<Child> {
    let program = command(scene);
    let words = std::iter::once(program.get_program()).chain(program.get_args());
    let line: Vec<_> = words
        .map(|word| format!("'{}'", word.to_string_lossy()))
        .collect();
    let mut script = Command::new("script");
    script
        .args(["-qec", &line.join(" "), "/dev/null"])
        .env(SCENE, scene);
    match script.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn() {
        Ok(child) => Some(child),
        Err(error) => {
            eprintln!("skipped, there is no `script` here: {error}");
            None
        }
    }
}

#[test]
fn a_terminal_is_read_and_does_not_hold_up_the_end() {
    let Some(mut child) = in_a_terminal("echo") else {
        return;
    };
    // The last byte is what a terminal turns into the end.
    let mut keys = child.stdin.take().expect("it was asked for");
    keys.write_all(b"hello\nworld\n\x04").expect("it reads");
    within("echo", move || {
        let text = finish(child);
        assert!(text.contains("[hello]\n[world]"), "{text}");
        drop(keys);
    });
    let Some(mut child) = in_a_terminal("leave_a_read") else {
        return;
    };
    let keys = child.stdin.take();
    within("leave_a_read", move || {
        finish(child);
        drop(keys);
    });
}

#[test]
fn what_was_flushed_is_out_before_the_process_ends() {
    let mut child = command("much_output");
    let mut child = child
        .stdin(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("a child");
    let mut errors = child.stderr.take().expect("it was asked for");
    within("much_output", move || {
        assert_eq!(finish(child), "x".repeat(1_000_000));
        let mut text = String::new();
        errors.read_to_string(&mut text).expect("it can be read");
        assert_eq!(text, "and an error");
    });
}

#[test]
fn what_was_accepted_comes_out_also_if_the_write_was_dropped() {
    play("dropped_writes", Stdio::null(), |text| {
        let (written, accepted) = text.split_once('|').expect("both");
        assert_eq!(written.trim(), accepted.trim());
    });
}

#[test]
fn no_line_is_torn_by_println() {
    play("lines_among_lines", Stdio::null(), |text| {
        let (mut printed, mut written) = (0, 0);
        for line in text.lines() {
            match line {
                line if line == "p".repeat(100) => printed += 1,
                line if line == "w".repeat(100) => written += 1,
                line => panic!("torn: {line}"),
            }
        }
        assert_eq!((printed, written), (300, 300));
    });
}

#[test]
fn an_output_that_nobody_reads_is_an_error() {
    let mut child = command("until_broken");
    let mut child = child
        .stdin(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("a child");
    // The harness wants to say something first.
    let mut out = child.stdout.take().expect("it was asked for");
    let mut errors = child.stderr.take().expect("it was asked for");
    within("until_broken", move || {
        let mut begun = Vec::new();
        while !begun.ends_with(BEGIN.as_bytes()) {
            let mut byte = [0];
            out.read_exact(&mut byte).expect("it begins");
            begun.push(byte[0]);
        }
        drop(out);
        let mut text = String::new();
        errors.read_to_string(&mut text).expect("it can be read");
        child.wait().expect("it was started");
        assert_eq!(text, "[BrokenPipe]");
    });
}
