//! What can be asked of a [`File`] by reference, and is done on the pool.

use super::hop::AfterWrites;
use super::{File, FileTimes};
use crate::base::sync::atomic::Ordering;
use std::fs::{Metadata, Permissions};
use std::io;
use std::time::SystemTime;

impl File {
    /// Waits until everything that was written is on the disk, with the file's metadata.
    ///
    /// # Errors
    ///
    /// That of an earlier write, if nobody has heard of it yet; those of the disk.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost.
    /// It goes on, and can be asked for again.
    ///
    /// # Panics
    ///
    /// If it is awaited outside of a runtime.
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let path = std::env::temp_dir().join(format!("fs-sync-all-{}", std::process::id()));
    /// use runtime::io::AsyncWriteExt;
    ///
    /// let mut file = runtime::fs::File::create(&path).await?;
    /// file.write_all(b"safe").await?;
    /// file.sync_all().await?;
    /// assert_eq!(std::fs::read(&path)?, b"safe");
    /// # runtime::fs::remove_file(&path).await
    /// # }).unwrap();
    /// ```
    #[track_caller]
    pub fn sync_all(&self) -> impl Future<Output = io::Result<()>> {
        let file = self.std.clone();
        AfterWrites::reporting(&self.writes, move || file.sync_all())
    }

    /// Waits until everything that was written is on the disk, with as much metadata as is
    /// needed to read it.
    ///
    /// # Errors
    ///
    /// That of an earlier write, if nobody has heard of it yet; those of the disk.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost.
    /// It goes on, and can be asked for again.
    ///
    /// # Panics
    ///
    /// If it is awaited outside of a runtime.
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let path = std::env::temp_dir().join(format!("fs-sync-data-{}", std::process::id()));
    /// use runtime::io::AsyncWriteExt;
    ///
    /// let mut file = runtime::fs::File::create(&path).await?;
    /// file.write_all(b"safe").await?;
    /// file.sync_data().await?;
    /// assert_eq!(std::fs::read(&path)?, b"safe");
    /// # runtime::fs::remove_file(&path).await
    /// # }).unwrap();
    /// ```
    #[track_caller]
    pub fn sync_data(&self) -> impl Future<Output = io::Result<()>> {
        let file = self.std.clone();
        AfterWrites::reporting(&self.writes, move || file.sync_data())
    }

    /// Cuts the file to `size` bytes, or makes it that long with zeros. The position stays.
    ///
    /// # Errors
    ///
    /// If the file isn't open for writing, or there is no room.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost.
    /// It may still be done.
    ///
    /// # Panics
    ///
    /// If it is awaited outside of a runtime.
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let path = std::env::temp_dir().join(format!("fs-set-len-{}", std::process::id()));
    /// let file = runtime::fs::File::create(&path).await?;
    /// file.set_len(10).await?;
    /// assert_eq!(file.metadata().await?.len(), 10);
    /// # runtime::fs::remove_file(&path).await
    /// # }).unwrap();
    /// ```
    #[track_caller]
    pub fn set_len(&self, size: u64) -> impl Future<Output = io::Result<()>> {
        let (file, writes) = (self.std.clone(), self.writes.clone());
        AfterWrites::new(&self.writes, move || {
            let cut = file.set_len(size);
            writes.set_changed();
            cut
        })
    }

