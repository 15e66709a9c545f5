//! [`SocketAddr`]: the names of Unix sockets.

use socket2::SockAddr;
use std::fmt;
use std::io;
#[cfg(target_os = "android")]
use std::os::android::net::SocketAddrExt;
#[cfg(target_os = "linux")]
use std::os::linux::net::SocketAddrExt;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net;
use std::path::Path;

/// The address of a Unix socket: a path, an abstract name, or nothing.
///
/// # Examples
///
/// ```
/// use runtime::net::unix::SocketAddr;
/// use std::path::Path;
///
/// let address = std::os::unix::net::SocketAddr::from_pathname("/run/door").unwrap();
/// let address = SocketAddr::from(address);
/// assert_eq!(address.as_pathname(), Some(Path::new("/run/door")));
/// assert!(!address.is_unnamed());
/// ```
#[derive(Clone)]
pub struct SocketAddr(pub(super) net::SocketAddr);

impl SocketAddr {
    /// Whether there is neither a path nor a name: the socket was not bound.
    ///
    /// # Examples
    ///
    /// ```
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// let (here, _there) = runtime::net::UnixStream::pair()?;
    /// assert!(here.local_addr()?.is_unnamed());
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn is_unnamed(&self) -> bool {
        self.0.is_unnamed()
    }

    /// The path, if it is one.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::net::unix::SocketAddr;
    /// use std::path::Path;
    ///
    /// let address = std::os::unix::net::SocketAddr::from_pathname("/run/door").unwrap();
    /// assert_eq!(SocketAddr::from(address).as_pathname(), Some(Path::new("/run/door")));
    /// ```
    pub fn as_pathname(&self) -> Option<&Path> {
        self.0.as_pathname()
    }

    /// The abstract name, if it is one, without the zero byte.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::net::unix::SocketAddr;
    /// use std::os::linux::net::SocketAddrExt;
    ///
    /// let address = std::os::unix::net::SocketAddr::from_abstract_name("door").unwrap();
    /// assert_eq!(SocketAddr::from(address).as_abstract_name(), Some(&b"door"[..]));
    /// ```
    #[cfg(any(target_os = "linux", target_os = "android"))]
    pub fn as_abstract_name(&self) -> Option<&[u8]> {
        self.0.as_abstract_name()
    }
}

impl fmt::Debug for SocketAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl From<net::SocketAddr> for SocketAddr {
    fn from(address: net::SocketAddr) -> Self {
        SocketAddr(address)
    }
}

impl From<SocketAddr> for net::SocketAddr {
    fn from(address: SocketAddr) -> Self {
        address.0
    }
}

/// What a user means by `path`: where abstract names exist, those that begin with a zero byte
/// are such.
pub(super) fn to_std(path: &Path) -> io::Result<net::SocketAddr> {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    if let Some((0, name)) = path.as_os_str().as_bytes().split_first() {
        return net::SocketAddr::from_abstract_name(name);
    }
    net::SocketAddr::from_pathname(path)
}

/// The same in the form in which the system takes it.
pub(super) fn to_system(path: &Path) -> io::Result<SockAddr> {
    to_std(path)?;
    SockAddr::unix(path)
}

/// What the system says, in the form in which users have it.
pub(super) fn from_system(address: &SockAddr) -> io::Result<SocketAddr> {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    if let Some(name) = address.as_abstract_namespace() {
        return net::SocketAddr::from_abstract_name(name).map(SocketAddr);
    }
    let path = address.as_pathname().unwrap_or(Path::new(""));
    net::SocketAddr::from_pathname(path).map(SocketAddr)
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_the_same_after_the_system_had_it() {
        for path in ["/run/door", "\0abstract", ""] {
            let address = to_std(Path::new(path)).expect("it is valid");
            let back = from_system(&to_system(Path::new(path)).expect("it is valid"));
            let back = back.expect("it is an address");
            assert_eq!(back.as_pathname(), address.as_pathname());
            assert_eq!(back.as_abstract_name(), address.as_abstract_name());
            assert_eq!(back.is_unnamed(), path.is_empty());
        }
    }

    #[test]
    fn a_path_that_is_too_long_or_has_zero_bytes_within_is_refused() {
        for path in [
            "x".repeat(200),
            format!("\0{}", "x".repeat(200)),
            "a\0b".into(),
        ] {
            let error = to_system(Path::new(&path)).expect_err("it cannot be told");
            assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
        }
    }
}
