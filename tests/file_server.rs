//! The file server serves what is in its folder, nothing else, and refuses what is doubtful.

mod programs;

use programs::Folder;
use programs::http::{Client, serve};
use std::os::unix::fs::symlink;

#[test]
fn files_folders_and_their_types_are_served() {
    let folder = Folder::new();
    folder.write("a file.txt", "content");
    folder.write("empty.css", "");
    folder.write("site/index.html", "<p>the index");
    folder.write("list/<b>&.json", "{}");
    let server = serve(&folder, &[]);
    let mut client = Client::new(&server);

    let reply = client.get("/a%20file.txt?query", "");
    assert_eq!(
        (reply.status, reply.body.as_slice()),
        (200, &b"content"[..])
    );
    assert_eq!(
        reply.field("Content-Type"),
        Some("text/plain; charset=utf-8")
    );
    let reply = client.get("http://here/empty.css", "");
    assert_eq!((reply.status, reply.body.len()), (200, 0));
    assert_eq!(reply.field("Content-Type"), Some("text/css; charset=utf-8"));

    let reply = client.get("/site", "");
    assert_eq!(
        (reply.status, reply.field("Location")),
        (301, Some("/site/"))
    );
    assert_eq!(client.get("/site/", "").body, b"<p>the index");
    let page = String::from_utf8(client.get("//list/", "").body).expect("a page is text");
    let link = "<a href=\"%3Cb%3E%26.json\">&lt;b&gt;&amp;.json</a>";
    assert!(page.contains(link), "{page}");
    assert_eq!(client.get("/list/%3Cb%3E%26.json", "").body, b"{}");
    assert_eq!(client.get("/empty.css/", "").status, 404);
    assert_eq!(client.get("/nothing", "").status, 404);
}

#[test]
fn head_is_get_without_the_body() {
    let folder = Folder::new();
    folder.write("file", "content");
    let server = serve(&folder, &[]);
    let mut client = Client::new(&server);
    for (path, status, length) in [
        ("/file", 200, "7"),
        ("/nothing", 404, "14"),
        ("/%2e%2e/", 403, "14"),
    ] {
        client.send(format!("HEAD {path} HTTP/1.1\r\nHost: here\r\n\r\n"));
        let reply = client.reply(false);
        assert_eq!(
            (reply.status, reply.field("Content-Length")),
            (status, Some(length))
        );
    }
    // Nothing is left in between.
    assert_eq!(client.get("/file", "").body, b"content");
}

#[test]
fn ranges_are_parts_of_the_file() {
    let folder = Folder::new();
    folder.write("digits", "0123456789");
    let server = serve(&folder, &[]);
    let mut client = Client::new(&server);
    let parts = [
        ("bytes=2-4", 206, "234", Some("bytes 2-4/10")),
        ("bytes=7-", 206, "789", Some("bytes 7-9/10")),
        ("bytes=-3", 206, "789", Some("bytes 7-9/10")),
        ("bytes=8-99999999999", 206, "89", Some("bytes 8-9/10")),
        ("bytes=-99", 206, "0123456789", Some("bytes 0-9/10")),
        ("bytes=4-2", 200, "0123456789", None),
        ("bytes=0-1,3-4", 200, "0123456789", None),
        ("lines=1-2", 200, "0123456789", None),
        (
            "bytes=10-",
            416,
            "416 Range Not Satisfiable\n",
            Some("bytes */10"),
        ),
        (
            "bytes=-0",
            416,
            "416 Range Not Satisfiable\n",
            Some("bytes */10"),
        ),
    ];
    for (range, status, body, content_range) in parts {
        let reply = client.get("/digits", &format!("Range: {range}\r\n"));
        assert_eq!(reply.status, status, "{range}");
        assert_eq!(reply.body, body.as_bytes(), "{range}");
        assert_eq!(reply.field("Content-Range"), content_range, "{range}");
    }
}

#[test]
fn what_the_client_has_is_not_sent_again() {
    let folder = Folder::new();
    folder.write("file", "content");
    let server = serve(&folder, &[]);
    let mut client = Client::new(&server);
    let first = client.get("/file", "");
    let tag = first.field("ETag").expect("it has a tag");
    let date = first.field("Last-Modified").expect("it has a date");
    let old = "Thu, 01 Jan 1970 00:00:01 GMT";
    let conditions = [
        (format!("If-None-Match: {tag}\r\n"), 304),
        (format!("If-None-Match: \"x\", W/{tag}\r\n"), 304),
        (String::from("If-None-Match: \"x\"\r\n"), 200),
        (format!("If-Modified-Since: {date}\r\n"), 304),
        (format!("If-Modified-Since: {old}\r\n"), 200),
        (
            format!("If-None-Match: \"x\"\r\nIf-Modified-Since: {date}\r\n"),
            200,
        ),
        (format!("Range: bytes=0-1\r\nIf-Range: {tag}\r\n"), 206),
        (format!("Range: bytes=0-1\r\nIf-Range: {date}\r\n"), 206),
        (format!("Range: bytes=0-1\r\nIf-Range: {old}\r\n"), 200),
    ];
    for (fields, status) in conditions {
        assert_eq!(client.get("/file", &fields).status, status, "{fields}");
    }
}

