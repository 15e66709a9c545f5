//! [`UCred`]: who is at the other end.

use super::{gid_t, pid_t, uid_t};

/// The user, the group and the process that had a socket connected or bound.
///
/// From [`UnixStream::peer_cred`](crate::net::UnixStream::peer_cred).
///
/// # Examples
///
/// ```
/// # runtime::rt::Runtime::new().unwrap().block_on(async {
/// let (here, there) = runtime::net::UnixStream::pair()?;
/// assert_eq!(here.peer_cred()?, there.peer_cred()?);
/// # std::io::Result::Ok(()) }).unwrap();
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct UCred {
    pub(super) pid: Option<pid_t>,
    pub(super) uid: uid_t,
    pub(super) gid: gid_t,
}

impl UCred {
    /// The effective user.
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let (here, _there) = runtime::net::UnixStream::pair()?;
    /// assert_eq!(here.peer_cred()?.uid(), rustix::process::geteuid().as_raw());
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn uid(&self) -> uid_t {
        self.uid
    }

    /// The effective group.
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let (here, _there) = runtime::net::UnixStream::pair()?;
    /// assert_eq!(here.peer_cred()?.gid(), rustix::process::getegid().as_raw());
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn gid(&self) -> gid_t {
        self.gid
    }

    /// The process, where the system tells it, as Linux does.
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let (here, _there) = runtime::net::UnixStream::pair()?;
    /// assert_eq!(here.peer_cred()?.pid(), Some(std::process::id() as i32));
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn pid(&self) -> Option<pid_t> {
        self.pid
    }
}
