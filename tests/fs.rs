//! The functions of `runtime::fs` do what those of `std::fs` do.

mod fs_support;
#[path = "common/runtimes.rs"]
mod runtimes;

use fs_support::{Dir, fifo, pattern};
use runtime::fs;
use runtime::io::AsyncReadExt;
use runtime::rt::{Builder, Runtime};
use runtimes::{on_each, within};
use std::collections::BTreeSet;
use std::future::poll_fn;
use std::io::ErrorKind;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};
use std::time::Duration;

fn block_on<F: Future>(future: F) -> F::Output {
    Runtime::new().unwrap().block_on(future)
}

#[test]
fn a_whole_file_is_written_and_read() {
    on_each(|mut builder| {
        let dir = Dir::new();
        let path = dir.at("file");
        builder.enable_all().build().unwrap().block_on(async {
            let bytes = pattern(300_000);
            fs::write(&path, &bytes).await.unwrap();
            assert_eq!(fs::read(&path).await.unwrap(), bytes);
            fs::write(&path, "text").await.unwrap();
            assert_eq!(fs::read_to_string(&path).await.unwrap(), "text");
            fs::write(&path, [0xff]).await.unwrap();
            let error = fs::read_to_string(&path).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidData);
            fs::write(&path, "").await.unwrap();
            assert!(fs::read(&path).await.unwrap().is_empty());
        });
    });
}

#[test]
fn errors_are_those_of_the_system() {
    let dir = Dir::new();
    block_on(async {
        let absent = dir.at("absent");
        for error in [
            fs::read(&absent).await.unwrap_err(),
            fs::read_to_string(&absent).await.unwrap_err(),
            fs::metadata(&absent).await.unwrap_err(),
            fs::symlink_metadata(&absent).await.unwrap_err(),
            fs::canonicalize(&absent).await.unwrap_err(),
            fs::read_dir(&absent).await.unwrap_err(),
            fs::read_link(&absent).await.unwrap_err(),
            fs::remove_file(&absent).await.unwrap_err(),
            fs::remove_dir(&absent).await.unwrap_err(),
            fs::remove_dir_all(&absent).await.unwrap_err(),
            fs::rename(&absent, dir.at("b")).await.unwrap_err(),
            fs::copy(&absent, dir.at("b")).await.unwrap_err(),
            fs::hard_link(&absent, dir.at("b")).await.unwrap_err(),
            fs::write(absent.join("below"), "").await.unwrap_err(),
            fs::File::open(&absent).await.unwrap_err(),
        ] {
            assert_eq!(error.kind(), ErrorKind::NotFound);
            assert_eq!(error.raw_os_error(), Some(libc::ENOENT));
        }
        let file = dir.with("file", b"");
        let error = fs::create_dir(&file).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::AlreadyExists);
        let error = fs::read_link(&file).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        let error = fs::read("a\0b").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
    });
}

#[test]
fn names_are_made_changed_followed_and_removed() {
    let dir = Dir::new();
    block_on(async {
        let one = dir.with("one", b"bytes");
        fs::hard_link(&one, dir.at("two")).await.unwrap();
        assert_eq!(fs::metadata(&one).await.unwrap().nlink(), 2);
        fs::symlink("one", dir.at("link")).await.unwrap();
        assert_eq!(
            fs::read_link(dir.at("link")).await.unwrap().as_os_str(),
            "one"
        );
        let link = fs::symlink_metadata(dir.at("link")).await.unwrap();
        assert!(link.is_symlink());
        assert!(fs::metadata(dir.at("link")).await.unwrap().is_file());
        let real = fs::canonicalize(dir.at("link")).await.unwrap();
        assert_eq!(real, dir.path().canonicalize().unwrap().join("one"));
        assert_eq!(fs::copy(&one, dir.at("copy")).await.unwrap(), 5);
        fs::rename(dir.at("copy"), dir.at("two")).await.unwrap();
        assert_eq!(fs::metadata(&one).await.unwrap().nlink(), 1);
        assert!(!fs::try_exists(dir.at("copy")).await.unwrap());
        fs::remove_file(&one).await.unwrap();
        assert!(
            !fs::exists(dir.at("link")).await.unwrap(),
            "it leads nowhere"
        );
        let mode = std::fs::Permissions::from_mode(0o600);
        fs::set_permissions(dir.at("two"), mode).await.unwrap();
        let mode = fs::metadata(dir.at("two"))
            .await
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    });
}

