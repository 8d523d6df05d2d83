//! HTTPS with a good certificate and with bad ones, seen by a client that trusts the sandbox's authority.

use std::io::{self, Read as _, Write as _};
use std::sync::Arc;

use codearts_sandbox::{Certificate, Endpoint, Fault, Moment, Sandbox, What};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use crate::support::{connect, raw_retry};

/// Sends a retry over TLS to the listener of that certificate, and reads to the end.
fn retry_over_tls(sandbox: &Sandbox, certificate: Certificate, name: &str) -> io::Result<String> {
    let ca = CertificateDer::from_pem_slice(sandbox.ca_pem().as_bytes()).expect("a PEM file");
    let mut roots = RootCertStore::empty();
    roots.add(ca).expect("a CA certificate");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("ring's own versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from(name.to_owned()).expect("a name or an address");
    let session = ClientConnection::new(Arc::new(config), name).expect("a valid set-up");
    let url = sandbox.https_url_with(certificate);
    let address = url.strip_prefix("https://").expect("an https URL");
    let tcp = connect(address.parse().expect("an address"));
    let mut stream = StreamOwned::new(session, tcp);
    stream.write_all(raw_retry().as_bytes())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

#[test]
fn the_good_certificate_is_good_for_localhost_and_its_addresses() {
    let sandbox = Sandbox::start();
    for name in ["localhost", "127.0.0.1"] {
        let answer = retry_over_tls(&sandbox, Certificate::Good, name).expect("a good certificate");
        assert!(answer.starts_with("HTTP/1.1 200"));
    }
    assert!(sandbox.requests().iter().all(|request| request.tls));
}

#[test]
fn the_bad_certificates_are_each_bad_in_their_way() {
    let sandbox = Sandbox::start();
    for (certificate, reason) in [
        (Certificate::Expired, "expired"),
        (Certificate::OtherName, "not valid for name"),
        (Certificate::Untrusted, "UnknownIssuer"),
    ] {
        let error = retry_over_tls(&sandbox, certificate, "127.0.0.1").expect_err("a bad one");
        assert!(error.to_string().contains(reason), "{error}");
    }
    assert_eq!(sandbox.counters().of(Endpoint::Any), 0);
}

#[test]
fn an_early_close_cuts_the_handshake_off() {
    for at in [Moment::Accept, Moment::FirstByte] {
        for reset in [false, true] {
            let sandbox = Sandbox::start();
            sandbox.fault(Fault::new(Endpoint::Any, What::Close { at, reset }));
            let cut = retry_over_tls(&sandbox, Certificate::Good, "localhost");
            assert!(cut.is_err(), "{at:?}");
        }
    }
}

#[test]
fn a_cut_answer_lacks_the_goodbye_of_tls() {
    let sandbox = Sandbox::start();
    let cut = What::CutBody {
        reset: false,
        effect: true,
    };
    sandbox.fault(Fault::new(Endpoint::Any, cut));
    let error = retry_over_tls(&sandbox, Certificate::Good, "localhost").expect_err("cut");
    assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
    assert_eq!(sandbox.counters().retry_effects, 1);
}
