//! The client: what is typed goes to the server, what comes from there is printed.

use crate::asked_to_end::asked_to_end;
use futures::SinkExt;
use runtime::codec::{FramedRead, FramedWrite, LinesCodec, LinesCodecError};
use runtime::net::TcpStream;
use runtime::stream::StreamExt;
use std::io;
use std::pin::pin;

pub(crate) async fn run(address: &str, nick: &str) -> io::Result<()> {
    let stream = TcpStream::connect(address).await?;
    let (reader, writer) = stream.into_split();
    let mut incoming = FramedRead::new(reader, LinesCodec::new());
    let mut outgoing = FramedWrite::new(writer, LinesCodec::new());
    let mut typed = FramedRead::new(runtime::io::stdin(), LinesCodec::new());
    let mut asked = pin!(asked_to_end()?);
    // Once it is false, we only read what the server still has to say.
    let mut talking = outgoing.send(format!("/nick {nick}")).await.is_ok();
    loop {
        runtime::select! {
            line = incoming.next() => match line {
                Some(Ok(line)) => println!("{line}"),
                Some(Err(LinesCodecError::Io(error))) => return Err(error),
                Some(Err(error)) => return Err(io::Error::other(error)),
                None => return Ok(()),
            },
            line = typed.next(), if talking => {
                // At the end of the input we leave, and wait for the server to agree.
                let line = line.and_then(Result::ok);
                talking = line.is_some();
                let line = line.unwrap_or_else(|| String::from("/quit"));
                talking &= outgoing.send(line).await.is_ok();
            }
            () = &mut asked, if talking => {
                talking = false;
                let _ = outgoing.send("/quit").await;
            }
        }
    }
}
