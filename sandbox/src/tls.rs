//! Certificates for HTTPS: an authority of our own, and certificates that are good or wrong in one way each.
//!
//! Made once in a process, the first time somebody asks.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::clock::wall_ms;

/// What is right or wrong with a server's certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Certificate {
    /// For `localhost`, `127.0.0.1` and `::1`, current, by the authority.
    Good,
    /// As good, but it ended in 2020.
    Expired,
    /// As good, but for `other.example`.
    OtherName,
    /// As good, but by an authority whose certificate nobody has.
    Untrusted,
}

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// An authority: its certificate and what it signs with.
struct Authority {
    pem: String,
    issuer: Issuer<'static, KeyPair>,
}

/// The certificate of the authority in PEM form, for a client's trust store.
pub fn ca_pem() -> String {
    trusted().pem.clone()
}

fn trusted() -> &'static Authority {
    static TRUSTED: OnceLock<Authority> = OnceLock::new();
    TRUSTED.get_or_init(|| authority("Sandbox CA"))
}

fn authority(name: &str) -> Authority {
    let key = key();
    let mut params = current(Vec::new());
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let certificate = params
        .self_signed(&key)
        .expect("a fresh key signs its own certificate");
    Authority {
        pem: certificate.pem(),
        issuer: Issuer::new(params, key),
    }
}

fn key() -> KeyPair {
    KeyPair::generate().expect("the system gives random bytes")
}

/// A certificate's fields, valid from yesterday for 397 days, which is as long as platforms accept.
fn current(names: Vec<String>) -> CertificateParams {
    let mut params = CertificateParams::new(names).expect("the names are plain ASCII");
    let now = date_time_ymd(1970, 1, 1) + Duration::from_millis(wall_ms());
    params.not_before = now - DAY;
    params.not_after = now + 397 * DAY;
    params.distinguished_name = rcgen::DistinguishedName::new();
    params
}

/// The TLS side of a server that shows this certificate.
pub(crate) fn server_config(certificate: Certificate) -> Arc<ServerConfig> {
    static CONFIGS: [OnceLock<Arc<ServerConfig>>; 4] = [const { OnceLock::new() }; 4];
    let slot = match certificate {
        Certificate::Good => 0,
        Certificate::Expired => 1,
        Certificate::OtherName => 2,
        Certificate::Untrusted => 3,
    };
    Arc::clone(CONFIGS[slot].get_or_init(|| Arc::new(new_config(certificate))))
}

fn new_config(certificate: Certificate) -> ServerConfig {
    let names: &[&str] = match certificate {
        Certificate::OtherName => &["other.example"],
        _ => &["localhost", "127.0.0.1", "::1"],
    };
    let mut params = current(names.iter().map(|name| (*name).to_owned()).collect());
    params
        .distinguished_name
        .push(DnType::CommonName, "sandbox");
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    if certificate == Certificate::Expired {
        params.not_before = date_time_ymd(2019, 1, 1);
        params.not_after = date_time_ymd(2020, 1, 1);
    }
    let key = key();
    let signed = if certificate == Certificate::Untrusted {
        params.signed_by(&key, &authority("Unknown CA").issuer)
    } else {
        params.signed_by(&key, &trusted().issuer)
    }
    .expect("the authority's key signs");
    let chain: Vec<CertificateDer<'static>> = vec![signed.der().clone()];
    let key = PrivateKeyDer::try_from(key.serialize_der()).expect("rcgen writes PKCS #8");
    ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("ring has cipher suites for TLS 1.2 and 1.3")
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .expect("the key belongs to the certificate")
}
