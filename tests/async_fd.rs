//! Descriptors of one's own.

mod net_support;

use net_support::{a_while, on_all, runtimes};
use runtime::io::unix::AsyncFd;
use runtime::io::{Interest, Ready};
use runtime::net::UnixStream as Watched;
use std::future::Future;
use std::io::{self, ErrorKind, Read, Write};
use std::os::fd::{AsFd, AsRawFd, OwnedFd, RawFd};
use std::os::unix::net::UnixStream;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

fn pair() -> io::Result<(AsyncFd<UnixStream>, UnixStream)> {
    let (ours, theirs) = UnixStream::pair()?;
    ours.set_nonblocking(true)?;
    Ok((AsyncFd::new(ours)?, theirs))
}

fn polled<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

#[test]
fn it_is_readable_until_an_operation_finds_nothing_left() {
    on_all(|| async {
        let (ours, mut theirs) = pair()?;
        assert!(polled(pin!(ours.readable())).is_pending());
        theirs.write_all(b"hello")?;
        let mut buffer = [0; 3];
        for expected in [3, 2] {
            let mut guard = ours.readable().await?;
            let read = guard.try_io(|fd| fd.get_ref().read(&mut buffer));
            assert_eq!(read.expect("there is something")?, expected);
        }
        let mut guard = ours.readable().await?;
        let read = guard.try_io(|fd| fd.get_ref().read(&mut buffer));
        assert!(!read.expect_err("it would block").to_string().is_empty());
        drop(guard);
        assert!(polled(pin!(ours.readable())).is_pending());
        Ok(())
    });
}

#[test]
fn what_comes_after_the_look_is_not_cleared_with_it() {
    on_all(|| async {
        let (ours, mut theirs) = pair()?;
        theirs.write_all(b"x")?;
        let mut guard = ours.readable().await?;
        ours.get_ref().read_exact(&mut [0; 1])?;
        theirs.write_all(b"y")?;
        // The driver tells of the second one while the guard is held.
        a_while().await;
        guard.clear_ready();
        assert_eq!(guard.ready(), Ready::EMPTY);
        drop(guard);
        assert!(ours.readable().await?.ready().is_readable());
        Ok(())
    });
}

#[test]
fn one_readiness_is_cleared_without_the_other_and_retained_ones_stay() {
    on_all(|| async {
        let (ours, mut theirs) = pair()?;
        theirs.write_all(b"x")?;
        ours.readable().await?.retain_ready();
        let both = Interest::READABLE | Interest::WRITABLE;
        let mut guard = ours.ready(both).await?;
        guard.clear_ready_matching(Ready::WRITABLE);
        assert!(guard.ready().is_readable() && !guard.ready().is_writable());
        drop(guard);
        assert!(ours.readable().await?.ready().is_readable());
        Ok(())
    });
}

#[test]
fn with_the_object_to_oneself_it_is_the_same() {
    on_all(|| async {
        let (mut ours, mut theirs) = pair()?;
        theirs.write_all(b"hello")?;
        let mut guard = ours.readable_mut().await?;
        assert!(guard.ready().is_readable());
        let read = guard.try_io(|fd| fd.get_mut().read(&mut [0; 8]));
        assert_eq!(read.expect("there is something")?, 5);
        assert!(guard.try_io(|fd| fd.get_mut().read(&mut [0; 8])).is_err());
        guard.get_inner_mut().write_all(b"answer")?;
        drop(guard);
        let would_block = ours.try_io_mut(Interest::READABLE, |fd| fd.read(&mut [0; 8]));
        assert_eq!(would_block.unwrap_err().kind(), ErrorKind::WouldBlock);
        let reading = async {
            let read = |fd: &mut UnixStream| fd.read(&mut [0; 8]);
            ours.async_io_mut(Interest::READABLE, read).await
        };
        let writing = async {
            a_while().await;
            theirs.write_all(b"more")
        };
        let (read, written) = runtime::join!(reading, writing);
        written?;
        assert_eq!(read?, 4);
        Ok(())
    });
}

#[test]
fn all_who_wait_are_woken_and_a_cancelled_wait_loses_nothing() {
    on_all(|| async {
        let (ours, mut theirs) = pair()?;
        let ours = Arc::new(ours);
        assert!(polled(pin!(ours.readable())).is_pending());
        let wait = |fd: Arc<AsyncFd<UnixStream>>| async move {
            fd.readable().await.map(|guard| guard.ready())
        };
        let waiting: Vec<_> = (0..5).map(|_| runtime::spawn(wait(ours.clone()))).collect();
        a_while().await;
        theirs.write_all(b"x")?;
        for task in waiting {
            assert!(task.await.expect("no panic")?.is_readable());
        }
        let mut byte = [0];
        let read = |mut fd: &UnixStream| fd.read(&mut byte);
        assert_eq!(ours.async_io(Interest::READABLE, read).await?, 1);
        Ok(())
    });
}

