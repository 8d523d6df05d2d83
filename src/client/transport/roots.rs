//! Which certificates are trusted: the system's, those of `SSL_CERT_FILE` and `SSL_CERT_DIR` beside them, and bundled
//! ones where the system has none (a scratch image).

use std::path::{Path, PathBuf};

use rustls::client::WantsClientCert;
use rustls::pki_types::CertificateDer;
use rustls::{ClientConfig, ConfigBuilder, WantsVerifier};
use rustls_native_certs::{CertificateResult, load_certs_from_paths};

use super::tls::SharedConfig;
use crate::env::Env;

/// Certificates to trust beside the system's.
#[derive(Clone, Debug, Default)]
pub struct ExtraRoots {
    pub(super) config: SharedConfig,
    file: Option<PathBuf>,
    directories: Vec<PathBuf>,
}

impl ExtraRoots {
    /// The file of `SSL_CERT_FILE` and the directories of `SSL_CERT_DIR`, which may be a list as for OpenSSL.
    pub fn from_env(env: &Env) -> Self {
        Self {
            config: SharedConfig::default(),
            file: env.path("SSL_CERT_FILE"),
            directories: env
                .path("SSL_CERT_DIR")
                .map(|list| {
                    std::env::split_paths(&list)
                        .filter(|path| !path.as_os_str().is_empty())
                        .collect()
                })
                .unwrap_or_default(),
        }
    }

    /// Reads them; one that cannot be read is a warning, since the system's may do.
    fn load(&self) -> Vec<CertificateDer<'static>> {
        let mut certificates = Vec::new();
        let file = self.file.iter().map(|path| {
            (
                "SSL_CERT_FILE",
                path,
                load_certs_from_paths(Some(path), None),
            )
        });
        let directories = self.directories.iter().map(|path| {
            (
                "SSL_CERT_DIR",
                path,
                load_certs_from_paths(None, Some(path)),
            )
        });
        for (variable, path, loaded) in file.chain(directories) {
            for problem in problems(path, &loaded) {
                log::warn!("{variable}: {problem}; going on without it");
            }
            certificates.extend(loaded.certs);
        }
        certificates
    }

    /// The system's verifier, with ours added.
    #[cfg(any(windows, target_vendor = "apple"))]
    pub(super) fn verify_with(
        &self,
        builder: ConfigBuilder<ClientConfig, WantsVerifier>,
    ) -> Result<ClientConfig, rustls::Error> {
        let provider = std::sync::Arc::clone(builder.crypto_provider());
        let verifier =
            rustls_platform_verifier::Verifier::new_with_extra_roots(self.load(), provider)?;
        let builder: ConfigBuilder<ClientConfig, WantsClientCert> = builder
            .dangerous()
            .with_custom_certificate_verifier(std::sync::Arc::new(verifier));
        Ok(builder.with_no_client_auth())
    }

    /// The system's store, with ours added.
    #[cfg(not(any(windows, target_vendor = "apple")))]
    #[expect(
        clippy::unnecessary_wraps,
        reason = "the system verifier of other systems can fail"
    )]
    pub(super) fn verify_with(
        &self,
        builder: ConfigBuilder<ClientConfig, WantsVerifier>,
    ) -> Result<ClientConfig, rustls::Error> {
        let mut roots = rustls::RootCertStore::empty();
        roots.add_parsable_certificates(system_store());
        if roots.is_empty() {
            log::debug!("this system has no root certificates: using the bundled ones");
            roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        }
        roots.add_parsable_certificates(self.load());
        let builder: ConfigBuilder<ClientConfig, WantsClientCert> =
            builder.with_root_certificates(roots);
        Ok(builder.with_no_client_auth())
    }
}

/// What is wrong with what was loaded from there.
fn problems(path: &Path, loaded: &CertificateResult) -> Vec<String> {
    if loaded.certs.is_empty() && loaded.errors.is_empty() {
        return vec![format!("no certificate in {}", path.display())];
    }
    loaded.errors.iter().map(ToString::to_string).collect()
}

