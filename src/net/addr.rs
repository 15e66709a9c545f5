//! From what a user writes to socket addresses.
//!
//! Addresses and literals are themselves. A name is looked up with the system's resolver
//! (`getaddrinfo`), which blocks, hence on the blocking pool.

use super::{here, spend};
use crate::registry::shut_down;
use crate::rt::spawn_blocking;
use sealed::{Resolve, Target};
use std::future::poll_fn;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};

/// What can be turned into socket addresses, by a look into the system's tables or at a
/// name server if need be.
///
/// Functions such as [`TcpStream::connect`](super::TcpStream::connect) take one. It is
/// there for:
///
/// * [`SocketAddr`], [`SocketAddrV4`], [`SocketAddrV6`], slices of [`SocketAddr`];
/// * an [`IpAddr`], [`Ipv4Addr`] or [`Ipv6Addr`] with a port, as a pair;
/// * a `str` or `String` such as `"127.0.0.1:80"` or `"example.com:80"`;
/// * a `str` or `String` with a port, as a pair;
/// * references to all of these.
///
/// It cannot be implemented elsewhere, so that it can grow.
///
/// # Examples
///
/// ```
/// # runtime::rt::Runtime::new().unwrap().block_on(async {
/// use runtime::net::UdpSocket;
///
/// UdpSocket::bind("127.0.0.1:0").await?;
/// UdpSocket::bind(("127.0.0.1", 0)).await?;
/// UdpSocket::bind((std::net::Ipv4Addr::LOCALHOST, 0)).await?;
/// # std::io::Result::Ok(()) }).unwrap();
/// ```
pub trait ToSocketAddrs: Resolve {}

mod sealed {
    use std::net::SocketAddr;

    /// The part of the trait that is ours.
    pub trait Resolve {
        fn target(&self) -> Target;
    }

    /// What somebody wrote, understood as far as that is possible without a look-up.
    #[derive(Clone, Debug)]
    pub enum Target {
        One(SocketAddr),
        Many(Vec<SocketAddr>),
        /// A name and a port in one.
        Text(String),
        Name(String, u16),
    }
}

/// Addresses.
#[derive(Debug)]
pub(super) enum Addresses {
    One(SocketAddr),
    Many(Vec<SocketAddr>),
}

impl Addresses {
    pub(super) fn as_slice(&self) -> &[SocketAddr] {
        match self {
            Addresses::One(address) => std::slice::from_ref(address),
            Addresses::Many(addresses) => addresses,
        }
    }

    /// The first of them.
    pub(super) fn first(&self) -> io::Result<SocketAddr> {
        self.as_slice().first().copied().ok_or_else(no_address)
    }
}

/// The error of an empty list.
pub(super) fn no_address() -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidInput,
        "there is no socket address for this name, or the list is empty",
    )
}

pub(super) fn target(addresses: &impl ToSocketAddrs) -> Target {
    addresses.target()
}

/// Looks `target` up if need be.
pub(super) async fn resolve(target: Target) -> io::Result<Addresses> {
    match target {
        Target::One(address) => Ok(Addresses::One(address)),
        Target::Many(addresses) => Ok(Addresses::Many(addresses)),
        Target::Text(text) => {
            look_up(move || std::net::ToSocketAddrs::to_socket_addrs(&text)).await
        }
        Target::Name(name, port) => {
            look_up(move || std::net::ToSocketAddrs::to_socket_addrs(&(&*name, port))).await
        }
    }
}

async fn look_up<F>(ask: F) -> io::Result<Addresses>
where
    F: FnOnce() -> io::Result<std::vec::IntoIter<SocketAddr>> + Send + 'static,
{
    match spawn_blocking(ask).await {
        Ok(found) => found.map(|found| Addresses::Many(found.collect())),
        Err(error) if error.is_cancelled() => Err(shut_down()),
        Err(error) => Err(io::Error::other(error)),
    }
}

