//! The sandbox seen from outside: over raw sockets, and as the pure service on a clock of its own.

mod endpoints;
mod faults;
mod gates;
mod https;
mod in_process;
mod logs;
mod parts;
mod processes;
mod proxy;
mod queue;
mod reviews;
mod runs;
mod stale;
mod sub_pipelines;
mod support;
mod wire;
