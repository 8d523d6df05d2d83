//! A connection, plain or TLS, and the ways to end it.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use rustls::{ServerConfig, ServerConnection, StreamOwned};
use socket2::SockRef;

/// How long an ended connection waits for the client's own end, so that unread data does not turn FIN into RST.
const LINGER: Duration = Duration::from_secs(2);

/// A server's end of a connection.
pub(crate) enum Stream {
    /// Plain TCP.
    Plain(TcpStream),
    /// TLS over TCP; the handshake is made by the first read.
    Tls(Box<StreamOwned<ServerConnection, TcpStream>>),
}

/// How a connection ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// As it should: TLS says goodbye, then FIN.
    Orderly,
    /// FIN without a word of TLS.
    Cut,
    /// RST.
    Reset,
}

impl Stream {
    pub(crate) fn new(tcp: TcpStream, tls: Option<&Arc<ServerConfig>>) -> Self {
        // Small answers leave at once; a system without the option is only slower.
        drop(tcp.set_nodelay(true));
        match tls.map(|config| ServerConnection::new(Arc::clone(config))) {
            Some(Ok(session)) => Self::Tls(Box::new(StreamOwned::new(session, tcp))),
            _ => Self::Plain(tcp),
        }
    }

    pub(crate) fn tcp(&self) -> &TcpStream {
        match self {
            Self::Plain(tcp) => tcp,
            Self::Tls(tls) => tls.get_ref(),
        }
    }

    pub(crate) fn is_tls(&self) -> bool {
        matches!(self, Self::Tls(_))
    }

    /// Waits until the client has sent something, and leaves it unread.
    pub(crate) fn wait_for_first_byte(&self) {
        drop(self.tcp().peek(&mut [0]));
    }

    /// Waits until the client ends the connection, or somebody shuts it.
    pub(crate) fn wait_for_end(&self) {
        let mut tcp = self.tcp();
        let mut sink = [0; 4096];
        while matches!(tcp.read(&mut sink), Ok(1..)) {}
    }

    /// Ends the connection. For a RST no other handle of it may be open. Errors say that it has ended already.
    pub(crate) fn end(mut self, end: End) {
        if end == End::Reset {
            drop(SockRef::from(self.tcp()).set_linger(Some(Duration::ZERO)));
            return;
        }
        if let (Self::Tls(tls), End::Orderly) = (&mut self, end) {
            tls.conn.send_close_notify();
            drop(tls.flush());
        }
        drop(self.tcp().shutdown(Shutdown::Write));
        drop(self.tcp().set_read_timeout(Some(LINGER)));
        self.wait_for_end();
    }
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(tcp) => tcp.read(buffer),
            Self::Tls(tls) => tls.read(buffer),
        }
    }
}

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(tcp) => tcp.write(bytes),
            Self::Tls(tls) => tls.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(tcp) => tcp.flush(),
            Self::Tls(tls) => tls.flush(),
        }
    }
}
