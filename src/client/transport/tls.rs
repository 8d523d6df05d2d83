//! TLS over the connection that the links before it made. Our own link of the connector chain, since certificates of
//! `SSL_CERT_FILE` are to be added to the system's on every system, and a certificate that is not trusted is to be
//! told from a handshake that was cut off.

use std::error::Error as StdError;
use std::fmt;
use std::io::{self, Read as _, Write as _};
use std::sync::{Arc, OnceLock};

use rustls::crypto::ring::default_provider;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, StreamOwned};
use ureq::Error;
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, Either, LazyBuffers, NextTimeout, Transport,
    TransportAdapter,
};

use super::roots::ExtraRoots;

/// Why there is no TLS connection, where sending again would not help.
#[derive(Debug)]
pub(super) enum TlsFailure {
    /// The certificate is not trusted, has expired, or is for another name.
    Certificate(rustls::Error),
    /// The other side does not speak TLS.
    NotTls,
    /// The two sides do not agree on a protocol, or the verifier cannot be set up.
    Protocol(rustls::Error),
}

impl fmt::Display for TlsFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Certificate(error) | Self::Protocol(error) => write!(f, "{error}"),
            Self::NotTls => f.write_str("the other side does not speak TLS"),
        }
    }
}

impl StdError for TlsFailure {}

impl From<TlsFailure> for Error {
    fn from(failure: TlsFailure) -> Self {
        Self::Other(Box::new(failure))
    }
}

/// Wraps a connection in TLS where the URL asks for it.
pub(super) struct TlsConnector {
    roots: ExtraRoots,
}

/// Made at the first `https` connection: reading the root certificates is most of the start-up cost. Every transport
/// of the same [`ExtraRoots`] shares it.
#[derive(Clone, Debug, Default)]
pub(super) struct SharedConfig(Arc<OnceLock<Arc<ClientConfig>>>);

impl TlsConnector {
    pub(super) fn new(roots: ExtraRoots) -> Self {
        Self { roots }
    }

    fn config(&self) -> Result<Arc<ClientConfig>, Error> {
        let shared = &self.roots.config.0;
        if let Some(config) = shared.get() {
            return Ok(Arc::clone(config));
        }
        let builder = ClientConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(TlsFailure::Protocol)?;
        let config = Arc::new(
            self.roots
                .verify_with(builder)
                .map_err(TlsFailure::Protocol)?,
        );
        Ok(Arc::clone(shared.get_or_init(|| config)))
    }
}

impl<In: Transport> Connector<In> for TlsConnector {
    type Out = Either<In, TlsTransport>;

    fn connect(
        &self,
        details: &ConnectionDetails<'_>,
        chained: Option<In>,
    ) -> Result<Option<Self::Out>, Error> {
        let Some(transport) = chained else {
            return Ok(None);
        };
        if !details.needs_tls() || transport.is_tls() {
            return Ok(Some(Either::A(transport)));
        }
        let host = details
            .uri
            .host()
            .unwrap_or_default()
            .trim_start_matches('[')
            .trim_end_matches(']')
            .to_owned();
        let name = ServerName::try_from(host)
            .map_err(|_| Error::Tls("the host is not a valid TLS server name"))?;
        let mut connection =
            ClientConnection::new(self.config()?, name).map_err(TlsFailure::Protocol)?;
        let mut socket =
            TransportAdapter::new(transport.boxed(), Arc::clone(&details.current_time));
        socket.set_timeout(details.timeout);
        connection
            .complete_io(&mut socket)
            .map_err(handshake_error)?;
        Ok(Some(Either::B(TlsTransport {
            buffers: LazyBuffers::new(
                details.config.input_buffer_size(),
                details.config.output_buffer_size(),
            ),
            stream: StreamOwned::new(connection, socket),
        })))
    }
}

fn handshake_error(error: io::Error) -> Error {
    let tls = error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<rustls::Error>())
        .cloned();
    match tls {
        Some(certificate @ rustls::Error::InvalidCertificate(_)) => {
            TlsFailure::Certificate(certificate).into()
        }
        Some(rustls::Error::InvalidMessage(_)) => TlsFailure::NotTls.into(),
        Some(other) => TlsFailure::Protocol(other).into(),
        None => error.into(),
    }
}

impl fmt::Debug for TlsConnector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsConnector").finish_non_exhaustive()
    }
}

pub(super) struct TlsTransport {
    buffers: LazyBuffers,
    stream: StreamOwned<ClientConnection, TransportAdapter>,
}

impl Transport for TlsTransport {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        self.stream.get_mut().set_timeout(timeout);
        self.stream.write_all(&self.buffers.output()[..amount])?;
        Ok(())
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        self.stream.get_mut().set_timeout(timeout);
        let amount = self.stream.read(self.buffers.input_append_buf())?;
        self.buffers.input_appended(amount);
        Ok(amount > 0)
    }

    fn is_open(&mut self) -> bool {
        self.stream.get_mut().get_mut().is_open()
    }

    fn is_tls(&self) -> bool {
        true
    }
}

impl fmt::Debug for TlsTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsTransport").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_says_what_the_library_says_of_it() {
        let unknown = rustls::Error::InvalidCertificate(rustls::CertificateError::UnknownIssuer);
        for (failure, text) in [
            (
                TlsFailure::Certificate(unknown),
                "invalid peer certificate: UnknownIssuer",
            ),
            (TlsFailure::NotTls, "the other side does not speak TLS"),
            (
                TlsFailure::Protocol(rustls::Error::HandshakeNotComplete),
                "handshake not complete",
            ),
        ] {
            assert_eq!(failure.to_string(), text);
        }
    }

    #[test]
    fn a_bad_certificate_and_a_side_that_speaks_no_tls_are_told_from_a_broken_connection() {
        use rustls::{AlertDescription, CertificateError, Error as Tls, InvalidMessage};
        let kind = |error: io::Error| match handshake_error(error) {
            Error::Other(other) => match other.downcast_ref::<TlsFailure>() {
                Some(TlsFailure::Certificate(_)) => "certificate",
                Some(TlsFailure::NotTls) => "not TLS",
                Some(TlsFailure::Protocol(_)) => "protocol",
                None => "other",
            },
            Error::Io(_) => "broken",
            _ => "other",
        };
        for (error, expected) in [
            (
                Tls::InvalidCertificate(CertificateError::Expired),
                "certificate",
            ),
            (
                Tls::InvalidMessage(InvalidMessage::InvalidContentType),
                "not TLS",
            ),
            (
                Tls::AlertReceived(AlertDescription::ProtocolVersion),
                "protocol",
            ),
        ] {
            let error = io::Error::new(io::ErrorKind::InvalidData, error);
            assert_eq!(kind(error), expected);
        }
        assert_eq!(kind(io::ErrorKind::ConnectionReset.into()), "broken");
    }
}
