//! A relay that holds all data for a while each way, as a long line would. It does not hold the connection itself: on
//! loopback the kernel makes that before the relay knows of it.

use std::io::{self, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

/// Listens on a port of its own for as long as this process lives.
pub(crate) fn start(to: SocketAddr, hold: Duration) -> io::Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    thread::spawn(move || {
        for client in listener.incoming().flatten() {
            if let Ok(server) = TcpStream::connect(to) {
                let _ = pipe(&client, &server, hold);
                let _ = pipe(&server, &client, hold);
            }
        }
    });
    Ok(address)
}

/// One direction: a thread that reads and notes when, and one that writes when the time has come.
fn pipe(from: &TcpStream, to: &TcpStream, hold: Duration) -> io::Result<()> {
    to.set_nodelay(true)?;
    let (mut from, to) = (from.try_clone()?, to.try_clone()?);
    let (waiting, due) = channel();
    thread::spawn(move || {
        let mut buffer = vec![0; 65_536];
        while let Ok(read) = from.read(&mut buffer) {
            if waiting
                .send((now() + hold, buffer[..read].to_vec()))
                .is_err()
                || read == 0
            {
                break;
            }
        }
    });
    thread::spawn(move || deliver(&due, to));
    Ok(())
}

fn deliver(due: &Receiver<(Instant, Vec<u8>)>, mut to: TcpStream) {
    for (at, data) in due {
        sleep_until(at);
        if data.is_empty() || to.write_all(&data).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Write);
}

#[expect(clippy::disallowed_methods, reason = "the relay works in real time")]
fn now() -> Instant {
    Instant::now()
}

#[expect(clippy::disallowed_methods, reason = "the relay works in real time")]
fn sleep_until(at: Instant) {
    thread::sleep(at.saturating_duration_since(now()));
}