#[test]
fn nothing_outside_of_the_root_is_served() {
    let outside = Folder::new();
    outside.write("secret", "the secret");
    let folder = Folder::new();
    folder.write("file", "content");
    folder.write("sub/file", "content");
    symlink(outside.path(), folder.path().join("folder")).expect("a link can be made");
    symlink(outside.path().join("secret"), folder.path().join("link")).expect("as can another");
    symlink("link", folder.path().join("sub/index.html")).expect("and one that dangles");
    symlink("file", folder.path().join("inner")).expect("and one that stays inside");
    symlink("loop", folder.path().join("loop")).expect("and one of itself");
    let server = serve(&folder, &[]);
    let secret = outside.path().join("secret");
    let secret = secret.to_str().expect("it is text");
    let name = outside.path().file_name().and_then(|name| name.to_str());
    let name = name.expect("it is text");
    let paths = [
        format!("/../{name}/secret"),
        format!("/sub/../../{name}/secret"),
        format!("/%2e%2e/{name}/secret"),
        format!("/.%2E/{name}/secret"),
        format!("/..%2f{name}%2fsecret"),
        format!("/%2e%2e%2f{name}%2fsecret"),
        format!("/sub/..%2f..%2f{name}/secret"),
        format!("/{secret}"),
        secret.replace('/', "%2f"),
        format!("/{}", secret.replace('/', "%2F")),
        format!("http://here/../{name}/secret"),
        String::from("/folder/secret"),
        String::from("/folder/"),
        String::from("/folder"),
        String::from("/link"),
        String::from("/loop"),
        String::from("/file%00"),
        String::from("/file%00.html"),
        String::from("/%ff"),
        String::from("/..\\secret"),
        format!("/{}", "x".repeat(300)),
    ];
    let mut client = Client::new(&server);
    for path in paths {
        let path = if path.starts_with(['/', 'h']) {
            path
        } else {
            format!("/{path}")
        };
        let reply = client.get(&path, "");
        assert!(matches!(reply.status, 403 | 404), "{path}: {}", reply.head);
        assert!(
            !reply.body.windows(6).any(|part| part == b"secret"),
            "{path}"
        );
    }
    assert_eq!(client.get("/inner", "").body, b"content");
}

#[test]
fn what_is_no_good_request_is_refused() {
    let folder = Folder::new();
    folder.write("file", "content");
    let server = serve(&folder, &[]);
    let long = "x".repeat(20_000);
    let many = "a: b\r\n".repeat(100);
    let refused = [
        (String::from("nonsense\r\n\r\n"), 400),
        (String::from("\x16\x03\x01\x02\x00"), 400),
        (String::from("GET / HTTP/1.1\r\n\r\n"), 400),
        (
            String::from("GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n"),
            400,
        ),
        (
            String::from("GET / HTTP/1.1\r\nHost: x\r\na : b\r\n\r\n"),
            400,
        ),
        (
            String::from("GET / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n"),
            400,
        ),
        (
            String::from(
                "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
            ),
            400,
        ),
        (
            String::from(
                "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
            ),
            400,
        ),
        (
            String::from(
                "GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            ),
            411,
        ),
        (
            String::from("GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n"),
            501,
        ),
        (
            String::from("GET / HTTP/1.1\r\nHost: x\r\nExpect: wonders\r\n\r\n"),
            417,
        ),
        (
            String::from("PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 9999999\r\n\r\n"),
            413,
        ),
        (String::from("GET / HTTP/2.0\r\nHost: x\r\n\r\n"), 505),
        (format!("GET /{long} HTTP/1.1\r\nHost: x\r\n\r\n"), 414),
        (
            format!("GET / HTTP/1.1\r\nHost: x\r\na: {long}\r\n\r\n"),
            431,
        ),
        (format!("GET / HTTP/1.1\r\nHost: x\r\n{many}\r\n"), 431),
    ];
    for (request, status) in refused {
        let mut client = Client::new(&server);
        client.send(&request);
        let reply = client.reply(true);
        let start = &request[..request.len().min(80)];
        assert_eq!(reply.status, status, "{start}");
        assert_eq!(reply.field("Connection"), Some("close"), "{start}");
        assert!(client.is_closed(), "{start}");
    }

    // After these, the connection goes on.
    let mut client = Client::new(&server);
    assert_eq!(client.get("file", "").status, 400);
    assert_eq!(client.get("/%zz", "").status, 400);
    assert_eq!(client.get("/%4", "").status, 400);
    client.send("DELETE /file HTTP/1.1\r\nHost: x\r\n\r\n");
    let reply = client.reply(true);
    assert_eq!(
        (reply.status, reply.field("Allow")),
        (405, Some("GET, HEAD"))
    );
    assert_eq!(client.get("/file", "").body, b"content");
}
