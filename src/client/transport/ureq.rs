//! The transport over the network: one connection a request, no redirect, every status an answer.

use std::io::Read as _;
use std::time::Duration;

use ureq::http::HeaderMap;
use ureq::unversioned::resolver::DefaultResolver;
use ureq::unversioned::transport::{
    ConnectProxyConnector, Connector as _, SocksConnector, TcpConnector,
};
use ureq::{Agent, Error, Proxy, Timeout};

use super::proxy::ProxyChoice;
use super::roots::ExtraRoots;
use super::tls::{TlsConnector, TlsFailure};
use super::track::{TrackConnector, Written};
use super::{Answer, Body, MAX_ANSWER_BYTES, Transport, WireRequest};
use crate::client::error::{CallFailure, FinalKind, Verdict};
use crate::client::request::Method;
use crate::secret::Secret;

/// How to reach the service.
#[derive(Clone, Debug)]
pub struct UreqTransportSettings {
    /// Scheme and authority, without a final `/`.
    pub base_url: String,
    /// The bound of the name look-up, and again of connecting: TCP, proxy and TLS.
    pub connect_timeout: Duration,
    /// The bound of the exchange, from the first byte sent to the last byte read.
    pub request_timeout: Duration,
    /// The proxy.
    pub proxy: ProxyChoice,
    /// Certificates to trust beside the system's.
    pub extra_roots: ExtraRoots,
}

/// The transport over the network.
pub struct UreqTransport {
    agent: Agent,
    settings: UreqTransportSettings,
    written: Written,
}

/// The value of a proxy variable is not a proxy URL. The value is not shown: it may hold a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidProxy {
    /// The variable.
    pub variable: &'static str,
}

const USER_AGENT: &str = concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION"));

const CHECK_NETWORK: &str = "Check region, or endpoint if it is given, and whether this machine reaches the host, directly or through a proxy (HTTPS_PROXY, NO_PROXY).";
const CHECK_CERTIFICATE: &str = "If the host is right and a private CA signed its certificate, name that CA's file in SSL_CERT_FILE.";
const CHECK_TLS: &str =
    "Check endpoint and the proxy variables: an https URL needs a host and port that speak TLS.";
const CHECK_PROXY: &str =
    "Check the URL, user and password in the proxy variable, or exempt the host with NO_PROXY.";
const CHECK_HEADER: &str = "Credentials are sent in headers, which take visible ASCII characters only: check the secret for a pasted space, quote or line break.";

impl UreqTransport {
    /// Sets the connector chain up; nothing is opened or read yet.
    pub fn new(settings: UreqTransportSettings) -> Result<Self, InvalidProxy> {
        let proxy = match &settings.proxy {
            ProxyChoice::Direct => None,
            ProxyChoice::Through { variable, url } => {
                Some(Proxy::new(url.expose()).map_err(|_| InvalidProxy { variable })?)
            }
        };
        let written = Written::default();
        let connector =
            ().chain(SocksConnector::default())
                .chain(ConnectProxyConnector::default())
                .chain(TcpConnector::default())
                .chain(TlsConnector::new(settings.extra_roots.clone()))
                .chain(TrackConnector {
                    written: written.clone(),
                    exchange_timeout: settings.request_timeout,
                    proxied: proxy.is_some(),
                });
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .max_idle_connections(0)
            .proxy(proxy)
            .user_agent(USER_AGENT)
            .timeout_resolve(resolve_timeout(&settings))
            .timeout_connect(Some(settings.connect_timeout))
            .build();
        Ok(Self {
            agent: Agent::with_parts(config, connector, DefaultResolver::default()),
            settings,
            written,
        })
    }

