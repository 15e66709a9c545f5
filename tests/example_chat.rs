//! The chat example: who talks is heard by the right people, and nobody holds up anybody.

mod programs;

use programs::{Server, built};
use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

fn chat(args: &[&str]) -> Server {
    let mut command = Command::new(built("chat"));
    command.args(["server", "--listen", "127.0.0.1:0"]);
    command.args(args);
    Server::start(command)
}

struct Client {
    stream: TcpStream,
    lines: BufReader<TcpStream>,
    nick: String,
}

impl Client {
    /// Connects, whether it is let in or not.
    fn knock(server: &Server) -> Client {
        let stream = TcpStream::connect(server.address).expect("the server accepts");
        let limit = Some(Duration::from_secs(20));
        stream
            .set_read_timeout(limit)
            .expect("the limit is above 0");
        let lines = BufReader::new(stream.try_clone().expect("it can be cloned"));
        Client {
            stream,
            lines,
            nick: String::new(),
        }
    }

    /// Is let in, under the name that the server gives.
    fn guest(server: &Server) -> Client {
        let mut client = Client::knock(server);
        let hello = client.line();
        let rest = hello.strip_prefix("* you are ").expect("it is a hello");
        let (nick, _) = rest.split_once(',').expect("a nick ends there");
        client.nick = nick.into();
        client
    }

    fn named(server: &Server, nick: &str) -> Client {
        let mut client = Client::guest(server);
        client.send(&format!("/nick {nick}"));
        client.expect(&format!("* you are {nick} now"));
        client.nick = nick.into();
        client
    }

    fn send(&mut self, line: &str) {
        writeln!(self.stream, "{line}").expect("the server reads");
    }

    /// The next line; an empty one at the end.
    fn line(&mut self) -> String {
        let mut line = String::new();
        self.lines.read_line(&mut line).expect("the server writes");
        line.trim_end_matches('\n').into()
    }

    /// Reads on until there is this line.
    fn expect(&mut self, expected: &str) {
        loop {
            let line = self.line();
            assert!(!line.is_empty(), "the end, and no {expected:?}");
            if line == expected {
                return;
            }
        }
    }

    /// What somebody says is the very next thing that anybody says.
    fn hears(&mut self, expected: &str) {
        loop {
            let line = self.line();
            if !line.starts_with('*') {
                assert_eq!(line, expected);
                return;
            }
        }
    }

    fn rest(mut self) -> Vec<String> {
        let mut rest = String::new();
        self.lines.read_to_string(&mut rest).expect("it ends well");
        rest.lines().map(String::from).collect()
    }
}

fn last(lines: &[String]) -> &str {
    lines.last().map_or("", String::as_str)
}

#[test]
fn a_room_hears_what_is_said_in_it_and_no_other_does() {
    let server = chat(&[]);
    let mut alice = Client::named(&server, "alice");
    let mut bob = Client::named(&server, "bob");
    let mut carol = Client::named(&server, "carol");
    carol.send("/join garden");
    carol.expect("* you are in garden now");
    bob.expect("* carol went to garden");

    alice.send("hello");
    bob.hears("[lobby] alice: hello");
    bob.send("/join garden");
    bob.expect("* you are in garden now");
    bob.send("  good morning  ");
    carol.hears("[garden] bob: good morning");
    alice.send("/msg CAROL a secret");
    carol.hears("alice -> a secret");
    carol.send("/leave");
    carol.expect("* you are in lobby now");
    alice.expect("* carol is here");
    carol.send("back again");
    // It has heard nothing of what was said elsewhere.
    alice.hears("[lobby] carol: back again");
}

#[test]
fn lists_and_refusals_are_for_the_one_who_asks() {
    let server = chat(&[]);
    let mut alice = Client::named(&server, "alice");
    let mut bob = Client::named(&server, "bob");
    bob.send("/join garden");
    bob.expect("* you are in garden now");
    alice.expect("* bob went to garden");
    let answers = [
        ("/rooms", "* rooms: garden (1), lobby (1)"),
        ("/who", "* in lobby: alice"),
        ("/who garden", "* in garden: bob"),
        ("/who nowhere", "* in nowhere: "),
        ("/nick Bob", "! Bob is taken"),
        ("/nick Alice", "* you are Alice now"),
        ("/nick a b", "! names are letters, digits, '-', '_' and '.'"),
        (
            "/nick xxxxxxxxxxxxxxxxxxxxxxxxx",
            "! a name has at most 24 bytes",
        ),
        ("/join", "! a name is missing"),
        ("/join lobby", "! you are in lobby"),
        ("/msg nobody hello", "! nobody is called nobody"),
        ("/msg bob", "! say /msg NICK TEXT"),
        ("/rooms please", "! /rooms stands alone"),
        ("/dance", "! /dance is no command; /help lists them"),
    ];
    for (line, answer) in answers {
        alice.send(line);
        assert_eq!(alice.line(), answer, "{line}");
    }
    bob.send("/quit I am off");
    assert_eq!(bob.rest(), ["* good-bye"]);
}

