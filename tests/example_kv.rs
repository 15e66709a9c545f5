//! The key-value example: its protocol, its store, its server and its commands.

mod programs;
#[allow(dead_code)] // what only the program uses
#[path = "../examples/kv/protocol.rs"]
mod protocol;
#[allow(dead_code)]
#[path = "../examples/kv/store.rs"]
mod store;

use bytes::{Bytes, BytesMut};
use programs::{Server, built};
use proptest::prelude::*;
use protocol::{Codec, Frame};
use runtime::codec::{Decoder, Encoder};
use runtime::time::sleep;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};
use store::Store;

fn kv(args: &[&str]) -> Server {
    let mut command = Command::new(built("kv"));
    command.args(["server", "--listen", "127.0.0.1:0"]);
    command.args(args);
    Server::start(command)
}

struct Client(TcpStream);

impl Client {
    fn new(server: &Server) -> Client {
        let stream = TcpStream::connect(server.address).expect("the server accepts");
        let limit = Some(Duration::from_secs(20));
        stream
            .set_read_timeout(limit)
            .expect("the limit is above 0");
        Client(stream)
    }

    fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.0.write_all(bytes.as_ref()).expect("the server reads");
    }

    /// Sends a command, given as words with blanks between them.
    fn say(&mut self, words: &str) {
        self.send(command(words));
    }

    /// These very bytes come next.
    fn expect(&mut self, bytes: &str) {
        let mut came = vec![0; bytes.len()];
        self.0.read_exact(&mut came).expect("the server answers");
        assert_eq!(String::from_utf8_lossy(&came), bytes);
    }

    fn ask(&mut self, words: &str, answer: &str) {
        self.say(words);
        self.expect(answer);
    }

    fn rest(&mut self) -> String {
        let mut rest = String::new();
        self.0.read_to_string(&mut rest).expect("it ends well");
        rest
    }

    /// Asks until there is this answer, which begins no other one.
    fn ask_until(&mut self, words: &str, answer: &str) {
        let start = Instant::now();
        loop {
            self.say(words);
            let mut line = String::new();
            let mut lines = BufReader::with_capacity(1, &self.0);
            lines.read_line(&mut line).expect("the server answers");
            if line == answer {
                return;
            }
            if let Some(length) = line.strip_prefix('$') {
                let length: usize = length.trim().parse().expect("it is a length");
                let mut value = vec![0; length + 2];
                lines.read_exact(&mut value).expect("the value follows");
            }
            assert!(start.elapsed() < Duration::from_secs(20), "still {line:?}");
        }
    }
}

fn command(words: &str) -> String {
    let words: Vec<&str> = words.split(' ').collect();
    let start = format!("*{}\r\n", words.len());
    words.iter().fold(start, |all, word| {
        format!("{all}${}\r\n{word}\r\n", word.len())
    })
}

// The protocol.

fn frames() -> impl Strategy<Value = Frame> {
    let leaf = prop_oneof![
        "[ -~äß€]{0,20}".prop_map(Frame::word),
        "[ -~äß€]{0,20}".prop_map(Frame::refusal),
        any::<i64>().prop_map(Frame::Number),
        prop::collection::vec(any::<u8>(), 0..200).prop_map(Frame::bytes),
        Just(Frame::Nothing),
    ];
    leaf.prop_recursive(4, 64, 8, |inner| {
        prop::collection::vec(inner, 0..8).prop_map(Frame::Array)
    })
}

proptest! {
    #[test]
    fn frames_come_out_as_they_went_in_however_they_are_cut(
        frames in prop::collection::vec(frames(), 1..6),
        cuts in prop::collection::vec(1..64_usize, 1..32),
    ) {
        let mut encoded = BytesMut::new();
        for frame in &frames {
            Codec.encode(frame, &mut encoded).expect("all of them can be encoded");
        }
        let mut decoded = Vec::new();
        let mut source = BytesMut::new();
        let mut cuts = cuts.iter().cycle();
        while !encoded.is_empty() {
            let size = cuts.next().map_or(1, |size| *size).min(encoded.len());
            source.extend_from_slice(&encoded.split_to(size));
            while let Some(frame) = Codec.decode(&mut source).expect("all of it is fine") {
                decoded.push(frame);
            }
        }
        prop_assert!(source.is_empty());
        prop_assert_eq!(decoded, frames);
    }

    #[test]
    fn no_bytes_make_the_decoder_panic(
        bytes in "[-+:$*0-9a\r\n]{0,40}",
        more in prop::collection::vec(any::<u8>(), 0..40),
    ) {
        for input in [bytes.as_bytes(), &more] {
            let mut source = BytesMut::from(input);
            while let Ok(Some(_)) = Codec.decode(&mut source) {}
            let before = source.clone();
            if let Ok(None) = Codec.decode(&mut source) {
                // Half a frame is left as it is.
                prop_assert_eq!(source, before);
            }
        }
    }
}

