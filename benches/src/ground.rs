//! Files to be read and written by the workloads, in a folder of the system's for such things.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// Bytes of the large file.
pub const LARGE: usize = 256 << 20;

/// Bytes of each small file.
pub const SMALL: usize = 4 << 10;

/// How many small files there are.
pub const SMALL_FILES: usize = 10_000;

/// What is written, again and again.
pub static CHUNK: [u8; 1 << 20] = [7; 1 << 20];

/// A folder of files in memory, on Linux.
const MEMORY: &str = "/dev/shm";

/// Where the files are.
#[derive(Debug)]
pub struct Ground {
    /// The folder with all of them.
    pub folder: PathBuf,
    /// There, and in the cache of the system.
    pub large: PathBuf,
    /// To be written. It leads into memory where the system has a folder there: how fast a disk
    /// takes it, and when, would be all that is measured.
    pub written: PathBuf,
    /// There, and in the cache of the system.
    pub small: Vec<PathBuf>,
}

static GROUND: OnceLock<Ground> = OnceLock::new();

/// The files, made when they are first asked for.
pub fn ground() -> &'static Ground {
    GROUND.get_or_init(|| Ground::lay_out().expect("files to read"))
}

/// Reads the large file in sequence with plain std, a buffer at a time.
///
/// # Panics
///
/// If it can't be read, or is not as long as it was written.
pub fn read_large(buf: &mut [u8]) {
    let mut file = File::open(&ground().large).unwrap();
    let mut total = 0;
    loop {
        match file.read(buf).unwrap() {
            0 => break,
            read => total += read,
        }
    }
    assert_eq!(total, LARGE);
}

fn in_memory() -> PathBuf {
    Path::new(MEMORY).join(format!("runtime-bench-{}", std::process::id()))
}

impl Ground {
    fn lay_out() -> std::io::Result<Ground> {
        let folder = std::env::temp_dir().join(format!("runtime-bench-{}", std::process::id()));
        std::fs::create_dir(&folder)?;
        let large = folder.join("large");
        std::fs::write(&large, vec![1; LARGE])?;
        let small: Vec<_> = (0..SMALL_FILES)
            .map(|number| folder.join(format!("small-{number}")))
            .collect();
        for path in &small {
            std::fs::write(path, &CHUNK[..SMALL])?;
        }
        let written = folder.join("written");
        if Path::new(MEMORY).is_dir() {
            std::os::unix::fs::symlink(in_memory(), &written)?;
        }
        Ok(Ground {
            written,
            folder,
            large,
            small,
        })
    }

    /// Removes them all.
    pub fn clear() {
        if let Some(ground) = GROUND.get() {
            let _ = std::fs::remove_dir_all(&ground.folder);
            let _ = std::fs::remove_file(in_memory());
        }
    }
}
