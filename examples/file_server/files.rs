//! From a path to an open file or the listing of a folder, and never out of the root.
//!
//! All of this blocks; it is called in the blocking pool only.

use crate::request::{self, Path};
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;
use std::time::SystemTime;

/// A listing does not get longer than this.
const MAX_LISTED: usize = 10_000;

/// The folder that is served.
pub(crate) struct Site {
    root: PathBuf,
}

pub(crate) enum Found {
    File(Opened),
    /// The listing of a folder, in HTML.
    Listing(String),
    /// It is a folder, and its address must end in a slash, or relative links would miss it.
    Elsewhere(String),
}

pub(crate) struct Opened {
    pub(crate) file: File,
    pub(crate) length: u64,
    pub(crate) modified: SystemTime,
    pub(crate) content_type: &'static str,
}

impl Site {
    pub(crate) fn new(root: &str) -> io::Result<Self> {
        let root = fs::canonicalize(root)?;
        if root.is_dir() {
            Ok(Site { root })
        } else {
            Err(io::ErrorKind::NotADirectory.into())
        }
    }

    /// Finds what `path` names, or the status that says why it is not to be had.
    pub(crate) fn find(&self, path: &Path) -> Result<Found, u16> {
        let mut place = self.root.clone();
        place.extend(&path.parts);
        let place = self.inside(place)?;
        if !fs::metadata(&place).map_err(status)?.is_dir() {
            // A file has no slash behind its name.
            return if path.folder { Err(404) } else { open(place) };
        }
        if !path.folder {
            let mut address = String::from("/");
            for part in &path.parts {
                address.push_str(&request::encode(part));
                address.push('/');
            }
            return Ok(Found::Elsewhere(address));
        }
        match self.inside(place.join("index.html")) {
            Ok(index) if index.is_file() => open(index),
            Err(403) => Err(403),
            _ => list(&place, path).map(Found::Listing).map_err(status),
        }
    }

    /// The place that `place` is when all symbolic links are resolved: still in the root, or
    /// forbidden.
    fn inside(&self, place: PathBuf) -> Result<PathBuf, u16> {
        let place = fs::canonicalize(place).map_err(status)?;
        if place.starts_with(&self.root) {
            Ok(place)
        } else {
            Err(403)
        }
    }
}

/// Opens a regular file. `place` has no link in it; one that somebody puts there in between is
/// not followed at its end, and a pipe that somebody puts there does not block the open.
fn open(place: PathBuf) -> Result<Found, u16> {
    if !fs::metadata(&place).map_err(status)?.is_file() {
        return Err(403);
    }
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK)
        .open(&place)
        .map_err(status)?;
    let metadata = file.metadata().map_err(status)?;
    if !metadata.is_file() {
        return Err(403);
    }
    let extension = place.extension().and_then(|extension| extension.to_str());
    Ok(Found::File(Opened {
        length: metadata.len(),
        modified: metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH),
        content_type: content_type(extension.unwrap_or("")),
        file,
    }))
}

fn list(place: &std::path::Path, path: &Path) -> io::Result<String> {
    let mut names = Vec::new();
    for entry in fs::read_dir(place)?.take(MAX_LISTED) {
        let entry = entry?;
        // A name that is not UTF-8 has no address here.
        if let Ok(mut name) = entry.file_name().into_string() {
            if entry.file_type()?.is_dir() {
                name.push('/');
            }
            names.push(name);
        }
    }
    names.sort_unstable();
    let title = escape(&format!("/{}", path.parts.join("/")));
    let mut page = format!(
        "<!doctype html>\n<meta charset=\"utf-8\">\n<title>{title}</title>\n<h1>{title}</h1>\n<ul>\n"
    );
    if !path.parts.is_empty() {
        page.push_str("<li><a href=\"../\">../</a></li>\n");
    }
    for name in names {
        let (bare, slash) = match name.strip_suffix('/') {
            Some(bare) => (bare, "/"),
            None => (name.as_str(), ""),
        };
        let (link, text) = (request::encode(bare), escape(&name));
        page.push_str(&format!("<li><a href=\"{link}{slash}\">{text}</a></li>\n"));
    }
    page.push_str("</ul>\n");
    Ok(page)
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            _ => escaped.push(character),
        }
    }
    escaped
}

/// What an error of the file system is to a client.
fn status(error: io::Error) -> u16 {
    match error.raw_os_error() {
        Some(libc::ENOENT | libc::ENOTDIR | libc::ENAMETOOLONG) => 404,
        Some(libc::EACCES | libc::EPERM | libc::ELOOP) => 403,
        Some(libc::EMFILE | libc::ENFILE | libc::ENOMEM) => 503,
        _ => 500,
    }
}

fn content_type(extension: &str) -> &'static str {
    match extension.to_ascii_lowercase().as_str() {
        "html" | "htm" => "text/html; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "txt" | "md" | "rs" | "toml" | "lock" => "text/plain; charset=utf-8",
        "csv" => "text/csv; charset=utf-8",
        "xml" => "application/xml",
        "json" => "application/json",
        "wasm" => "application/wasm",
        "pdf" => "application/pdf",
        "zip" => "application/zip",
        "gz" => "application/gzip",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "ico" => "image/x-icon",
        "mp3" => "audio/mpeg",
        "mp4" => "video/mp4",
        "woff2" => "font/woff2",
        _ => "application/octet-stream",
    }
}
