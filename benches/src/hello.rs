//! A service for hyper that answers each request with the same few words.

use crate::load::HELLO;
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::rt::{Read, Write};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use std::convert::Infallible;

/// Answers what comes over a connection, until it ends.
pub async fn serve(connection: impl Read + Write + Unpin) -> hyper::Result<()> {
    http1::Builder::new()
        .serve_connection(connection, service_fn(hello))
        .await
}

async fn hello(_: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let mut response = Response::new(Full::new(Bytes::from_static(HELLO.as_bytes())));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain"));
    Ok(response)
}
