//! The sandbox seen from outside: over raw sockets, and as the pure service on a clock of its own.

mod endpoints;
mod faults;
mod https;
mod in_process;
mod processes;
mod proxy;
mod runs;
mod support;
mod wire;