    fn exchange(&self, request: &WireRequest) -> Result<Answer, Error> {
        let url = format!("{}{}", self.settings.base_url, request.target);
        let mut builder = match request.method {
            Method::Get => self.agent.get(url).force_send_body(),
            Method::Post => self.agent.post(url),
            Method::Put => self.agent.put(url),
        };
        for (name, value) in &request.headers {
            builder = builder.header_raw(name, value.as_bytes());
        }
        if request.time_limit.is_some() {
            builder = builder.config().timeout_global(request.time_limit).build();
        }
        let mut response = builder.send(request.body.as_str())?;
        let headers = response.headers();
        let header = |name| {
            headers
                .get(name)
                .and_then(|value| value.to_str().ok())
                .map(str::to_owned)
        };
        let answer = Answer {
            status: response.status().as_u16(),
            retry_after: header("retry-after"),
            date: header("date"),
            request_id: header("x-request-id"),
            location: header("location"),
            subject_token: header("x-subject-token").map(Secret::new),
            body: Body::default(),
        };
        let has_no_body = matches!(answer.status, 204 | 304);
        let is_framed =
            has_no_body || headers.contains_key("content-length") || is_chunked(headers);
        let announced = response.body().content_length();
        let body = if announced.is_some_and(|length| length > MAX_ANSWER_BYTES as u64) {
            Body::TooLarge
        } else {
            read_body(response.body_mut(), is_framed)
        };
        Ok(Answer { body, ..answer })
    }

    fn failure(&self, error: Error, time_limit: Option<Duration>) -> CallFailure {
        let host = self
            .settings
            .base_url
            .split_once("://")
            .map_or("", |(_, host)| host);
        let unavailable = Verdict::Final(FinalKind::Unavailable);
        let invalid = Verdict::Final(FinalKind::InvalidRequest);
        match error {
            Error::Other(other) => match other.downcast::<TlsFailure>() {
                Ok(tls) => match *tls {
                    TlsFailure::Certificate(error) => CallFailure::transport(
                        unavailable,
                        format!("the certificate of {host} is not trusted: {error}"),
                        Some(CHECK_CERTIFICATE),
                    ),
                    TlsFailure::NotTls | TlsFailure::Protocol(_) => CallFailure::transport(
                        unavailable,
                        format!("no TLS with {host}: {tls}"),
                        Some(CHECK_TLS),
                    ),
                },
                Err(other) => self.broken(host, &Error::Other(other), time_limit),
            },
            Error::ConnectProxyFailed(text) => self.proxy_failure(&text),
            Error::Http(_) | Error::BadUri(_) => CallFailure::transport(
                invalid,
                "the request cannot be written: a header or the URL has a character that is not allowed",
                Some(CHECK_HEADER),
            ),
            Error::Tls(text) => CallFailure::transport(
                unavailable,
                format!("no TLS with {host}: {text}"),
                Some(CHECK_TLS),
            ),
            other => self.broken(host, &other, time_limit),
        }
    }

    /// A failure on the way. Where nothing of the request was written, it cannot have had an effect.
    fn broken(&self, host: &str, error: &Error, time_limit: Option<Duration>) -> CallFailure {
        let via = match &self.settings.proxy {
            ProxyChoice::Direct => String::new(),
            ProxyChoice::Through { variable, .. } => format!(" through the proxy of {variable}"),
        };
        if self.written.get() {
            let reason = match error {
                Error::Timeout(Timeout::Global) => within(time_limit),
                Error::Timeout(_) => {
                    format!(
                        "no complete answer within request_timeout ({:?})",
                        self.settings.request_timeout
                    )
                }
                other => format!("the connection broke after the request was sent: {other}"),
            };
            return CallFailure::transport(Verdict::MaybeProcessed, reason, None);
        }
        let limit = self.settings.connect_timeout;
        let reason = match error {
            Error::Timeout(Timeout::Global) => within(time_limit),
            Error::Timeout(Timeout::Resolve) => {
                format!("the name of {host} was not found within connect_timeout ({limit:?})")
            }
            Error::Timeout(_) => {
                format!("no connection to {host}{via} within connect_timeout ({limit:?})")
            }
            Error::Io(error) => format!("no connection to {host}{via}: {error}"),
            other => format!("no connection to {host}{via}: {other}"),
        };
        CallFailure::transport(Verdict::NotSent, reason, Some(CHECK_NETWORK))
    }