#[test]
fn what_is_too_big_is_refused_before_it_comes() {
    let refused = [
        String::from("$1048577\r\n"),
        String::from("*1025\r\n"),
        String::from("*-2\r\n"),
        format!("+{}", "x".repeat(2000)),
        "*1\r\n".repeat(6),
    ];
    for input in refused {
        let mut source = BytesMut::from(input.as_bytes());
        let result = Codec.decode(&mut source);
        assert!(result.is_err(), "{:?}", &input[..input.len().min(20)]);
    }
    let mut largest = BytesMut::new();
    let frame = Frame::bytes(vec![0; protocol::MAX_BULK]);
    Codec.encode(&frame, &mut largest).expect("it is allowed");
    assert_eq!(Codec.decode(&mut largest).expect("it is fine"), Some(frame));
}

// The store, with a clock that jumps.

fn key(name: &'static str) -> Bytes {
    Bytes::from_static(name.as_bytes())
}

#[runtime::test(start_paused = true)]
async fn a_value_is_gone_at_its_deadline_and_out_of_memory_too() {
    let store = Arc::new(Store::default());
    let expiring = store.clone();
    let expire = runtime::spawn(async move { expiring.expire().await });
    let second = Duration::from_secs(1);
    store.set(key("late"), key("1"), Some(second * 3600));
    store.set(key("ever"), key("2"), None);
    sleep(second).await;
    // Earlier than what the task sleeps for.
    store.set(key("soon"), key("3"), Some(second));
    store.set(key("kept"), key("4"), Some(second));
    assert!(store.expire_in(&key("kept"), 10));
    sleep(second - Duration::from_millis(1)).await;
    assert_eq!(store.get(&key("soon")), Some(key("3")));
    sleep(Duration::from_millis(2)).await;
    assert_eq!(store.get(&key("soon")), None);
    assert_eq!(store.len(), 3);
    assert_eq!(store.get(&key("kept")), Some(key("4")));
    sleep(second * 10).await;
    assert_eq!(store.len(), 2);
    // Who sets it anew, sets it without the deadline.
    store.set(key("late"), key("5"), None);
    sleep(second * 7200).await;
    assert_eq!(store.get(&key("late")), Some(key("5")));
    assert_eq!(store.len(), 2);
    expire.abort();
}

#[runtime::test(start_paused = true)]
async fn what_has_expired_counts_as_gone_before_anybody_removes_it() {
    // There is no task that does.
    let store = Store::default();
    let moment = Duration::from_millis(5);
    for name in ["get", "del", "incr", "expire", "ttl"] {
        store.set(key(name), key("41"), Some(moment));
    }
    assert_eq!(store.increment(&key("incr")), Ok(42));
    assert_eq!(store.time_to_live(&key("incr")), Some(Some(moment)));
    sleep(moment).await;
    assert_eq!(store.get(&key("get")), None);
    assert_eq!(store.delete(&[key("del")]), 0);
    assert_eq!(store.increment(&key("incr")), Ok(1));
    assert_eq!(store.time_to_live(&key("incr")), Some(None));
    assert!(!store.expire_in(&key("expire"), 10));
    assert_eq!(store.time_to_live(&key("ttl")), None);
    // As good as for ever.
    store.set(key("far"), key("1"), Some(Duration::MAX));
    assert!(store.get(&key("far")).is_some());
    assert!(store.expire_in(&key("far"), i64::MAX));
    assert!(store.expire_in(&key("far"), -1));
    assert_eq!(store.get(&key("far")), None);
}

// The server.

