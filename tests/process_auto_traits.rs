//! What may be sent, shared and moved of `runtime::process` and `runtime::signal`.

use runtime::io::{AsyncRead, AsyncWrite};
use runtime::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command};
use runtime::signal::ctrl_c;
use runtime::signal::unix::{Signal, SignalKind, signal};
use static_assertions::assert_impl_all;
use std::fmt::Debug;
use std::hash::Hash;
use std::os::fd::{AsFd, AsRawFd};
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::process::Stdio;

assert_impl_all!(Command: Send, Sync, Unpin, Debug, From<std::process::Command>);
assert_impl_all!(Child: Send, Sync, Unpin, Debug);
assert_impl_all!(ChildStdin: Send, Sync, Unpin, UnwindSafe, RefUnwindSafe, Debug);
assert_impl_all!(ChildStdout: Send, Sync, Unpin, UnwindSafe, RefUnwindSafe, Debug);
assert_impl_all!(ChildStderr: Send, Sync, Unpin, UnwindSafe, RefUnwindSafe, Debug);
assert_impl_all!(ChildStdin: AsyncWrite, AsFd, AsRawFd, TryInto<Stdio, Error = std::io::Error>);
assert_impl_all!(ChildStdout: AsyncRead, AsFd, AsRawFd, TryInto<Stdio, Error = std::io::Error>);
assert_impl_all!(ChildStderr: AsyncRead, AsFd, AsRawFd, TryInto<Stdio, Error = std::io::Error>);
assert_impl_all!(Signal: Send, Sync, Unpin, Debug);
assert_impl_all!(SignalKind: Send, Sync, Unpin, UnwindSafe, RefUnwindSafe, Copy, Eq, Hash, Debug);
assert_impl_all!(SignalKind: From<i32>, Into<i32>);

fn sent<T: Send + 'static>(_: T) {}
fn lent<T: Send>(_: &T) {}

#[test]
fn the_futures_may_be_sent() {
    let runtime = runtime::rt::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        sent(ctrl_c());
        sent(Command::new("true").status());
        sent(Command::new("true").output());
        let mut child = Command::new("true").spawn().unwrap();
        lent(&child.wait());
        lent(&child.kill());
        sent(child.wait_with_output());
        lent(&signal(SignalKind::window_change()).unwrap().recv());
    });
}

#[test]
fn a_kind_is_a_number() {
    const HANGUP: SignalKind = SignalKind::hangup();
    assert_eq!(i32::from(HANGUP), 1);
    assert_eq!(SignalKind::from(1), HANGUP);
}
