//! One connection: requests in, answers out, until somebody ends it.

use std::net::TcpStream;
use std::sync::Arc;

use rustls::ServerConfig;

use super::Shared;
use super::read::{Incoming, read_request};
use super::stream::{End, Stream};
use super::write::{After, deliver, deliver_malformed};
use crate::fault::Moment;
use crate::reply::Delivery;

impl Shared {
    /// Serves a connection to its end.
    pub(crate) fn serve(&self, tcp: TcpStream, tls: Option<&Arc<ServerConfig>>) {
        let early = self.service().connected();
        let key = self.stop.opened(&tcp);
        let mut stream = Stream::new(tcp, tls);
        let end = match early {
            Some((moment, reset)) => {
                if moment == Moment::FirstByte {
                    stream.wait_for_first_byte();
                }
                if reset { End::Reset } else { End::Cut }
            }
            None => self.converse(&mut stream),
        };
        if end == End::Reset {
            self.stop.closed(key);
            stream.end(end);
        } else {
            stream.end(end);
            self.stop.closed(key);
        }
    }

    /// Answers requests for as long as the connection is kept.
    fn converse(&self, stream: &mut Stream) -> End {
        let mut buffer = Vec::new();
        let mut fresh_connection = true;
        loop {
            let (mut request, keep) = match read_request(stream, &mut buffer) {
                Incoming::Request(request, keep) => (request, keep),
                Incoming::Nothing => return End::Orderly,
                Incoming::Malformed => return deliver_malformed(stream),
            };
            request.at_ms = self.clock.now_ms();
            request.fresh_connection = fresh_connection;
            request.tls = stream.is_tls();
            fresh_connection = false;

            let plan = self.service().admit(&request);
            self.stop.wait_ms(plan.delay_before_ms());
            let now_ms = self.clock.now_ms();
            let reply = self.service().answer(&request, &plan, now_ms);
            self.stop.wait_ms(plan.delay_after_ms());
            if reply.delivery == Delivery::Hang {
                stream.wait_for_end();
                return End::Cut;
            }
            match deliver(stream, &reply, keep, &self.stop) {
                After::Keep => {}
                After::End(end) => return end,
            }
        }
    }
}