#[test]
fn everybody_in_a_room_sees_the_same_lines_in_the_same_order() {
    const TALKERS: usize = 40;
    const LINES: usize = 25;
    let server = chat(&["--queue", "4096"]);
    let mut watchers: Vec<Client> = (0..3).map(|_| Client::guest(&server)).collect();
    thread::scope(|scope| {
        for _ in 0..TALKERS {
            scope.spawn(|| {
                let mut talker = Client::guest(&server);
                for number in 0..LINES {
                    talker.send(&number.to_string());
                }
                talker.send("/quit");
                assert_eq!(last(&talker.rest()), "* good-bye");
            });
        }
    });
    let seen: Vec<Vec<String>> = watchers
        .iter_mut()
        .map(|watcher| {
            let lines = std::iter::from_fn(|| Some(watcher.line()));
            let said = lines.filter(|line| line.starts_with('['));
            said.take(TALKERS * LINES).collect()
        })
        .collect();
    assert_eq!(seen[0], seen[1]);
    assert_eq!(seen[0], seen[2]);
    let mut next: HashMap<&str, usize> = HashMap::new();
    for line in &seen[0] {
        let (talker, number) = line.split_once(": ").expect("somebody says something");
        let next = next.entry(talker).or_default();
        assert_eq!(number, next.to_string(), "{talker}");
        *next += 1;
    }
    assert_eq!(next.len(), TALKERS);
}

#[test]
fn who_reads_too_slowly_is_told_and_dropped_and_holds_up_nobody() {
    let server = chat(&["--queue", "16", "--max-line", "5000"]);
    let slow = Client::guest(&server);
    let mut bob = Client::named(&server, "bob");
    let mut alice = Client::named(&server, "alice");
    let gone = format!("* {} read too slowly and is gone", slow.nick);
    let text = "x".repeat(4000);
    let mut dropped = false;
    // Bob hears each line before the next one is said, so he is never behind.
    for number in 0..5000 {
        alice.send(&format!("{number} {text}"));
        let said = format!("[lobby] alice: {number} {text}");
        loop {
            let line = bob.line();
            dropped |= line == gone;
            if line == said {
                break;
            }
            assert!(line.starts_with('*'), "{line}");
        }
        if dropped {
            break;
        }
    }
    assert!(dropped, "20 MB, and nobody is slow");
    let lines = slow.rest();
    assert_eq!(last(&lines), "! you read too slowly; good-bye");
    alice.send("/who");
    alice.expect("* in lobby: alice, bob");
}

#[test]
fn a_client_that_has_closed_its_side_still_gets_its_answers() {
    let server = chat(&[]);
    let mut client = Client::named(&server, "half");
    client.send("/who\n/rooms\n/help");
    // The last line has no end.
    write!(client.stream, "/dance").expect("the server reads");
    let half = client.stream.shutdown(Shutdown::Write);
    half.expect("it is open");
    let lines = client.rest();
    assert_eq!(lines.len(), 4, "{lines:?}");
    assert_eq!(lines[..2], ["* in lobby: half", "* rooms: lobby (1)"]);
    assert!(lines[3].starts_with("! /dance is no command"), "{lines:?}");
}

#[test]
fn garbage_is_refused_and_control_characters_reach_nobody() {
    let server = chat(&["--max-line", "100"]);
    let mut watcher = Client::named(&server, "watcher");

    let mut client = Client::guest(&server);
    client.stream.write_all(b"\xff\xfe\n").expect("it is taken");
    assert_eq!(client.rest(), ["! lines are UTF-8; good-bye"]);

    let mut client = Client::guest(&server);
    client.send(&"x".repeat(10_000));
    let told = "! a line has at most 100 bytes; good-bye";
    assert_eq!(client.rest(), [told]);
    let mut client = Client::guest(&server);
    // It need not end for that.
    let endless = client.stream.write_all(&[b'x'; 500]);
    endless.expect("it is taken");
    assert_eq!(client.rest(), [told]);

    let mut client = Client::named(&server, "mallory");
    client.send("\x1b[2Jcleared\x07");
    watcher.hears("[lobby] mallory: [2Jcleared");
}

