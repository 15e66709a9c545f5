//! Files and directories.
//!
//! The functions of `std::fs` under their names, to be awaited, and [`File`], which is read,
//! written and moved in with the traits of [`io`](crate::io).
//!
//! Asking a disk blocks, so it is done by the threads of the runtime's pool
//! ([`spawn_blocking`](crate::task::spawn_blocking)): each function here is one hop, there and back.
//! What the kernel has in memory needs no disk: [`File`] reads that at once, and a small file is
//! opened and read at once by [`read`] and [`File::open`]; what it knows of a file, [`metadata`] and
//! its like tell at once. Writes gather while others are under way.
//!
//! | to | there is |
//! |---|---|
//! | have a whole file | [`read`], [`read_to_string`], [`write()`], [`copy`] |
//! | go through a file | [`File`], [`OpenOptions`] |
//! | go through a directory | [`read_dir()`] |
//! | make and remove directories | [`create_dir`], [`create_dir_all`], [`DirBuilder`], [`remove_dir`], [`remove_dir_all`] |
//! | ask about files | [`metadata`], [`symlink_metadata`], [`try_exists`], [`canonicalize`], [`read_link`] |
//! | change names | [`rename`], [`remove_file`], [`hard_link`], [`symlink`] |
//!
//! # Examples
//!
//! ```
//! # runtime::rt::Runtime::new().unwrap().block_on(async {
//! # let path = std::env::temp_dir().join(format!("fs-module-{}", std::process::id()));
//! use runtime::fs;
//!
//! fs::write(&path, "hello").await?;
//! assert_eq!(fs::read_to_string(&path).await?, "hello");
//! fs::remove_file(&path).await?;
//! # std::io::Result::Ok(()) }).unwrap();
//! ```
//!
//! # What all of it keeps to
//!
//! * A future that is dropped leaves its job on the pool, which ends as if it had been awaited.
//! * Errors are the system's, as those of `std::fs`. Once the runtime is shut down, whatever needs its
//!   pool ends with an error that says so.
//! * Each operation takes from the task's cooperative budget; reading many bytes takes more.

mod at;
#[cfg_attr(target_os = "linux", path = "cached.rs")]
#[cfg_attr(not(target_os = "linux"), path = "uncached.rs")]
mod cached;
#[cfg_attr(target_os = "linux", path = "cached_look.rs")]
#[cfg_attr(not(target_os = "linux"), path = "uncached_look.rs")]
mod cached_look;
#[cfg_attr(target_os = "linux", path = "cached_open.rs")]
#[cfg_attr(not(target_os = "linux"), path = "uncached_open.rs")]
mod cached_open;
mod cursor;
mod descriptor;
mod dirs;
mod file;
mod file_io;
mod file_ops;
mod hop;
mod links;
mod open_options;
mod paths;
mod read_dir;
mod times;
mod whole;
mod writes;

pub use dirs::{DirBuilder, create_dir, create_dir_all, remove_dir, remove_dir_all};
pub use file::File;
pub use links::{hard_link, read_link, symlink};
pub use open_options::OpenOptions;
pub use paths::{
    canonicalize, copy, exists, metadata, remove_file, rename, set_permissions, symlink_metadata,
    try_exists,
};
pub use read_dir::{DirEntry, ReadDir, read_dir};
pub use times::FileTimes;
pub use whole::{read, read_to_string, write};
