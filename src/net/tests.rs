//! What cannot be seen from outside: the registry.

use super::*;
use crate::async_io::{AsyncReadExt, AsyncWriteExt};
use crate::rt::Runtime;
use std::io;

fn registered() -> usize {
    reactor().registry().len()
}

#[test]
fn nothing_stays_registered_once_all_sockets_are_gone() {
    let runtime = Runtime::new().expect("there are threads");
    let result: io::Result<()> = runtime.block_on(async {
        for _ in 0..3 {
            let listener = TcpListener::bind("127.0.0.1:0").await?;
            let address = listener.local_addr()?;
            let mut client = TcpStream::connect(address).await?;
            let (mut server, _) = listener.accept().await?;
            let socket = UdpSocket::bind("127.0.0.1:0").await?;
            assert_eq!(registered(), 4);
            client.write_all(b"x").await?;
            server.read_u8().await?;
            let cancelled = rt::spawn::spawn(async move { server.read_u8().await });
            rt::spawn::spawn(async {}).await.expect("it runs");
            cancelled.abort();
            assert!(cancelled.await.is_err());
            let (reader, writer) = client.into_split();
            drop(writer);
            drop(reader);
            drop(listener);
            drop(TcpStream::connect(address).await);
            drop(socket.into_std()?);
            assert_eq!(registered(), 0);
        }
        Ok(())
    });
    result.expect("sockets can be had");
}

#[test]
fn accepting_outside_of_a_runtime_uses_that_of_the_listener() {
    let runtime = Runtime::new().expect("there are threads");
    let (listener, client) = runtime
        .block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await?;
            let client = TcpStream::connect(listener.local_addr()?).await?;
            io::Result::Ok((listener, client))
        })
        .expect("sockets can be had");
    let (stream, _) = futures::executor::block_on(listener.accept()).expect("it is connected");
    let reactor = runtime.block_on(async { reactor() });
    assert_eq!(reactor.registry().len(), 3);
    drop((stream, client, listener));
    assert_eq!(reactor.registry().len(), 0);
}