/// Where distributions keep the bundle of all root certificates, local ones included (list of the openssl-probe crate).
#[cfg(not(any(windows, target_vendor = "apple")))]
const SYSTEM_BUNDLES: [&str; 7] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/pki/tls/cacert.pem",
    "/etc/ssl/cert.pem",
    "/opt/etc/ssl/certs/ca-certificates.crt",
];

/// Where they are kept one by one.
#[cfg(not(any(windows, target_vendor = "apple")))]
const SYSTEM_DIRECTORIES: [&str; 2] = ["/etc/ssl/certs", "/etc/pki/tls/certs"];

/// The first store that holds a certificate. It is read directly: the library that knows these places would let
/// `SSL_CERT_FILE` replace them.
#[cfg(not(any(windows, target_vendor = "apple")))]
fn system_store() -> Vec<CertificateDer<'static>> {
    let bundles = SYSTEM_BUNDLES
        .iter()
        .map(Path::new)
        .filter(|path| path.is_file());
    let directories = SYSTEM_DIRECTORIES
        .iter()
        .map(Path::new)
        .filter(|path| path.is_dir());
    bundles
        .map(|bundle| load_certs_from_paths(Some(bundle), None))
        .chain(directories.map(|directory| load_certs_from_paths(None, Some(directory))))
        .map(|loaded| loaded.certs)
        .find(|certificates| !certificates.is_empty())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn roots(pairs: &[(&str, &str)]) -> ExtraRoots {
        ExtraRoots::from_env(&Env::from_pairs(pairs.iter().copied()))
    }

    #[test]
    fn a_list_of_directories_is_read_as_one() {
        let list = std::env::join_paths(["/a", "", "/b"]).unwrap();
        let roots = roots(&[("SSL_CERT_DIR", list.to_str().unwrap())]);
        assert_eq!(roots.directories, ["/a", "/b"].map(PathBuf::from));
        assert_eq!(roots.file, None);
    }

    #[test]
    fn the_certificates_of_the_file_and_of_every_directory_are_trusted() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("ca.pem");
        std::fs::write(&file, codearts_sandbox::ca_pem()).unwrap();
        let by_file = [("SSL_CERT_FILE", file.to_str().unwrap())];
        let by_directory = [("SSL_CERT_DIR", directory.path().to_str().unwrap())];
        assert_eq!(roots(&by_file).load().len(), 1);
        assert_eq!(roots(&by_directory).load().len(), 1);
        assert_eq!(roots(&[by_file[0], by_directory[0]]).load().len(), 2);
        assert_eq!(roots(&[]).load().len(), 0);
    }

    #[test]
    fn a_file_without_a_certificate_is_a_problem_and_one_with_some_is_not() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("ca.pem");
        let load = |text: &str| {
            std::fs::write(&path, text).unwrap();
            problems(&path, &load_certs_from_paths(Some(&path), None))
        };
        assert!(load(&codearts_sandbox::ca_pem()).is_empty());
        let none = format!("no certificate in {}", path.display());
        assert_eq!(load(""), [none]);
        let absent = directory.path().join("absent.pem");
        let problems = problems(&absent, &load_certs_from_paths(Some(&absent), None));
        assert_eq!(problems.len(), 1);
        assert!(problems[0].contains("absent.pem"), "{}", problems[0]);
    }

    #[cfg(not(any(windows, target_vendor = "apple")))]
    #[test]
    fn the_systems_bundle_is_read_where_it_holds_a_certificate() {
        let holds_one = SYSTEM_BUNDLES.iter().any(|bundle| {
            let loaded = load_certs_from_paths(Some(Path::new(bundle)), None);
            !loaded.certs.is_empty()
        });
        assert!(!holds_one || !system_store().is_empty());
    }
}
