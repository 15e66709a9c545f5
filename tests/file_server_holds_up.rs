//! The file server with many requests, big files, slow clients, and an end in the middle of it.

mod programs;

use programs::Folder;
use programs::http::{Client, serve};
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

const BIG: usize = 20 * 1024 * 1024;

/// Bytes that tell where they are from.
fn big_content() -> Vec<u8> {
    (0..BIG as u32)
        .map(|at| (at ^ (at >> 8) ^ (at >> 16)) as u8)
        .collect()
}

#[test]
fn a_connection_serves_many_requests_also_when_they_come_at_once() {
    let folder = Folder::new();
    folder.write("one", "1");
    folder.write("two", "22");
    let server = serve(&folder, &[]);
    let mut client = Client::new(&server);
    for _ in 0..100 {
        assert_eq!(client.get("/one", "").body, b"1");
    }
    let pair = "GET /one HTTP/1.1\r\nHost: x\r\n\r\n\
                POST /two HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nGET /\
                GET /two HTTP/1.1\r\nHost: x\r\n\r\n";
    client.send(pair.repeat(300));
    for _ in 0..300 {
        assert_eq!(client.reply(true).body, b"1");
        assert_eq!(client.reply(true).status, 405);
        assert_eq!(client.reply(true).body, b"22");
    }
    // Byte by byte, and the last one.
    for byte in b"GET /one HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n" {
        client.send([*byte]);
    }
    let reply = client.reply(true);
    assert_eq!(
        (reply.body.as_slice(), reply.field("Connection")),
        (&b"1"[..], Some("close"))
    );
    assert!(client.is_closed());
}

#[test]
fn old_clients_and_those_that_ask_before_they_send_are_served() {
    let folder = Folder::new();
    folder.write("one", "1");
    let server = serve(&folder, &[]);
    let mut client = Client::new(&server);
    client.send("GET /one HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    let reply = client.reply(true);
    assert_eq!(
        (reply.body.as_slice(), reply.field("Connection")),
        (&b"1"[..], Some("keep-alive"))
    );
    client.send("GET /one HTTP/1.0\r\n\r\n");
    assert_eq!(client.reply(true).field("Connection"), Some("close"));
    assert!(client.is_closed());

    let mut client = Client::new(&server);
    client
        .send("POST /one HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n");
    let reply = client.reply(true);
    assert_eq!(
        (reply.status, reply.field("Connection")),
        (405, Some("close"))
    );
    assert!(client.is_closed());
}

#[test]
fn who_is_too_slow_is_told_and_dropped() {
    let folder = Folder::new();
    folder.write("one", "1");
    let server = serve(
        &folder,
        &["--header-timeout-ms", "300", "--idle-timeout-ms", "300"],
    );

    let mut client = Client::new(&server);
    client.send("GET /one HTTP/1.1\r\nHo");
    assert_eq!(client.reply(true).status, 408);
    assert!(client.is_closed());

    // A byte now and then does not buy more time.
    let mut client = Client::new(&server);
    let start = Instant::now();
    for byte in b"GET /one HTTP/1.1\r\n" {
        if client.0.write_all(&[*byte]).is_err() || start.elapsed() > Duration::from_millis(600) {
            break;
        }
        thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(client.reply(true).status, 408);

    let mut client = Client::new(&server);
    client.send("POST /one HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf");
    assert_eq!(client.reply(true).status, 408);

    // Between requests there is nothing to answer.
    let mut client = Client::new(&server);
    assert_eq!(client.get("/one", "").body, b"1");
    assert!(client.is_closed());
    assert!(Client::new(&server).is_closed());
}

#[test]
fn a_big_file_arrives_as_it_is_also_where_it_is_taken_slowly() {
    let content = big_content();
    let folder = Folder::new();
    folder.write("big", &content);
    let server = serve(&folder, &["--write-timeout-ms", "1000"]);
    let mut client = Client::new(&server);
    assert!(client.get("/big", "").body == content);
    let part = client.get("/big", "Range: bytes=100000-15000000\r\n").body;
    assert!(part == content[100_000..=15_000_000]);

    // In steps, with pauses that add up to more than the limit for one piece.
    client.send("GET /big HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    let mut slow = Vec::new();
    let mut buffer = vec![0; 1024 * 1024];
    loop {
        let length = client.0.read(&mut buffer).expect("the server is patient");
        if length == 0 {
            break;
        }
        if slow.len() / buffer.len() != (slow.len() + length) / buffer.len() {
            thread::sleep(Duration::from_millis(100));
        }
        slow.extend_from_slice(&buffer[..length]);
    }
    assert!(slow.ends_with(&content));

    // Who takes nothing at all is dropped, in the middle of it.
    let mut client = Client::new(&server);
    client.send("GET /big HTTP/1.1\r\nHost: x\r\n\r\n");
    thread::sleep(Duration::from_millis(2500));
    let mut taken = Vec::new();
    match client.0.read_to_end(&mut taken) {
        Ok(_) => {}
        Err(error) => assert_eq!(error.kind(), ErrorKind::ConnectionReset),
    }
    assert!(taken.len() < BIG, "{} bytes", taken.len());
}

#[test]
fn an_interrupt_lets_responses_finish_and_idle_connections_go() {
    let content = big_content();
    let folder = Folder::new();
    folder.write("big", &content);
    let mut server = serve(&folder, &[]);
    let mut idle = Client::new(&server);
    assert_eq!(idle.get("/nothing", "").status, 404);
    let mut busy = Client::new(&server);
    busy.send("GET /big HTTP/1.1\r\nHost: x\r\n\r\n");
    let mut start = [0; 15];
    busy.0.read_exact(&mut start).expect("the response begins");

    server.interrupt();
    server.wait_for_line("stopping: 2 connections may finish");
    assert!(
        TcpStream::connect(server.address).is_err(),
        "it still accepts"
    );
    assert!(idle.is_closed());
    let mut rest = Vec::new();
    busy.0
        .read_to_end(&mut rest)
        .expect("the response ends well");
    assert!(rest.ends_with(&content));
    let ended = server.end(Duration::from_secs(6));
    assert_eq!(ended.status.code(), Some(0), "{}", ended.stderr);
    let summary = "2 connections (0 broken), 1 requests served, 1 refused, 0 failed";
    assert!(ended.stdout.contains(summary), "{}", ended.stdout);
}

#[test]
fn an_interrupt_does_not_wait_for_ever() {
    let folder = Folder::new();
    folder.write("big", big_content());
    let server = serve(&folder, &[]);
    let mut busy = Client::new(&server);
    busy.send("GET /big HTTP/1.1\r\nHost: x\r\n\r\n");
    busy.0
        .read_exact(&mut [0; 15])
        .expect("the response begins");
    server.interrupt();
    let ended = server.end(Duration::from_secs(7));
    assert_eq!(ended.status.code(), Some(0), "{}", ended.stderr);
    assert!(
        ended.stdout.contains("1 connections were cut off"),
        "{}",
        ended.stdout
    );
}