#[test]
fn each_command_has_its_answer() {
    let server = kv(&[]);
    let mut client = Client::new(&server);
    let answers = [
        ("PING", "+PONG\r\n"),
        ("ping hello", "$5\r\nhello\r\n"),
        ("GET k", "$-1\r\n"),
        ("SET k v", "+OK\r\n"),
        ("get k", "$1\r\nv\r\n"),
        ("INCR k", "-ERR value is not an integer or out of range\r\n"),
        ("INCR n", ":1\r\n"),
        ("INCR n", ":2\r\n"),
        ("SET n 9223372036854775807", "+OK\r\n"),
        ("INCR n", "-ERR increment would overflow\r\n"),
        ("TTL k", ":-1\r\n"),
        ("EXPIRE k 100", ":1\r\n"),
        ("TTL k", ":100\r\n"),
        ("SET k w EX 50", "+OK\r\n"),
        ("TTL k", ":50\r\n"),
        ("SET k w", "+OK\r\n"),
        ("TTL k", ":-1\r\n"),
        ("EXPIRE k 0", ":1\r\n"),
        ("TTL k", ":-2\r\n"),
        ("EXPIRE k 10", ":0\r\n"),
        ("SET k w EX 0", "-ERR nothing lives for no time\r\n"),
        ("SET k w XX 1", "-ERR syntax error\r\n"),
        (
            "SET k w PX 1e3",
            "-ERR value is not an integer or out of range\r\n",
        ),
        ("SET k w PX 18446744073709551615", "+OK\r\n"),
        ("DBSIZE", ":2\r\n"),
        ("DEL k n m", ":2\r\n"),
        ("PUBLISH nobody hears", ":0\r\n"),
        ("GET", "-ERR wrong number of arguments for GET\r\n"),
        ("DANCE", "-ERR unknown command 'DANCE'\r\n"),
        ("QUIT", "+OK\r\n"),
    ];
    for (words, answer) in answers {
        client.ask(words, answer);
    }
    assert_eq!(client.rest(), "");
}

#[test]
fn commands_that_come_together_are_answered_in_order() {
    let server = kv(&[]);
    let mut client = Client::new(&server);
    let count = 10_000;
    let commands = command("INCR n").repeat(count);
    let mut writer = client.0.try_clone().expect("it can be cloned");
    let writing = thread::spawn(move || writer.write_all(commands.as_bytes()));
    for number in 1..=count {
        client.expect(&format!(":{number}\r\n"));
    }
    let written = writing.join().expect("it does not panic");
    written.expect("the server reads");
    // And cut in the middle of everything.
    for byte in command("GET n").bytes() {
        client.send([byte]);
    }
    client.expect("$5\r\n10000\r\n");
}

#[test]
fn many_clients_count_together() {
    let server = kv(&[]);
    thread::scope(|scope| {
        for _ in 0..50 {
            scope.spawn(|| {
                let mut client = Client::new(&server);
                for _ in 0..100 {
                    client.say("INCR n");
                    let mut lines = BufReader::new(&client.0);
                    let mut line = String::new();
                    lines.read_line(&mut line).expect("the server answers");
                    assert!(line.starts_with(':'), "{line}");
                }
            });
        }
    });
    Client::new(&server).ask("GET n", "$4\r\n5000\r\n");
}

#[test]
fn values_expire_by_themselves() {
    let server = kv(&[]);
    let mut client = Client::new(&server);
    client.ask("SET a 1 PX 50", "+OK\r\n");
    client.ask("SET b 2 PX 30", "+OK\r\n");
    client.ask("SET c 3", "+OK\r\n");
    client.ask("SET d 4 EX 1", "+OK\r\n");
    client.ask_until("GET a", "$-1\r\n");
    client.ask("GET b", "$-1\r\n");
    client.ask("TTL a", ":-2\r\n");
    client.ask("GET c", "$1\r\n3\r\n");
    // Nobody asks for `d`, and it goes nevertheless.
    client.ask_until("DBSIZE", ":1\r\n");
}

#[test]
fn messages_reach_those_who_listen() {
    let server = kv(&[]);
    let mut one = Client::new(&server);
    let mut both = Client::new(&server);
    let mut publisher = Client::new(&server);
    one.ask("SUBSCRIBE a", "*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n");
    both.ask(
        "SUBSCRIBE a b",
        "*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n*3\r\n$9\r\nsubscribe\r\n$1\r\nb\r\n:2\r\n",
    );
    publisher.ask("PUBLISH a first", ":2\r\n");
    publisher.ask("PUBLISH c third", ":0\r\n");
    let first = "*3\r\n$7\r\nmessage\r\n$1\r\na\r\n$5\r\nfirst\r\n";
    one.expect(first);
    both.expect(first);
    publisher.ask("PUBLISH b second", ":1\r\n");
    both.expect("*3\r\n$7\r\nmessage\r\n$1\r\nb\r\n$6\r\nsecond\r\n");
    one.ask("PING", "+PONG\r\n");
    let why = "-ERR only SUBSCRIBE, PING and QUIT are allowed while subscribed\r\n";
    one.ask("GET a", why);
    one.ask("QUIT", "+OK\r\n");
    assert_eq!(one.rest(), "");
    drop(one);
    publisher.ask_until("PUBLISH a again", ":1\r\n");
}

