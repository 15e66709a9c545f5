//! Pipes, with a name and without.

mod net_support;

use net_support::{a_while, on_all};
use runtime::io::{AsyncReadExt, AsyncWriteExt};
use runtime::net::unix::pipe::{self, OpenOptions, Receiver, Sender};
use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A named pipe, which is removed at the end.
struct Fifo(PathBuf);

impl Fifo {
    fn new() -> Fifo {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let number = NUMBER.fetch_add(1, Ordering::SeqCst);
        let name = format!("runtime-fifo-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        let made = Command::new("mkfifo").arg(&path).status();
        assert!(made.expect("there is a mkfifo").success());
        Fifo(path)
    }
}

impl Drop for Fifo {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

#[test]
fn megabytes_go_through_a_pipe_and_then_comes_the_end() {
    on_all(|| async {
        let (mut sender, mut receiver) = pipe::pipe()?;
        let sent: Vec<u8> = (0..1_000_000_u32).map(|at| (at / 3) as u8).collect();
        let expected = sent.clone();
        let sending = runtime::spawn(async move { sender.write_all(&sent).await });
        let mut received = Vec::new();
        receiver.read_to_end(&mut received).await?;
        assert!(received == expected);
        sending.await.expect("no panic")
    });
}

#[test]
fn writing_to_nobody_is_an_error_also_for_who_waits() {
    on_all(|| async {
        let (mut sender, receiver) = pipe::pipe()?;
        while sender.try_write(&[0; 4096]).is_ok() {}
        let waiting = runtime::spawn(async move { sender.write_u8(1).await });
        a_while().await;
        assert!(!waiting.is_finished());
        drop(receiver);
        let error = waiting.await.expect("no panic").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::BrokenPipe);
        Ok(())
    });
}

#[test]
fn a_named_pipe_has_no_sender_without_a_receiver_unless_it_is_both() {
    on_all(|| async {
        let fifo = Fifo::new();
        let error = OpenOptions::new().open_sender(&fifo.0).unwrap_err();
        assert_eq!(error.raw_os_error(), Some(libc::ENXIO));
        let mut both = OpenOptions::new();
        let mut sender = both.read_write(true).open_sender(&fifo.0)?;
        sender.write_all(b"kept").await?;
        let mut receiver = OpenOptions::new().open_receiver(&fifo.0)?;
        let mut text = [0; 4];
        receiver.read_exact(&mut text).await?;
        assert_eq!(&text, b"kept");
        Ok(())
    });
}

#[test]
fn a_named_pipe_goes_on_with_a_new_sender_after_its_end() {
    on_all(|| async {
        let fifo = Fifo::new();
        let mut receiver = OpenOptions::new().open_receiver(&fifo.0)?;
        for text in ["one", "two", "three"] {
            let mut sender = OpenOptions::new().open_sender(&fifo.0)?;
            sender.write_all(text.as_bytes()).await?;
            drop(sender);
            let mut read = String::new();
            receiver.read_to_string(&mut read).await?;
            assert_eq!(read, text);
        }
        let sender = OpenOptions::new().open_sender(&fifo.0)?;
        assert_eq!(
            receiver.try_read(&mut [0; 1]).unwrap_err().kind(),
            ErrorKind::WouldBlock
        );
        let reading = runtime::spawn(async move { receiver.read_u8().await });
        a_while().await;
        assert!(!reading.is_finished(), "a sender is there again");
        sender.try_write(b"x")?;
        assert_eq!(reading.await.expect("no panic")?, b'x');
        Ok(())
    });
}

#[test]
fn a_receiver_that_is_a_sender_as_well_finds_no_end() {
    on_all(|| async {
        let fifo = Fifo::new();
        let receiver = OpenOptions::new().read_write(true).open_receiver(&fifo.0)?;
        let sender = OpenOptions::new().open_sender(&fifo.0)?;
        sender.try_write(b"x")?;
        drop(sender);
        receiver.readable().await?;
        assert_eq!(receiver.try_read(&mut [0; 8])?, 1);
        assert_eq!(
            receiver.try_read(&mut [0; 8]).unwrap_err().kind(),
            ErrorKind::WouldBlock
        );
        Ok(())
    });
}

#[test]
fn what_is_no_pipe_or_the_wrong_end_is_refused() {
    on_all(|| async {
        let file = || File::open("Cargo.toml");
        let errors = [
            Receiver::from_file(file()?).unwrap_err(),
            Sender::from_owned_fd(file()?.into()).unwrap_err(),
            OpenOptions::new().open_receiver("Cargo.toml").unwrap_err(),
        ];
        assert!(
            errors
                .iter()
                .all(|error| error.kind() == ErrorKind::InvalidInput)
        );
        let (sender, receiver) = pipe::pipe()?;
        let error = Receiver::from_owned_fd(sender.into_blocking_fd()?).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        let error = Sender::from_file(receiver.into_blocking_fd()?.into()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        let error = Receiver::from_file_unchecked(file()?).unwrap_err();
        assert_eq!(error.raw_os_error(), Some(libc::EPERM));
        Ok(())
    });
}

#[test]
fn descriptors_are_taken_over_and_given_up() {
    on_all(|| async {
        let (sender, receiver) = pipe::pipe()?;
        let mut file = File::from(sender.into_blocking_fd()?);
        file.write_all(b"blocking")?;
        let mut sender = Sender::from_file(file)?;
        sender.write_all(b" or not").await?;
        let flags = socket2::SockRef::from(&sender).nonblocking()?;
        assert!(flags, "made so when it was taken over");
        let receiver = Receiver::from_owned_fd_unchecked(receiver.into_nonblocking_fd()?)?;
        let mut file = File::from(receiver.into_blocking_fd()?);
        drop(sender);
        let mut text = String::new();
        file.read_to_string(&mut text)?;
        assert_eq!(text, "blocking or not");
        Ok(())
    });
}

#[test]
fn a_child_process_has_the_other_end() {
    on_all(|| async {
        let (sender, mut receiver) = pipe::pipe()?;
        let mut child = {
            let mut echo = Command::new("echo");
            let echo = echo.arg("hello").stdout(sender.into_blocking_fd()?);
            echo.spawn()?
        };
        let mut text = String::new();
        receiver.read_to_string(&mut text).await?;
        assert_eq!(text, "hello\n");
        child.wait()?;
        Ok(())
    });
}

#[test]
fn what_waits_ends_with_an_error_when_its_runtime_is_gone() {
    for runtime in net_support::runtimes() {
        let (_sender, receiver) = runtime.block_on(async { pipe::pipe() }).expect("a pipe");
        drop(runtime);
        assert!(futures::executor::block_on(receiver.readable()).is_err());
    }
}