#[test]
fn directories_are_made_and_removed() {
    let dir = Dir::new();
    block_on(async {
        fs::create_dir(dir.at("a")).await.unwrap();
        fs::create_dir_all(dir.at("a/b/c")).await.unwrap();
        assert!(fs::remove_dir(dir.at("a")).await.is_err());
        fs::remove_dir(dir.at("a/b/c")).await.unwrap();
        fs::remove_dir_all(dir.at("a")).await.unwrap();
        assert!(!fs::try_exists(dir.at("a")).await.unwrap());

        let mut builder = fs::DirBuilder::new();
        assert!(builder.create(dir.at("x/y")).await.is_err());
        builder.recursive(true).mode(0o700);
        builder.create(dir.at("x/y")).await.unwrap();
        builder.create(dir.at("x/y")).await.unwrap();
        let mode = fs::metadata(dir.at("x/y"))
            .await
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o700);
    });
}

#[test]
fn all_entries_of_a_directory_are_seen_once() {
    let dir = Dir::new();
    for count in [0, 1, 127, 128, 129, 300] {
        let path = dir.at(&format!("{count}"));
        std::fs::create_dir(&path).unwrap();
        for number in 0..count {
            std::fs::write(path.join(format!("{number}")), "").unwrap();
        }
        block_on(async {
            let mut entries = fs::read_dir(&path).await.unwrap();
            let mut names = BTreeSet::new();
            while let Some(entry) = entries.next_entry().await.unwrap() {
                assert_eq!(entry.path(), path.join(entry.file_name()));
                assert!(entry.file_type().await.unwrap().is_file());
                assert_eq!(entry.metadata().await.unwrap().ino(), entry.ino());
                assert!(names.insert(entry.file_name()));
            }
            assert_eq!(names.len(), count);
            assert!(
                entries.next_entry().await.unwrap().is_none(),
                "still the end"
            );
        });
    }
}

#[test]
fn an_entry_is_not_lost_with_the_future_that_waited_for_it() {
    let dir = Dir::new();
    for number in 0..1000 {
        dir.with(&format!("{number}"), b"");
    }
    block_on(async {
        let mut entries = fs::read_dir(dir.path()).await.unwrap();
        let mut count = 0;
        let mut is_over = false;
        while !is_over {
            let mut polled_once = false;
            let entry = poll_fn(|cx| {
                let mut next = Box::pin(entries.next_entry());
                match next.as_mut().poll(cx) {
                    std::task::Poll::Pending => {
                        polled_once = true;
                        std::task::Poll::Pending // and `next` is dropped
                    }
                    ready => ready,
                }
            });
            match entry.await.unwrap() {
                Some(_) => count += 1,
                None => is_over = true,
            }
        }
        assert_eq!(count, 1000);
    });
}

#[test]
fn an_operation_outside_of_a_runtime_panics_at_the_line_of_the_await() {
    let lines = Arc::new(Mutex::new(Vec::new()));
    let seen = lines.clone();
    std::panic::set_hook(Box::new(move |info| {
        let location = info.location().unwrap();
        seen.lock()
            .unwrap()
            .push((location.file().to_owned(), location.line()));
    }));
    let panic = catch_unwind(|| {
        futures::executor::block_on(async {
            let _ = fs::metadata("Cargo.toml").await;
        });
    });
    let line = line!() - 3;
    let message = panic.unwrap_err().downcast::<String>().unwrap();
    assert!(message.contains("Runtime::block_on"), "{message}");
    let file = fs::File::from_std(std::fs::File::open("Cargo.toml").unwrap());
    let panic = catch_unwind(AssertUnwindSafe(|| {
        futures::executor::block_on(async {
            let _ = file.sync_all().await;
        });
    }));
    let second = line!() - 3;
    assert!(panic.is_err());
    let panic = catch_unwind(AssertUnwindSafe(|| {
        futures::executor::block_on(async {
            let _ = file.read_at(&mut [0], 0).await;
        });
    }));
    let third = line!() - 3;
    assert!(panic.is_err());
    let _ = std::panic::take_hook();
    let lines = lines.lock().unwrap();
    for line in [line, second, third] {
        assert!(
            lines.contains(&(file!().to_owned(), line)),
            "{lines:?}, not {line}"
        );
    }
}