#[test]
fn a_subscriber_that_is_too_slow_is_told_how_much_it_missed() {
    const COUNT: usize = 400;
    let server = kv(&[]);
    let mut slow = Client::new(&server);
    slow.ask("SUBSCRIBE a", "*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n");
    let mut publisher = Client::new(&server);
    let message = format!("PUBLISH a {}", "x".repeat(100_000));
    for _ in 0..COUNT {
        publisher.ask(&message, ":1\r\n");
    }
    let (mut received, mut missed) = (0, 0);
    let mut source = BytesMut::new();
    let mut piece = vec![0; 65536];
    while received + missed < COUNT {
        while let Some(frame) = Codec.decode(&mut source).expect("all of it is fine") {
            match frame {
                Frame::Array(frames) => match frames[2] {
                    Frame::Bytes(_) => received += 1,
                    Frame::Number(count) => missed += count as usize,
                    _ => panic!("no message: {frames:?}"),
                },
                other => panic!("no message: {other:?}"),
            }
        }
        if received + missed < COUNT {
            let length = slow.0.read(&mut piece).expect("the server writes");
            assert!(length > 0, "{received} received, {missed} missed");
            source.extend_from_slice(&piece[..length]);
        }
    }
    assert_eq!(received + missed, COUNT);
    assert!(missed > 0 && received >= 128, "{received} received");
}

#[test]
fn what_is_no_protocol_is_told_and_ends_the_connection() {
    let server = kv(&[]);
    let errors = [
        (
            &b"GET / HTTP/1.1\r\n"[..],
            "a frame starts with one of +-:$*, not 'G'",
        ),
        (
            b"\x16\x03\x01",
            "a frame starts with one of +-:$*, not '\\x16'",
        ),
        (b"*x\r\n", "'x' is no number"),
        (b"*9999\r\n", "a size of 9999; allowed are 0 to 1024"),
        (
            b"$2000000\r\n",
            "a size of 2000000; allowed are 0 to 1048576",
        ),
        (b"$1\r\nabc\r\n", "a value is longer than its length says"),
        (b"+\xff\r\n", "a word is not UTF-8"),
    ];
    for (bytes, why) in errors {
        let mut client = Client::new(&server);
        // What was fine before it is answered.
        client.say("PING");
        client.send(bytes);
        let told = format!("+PONG\r\n-ERR protocol error: {why}\r\n");
        assert_eq!(client.rest(), told);
    }
    let mut client = Client::new(&server);
    let long = [&b"+"[..], &[b'x'; 5000]].concat();
    client.send(long);
    assert_eq!(client.rest(), "-ERR protocol error: a line is too long\r\n");

    // A frame that is none of ours, but a frame.
    let mut client = Client::new(&server);
    client.send("+PING\r\n*1\r\n:1\r\n*0\r\n");
    client.expect("-ERR a command is an array\r\n-ERR a command is an array of values\r\n");
    client.expect("-ERR a command has a name\r\n");
    client.ask("PING", "+PONG\r\n");
}

#[test]
fn a_client_that_has_closed_its_side_still_gets_its_answers() {
    let server = kv(&[]);
    let mut client = Client::new(&server);
    client.send(command("INCR n").repeat(3));
    client.0.shutdown(Shutdown::Write).expect("it is open");
    assert_eq!(client.rest(), ":1\r\n:2\r\n:3\r\n");
    let mut client = Client::new(&server);
    client.send("*2\r\n$3\r\nGET\r\n$1");
    client.0.shutdown(Shutdown::Write).expect("it is open");
    let told = "-ERR protocol error: the connection ended within a frame\r\n";
    assert_eq!(client.rest(), told);
}

#[test]
fn who_takes_nothing_is_given_up_and_holds_up_nobody() {
    let server = kv(&["--write-timeout-ms", "200", "--max", "2"]);
    let mut client = Client::new(&server);
    let value = "x".repeat(1_000_000);
    client.ask(&format!("SET big {value}"), "+OK\r\n");
    let mut slow = Client::new(&server);
    slow.send(command("GET big").repeat(100));
    client.ask("PING", "+PONG\r\n");
    // There is room for two; the third one is served when the slow one was given up.
    let mut third = Client::new(&server);
    third.ask("PING", "+PONG\r\n");
    client.ask("PING", "+PONG\r\n");
    server.interrupt();
    let ended = server.end(Duration::from_secs(10));
    assert!(
        ended.stdout.contains("(1 broken, 0 malformed)"),
        "{}",
        ended.stdout
    );
}