    /// The library gives the proxy's answer as text: `… responded 407/407`.
    fn proxy_failure(&self, text: &str) -> CallFailure {
        let variable = match &self.settings.proxy {
            ProxyChoice::Direct => "",
            ProxyChoice::Through { variable, .. } => variable,
        };
        let status: Option<u16> = text
            .rsplit_once("responded ")
            .and_then(|(_, status)| status.split('/').next())
            .and_then(|status| status.parse().ok());
        let (verdict, reason) = match status {
            Some(status @ 500..) => (
                Verdict::NotSent,
                format!("the proxy of {variable} answered {status}"),
            ),
            Some(status) => (
                Verdict::Final(FinalKind::Unavailable),
                format!("the proxy of {variable} refused the connection with {status}"),
            ),
            None => (
                Verdict::NotSent,
                format!("the proxy of {variable} did not answer"),
            ),
        };
        CallFailure::transport(verdict, reason, Some(CHECK_PROXY))
    }
}

impl Transport for UreqTransport {
    fn send(&self, request: &WireRequest) -> Result<Answer, CallFailure> {
        self.written.reset();
        self.exchange(request)
            .map_err(|error| self.failure(error, request.time_limit))
    }
}

fn within(time_limit: Option<Duration>) -> String {
    let limit = time_limit.unwrap_or_default();
    format!("no complete answer within the {limit:.0?} that were left for it")
}

/// A look-up with a bound costs a thread, which an address does not need.
fn resolve_timeout(settings: &UreqTransportSettings) -> Option<Duration> {
    let authority = settings
        .base_url
        .split_once("://")
        .map_or("", |(_, authority)| authority);
    let is_address = authority.parse::<std::net::SocketAddr>().is_ok()
        || authority.parse::<std::net::IpAddr>().is_ok();
    (!is_address || settings.proxy != ProxyChoice::Direct).then_some(settings.connect_timeout)
}

fn is_chunked(headers: &HeaderMap) -> bool {
    headers
        .get_all("transfer-encoding")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .any(|value| value.to_ascii_lowercase().contains("chunked"))
}

fn read_body(body: &mut ureq::Body, is_framed: bool) -> Body {
    let mut bytes = Vec::new();
    let limit = MAX_ANSWER_BYTES as u64 + 1;
    match body.as_reader().take(limit).read_to_end(&mut bytes) {
        _ if bytes.len() > MAX_ANSWER_BYTES => Body::TooLarge,
        Err(_) => Body::Unfinished(bytes),
        Ok(_) if !is_framed && breaks_off(&bytes) => Body::Unfinished(bytes),
        Ok(_) => Body::Complete(bytes),
    }
}

