//! Signals as messages, also where this is process 1 of a container and the kernel would ignore them.

use std::sync::mpsc::Sender;

use crate::outcome::Signal;

/// Sends the first signal on; a second one ends the process at once.
#[cfg(unix)]
pub fn forward<M: Send + 'static>(to: Sender<M>, message: fn(Signal) -> M) -> std::io::Result<()> {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    use signal_hook::consts::{SIGINT, SIGTERM};
    use signal_hook::flag::register_conditional_shutdown;
    use signal_hook::iterator::Signals;

    let is_second = Arc::new(AtomicBool::new(false));
    for (number, signal) in [(SIGINT, Signal::Interrupt), (SIGTERM, Signal::Terminate)] {
        let code = crate::outcome::OutcomeKind::Interrupted(signal).exit_code();
        register_conditional_shutdown(number, i32::from(code), Arc::clone(&is_second))?;
    }
    let mut signals = Signals::new([SIGINT, SIGTERM])?;
    std::thread::Builder::new()
        .name("signals".to_owned())
        .spawn(move || {
            for number in signals.forever() {
                is_second.store(true, Ordering::SeqCst);
                let signal = if number == SIGTERM {
                    Signal::Terminate
                } else {
                    Signal::Interrupt
                };
                if to.send(message(signal)).is_err() {
                    return;
                }
            }
        })?;
    Ok(())
}

/// Sends Ctrl-C and Ctrl-Break on; a second one ends the process at once.
#[cfg(windows)]
pub fn forward<M: Send + 'static>(to: Sender<M>, message: fn(Signal) -> M) -> std::io::Result<()> {
    use std::sync::atomic::{AtomicBool, Ordering};

    let is_second = AtomicBool::new(false);
    ctrlc::set_handler(move || {
        if is_second.swap(true, Ordering::SeqCst) {
            std::process::abort();
        }
        // The receiver is gone once the work is done: then there is nothing left to interrupt.
        let _ = to.send(message(Signal::Interrupt));
    })
    .map_err(std::io::Error::other)
}