#[test]
fn idle_connections_end_but_not_those_that_listen() {
    let server = kv(&["--idle-timeout-ms", "500"]);
    let mut listener = Client::new(&server);
    listener.ask("SUBSCRIBE a", "*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n");
    assert_eq!(Client::new(&server).rest(), "");
    assert_eq!(Client::new(&server).rest(), "");
    listener.ask("PING", "+PONG\r\n");
}

#[test]
fn ctrl_c_ends_connections_that_wait_for_a_command() {
    let mut server = kv(&[]);
    let mut clients: Vec<Client> = (0..50).map(|_| Client::new(&server)).collect();
    for client in &mut clients {
        client.ask("PING", "+PONG\r\n");
    }
    clients[0].ask("SUBSCRIBE a", "*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n");
    server.interrupt();
    server.wait_for_line("stopping: 50 connections");
    for mut client in clients {
        assert_eq!(client.rest(), "");
    }
    let ended = server.end(Duration::from_secs(5));
    assert_eq!(ended.status.code(), Some(0), "{}", ended.stderr);
    let summary = "50 connections (0 broken, 0 malformed), 51 commands\n";
    assert_eq!(ended.stdout, summary);
}

// The commands.

fn run(server: &Server, words: &[&str]) -> Output {
    Command::new(built("kv"))
        .args(["--address", &server.address.to_string()])
        .args(words)
        .output()
        .expect("it starts")
}

#[test]
fn the_commands_say_what_the_server_says() {
    let server = kv(&[]);
    let told = [
        (&["ping"][..], "PONG\n"),
        (&["set", "greeting", "hello world"], "OK\n"),
        (&["get", "greeting"], "hello world\n"),
        (&["ttl", "greeting"], "for ever\n"),
        (&["expire", "greeting", "100"], "OK\n"),
        (&["del", "greeting", "nothing"], "1\n"),
        (&["get", "greeting"], "(nothing)\n"),
        (&["ttl", "greeting"], "(nothing)\n"),
        (&["expire", "greeting", "1"], "(nothing)\n"),
        (&["set", "greeting", "hello", "EX", "100"], "OK\n"),
        (&["dbsize"], "1\n"),
        (&["incr", "n"], "1\n"),
        (&["publish", "nobody", "hears"], "0\n"),
    ];
    for (words, told) in told {
        let output = run(&server, words);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(String::from_utf8_lossy(&output.stdout), told, "{stderr}");
        assert_eq!(output.status.success(), told != "(nothing)\n", "{words:?}");
    }
    let output = run(&server, &["incr", "greeting"]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        String::from_utf8_lossy(&output.stderr),
        "the server refuses: ERR value is not an integer or out of range\n"
    );
}

#[test]
fn subscribe_prints_what_is_published() {
    let server = kv(&[]);
    let mut child = Command::new(built("kv"))
        .args(["--address", &server.address.to_string()])
        .args(["subscribe", "a", "b"])
        .stdout(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut stdout = BufReader::new(child.stdout.take().expect("it is piped"));
    let mut line = String::new();
    stdout.read_line(&mut line).expect("it is text");
    assert_eq!(line, "listening\n");
    let mut client = Client::new(&server);
    for (channel, message) in [("b", "it-rains"), ("a", "it-snows")] {
        client.ask(&format!("PUBLISH {channel} {message}"), ":1\r\n");
        line.clear();
        stdout.read_line(&mut line).expect("it is text");
        assert_eq!(line, format!("{channel}: {message}\n"));
    }
    server.interrupt();
    let ended = server.end(Duration::from_secs(5));
    assert_eq!(ended.status.code(), Some(0));
    assert!(child.wait().expect("it ends").success());
}

#[test]
fn bench_tells_how_fast_it_was() {
    let server = kv(&[]);
    let words = ["bench", "--connections", "4", "--operations", "1000"];
    let output = run(&server, &words);
    let stdout = String::from_utf8_lossy(&output.stdout);
    assert!(stdout.starts_with("1024 operations in "), "{stdout}");
    assert!(
        stdout.contains(" ops/s (4 connections, 16 at once"),
        "{stdout}"
    );
    // Larger than all buffers on the way.
    let words = ["bench", "--operations", "100000", "--connections", "1"];
    let output = run(&server, &[&words[..], &["--pipeline", "100000"]].concat());
    let stdout = String::from_utf8_lossy(&output.stdout);
    assert!(stdout.starts_with("100000 operations in "), "{stdout}");
}
