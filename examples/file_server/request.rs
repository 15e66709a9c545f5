//! From bytes to a request: nothing here waits or touches a file.
//!
//! Whatever is doubtful is refused, because two programs that disagree about where a request
//! ends are a way to smuggle one past the other (RFC 9112, section 11.2).

use std::time::SystemTime;

/// The longest head of a request, in bytes.
pub(crate) const MAX_HEAD: usize = 16 * 1024;

/// The most header lines.
const MAX_FIELDS: usize = 64;

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    Get,
    Head,
    Other,
}

/// A request whose end is known. What is wrong with its path is its own matter: the
/// connection can go on after it.
pub(crate) struct Request {
    pub(crate) method: Method,
    /// The parts between the slashes, decoded; or the status that says what is wrong.
    pub(crate) path: Result<Path, u16>,
    /// Whether the connection may stay open, as far as the client is concerned.
    pub(crate) keep_alive: bool,
    /// HTTP/1.0, whose clients must be told of a connection that stays open.
    pub(crate) old: bool,
    /// The length of the body, in bytes.
    pub(crate) body: u64,
    /// The client waits for `100 Continue` before it sends the body.
    pub(crate) expects_continue: bool,
    pub(crate) conditions: Conditions,
}

pub(crate) struct Path {
    pub(crate) parts: Vec<String>,
    /// It ended in a slash, as that of a folder does.
    pub(crate) folder: bool,
}

/// The header fields that decide between 200, 206 and 304, as they came.
#[derive(Default)]
pub(crate) struct Conditions {
    pub(crate) if_none_match: Option<String>,
    pub(crate) if_modified_since: Option<SystemTime>,
    pub(crate) range: Option<String>,
    pub(crate) if_range: Option<String>,
}

/// The request at the start of `bytes` and the length of its head, or nothing as long as the
/// head is not complete.
///
/// # Errors
///
/// The status to answer with. Where the request ends is unknown then, so that the connection
/// must be closed.
pub(crate) fn parse(bytes: &[u8]) -> Result<Option<(Request, usize)>, u16> {
    let mut fields = [httparse::EMPTY_HEADER; MAX_FIELDS];
    let mut head = httparse::Request::new(&mut fields);
    let length = match head.parse(bytes) {
        Ok(httparse::Status::Complete(length)) => length,
        Ok(httparse::Status::Partial) if bytes.len() < MAX_HEAD => return Ok(None),
        // Not even the first line has ended: it is the path that is too long.
        Ok(httparse::Status::Partial) if head.version.is_none() => return Err(414),
        Ok(httparse::Status::Partial) | Err(httparse::Error::TooManyHeaders) => return Err(431),
        Err(httparse::Error::Version) => return Err(505),
        Err(_) => return Err(400),
    };
    let (Some(method), Some(target), Some(version)) = (head.method, head.path, head.version) else {
        return Err(400);
    };
    let old = version == 0;
    let mut fields = Fields::default();
    for field in head.headers.iter() {
        fields.take(field.name, field.value)?;
    }
    // RFC 9112, section 3.2: exactly one Host, from HTTP/1.1 on.
    if fields.hosts > 1 || (fields.hosts == 0 && !old) {
        return Err(400);
    }
    if fields.chunked {
        // A client that can say how long the body is may try again. With both, or in an old
        // request, the length is doubtful.
        return Err(if old || fields.length.is_some() {
            400
        } else {
            411
        });
    }
    let request = Request {
        method: match method {
            "GET" => Method::Get,
            "HEAD" => Method::Head,
            _ => Method::Other,
        },
        path: parse_target(target),
        keep_alive: !fields.close && (!old || fields.keep_alive),
        old,
        body: fields.length.unwrap_or(0),
        expects_continue: fields.expects_continue && !old,
        conditions: fields.conditions,
    };
    Ok(Some((request, length)))
}

/// The header fields that this server knows.
#[derive(Default)]
struct Fields {
    hosts: usize,
    length: Option<u64>,
    chunked: bool,
    close: bool,
    keep_alive: bool,
    expects_continue: bool,
    conditions: Conditions,
}

impl Fields {
    fn take(&mut self, name: &str, value: &[u8]) -> Result<(), u16> {
        let text = || {
            std::str::from_utf8(value)
                .map(str::trim)
                .map_err(|_| 400_u16)
        };
        match name.to_ascii_lowercase().as_str() {
            "host" => self.hosts += 1,
            "content-length" => {
                let length = parse_digits(text()?).ok_or(400_u16)?;
                if self.length.replace(length).is_some() {
                    return Err(400);
                }
            }
            "transfer-encoding" => {
                if self.chunked || !text()?.eq_ignore_ascii_case("chunked") {
                    return Err(501);
                }
                self.chunked = true;
            }
            "connection" => {
                for option in text()?.split(',').map(str::trim) {
                    self.close |= option.eq_ignore_ascii_case("close");
                    self.keep_alive |= option.eq_ignore_ascii_case("keep-alive");
                }
            }
            "expect" => {
                if !text()?.eq_ignore_ascii_case("100-continue") {
                    return Err(417);
                }
                self.expects_continue = true;
            }
            // A condition that cannot be understood is no condition.
            "if-none-match" => self.conditions.if_none_match = text().ok().map(String::from),
            "if-modified-since" => {
                let date = text()
                    .ok()
                    .and_then(|date| httpdate::parse_http_date(date).ok());
                self.conditions.if_modified_since = date;
            }
            "range" => self.conditions.range = text().ok().map(String::from),
            "if-range" => self.conditions.if_range = text().ok().map(String::from),
            _ => {}
        }
        Ok(())
    }
}

/// Only digits: `parse` alone would take a sign as well.
pub(crate) fn parse_digits(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if digits { text.parse().ok() } else { None }
}

/// From `/a/b%20c?x` or `http://host/a/b%20c?x` to the parts of the path.
fn parse_target(target: &str) -> Result<Path, u16> {
    let path = match target.split_once("://") {
        _ if target.starts_with('/') => target,
        Some((_scheme, rest)) => match rest.find('/') {
            Some(slash) => &rest[slash..],
            None => "/",
        },
        None => return Err(400),
    };
    let path = path.split(['?', '#']).next().unwrap_or(path);
    let mut parts = Vec::new();
    // Split first, decode then: a slash that was encoded is part of a name, and no name has one.
    for part in path.split('/') {
        let part = decode(part)?;
        match part.as_str() {
            "" | "." => {}
            ".." => return Err(403),
            _ if part.contains(['/', '\0']) => return Err(404),
            _ => parts.push(part),
        }
    }
    let folder = path.ends_with('/') || path.ends_with("/.");
    Ok(Path { parts, folder })
}

/// Resolves `%41`. What is not UTF-8 then names no file of this server.
fn decode(part: &str) -> Result<String, u16> {
    let mut bytes = part.bytes();
    let mut decoded = Vec::with_capacity(part.len());
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            decoded.push(byte);
            continue;
        }
        let mut digit = || bytes.next().and_then(|byte| char::from(byte).to_digit(16));
        let (Some(high), Some(low)) = (digit(), digit()) else {
            return Err(400);
        };
        decoded.push((high * 16 + low) as u8);
    }
    String::from_utf8(decoded).map_err(|_| 404)
}

/// The reverse of [`decode`], for links and redirects. Everything but letters, digits and
/// `-._~` is encoded, so that no name can mean anything else than a name.
pub(crate) fn encode(name: &str) -> String {
    let mut encoded = String::with_capacity(name.len());
    for byte in name.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                encoded.push(char::from(byte));
            }
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}