#[test]
fn who_says_nothing_is_sent_away() {
    let server = chat(&["--idle-timeout-ms", "200"]);
    let client = Client::guest(&server);
    let lines = client.rest();
    assert_eq!(last(&lines), "! you said nothing for 200ms; good-bye");
}

#[test]
fn a_full_server_says_so_and_lets_others_in_later() {
    let server = chat(&["--max-clients", "2"]);
    let mut first = Client::guest(&server);
    let second = Client::guest(&server);
    let third = Client::knock(&server);
    assert_eq!(third.rest(), ["! the server is full; try again later"]);
    first.send("/quit");
    assert_eq!(last(&first.rest()), "* good-bye");
    // Its place is free once the server has seen it leave.
    let patient = (0..1000).map(|_| Client::knock(&server).line());
    let mut patient = patient.skip_while(|line| line.starts_with("! the server is full"));
    let hello = patient.next().expect("there is a place at last");
    assert!(hello.starts_with("* you are guest"), "{hello}");
    drop(second);
}

#[test]
fn ctrl_c_tells_everybody_and_ends() {
    let mut server = chat(&[]);
    let clients: Vec<Client> = (0..50).map(|_| Client::guest(&server)).collect();
    server.interrupt();
    server.wait_for_line("stopping: 50 clients are told");
    assert!(
        TcpStream::connect(server.address).is_err(),
        "it still accepts"
    );
    for client in clients {
        let lines = client.rest();
        assert_eq!(last(&lines), "* the server is going down; good-bye");
    }
    let ended = server.end(Duration::from_secs(5));
    assert_eq!(ended.status.code(), Some(0), "{}", ended.stderr);
    assert_eq!(ended.stdout, "the end\n");
}

#[test]
fn a_client_that_does_not_leave_does_not_keep_the_server() {
    let server = chat(&[]);
    let stays = Client::guest(&server);
    server.interrupt();
    let ended = server.end(Duration::from_secs(10));
    assert_eq!(ended.status.code(), Some(0), "{}", ended.stderr);
    assert!(ended.stdout.ends_with("the end\n"), "{}", ended.stdout);
    drop(stays);
}

#[test]
fn the_client_program_says_what_is_typed_and_prints_what_is_said() {
    let server = chat(&[]);
    let mut bob = Client::named(&server, "bob");
    let mut alice = Command::new(built("chat"))
        .args(["client", &server.address.to_string(), "alice"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("it starts");
    bob.expect("* guest2 is alice now");
    bob.send("hello alice");
    let mut typed = alice.stdin.take().expect("it is piped");
    writeln!(typed, "hello bob").expect("it reads");
    bob.hears("[lobby] alice: hello bob");
    drop(typed);
    bob.expect("* alice is gone");
    let output = alice.wait_with_output().expect("it ends");
    let printed = String::from_utf8(output.stdout).expect("it is text");
    assert!(output.status.success(), "{printed}");
    assert!(printed.contains("[lobby] bob: hello alice\n"), "{printed}");
    assert!(printed.ends_with("* good-bye\n"), "{printed}");
}

#[test]
fn the_client_program_ends_when_the_server_does() {
    let server = chat(&[]);
    let mut bob = Client::named(&server, "bob");
    let mut client = Command::new(built("chat"))
        .args(["client", &server.address.to_string(), "alice"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("it starts");
    bob.expect("* guest2 is alice now");
    drop(bob);
    server.interrupt();
    let ended = server.end(Duration::from_secs(10));
    assert_eq!(ended.status.code(), Some(0));
    // Its input stays open.
    let stdin = client.stdin.take();
    let output = client.wait_with_output().expect("it ends");
    let printed = String::from_utf8(output.stdout).expect("it is text");
    assert!(output.status.success(), "{printed}");
    let told = "* the server is going down; good-bye\n";
    assert!(printed.ends_with(told), "{printed}");
    drop(stdin);
}
