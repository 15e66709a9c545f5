//! Options of a UDP socket.

use super::UdpSocket;
use socket2::SockRef;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr};

/// Options.
impl UdpSocket {
    /// Whether it can send to all of a network (`SO_BROADCAST`).
    ///
    /// # Errors
    ///
    /// Those of `getsockopt(2)`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::{Interest, ReadBuf};
    /// # use runtime::net::UdpSocket;
    /// # use std::future::poll_fn;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let here = UdpSocket::bind("127.0.0.1:0").await?;
    /// # let there = UdpSocket::bind("127.0.0.1:0").await?;
    /// # here.connect(there.local_addr()?).await?;
    /// # there.connect(here.local_addr()?).await?;
    /// here.set_broadcast(true)?;
    /// assert!(here.broadcast()?);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn broadcast(&self) -> io::Result<bool> {
        self.source.broadcast()
    }

    /// Sets whether it can send to all of a network (`SO_BROADCAST`).
    ///
    /// # Errors
    ///
    /// Those of `setsockopt(2)`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::{Interest, ReadBuf};
    /// # use runtime::net::UdpSocket;
    /// # use std::future::poll_fn;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let here = UdpSocket::bind("127.0.0.1:0").await?;
    /// # let there = UdpSocket::bind("127.0.0.1:0").await?;
    /// # here.connect(there.local_addr()?).await?;
    /// # there.connect(here.local_addr()?).await?;
    /// here.set_broadcast(true)?;
    /// assert!(here.broadcast()?);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn set_broadcast(&self, on: bool) -> io::Result<()> {
        self.source.set_broadcast(on)
    }

    /// Whether it hears its own multicasts (`IP_MULTICAST_LOOP`).
    ///
    /// # Errors
    ///
    /// Those of `getsockopt(2)`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::{Interest, ReadBuf};
    /// # use runtime::net::UdpSocket;
    /// # use std::future::poll_fn;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let here = UdpSocket::bind("127.0.0.1:0").await?;
    /// # let there = UdpSocket::bind("127.0.0.1:0").await?;
    /// # here.connect(there.local_addr()?).await?;
    /// # there.connect(here.local_addr()?).await?;
    /// here.set_multicast_loop_v4(false)?;
    /// assert!(!here.multicast_loop_v4()?);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn multicast_loop_v4(&self) -> io::Result<bool> {
        self.source.multicast_loop_v4()
    }

    /// Sets whether it hears its own multicasts (`IP_MULTICAST_LOOP`).
    ///
    /// # Errors
    ///
    /// Those of `setsockopt(2)`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::{Interest, ReadBuf};
    /// # use runtime::net::UdpSocket;
    /// # use std::future::poll_fn;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let here = UdpSocket::bind("127.0.0.1:0").await?;
    /// # let there = UdpSocket::bind("127.0.0.1:0").await?;
    /// # here.connect(there.local_addr()?).await?;
    /// # there.connect(here.local_addr()?).await?;
    /// here.set_multicast_loop_v4(false)?;
    /// assert!(!here.multicast_loop_v4()?);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn set_multicast_loop_v4(&self, on: bool) -> io::Result<()> {
        self.source.set_multicast_loop_v4(on)
    }

    /// How many routers its multicasts may pass (`IP_MULTICAST_TTL`).
    ///
    /// # Errors
    ///
    /// Those of `getsockopt(2)`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::{Interest, ReadBuf};
    /// # use runtime::net::UdpSocket;
    /// # use std::future::poll_fn;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let here = UdpSocket::bind("127.0.0.1:0").await?;
    /// # let there = UdpSocket::bind("127.0.0.1:0").await?;
    /// # here.connect(there.local_addr()?).await?;
    /// # there.connect(here.local_addr()?).await?;
    /// here.set_multicast_ttl_v4(3)?;
    /// assert_eq!(here.multicast_ttl_v4()?, 3);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn multicast_ttl_v4(&self) -> io::Result<u32> {
        self.source.multicast_ttl_v4()
    }

    /// Sets how many routers its multicasts may pass (`IP_MULTICAST_TTL`).
    ///
    /// # Errors
    ///
    /// Those of `setsockopt(2)`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::{Interest, ReadBuf};
    /// # use runtime::net::UdpSocket;
    /// # use std::future::poll_fn;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let here = UdpSocket::bind("127.0.0.1:0").await?;
    /// # let there = UdpSocket::bind("127.0.0.1:0").await?;
    /// # here.connect(there.local_addr()?).await?;
    /// # there.connect(here.local_addr()?).await?;
    /// here.set_multicast_ttl_v4(3)?;
    /// assert_eq!(here.multicast_ttl_v4()?, 3);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn set_multicast_ttl_v4(&self, ttl: u32) -> io::Result<()> {
        self.source.set_multicast_ttl_v4(ttl)
    }

    /// Whether it hears its own multicasts (`IPV6_MULTICAST_LOOP`).
    ///
    /// # Errors
    ///
    /// Those of `getsockopt(2)`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::{Interest, ReadBuf};
    /// # use runtime::net::UdpSocket;
    /// # use std::future::poll_fn;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let here = UdpSocket::bind("127.0.0.1:0").await?;
    /// # let there = UdpSocket::bind("127.0.0.1:0").await?;
    /// # here.connect(there.local_addr()?).await?;
    /// # there.connect(here.local_addr()?).await?;
    /// # let Ok(here) = UdpSocket::bind("[::1]:0").await else { return Ok(()) };
    /// here.set_multicast_loop_v6(false)?;
    /// assert!(!here.multicast_loop_v6()?);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn multicast_loop_v6(&self) -> io::Result<bool> {
        self.source.multicast_loop_v6()
    }

    /// Sets whether it hears its own multicasts (`IPV6_MULTICAST_LOOP`).
    ///
    /// # Errors
    ///
    /// Those of `setsockopt(2)`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::{Interest, ReadBuf};
    /// # use runtime::net::UdpSocket;
    /// # use std::future::poll_fn;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let here = UdpSocket::bind("127.0.0.1:0").await?;
    /// # let there = UdpSocket::bind("127.0.0.1:0").await?;
    /// # here.connect(there.local_addr()?).await?;
    /// # there.connect(here.local_addr()?).await?;
    /// # let Ok(here) = UdpSocket::bind("[::1]:0").await else { return Ok(()) };
    /// here.set_multicast_loop_v6(false)?;
    /// assert!(!here.multicast_loop_v6()?);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn set_multicast_loop_v6(&self, on: bool) -> io::Result<()> {
        self.source.set_multicast_loop_v6(on)
    }

    /// How many routers its packets may pass (`IP_TTL`).
    ///
    /// # Errors
    ///
    /// Those of `getsockopt(2)`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::{Interest, ReadBuf};
    /// # use runtime::net::UdpSocket;
    /// # use std::future::poll_fn;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let here = UdpSocket::bind("127.0.0.1:0").await?;
    /// # let there = UdpSocket::bind("127.0.0.1:0").await?;
    /// # here.connect(there.local_addr()?).await?;
    /// # there.connect(here.local_addr()?).await?;
    /// here.set_ttl(9)?;
    /// assert_eq!(here.ttl()?, 9);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn ttl(&self) -> io::Result<u32> {
        self.source.ttl()
    }

    /// Sets how many routers its packets may pass (`IP_TTL`).
    ///
    /// # Errors
    ///
    /// Those of `setsockopt(2)`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::{Interest, ReadBuf};
    /// # use runtime::net::UdpSocket;
    /// # use std::future::poll_fn;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let here = UdpSocket::bind("127.0.0.1:0").await?;
    /// # let there = UdpSocket::bind("127.0.0.1:0").await?;
    /// # here.connect(there.local_addr()?).await?;
    /// # there.connect(here.local_addr()?).await?;
    /// here.set_ttl(9)?;
    /// assert_eq!(here.ttl()?, 9);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn set_ttl(&self, ttl: u32) -> io::Result<()> {
        self.source.set_ttl(ttl)
    }

    /// The type of service of its packets (`IP_TOS`).
    ///
    /// # Errors
    ///
    /// Those of `getsockopt(2)`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::{Interest, ReadBuf};
    /// # use runtime::net::UdpSocket;
    /// # use std::future::poll_fn;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let here = UdpSocket::bind("127.0.0.1:0").await?;
    /// # let there = UdpSocket::bind("127.0.0.1:0").await?;
    /// # here.connect(there.local_addr()?).await?;
    /// # there.connect(here.local_addr()?).await?;
    /// here.set_tos_v4(0x10)?;
    /// assert_eq!(here.tos_v4()?, 0x10);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn tos_v4(&self) -> io::Result<u32> {
        SockRef::from(self).tos_v4()
    }

    /// Sets the type of service of its packets (`IP_TOS`).
    ///
    /// # Errors
    ///
    /// Those of `setsockopt(2)`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::{Interest, ReadBuf};
    /// # use runtime::net::UdpSocket;
    /// # use std::future::poll_fn;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let here = UdpSocket::bind("127.0.0.1:0").await?;
    /// # let there = UdpSocket::bind("127.0.0.1:0").await?;
    /// # here.connect(there.local_addr()?).await?;
    /// # there.connect(here.local_addr()?).await?;
    /// here.set_tos_v4(0x10)?;
    /// assert_eq!(here.tos_v4()?, 0x10);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn set_tos_v4(&self, tos: u32) -> io::Result<()> {
        SockRef::from(self).set_tos_v4(tos)
    }

    /// The traffic class of its packets (`IPV6_TCLASS`), for a socket of IPv6.
    ///
    /// # Errors
    ///
    /// Those of `getsockopt(2)`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::{Interest, ReadBuf};
    /// # use runtime::net::UdpSocket;
    /// # use std::future::poll_fn;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let here = UdpSocket::bind("127.0.0.1:0").await?;
    /// # let there = UdpSocket::bind("127.0.0.1:0").await?;
    /// # here.connect(there.local_addr()?).await?;
    /// # there.connect(here.local_addr()?).await?;
    /// # let Ok(here) = UdpSocket::bind("[::1]:0").await else { return Ok(()) };
    /// here.set_tclass_v6(0x20)?;
    /// assert_eq!(here.tclass_v6()?, 0x20);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn tclass_v6(&self) -> io::Result<u32> {
        SockRef::from(self).tclass_v6()
    }

    /// Sets the traffic class of its packets (`IPV6_TCLASS`), for a socket of IPv6.
    ///
    /// # Errors
    ///
    /// Those of `setsockopt(2)`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::{Interest, ReadBuf};
    /// # use runtime::net::UdpSocket;
    /// # use std::future::poll_fn;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let here = UdpSocket::bind("127.0.0.1:0").await?;
    /// # let there = UdpSocket::bind("127.0.0.1:0").await?;
    /// # here.connect(there.local_addr()?).await?;
    /// # there.connect(here.local_addr()?).await?;
    /// # let Ok(here) = UdpSocket::bind("[::1]:0").await else { return Ok(()) };
    /// here.set_tclass_v6(0x20)?;
    /// assert_eq!(here.tclass_v6()?, 0x20);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn set_tclass_v6(&self, tclass: u32) -> io::Result<()> {
        SockRef::from(self).set_tclass_v6(tclass)
    }

    /// Joins a group (`IP_ADD_MEMBERSHIP`), on the interface with that address, or on one that
    /// the system chooses if that is unspecified.
    ///
    /// # Errors
    ///
    /// Those of `setsockopt(2)`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::{Interest, ReadBuf};
    /// # use runtime::net::UdpSocket;
    /// # use std::future::poll_fn;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let here = UdpSocket::bind("127.0.0.1:0").await?;
    /// # let there = UdpSocket::bind("127.0.0.1:0").await?;
    /// # here.connect(there.local_addr()?).await?;
    /// # there.connect(here.local_addr()?).await?;
    /// use std::net::Ipv4Addr;
    ///
    /// let no_group = here.join_multicast_v4(Ipv4Addr::LOCALHOST, Ipv4Addr::UNSPECIFIED);
    /// assert!(no_group.is_err());
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn join_multicast_v4(&self, multiaddr: Ipv4Addr, interface: Ipv4Addr) -> io::Result<()> {
        self.source.join_multicast_v4(&multiaddr, &interface)
    }

    /// Leaves a group (`IP_DROP_MEMBERSHIP`).
    ///
    /// # Errors
    ///
    /// Those of `setsockopt(2)`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::{Interest, ReadBuf};
    /// # use runtime::net::UdpSocket;
    /// # use std::future::poll_fn;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let here = UdpSocket::bind("127.0.0.1:0").await?;
    /// # let there = UdpSocket::bind("127.0.0.1:0").await?;
    /// # here.connect(there.local_addr()?).await?;
    /// # there.connect(here.local_addr()?).await?;
    /// use std::net::Ipv4Addr;
    ///
    /// let group = Ipv4Addr::new(224, 0, 0, 123);
    /// let never_joined = here.leave_multicast_v4(group, Ipv4Addr::UNSPECIFIED);
    /// assert!(never_joined.is_err());
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn leave_multicast_v4(&self, multiaddr: Ipv4Addr, interface: Ipv4Addr) -> io::Result<()> {
        self.source.leave_multicast_v4(&multiaddr, &interface)
    }

    /// Joins a group (`IPV6_ADD_MEMBERSHIP`), on the interface with that index, or on one that
    /// the system chooses if that is 0.
    ///
    /// # Errors
    ///
    /// Those of `setsockopt(2)`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::{Interest, ReadBuf};
    /// # use runtime::net::UdpSocket;
    /// # use std::future::poll_fn;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let here = UdpSocket::bind("127.0.0.1:0").await?;
    /// # let there = UdpSocket::bind("127.0.0.1:0").await?;
    /// # here.connect(there.local_addr()?).await?;
    /// # there.connect(here.local_addr()?).await?;
    /// # let Ok(here) = UdpSocket::bind("[::1]:0").await else { return Ok(()) };
    /// use std::net::Ipv6Addr;
    ///
    /// let no_group = here.join_multicast_v6(&Ipv6Addr::LOCALHOST, 0);
    /// assert!(no_group.is_err());
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn join_multicast_v6(&self, multiaddr: &Ipv6Addr, interface: u32) -> io::Result<()> {
        self.source.join_multicast_v6(multiaddr, interface)
    }

    /// Leaves a group (`IPV6_DROP_MEMBERSHIP`).
    ///
    /// # Errors
    ///
    /// Those of `setsockopt(2)`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::{Interest, ReadBuf};
    /// # use runtime::net::UdpSocket;
    /// # use std::future::poll_fn;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let here = UdpSocket::bind("127.0.0.1:0").await?;
    /// # let there = UdpSocket::bind("127.0.0.1:0").await?;
    /// # here.connect(there.local_addr()?).await?;
    /// # there.connect(here.local_addr()?).await?;
    /// # let Ok(here) = UdpSocket::bind("[::1]:0").await else { return Ok(()) };
    /// use std::net::Ipv6Addr;
    ///
    /// let group = "ff02::123".parse().unwrap();
    /// let never_joined = here.leave_multicast_v6(&group, 0);
    /// assert!(never_joined.is_err());
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn leave_multicast_v6(&self, multiaddr: &Ipv6Addr, interface: u32) -> io::Result<()> {
        self.source.leave_multicast_v6(multiaddr, interface)
    }

    /// Takes the error that the socket has to report (`SO_ERROR`), if any.
    ///
    /// # Errors
    ///
    /// Those of `getsockopt(2)`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::{Interest, ReadBuf};
    /// # use runtime::net::UdpSocket;
    /// # use std::future::poll_fn;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let here = UdpSocket::bind("127.0.0.1:0").await?;
    /// # let there = UdpSocket::bind("127.0.0.1:0").await?;
    /// # here.connect(there.local_addr()?).await?;
    /// # there.connect(here.local_addr()?).await?;
    /// assert!(here.take_error()?.is_none());
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn take_error(&self) -> io::Result<Option<io::Error>> {
        self.source.take_error()
    }

    /// The network device that it is bound to (`SO_BINDTODEVICE`).
    ///
    /// # Errors
    ///
    /// Those of `getsockopt(2)`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::{Interest, ReadBuf};
    /// # use runtime::net::UdpSocket;
    /// # use std::future::poll_fn;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let here = UdpSocket::bind("127.0.0.1:0").await?;
    /// # let there = UdpSocket::bind("127.0.0.1:0").await?;
    /// # here.connect(there.local_addr()?).await?;
    /// # there.connect(here.local_addr()?).await?;
    /// assert_eq!(here.device()?, None);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[cfg(any(target_os = "linux", target_os = "android"))]
    pub fn device(&self) -> io::Result<Option<Vec<u8>>> {
        SockRef::from(self).device()
    }

    /// Binds it to a network device (`SO_BINDTODEVICE`), by its name, or to none.
    ///
    /// # Errors
    ///
    /// Those of `setsockopt(2)`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runtime::io::{Interest, ReadBuf};
    /// # use runtime::net::UdpSocket;
    /// # use std::future::poll_fn;
    /// # runtime::rt::Runtime::new().unwrap().block_on(async {
    /// # let here = UdpSocket::bind("127.0.0.1:0").await?;
    /// # let there = UdpSocket::bind("127.0.0.1:0").await?;
    /// # here.connect(there.local_addr()?).await?;
    /// # there.connect(here.local_addr()?).await?;
    /// assert!(here.bind_device(Some(b"there is no such")).is_err());
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[cfg(any(target_os = "linux", target_os = "android"))]
    pub fn bind_device(&self, interface: Option<&[u8]>) -> io::Result<()> {
        SockRef::from(self).bind_device(interface)
    }
}