#[test]
fn what_cannot_be_watched_comes_back_and_a_second_registration_is_refused() {
    on_all(|| async {
        let file = std::fs::File::open("Cargo.toml")?;
        let number = file.as_raw_fd();
        let error = AsyncFd::try_new(file).expect_err("a file is always ready");
        let (file, reason) = error.into_parts();
        assert_eq!(
            (file.as_raw_fd(), reason.raw_os_error()),
            (number, Some(libc::EPERM))
        );
        let (ours, _theirs) = pair()?;
        let again = AsyncFd::try_new(ours.as_fd()).expect_err("it is watched already");
        let again = io::Error::from(again);
        assert_eq!(again.kind(), ErrorKind::AlreadyExists);
        let ours = ours.into_inner();
        AsyncFd::with_interest(ours, Interest::WRITABLE)?
            .writable()
            .await?
            .retain_ready();
        Ok(())
    });
}

/// A descriptor that somebody else owns, and may close.
#[derive(Debug)]
struct Borrowed(RawFd);

impl AsRawFd for Borrowed {
    fn as_raw_fd(&self) -> RawFd {
        self.0
    }
}

#[test]
fn a_descriptor_that_is_closed_behind_our_back_harms_nobody() {
    on_all(|| async {
        let (theirs, _end) = UnixStream::pair()?;
        theirs.set_nonblocking(true)?;
        let fd = AsyncFd::new(Borrowed(theirs.as_raw_fd()))?;
        drop(theirs);
        // Its number is somebody else's by now, perhaps in this very runtime.
        let (one, other) = Watched::pair()?;
        let error = fd.try_io(Interest::WRITABLE, |_| {
            Err::<(), _>(io::Error::from_raw_os_error(libc::EBADF))
        });
        assert!(error.is_err());
        let waiting = runtime::time::timeout(Duration::from_millis(1), fd.readable()).await;
        assert!(!matches!(waiting, Ok(Err(_))), "nothing came, or the end");
        other.try_write(b"x")?;
        one.readable().await?;
        assert_eq!(one.try_read(&mut [0; 1])?, 1);
        drop(fd);
        Ok(())
    });
}

#[test]
fn an_object_that_was_replaced_is_let_go_without_harm() {
    on_all(|| async {
        let (mut ours, _theirs) = pair()?;
        let (other, _end) = UnixStream::pair()?;
        drop(std::mem::replace(ours.get_mut(), other));
        drop(ours);
        let (one, two) = Watched::pair()?;
        two.try_write(b"x")?;
        one.readable().await
    });
}

#[test]
fn a_duplicate_that_stays_open_tells_nobody_else() {
    on_all(|| async {
        let (ours, mut theirs) = pair()?;
        let duplicate: OwnedFd = ours.as_fd().try_clone_to_owned()?;
        drop(ours);
        let (one, _two) = Watched::pair()?;
        theirs.write_all(b"x")?;
        a_while().await;
        assert!(polled(pin!(one.readable())).is_pending());
        drop(duplicate);
        Ok(())
    });
}

#[test]
fn what_waits_ends_with_an_error_when_its_runtime_is_gone() {
    for runtime in runtimes() {
        let (ours, _theirs) = runtime.block_on(async { pair() }).expect("descriptors");
        let mut wait = pin!(ours.readable());
        assert!(polled(wait.as_mut()).is_pending());
        drop(runtime);
        let error = futures::executor::block_on(wait).expect_err("it has ended");
        assert!(error.to_string().contains("shut down"), "{error}");
        assert!(ours.try_io(Interest::READABLE, |_| Ok(())).is_err());
    }
}

#[test]
fn a_readiness_that_nobody_clears_lets_a_time_out_fire() {
    on_all(|| async {
        let (ours, _theirs) = pair()?;
        let endless = async {
            loop {
                ours.writable().await.expect("it runs").retain_ready();
            }
        };
        let end = runtime::time::timeout(Duration::from_millis(20), endless).await;
        assert!(end.is_err());
        Ok(())
    });
}

#[test]
#[should_panic(expected = "there is no runtime here")]
fn outside_of_a_runtime_it_panics() {
    let (ours, _theirs) = UnixStream::pair().expect("there are descriptors");
    let _ = AsyncFd::new(ours);
}