#[test]
fn a_runtime_that_is_shut_down_answers_with_an_error() {
    let runtime = Runtime::new().unwrap();
    let handle = runtime.handle().clone();
    let dir = Dir::new();
    let path = dir.with("file", b"bytes");
    let file = runtime.block_on(fs::File::open(&path)).unwrap();
    drop(runtime);
    within("a runtime that is no more", move || {
        let _guard = handle.enter();
        futures::executor::block_on(async {
            let error = fs::canonicalize(&path).await.unwrap_err();
            assert!(error.to_string().contains("shut down"), "{error}");
            assert!(file.metadata().await.is_err());
            assert!(fs::read_dir(dir.path()).await.is_err());
            // In the cache or not: these end.
            let _ = fs::read(&path).await;
            let _ = fs::metadata(&path).await;
        });
    });
}

#[test]
fn a_pipe_that_nobody_writes_holds_up_no_worker() {
    within("a pipe with a name", || {
        let dir = Dir::new();
        let path = dir.at("pipe");
        fifo(&path);
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let reading = runtime::spawn(fs::read(path.clone()));
            runtime::task::yield_now().await;
            fs::write(&path, "one").await.unwrap();
            assert_eq!(reading.await.unwrap().unwrap(), b"one");
            // Whoever waits for a reader gets one that reads to the end.
            let writing = runtime::spawn(fs::write(path.clone(), pattern(200_000)));
            runtime::task::yield_now().await;
            assert!(fs::read(&path).await.unwrap() == pattern(200_000));
            writing.await.unwrap().unwrap();
            let opening = runtime::spawn(fs::File::open(path.clone()));
            runtime::task::yield_now().await;
            fs::write(&path, "two").await.unwrap();
            let mut file = opening.await.unwrap().unwrap();
            let mut text = Vec::new();
            file.read_to_end(&mut text).await.unwrap();
            assert_eq!(text, b"two");
        });
    });
}

#[test]
fn a_timeout_fires_around_operations_that_are_always_ready() {
    let dir = Dir::new();
    let path = dir.with("file", &pattern(100_000));
    within("a loop of reads", move || {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let file = fs::File::open(&path).await.unwrap();
            let endless = async {
                let mut buf = [0; 1000];
                loop {
                    file.read_at(&mut buf, 0).await.unwrap();
                    file.read_at(&mut [], 0).await.unwrap();
                }
            };
            let limit = Duration::from_millis(5);
            assert!(runtime::time::timeout(limit, endless).await.is_err());
        });
    });
}

#[test]
fn a_path_that_deletes_its_file_when_it_is_dropped_is_kept_until_the_file_is_open() {
    struct Temporary(std::path::PathBuf);
    impl AsRef<std::path::Path> for Temporary {
        fn as_ref(&self) -> &std::path::Path {
            &self.0
        }
    }
    impl Drop for Temporary {
        fn drop(&mut self) {
            std::fs::remove_file(&self.0).unwrap();
        }
    }
    let dir = Dir::new();
    let file = || Temporary(dir.with("file", b"text"));
    block_on(async {
        assert!(fs::File::open(file()).await.is_ok());
        assert!(fs::OpenOptions::new().read(true).open(file()).await.is_ok());
        assert_eq!(fs::read(file()).await.unwrap(), b"text");
        assert_eq!(fs::metadata(file()).await.unwrap().len(), 4);
        assert_eq!(fs::copy(file(), dir.at("copy")).await.unwrap(), 4);
        assert!(!fs::try_exists(dir.at("file")).await.unwrap());
    });
}
