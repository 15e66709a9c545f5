//! From a request to a response: which status, which header fields, which bytes of the file.

use crate::files::{Found, Opened, Site};
use crate::request::{Conditions, Method, Request, parse_digits};
use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// How much of a file is in memory at once. What is not longer is read in one hop.
pub(crate) const PIECE: u64 = 64 * 1024;

pub(crate) struct Response {
    pub(crate) status: u16,
    /// The header fields that do not depend on the connection, each with its line's end.
    fields: String,
    /// The body, or its first piece.
    pub(crate) body: Vec<u8>,
    /// What of the file follows the first piece.
    pub(crate) rest: Option<Rest>,
}

/// A part of a file that is still to be read.
pub(crate) struct Rest {
    pub(crate) file: Arc<File>,
    pub(crate) part: Range<u64>,
}

impl Response {
    /// Works out the response, up to the first piece of the file. Blocks.
    pub(crate) fn of(request: &Request, site: &Site) -> Self {
        let mut response = match (request.method, &request.path) {
            (Method::Other, _) => Response::plain(405),
            (_, Err(status)) => Response::plain(*status),
            (_, Ok(path)) => match site.find(path) {
                Ok(Found::File(opened)) => Response::file(opened, request),
                Ok(Found::Listing(page)) => {
                    Response::with_body(200, "text/html; charset=utf-8", page.into_bytes())
                }
                Ok(Found::Elsewhere(address)) => {
                    let mut response = Response::plain(301);
                    response.field("Location", &address);
                    response
                }
                Err(status) => Response::plain(status),
            },
        };
        if request.method == Method::Head {
            // The header fields say what the body would have been.
            response.body.clear();
        }
        response
    }

    /// A response whose body says its status.
    pub(crate) fn plain(status: u16) -> Self {
        let body = format!("{status} {}\n", reason(status)).into_bytes();
        let mut response = Response::with_body(status, "text/plain; charset=utf-8", body);
        match status {
            405 => response.field("Allow", "GET, HEAD"),
            503 => response.field("Retry-After", "1"),
            _ => {}
        }
        response
    }

    fn with_body(status: u16, content_type: &str, body: Vec<u8>) -> Self {
        let mut response = Response::empty(status);
        response.field("Content-Type", content_type);
        response.field("Content-Length", &body.len().to_string());
        response.body = body;
        response
    }

    fn empty(status: u16) -> Self {
        Response {
            status,
            fields: String::new(),
            body: Vec::new(),
            rest: None,
        }
    }

    fn file(opened: Opened, request: &Request) -> Self {
        let tag = entity_tag(&opened);
        let date = httpdate::fmt_http_date(opened.modified);
        let whole = 0..opened.length;
        let conditions = &request.conditions;
        let (status, part) = if conditions.is_fresh(&tag, opened.modified) {
            (304, 0..0)
        } else if request.method == Method::Get && conditions.range_applies(&tag, &date) {
            match choose(conditions.range.as_deref().unwrap_or(""), opened.length) {
                Choice::Whole => (200, whole),
                Choice::Part(part) => (206, part),
                Choice::Nothing => {
                    let mut response = Response::plain(416);
                    response.field("Content-Range", &format!("bytes */{}", opened.length));
                    return response;
                }
            }
        } else {
            (200, whole)
        };

        let mut response = Response::empty(status);
        response.field("ETag", &tag);
        response.field("Last-Modified", &date);
        if status == 304 {
            return response;
        }
        response.field("Content-Type", opened.content_type);
        response.field("Content-Length", &(part.end - part.start).to_string());
        response.field("Accept-Ranges", "bytes");
        if status == 206 {
            let (first, last) = (part.start, part.end - 1);
            let value = format!("bytes {first}-{last}/{}", opened.length);
            response.field("Content-Range", &value);
        }
        if request.method == Method::Get {
            let mut rest = Rest {
                file: Arc::new(opened.file),
                part,
            };
            match rest.read_piece(Vec::new()) {
                Ok(piece) => response.body = piece,
                Err(_) => return Response::plain(500),
            }
            response.rest = Some(rest).filter(|rest| !rest.part.is_empty());
        }
        response
    }

