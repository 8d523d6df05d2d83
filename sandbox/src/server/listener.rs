//! A listening socket with its thread.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream, ToSocketAddrs};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

/// Accepts connections until it is dropped.
#[derive(Debug)]
pub(crate) struct Listener {
    address: SocketAddr,
    thread: Option<JoinHandle<()>>,
}

impl Listener {
    /// Listens on `address` and calls `serve` in a thread of its own for each connection. `is_stopped` has to be true by
    /// the time the listener is dropped.
    pub(crate) fn start(
        address: impl ToSocketAddrs,
        is_stopped: impl Fn() -> bool + Send + 'static,
        serve: impl Fn(TcpStream) + Send + Sync + 'static,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind(address)?;
        let address = listener.local_addr()?;
        let serve = Arc::new(serve);
        let thread = std::thread::Builder::new()
            .name("sandbox-accept".to_owned())
            .spawn(move || {
                for stream in listener.incoming() {
                    if is_stopped() {
                        return;
                    }
                    let Ok(stream) = stream else { continue };
                    let serve = Arc::clone(&serve);
                    let served = std::thread::Builder::new()
                        .name("sandbox-connection".to_owned())
                        .spawn(move || serve(stream));
                    // Out of threads: the closure is gone and with it the connection, which the client sees.
                    drop(served);
                }
            })?;
        Ok(Self {
            address,
            thread: Some(thread),
        })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let mut wake = self.address;
        if wake.ip().is_unspecified() {
            wake.set_ip(if wake.is_ipv4() {
                Ipv4Addr::LOCALHOST.into()
            } else {
                Ipv6Addr::LOCALHOST.into()
            });
        }
        // The thread waits for a connection: without one it cannot be joined.
        let woken = TcpStream::connect_timeout(&wake, Duration::from_secs(1)).is_ok();
        if let (true, Some(thread)) = (woken, self.thread.take()) {
            drop(thread.join());
        }
    }
}