    /// What the file system knows of the file: its length, owner, times.
    ///
    /// # Errors
    ///
    /// Those of the file system.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost.
    ///
    /// # Panics
    ///
    /// If it is awaited outside of a runtime.
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let file = runtime::fs::File::open("Cargo.toml").await?;
    /// assert!(file.metadata().await?.len() > 0);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn metadata(&self) -> impl Future<Output = io::Result<Metadata>> {
        let file = self.std.clone();
        AfterWrites::new(&self.writes, move || file.metadata())
    }

    /// Another `File` for the same open file. Both have one position.
    ///
    /// # Errors
    ///
    /// If the process has no descriptor left.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost.
    ///
    /// # Panics
    ///
    /// If it is awaited outside of a runtime.
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// use runtime::io::AsyncReadExt;
    ///
    /// let mut file = runtime::fs::File::open("Cargo.toml").await?;
    /// let mut clone = file.try_clone().await?;
    /// file.read_to_end(&mut Vec::new()).await?;
    /// assert_eq!(clone.read(&mut [0]).await?, 0, "at the end as well");
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn try_clone(&self) -> impl Future<Output = io::Result<File>> {
        let (file, max_buf) = (self.std.clone(), self.cursor.max_buf);
        self.is_cloned.store(true, Ordering::Relaxed);
        AfterWrites::new(&self.writes, move || {
            let mut clone = File::from_std(file.try_clone()?);
            clone.is_cloned.store(true, Ordering::Relaxed);
            clone.cursor.max_buf = max_buf;
            Ok(clone)
        })
    }

    /// Changes who may do what with the file.
    ///
    /// # Errors
    ///
    /// If it isn't ours.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost.
    /// It may still be done.
    ///
    /// # Panics
    ///
    /// If it is awaited outside of a runtime.
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let path = std::env::temp_dir().join(format!("fs-file-perm-{}", std::process::id()));
    /// let file = runtime::fs::File::create(&path).await?;
    /// let mut permissions = file.metadata().await?.permissions();
    /// permissions.set_readonly(true);
    /// file.set_permissions(permissions).await?;
    /// assert!(file.metadata().await?.permissions().readonly());
    /// # runtime::fs::remove_file(&path).await
    /// # }).unwrap();
    /// ```
    #[track_caller]
    pub fn set_permissions(
        &self,
        permissions: Permissions,
    ) -> impl Future<Output = io::Result<()>> {
        let file = self.std.clone();
        AfterWrites::new(&self.writes, move || file.set_permissions(permissions))
    }

    /// Changes when the file was last read and changed.
    ///
    /// # Errors
    ///
    /// If it isn't ours, or the file system has no such time.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost.
    /// It may still be done.
    ///
    /// # Panics
    ///
    /// If it is awaited outside of a runtime.
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let path = std::env::temp_dir().join(format!("fs-times-{}", std::process::id()));
    /// use runtime::fs::{File, FileTimes};
    /// use std::time::SystemTime;
    ///
    /// let file = File::create(&path).await?;
    /// file.set_times(FileTimes::new().set_accessed(SystemTime::UNIX_EPOCH)).await?;
    /// assert_eq!(file.metadata().await?.accessed()?, SystemTime::UNIX_EPOCH);
    /// # runtime::fs::remove_file(&path).await
    /// # }).unwrap();
    /// ```
    #[track_caller]
    pub fn set_times(&self, times: FileTimes) -> impl Future<Output = io::Result<()>> {
        let file = self.std.clone();
        AfterWrites::new(&self.writes, move || file.set_times(times.0))
    }

    /// Changes when the file was last changed.
    ///
    /// # Errors
    ///
    /// If it isn't ours, or the file system has no such time.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost.
    /// It may still be done.
    ///
    /// # Panics
    ///
    /// If it is awaited outside of a runtime.
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let path = std::env::temp_dir().join(format!("fs-modified-{}", std::process::id()));
    /// use std::time::SystemTime;
    ///
    /// let file = runtime::fs::File::create(&path).await?;
    /// file.set_modified(SystemTime::UNIX_EPOCH).await?;
    /// assert_eq!(file.metadata().await?.modified()?, SystemTime::UNIX_EPOCH);
    /// # runtime::fs::remove_file(&path).await
    /// # }).unwrap();
    /// ```
    #[track_caller]
    pub fn set_modified(&self, time: SystemTime) -> impl Future<Output = io::Result<()>> {
        let file = self.std.clone();
        AfterWrites::new(&self.writes, move || file.set_modified(time))
    }
}