/// Whether a body that only the end of the connection delimits is JSON cut short.
fn breaks_off(bytes: &[u8]) -> bool {
    serde_json::from_slice::<serde::de::IgnoredAny>(bytes).is_err_and(|error| error.is_eof())
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;
    use zeroize::Zeroizing;

    fn transport(base_url: &str) -> UreqTransport {
        UreqTransport::new(UreqTransportSettings {
            base_url: base_url.to_owned(),
            connect_timeout: Duration::from_secs(5),
            request_timeout: Duration::from_secs(5),
            proxy: ProxyChoice::Direct,
            extra_roots: ExtraRoots::default(),
        })
        .unwrap()
    }

    fn request(method: Method, body: &str) -> WireRequest {
        WireRequest {
            time_limit: None,
            method,
            target: "/v5/x?a=b%20c".to_owned(),
            headers: vec![("X-Auth-Token", Zeroizing::new("t".to_owned()))],
            body: body.to_owned(),
        }
    }

    #[test]
    fn every_status_is_an_answer_with_its_headers_and_body() {
        let mut server = mockito::Server::new();
        for status in [200, 204, 302, 401, 404, 429, 500, 503] {
            let body = if status == 204 {
                ""
            } else {
                r#"{"error_code":"X"}"#
            };
            let mock = server
                .mock("PUT", "/v5/x?a=b%20c")
                .match_header("x-auth-token", "t")
                .match_header("content-length", "0")
                .with_status(status)
                .with_header("Retry-After", "7")
                .with_header("X-Request-Id", "r")
                .with_header("Location", "/elsewhere")
                .with_body(body)
                .create();
            let answer = transport(&server.url())
                .send(&request(Method::Put, ""))
                .unwrap();
            assert_eq!(usize::from(answer.status), status);
            assert_eq!(answer.body, Body::Complete(body.into()), "{status}");
            assert_eq!(answer.retry_after.as_deref(), Some("7"));
            assert_eq!(answer.request_id.as_deref(), Some("r"));
            assert_eq!(answer.location.as_deref(), Some("/elsewhere"));
            mock.assert();
            mock.remove();
        }
    }

    #[test]
    fn a_body_and_a_read_without_one_are_sent_with_their_length() {
        let mut server = mockito::Server::new();
        let post = server
            .mock("POST", "/v5/x?a=b%20c")
            .match_body("{}")
            .match_header("content-length", "2")
            .create();
        let get = server
            .mock("GET", "/v5/x?a=b%20c")
            .match_header("content-length", "0")
            .create();
        let transport = transport(&server.url());
        transport.send(&request(Method::Post, "{}")).unwrap();
        transport.send(&request(Method::Get, "")).unwrap();
        post.assert();
        get.assert();
    }

    #[test]
    fn a_header_that_cannot_be_sent_is_the_callers_to_mend_and_nothing_is_sent() {
        let mut server = mockito::Server::new();
        let none = server.mock("PUT", mockito::Matcher::Any).expect(0).create();
        let mut broken = request(Method::Put, "");
        broken.headers = vec![("X-Auth-Token", Zeroizing::new("a\nb".to_owned()))];
        let failure = transport(&server.url()).send(&broken).unwrap_err();
        assert_eq!(failure.verdict, Verdict::Final(FinalKind::InvalidRequest));
        none.assert();
    }

    #[test]
    fn a_refused_connection_proves_that_nothing_was_sent() {
        let failure = transport("http://127.0.0.1:9")
            .send(&request(Method::Put, ""))
            .unwrap_err();
        assert_eq!(failure.verdict, Verdict::NotSent);
        assert!(
            failure.reason.starts_with("no connection to 127.0.0.1:9"),
            "{}",
            failure.reason
        );
    }

    #[test]
    fn an_attempt_with_a_limit_of_its_own_ends_there() {
        let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", silent.local_addr().unwrap());
        let mut limited = request(Method::Get, "");
        limited.time_limit = Some(Duration::from_millis(50));
        let failure = transport(&url).send(&limited).unwrap_err();
        assert_eq!(failure.verdict, Verdict::MaybeProcessed);
        assert_eq!(
            failure.reason,
            "no complete answer within the 50ms that were left for it"
        );
    }

    /// A server that takes connections and never answers, for as long as it is kept, and what is impatient with it.
    fn silent_server() -> (std::net::TcpListener, UreqTransport) {
        let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", silent.local_addr().unwrap());
        let transport = UreqTransport::new(UreqTransportSettings {
            request_timeout: Duration::from_millis(50),
            ..transport(&url).settings
        })
        .unwrap();
        (silent, transport)
    }

    #[test]
    fn a_server_that_stays_silent_is_given_up_after_request_timeout() {
        let (_silent, transport) = silent_server();
        let failure = transport.send(&request(Method::Get, "")).unwrap_err();
        assert_eq!(failure.verdict, Verdict::MaybeProcessed);
        assert_eq!(
            failure.reason,
            "no complete answer within request_timeout (50ms)"
        );
    }

    #[test]
    fn a_request_that_was_written_does_not_make_the_next_one_written() {
        let (silent, transport) = silent_server();
        let failure = transport.send(&request(Method::Get, "")).unwrap_err();
        assert_eq!(failure.verdict, Verdict::MaybeProcessed);
        drop(silent);
        let failure = transport.send(&request(Method::Get, "")).unwrap_err();
        assert_eq!(failure.verdict, Verdict::NotSent);
    }

    #[test]
    fn a_body_up_to_the_limit_is_read_whole_and_a_larger_one_is_not() {
        let mut server = mockito::Server::new();
        let transport = transport(&server.url());
        for (bytes, is_chunked, is_read) in [
            (MAX_ANSWER_BYTES, false, true),
            (MAX_ANSWER_BYTES, true, true),
            (MAX_ANSWER_BYTES + 1, false, false),
            (MAX_ANSWER_BYTES + 1, true, false),
        ] {
            let mock = server.mock("GET", "/v5/x?a=b%20c");
            let mock = if is_chunked {
                mock.with_chunked_body(move |body| body.write_all(&vec![b' '; bytes]))
            } else {
                mock.with_body(" ".repeat(bytes))
            }
            .create();
            let answer = transport.send(&request(Method::Get, "")).unwrap();
            let read = match &answer.body {
                Body::Complete(read) => Some(read.len()),
                Body::Unfinished(_) | Body::TooLarge => None,
            };
            assert_eq!(read, is_read.then_some(bytes), "{bytes} {is_chunked}");
            mock.remove();
        }
    }

    #[test]
    fn only_where_nothing_but_the_connection_ends_a_body_can_json_break_off() {
        const CUT: &str = r#"{"success":tr"#;
        let mut server = mockito::Server::new();
        for is_chunked in [false, true] {
            let mock = server.mock("GET", "/v5/x?a=b%20c");
            let mock = if is_chunked {
                mock.with_chunked_body(|body| body.write_all(CUT.as_bytes()))
            } else {
                mock.with_body(CUT)
            }
            .create();
            let answer = transport(&server.url())
                .send(&request(Method::Get, ""))
                .unwrap();
            assert_eq!(answer.body, Body::Complete(CUT.into()), "{is_chunked}");
            mock.remove();
        }
        for (text, body) in [
            (CUT, Body::Unfinished(CUT.into())),
            ("{}", Body::Complete("{}".into())),
        ] {
            let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
            let url = format!("http://{}", listener.local_addr().unwrap());
            let server = std::thread::spawn(move || {
                let (mut peer, _) = listener.accept().unwrap();
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    let mut byte = [0];
                    peer.read_exact(&mut byte).unwrap();
                    head.push(byte[0]);
                }
                write!(peer, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{text}").unwrap();
            });
            let answer = transport(&url).send(&request(Method::Get, "")).unwrap();
            assert_eq!(answer.body, body);
            server.join().unwrap();
        }
    }

    #[test]
    fn only_an_address_without_a_proxy_is_looked_up_without_a_bound() {
        let direct = ProxyChoice::Direct;
        let through = ProxyChoice::Through {
            variable: "HTTPS_PROXY",
            url: Secret::new("http://proxy:8080"),
        };
        for (base_url, proxy, is_bounded) in [
            ("https://sandbox.example", &direct, true),
            ("https://sandbox.example:8443", &direct, true),
            ("http://127.0.0.1:8080", &direct, false),
            ("http://127.0.0.1", &direct, false),
            ("http://[::1]:8080", &direct, false),
            ("http://127.0.0.1:8080", &through, true),
        ] {
            let settings = UreqTransportSettings {
                proxy: proxy.clone(),
                ..transport(base_url).settings
            };
            let bound = resolve_timeout(&settings);
            assert_eq!(
                bound,
                is_bounded.then_some(settings.connect_timeout),
                "{base_url}"
            );
        }
    }

    #[test]
    fn json_cut_short_breaks_off_and_other_text_does_not() {
        for (body, cut) in [
            ("{\"success\":tr", true),
            ("", true),
            ("{\"a\":1}", false),
            ("<html>", false),
        ] {
            assert_eq!(breaks_off(body.as_bytes()), cut, "{body}");
        }
    }
}
