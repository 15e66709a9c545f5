//! What may be sent, shared and moved: the auto traits of everything in `runtime::fs`.

use runtime::fs::{self, DirBuilder, DirEntry, File, FileTimes, OpenOptions, ReadDir};
use runtime::io::{AsyncRead, AsyncSeek, AsyncWrite};
use static_assertions::assert_impl_all;
use std::fmt::Debug;
use std::os::fd::{AsFd, AsRawFd, FromRawFd, OwnedFd};
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::path::Path;

assert_impl_all!(DirBuilder: Send, Sync, Unpin, UnwindSafe, RefUnwindSafe, Debug, Default);
assert_impl_all!(DirEntry: Send, Sync, Unpin, UnwindSafe, RefUnwindSafe, Debug);
assert_impl_all!(File: Send, Sync, Unpin, Debug, AsFd, AsRawFd, FromRawFd);
assert_impl_all!(File: AsyncRead, AsyncWrite, AsyncSeek, From<std::fs::File>, From<OwnedFd>);
assert_impl_all!(FileTimes: Send, Sync, Unpin, UnwindSafe, RefUnwindSafe, Clone, Debug, Default);
assert_impl_all!(OpenOptions: Send, Sync, Unpin, UnwindSafe, RefUnwindSafe, Clone, Debug, Default);
assert_impl_all!(OpenOptions: From<std::fs::OpenOptions>);
assert_impl_all!(ReadDir: Send, Sync, Unpin, Debug);

fn is_sent_and_shared<F: Future + Send + Sync>(_: F) {}

/// Compiles, and that is all: nothing is polled.
#[test]
fn the_futures_can_be_sent_and_shared() {
    let path = Path::new("nowhere");
    is_sent_and_shared(fs::canonicalize(path));
    is_sent_and_shared(fs::copy(path, path));
    is_sent_and_shared(fs::create_dir(path));
    is_sent_and_shared(fs::create_dir_all(path));
    is_sent_and_shared(fs::exists(path));
    is_sent_and_shared(fs::hard_link(path, path));
    is_sent_and_shared(fs::metadata(path));
    is_sent_and_shared(fs::read(path));
    is_sent_and_shared(fs::read_dir(path));
    is_sent_and_shared(fs::read_link(path));
    is_sent_and_shared(fs::read_to_string(path));
    is_sent_and_shared(fs::remove_dir(path));
    is_sent_and_shared(fs::remove_dir_all(path));
    is_sent_and_shared(fs::remove_file(path));
    is_sent_and_shared(fs::rename(path, path));
    is_sent_and_shared(fs::symlink(path, path));
    is_sent_and_shared(fs::symlink_metadata(path));
    is_sent_and_shared(fs::try_exists(path));
    is_sent_and_shared(fs::write(path, "text"));
    is_sent_and_shared(DirBuilder::new().create(path));
    is_sent_and_shared(OpenOptions::new().open(path));
    is_sent_and_shared(File::open(path));
    is_sent_and_shared(File::create(path));
    is_sent_and_shared(File::create_new(path));
    let file = File::from_std(std::fs::File::open("Cargo.toml").unwrap());
    let permissions = std::fs::metadata("Cargo.toml").unwrap().permissions();
    is_sent_and_shared(file.metadata());
    is_sent_and_shared(file.read_at(&mut [], 0));
    is_sent_and_shared(file.read_exact_at(&mut [], 0));
    is_sent_and_shared(file.set_len(0));
    is_sent_and_shared(file.set_modified(std::time::SystemTime::now()));
    is_sent_and_shared(file.set_permissions(permissions));
    is_sent_and_shared(file.set_times(FileTimes::new()));
    is_sent_and_shared(file.sync_all());
    is_sent_and_shared(file.sync_data());
    is_sent_and_shared(file.try_clone());
    is_sent_and_shared(file.write_all_at(&[], 0));
    is_sent_and_shared(file.write_at(&[], 0));
    is_sent_and_shared(file.into_std());
}
