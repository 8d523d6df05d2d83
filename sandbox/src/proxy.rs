//! A small CONNECT proxy, for tests of a client's proxy rules.

use std::io::{self, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::request::Request;
use crate::server::{Listener, Stop, read_head};

/// What the proxy does with a CONNECT.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProxyMode {
    /// Connects to the target that is asked for.
    Works,
    /// Connects to this address, whatever target is asked for.
    To(SocketAddr),
    /// Answers with this status (403, 407, 502, …) and closes.
    Answers(u16),
    /// Closes as soon as the request is read.
    Closes,
}

/// A running proxy on a loopback port. Dropping it ends its connections.
#[derive(Debug)]
pub struct Proxy {
    listener: Listener,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    mode: Mutex<ProxyMode>,
    requests: Mutex<Vec<Request>>,
    stop: Stop,
}

impl Proxy {
    /// Starts one that works.
    ///
    /// # Panics
    ///
    /// If no loopback port can be bound.
    pub fn start() -> Self {
        Self::with(ProxyMode::Works)
    }

    /// Starts one in a mode.
    ///
    /// # Panics
    ///
    /// If no loopback port can be bound.
    pub fn with(mode: ProxyMode) -> Self {
        let shared = Arc::new(Shared {
            mode: Mutex::new(mode),
            requests: Mutex::default(),
            stop: Stop::default(),
        });
        let serving = Arc::clone(&shared);
        let stopping = Arc::clone(&shared);
        let listener = Listener::start(
            ("127.0.0.1", 0),
            move || stopping.stop.is_stopped(),
            move |tcp| serving.serve(tcp),
        )
        .expect("a loopback port is free");
        Self { listener, shared }
    }

    /// `http://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("http://{}", self.listener.address())
    }

    /// Its address.
    pub fn address(&self) -> SocketAddr {
        self.listener.address()
    }

    /// Changes what it does with the next requests.
    pub fn set_mode(&self, mode: ProxyMode) {
        *lock(&self.shared.mode) = mode;
    }

    /// The heads of all requests so far, CONNECT or not.
    pub fn requests(&self) -> Vec<Request> {
        lock(&self.shared.requests).clone()
    }

    /// The targets (`host:port`) of the CONNECT requests so far.
    pub fn connects(&self) -> Vec<String> {
        self.requests()
            .into_iter()
            .filter(|request| request.method == "CONNECT")
            .map(|request| request.target)
            .collect()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.shared.stop.stop();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    fn serve(&self, mut client: TcpStream) {
        let key = self.stop.opened(&client);
        let mut buffer = Vec::new();
        if let Some(request) = read_head(&mut client, &mut buffer) {
            lock(&self.requests).push(request.clone());
            // An error is the end of one of the two connections, which ends the other.
            drop(self.answer(&mut client, &request, &buffer));
        }
        drop(client.shutdown(Shutdown::Both));
        self.stop.closed(key);
    }

    fn answer(
        &self,
        client: &mut TcpStream,
        request: &Request,
        early_bytes: &[u8],
    ) -> io::Result<()> {
        let mode = *lock(&self.mode);
        if request.method != "CONNECT" {
            return refuse(client, 405);
        }
        let target = match mode {
            ProxyMode::Works => TcpStream::connect(request.target.as_str()),
            ProxyMode::To(address) => TcpStream::connect(address),
            ProxyMode::Answers(status) => return refuse(client, status),
            ProxyMode::Closes => return Ok(()),
        };
        let Ok(mut target) = target else {
            return refuse(client, 502);
        };
        target.set_nodelay(true)?;
        client.set_nodelay(true)?;
        let key = self.stop.opened(&target);
        client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")?;
        target.write_all(early_bytes)?;
        let (from, to) = (client.try_clone()?, target.try_clone()?);
        let upstream = std::thread::Builder::new()
            .name("sandbox-proxy".to_owned())
            .spawn(move || pump(from, to))?;
        pump(target, client.try_clone()?);
        drop(upstream.join());
        self.stop.closed(key);
        Ok(())
    }
}

fn refuse(client: &mut TcpStream, status: u16) -> io::Result<()> {
    let challenge = if status == 407 {
        "Proxy-Authenticate: Basic realm=\"sandbox\"\r\n"
    } else {
        ""
    };
    client.write_all(
        format!(
            "HTTP/1.1 {status} Refused\r\n{challenge}Content-Length: 0\r\nConnection: close\r\n\r\n"
        )
        .as_bytes(),
    )
}

/// Copies until one side ends, and passes the end on.
fn pump(mut from: TcpStream, mut to: TcpStream) {
    let mut buffer = [0; 16 * 1024];
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        if to.write_all(&buffer[..count]).is_err() {
            break;
        }
    }
    drop(to.shutdown(Shutdown::Write));
}