/// Looks the addresses of a name up.
///
/// Each address comes with the port. What is an address already is not looked up.
///
/// # Cancel safety
///
/// Nothing is lost.
///
/// # Errors
///
/// If the resolver finds nothing, or cannot be asked.
///
/// # Panics
///
/// The future, if it has to look up and is polled outside of a runtime.
///
/// # Examples
///
/// ```
/// # runtime::rt::Runtime::new().unwrap().block_on(async {
/// let mut found = runtime::net::lookup_host("localhost:80").await?;
/// assert!(found.all(|address| address.ip().is_loopback() && address.port() == 80));
/// # std::io::Result::Ok(()) }).unwrap();
/// ```
#[track_caller]
pub fn lookup_host<T: ToSocketAddrs>(
    host: T,
) -> impl Future<Output = io::Result<impl Iterator<Item = SocketAddr>>> {
    let target = host.target();
    here(async move {
        poll_fn(spend).await;
        let found = match resolve(target).await? {
            Addresses::One(address) => vec![address],
            Addresses::Many(addresses) => addresses,
        };
        Ok(found.into_iter())
    })
}

impl<T: ToSocketAddrs + ?Sized> ToSocketAddrs for &T {}
impl<T: Resolve + ?Sized> Resolve for &T {
    fn target(&self) -> Target {
        (**self).target()
    }
}

impl ToSocketAddrs for SocketAddr {}
impl Resolve for SocketAddr {
    fn target(&self) -> Target {
        Target::One(*self)
    }
}

impl ToSocketAddrs for SocketAddrV4 {}
impl Resolve for SocketAddrV4 {
    fn target(&self) -> Target {
        Target::One((*self).into())
    }
}

impl ToSocketAddrs for SocketAddrV6 {}
impl Resolve for SocketAddrV6 {
    fn target(&self) -> Target {
        Target::One((*self).into())
    }
}

impl ToSocketAddrs for (IpAddr, u16) {}
impl Resolve for (IpAddr, u16) {
    fn target(&self) -> Target {
        Target::One((*self).into())
    }
}

impl ToSocketAddrs for (Ipv4Addr, u16) {}
impl Resolve for (Ipv4Addr, u16) {
    fn target(&self) -> Target {
        Target::One((*self).into())
    }
}

impl ToSocketAddrs for (Ipv6Addr, u16) {}
impl Resolve for (Ipv6Addr, u16) {
    fn target(&self) -> Target {
        Target::One((*self).into())
    }
}

impl ToSocketAddrs for [SocketAddr] {}
impl Resolve for [SocketAddr] {
    fn target(&self) -> Target {
        Target::Many(self.to_vec())
    }
}

impl ToSocketAddrs for str {}
impl Resolve for str {
    fn target(&self) -> Target {
        match self.parse() {
            Ok(address) => Target::One(address),
            Err(_) => Target::Text(self.to_owned()),
        }
    }
}

impl ToSocketAddrs for String {}
impl Resolve for String {
    fn target(&self) -> Target {
        self.as_str().target()
    }
}

impl ToSocketAddrs for (&str, u16) {}
impl Resolve for (&str, u16) {
    fn target(&self) -> Target {
        match self.0.parse::<IpAddr>() {
            Ok(ip) => Target::One((ip, self.1).into()),
            Err(_) => Target::Name(self.0.to_owned(), self.1),
        }
    }
}

impl ToSocketAddrs for (String, u16) {}
impl Resolve for (String, u16) {
    fn target(&self) -> Target {
        (self.0.as_str(), self.1).target()
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn literals_are_not_looked_up() {
        let one = |target| matches!(target, Target::One(_));
        assert!(one("127.0.0.1:80".target()));
        assert!(one("[::1]:80".to_owned().target()));
        assert!(one(("::1", 80).target()));
        assert!(one(("10.0.0.1".to_owned(), 80).target()));
        assert!(one((Ipv4Addr::LOCALHOST, 1).target()));
        assert!(one((Ipv6Addr::LOCALHOST, 1).target()));
        assert!(matches!("localhost:80".target(), Target::Text(_)));
        assert!(matches!(("localhost", 80).target(), Target::Name(_, 80)));
    }

    #[test]
    fn an_empty_list_is_an_error_of_the_caller() {
        let none = Addresses::Many(Vec::new());
        let error = none.first().expect_err("there is none");
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
    }
}