    fn field(&mut self, name: &str, value: &str) {
        self.fields.extend([name, ": ", value, "\r\n"]);
    }

    /// The head, as it goes over the wire. `connection` is for that field, where one is needed.
    pub(crate) fn head(&self, connection: Option<&str>) -> String {
        let mut head = format!("HTTP/1.1 {} {}\r\n", self.status, reason(self.status));
        let date = httpdate::fmt_http_date(SystemTime::now());
        head.extend(["Date: ", &date, "\r\n", &self.fields]);
        if let Some(connection) = connection {
            head.extend(["Connection: ", connection, "\r\n"]);
        }
        head.push_str("\r\n");
        head
    }
}

impl Rest {
    /// Reads the next piece into `buffer`'s memory. Blocks.
    pub(crate) fn read_piece(&mut self, mut buffer: Vec<u8>) -> io::Result<Vec<u8>> {
        let length = (self.part.end - self.part.start).min(PIECE);
        buffer.resize(length as usize, 0);
        // The length has been promised: a file that became shorter is an error.
        self.file.read_exact_at(&mut buffer, self.part.start)?;
        self.part.start += length;
        Ok(buffer)
    }
}

impl Conditions {
    /// What the client has is what the file is: RFC 9110, section 13.2.2.
    fn is_fresh(&self, tag: &str, modified: SystemTime) -> bool {
        if let Some(tags) = &self.if_none_match {
            let bare = |tag: &str| String::from(tag.trim().trim_start_matches("W/"));
            return tags == "*" || tags.split(',').any(|known| bare(known) == tag);
        }
        match self.if_modified_since {
            // Dates in header fields have no fractions of a second.
            Some(since) => modified < since + Duration::from_secs(1),
            None => false,
        }
    }

    fn range_applies(&self, tag: &str, date: &str) -> bool {
        let same = |known: &String| known == tag || known == date;
        self.range.is_some() && self.if_range.as_ref().is_none_or(same)
    }
}

enum Choice {
    Whole,
    Part(Range<u64>),
    /// There is no such byte.
    Nothing,
}

/// Which bytes of a file of `length` bytes `range` names. More than one range, or what is not
/// understood, is the whole file: a server may ignore the field.
fn choose(range: &str, length: u64) -> Choice {
    let Some((first, last)) = range
        .strip_prefix("bytes=")
        .and_then(|set| set.split_once('-'))
    else {
        return Choice::Whole;
    };
    let (first, last) = (first.trim(), last.trim());
    let part = match (parse_digits(first), parse_digits(last)) {
        (Some(first), Some(last)) if first > last => return Choice::Whole,
        (Some(first), Some(last)) => first..last.saturating_add(1).min(length),
        (Some(first), None) if last.is_empty() => first..length,
        (None, Some(count)) if first.is_empty() => length.saturating_sub(count)..length,
        _ => return Choice::Whole,
    };
    if part.is_empty() {
        Choice::Nothing
    } else {
        Choice::Part(part)
    }
}

/// Another one when the file's length or time of change is another one.
fn entity_tag(opened: &Opened) -> String {
    let since = opened.modified.duration_since(SystemTime::UNIX_EPOCH);
    let nanos = since.unwrap_or_default().as_nanos();
    format!("\"{:x}-{nanos:x}\"", opened.length)
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        206 => "Partial Content",
        301 => "Moved Permanently",
        304 => "Not Modified",
        400 => "Bad Request",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        408 => "Request Timeout",
        411 => "Length Required",
        413 => "Content Too Large",
        414 => "URI Too Long",
        416 => "Range Not Satisfiable",
        417 => "Expectation Failed",
        431 => "Request Header Fields Too Large",
        501 => "Not Implemented",
        503 => "Service Unavailable",
        505 => "HTTP Version Not Supported",
        _ => "Internal Server Error",
    }
}
