//! What cannot be seen from outside: the registry.

use super::*;
use crate::async_io::{AsyncReadExt, AsyncWriteExt};
use crate::driver::Driver;
use crate::rt::{Builder, Runtime};
use std::io;

fn registered() -> usize {
    rt::with_driver(registered_with)
}

fn registered_with(driver: &Arc<Driver>) -> usize {
    let reactors = driver.reactors().iter();
    reactors.map(|reactor| reactor.registry().len()).sum()
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
    let driver = runtime.block_on(async { rt::with_driver(Arc::clone) });
    assert_eq!(registered_with(&driver), 3);
    drop((stream, client, listener));
    assert_eq!(registered_with(&driver), 0);
}

/// What one task makes stays together; what one task accepts for all does not.
#[test]
fn accepted_connections_are_dealt_out_to_the_groups_of_workers() {
    let mut builder = Builder::new_multi_thread();
    let runtime = builder.worker_threads(3).worker_groups(3).build();
    let runtime = runtime.expect("there are threads");
    let home = runtime.block_on(async { rt::try_home() });
    let home = home.expect("there is a runtime");
    let sources = || -> Vec<usize> {
        let reactors = home.scheduler().driver().reactors().iter();
        reactors.map(|reactor| reactor.registry().len()).collect()
    };
    let (listener, address) = runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a socket");
        let address = listener.local_addr().expect("it has one");
        (listener, address)
    });
    let before = sources();
    assert_eq!(before.iter().sum::<usize>(), 1);
    let connected: Vec<_> = (0..6)
        .map(|_| std::net::TcpStream::connect(address).expect("it listens"))
        .collect();
    let accepting = runtime.spawn(async move {
        let mut accepted = Vec::new();
        for _ in 0..6 {
            accepted.push(listener.accept().await.expect("it is connected").0);
        }
        (listener, accepted)
    });
    let accepted = runtime.block_on(accepting).expect("no panic");
    let after = sources();
    let more: Vec<usize> = (0..3).map(|group| after[group] - before[group]).collect();
    assert_eq!(more, [2, 2, 2]);
    drop((accepted, connected));
    assert_eq!(sources(), [0, 0, 0]);
}
