//! The end of a server: wakes whoever waits, and shuts the connections that are open.

use std::collections::HashMap;
use std::net::{Shutdown, TcpStream};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Whether the server has stopped, and the open connections.
#[derive(Debug, Default)]
pub(crate) struct Stop {
    state: Mutex<State>,
    wake: Condvar,
}

#[derive(Debug, Default)]
struct State {
    stopped: bool,
    next_key: u64,
    open: HashMap<u64, TcpStream>,
}

impl Stop {
    /// Ends all waits and shuts all connections, now and later.
    pub(crate) fn stop(&self) {
        let mut state = self.state();
        state.stopped = true;
        for (_, stream) in state.open.drain() {
            shut(&stream);
        }
        self.wake.notify_all();
    }

    pub(crate) fn is_stopped(&self) -> bool {
        self.state().stopped
    }

    /// Waits that long, or until the server stops.
    pub(crate) fn wait_ms(&self, ms: u64) {
        if ms == 0 {
            return;
        }
        let state = self.state();
        let waited = self
            .wake
            .wait_timeout_while(state, Duration::from_millis(ms), |state| !state.stopped);
        drop(waited);
    }

    /// Remembers an open connection, to be shut when the server stops.
    pub(crate) fn opened(&self, stream: &TcpStream) -> u64 {
        let mut state = self.state();
        if state.stopped {
            shut(stream);
            return 0;
        }
        state.next_key += 1;
        let key = state.next_key;
        if let Ok(copy) = stream.try_clone() {
            state.open.insert(key, copy);
        }
        key
    }

    /// Forgets a connection, and with it the second handle that would keep it open.
    pub(crate) fn closed(&self, key: u64) {
        self.state().open.remove(&key);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Ends both directions; a connection that is gone already is as good.
fn shut(stream: &TcpStream) {
    drop(stream.shutdown(Shutdown::Both));
}
