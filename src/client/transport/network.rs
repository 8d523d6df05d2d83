//! How this machine reaches the network: what every transport of a step shares.

use std::time::Duration;

use super::Transport;
use super::proxy::{ProxyChoice, ProxySettings, Target};
use super::roots::ExtraRoots;
use super::ureq::{InvalidProxy, UreqTransport, UreqTransportSettings};
use crate::endpoint::Endpoint;
use crate::env::Env;

/// Opens ways to endpoints.
pub trait Connect {
    /// The way to an endpoint, through a proxy where there is one for it.
    fn to(&self, endpoint: &Endpoint) -> Result<Box<dyn Transport>, InvalidProxy>;

    /// The way to an endpoint on the local link: never through a proxy, with one bound for everything.
    fn on_link(
        &self,
        endpoint: &Endpoint,
        timeout: Duration,
    ) -> Result<Box<dyn Transport>, InvalidProxy>;
}

/// Proxies, certificates and time-outs.
#[derive(Clone, Debug)]
pub struct Network {
    proxies: ProxySettings,
    extra_roots: ExtraRoots,
    connect_timeout: Duration,
    request_timeout: Duration,
}

impl Network {
    /// What the environment says, with these bounds of connecting and of one exchange.
    pub fn new(env: &Env, connect_timeout: Duration, request_timeout: Duration) -> Self {
        Self {
            proxies: ProxySettings::from_env(env),
            extra_roots: ExtraRoots::from_env(env),
            connect_timeout,
            request_timeout,
        }
    }
}

impl Connect for Network {
    fn to(&self, endpoint: &Endpoint) -> Result<Box<dyn Transport>, InvalidProxy> {
        let host = endpoint.host_header();
        let is_https = endpoint.base().starts_with("https://");
        let (name, port) = split_host(host, if is_https { 443 } else { 80 });
        let proxy = self.proxies.choose(Target {
            is_https,
            host: name,
            port,
        });
        Ok(Box::new(UreqTransport::new(UreqTransportSettings {
            base_url: endpoint.base().to_owned(),
            connect_timeout: self.connect_timeout,
            request_timeout: self.request_timeout,
            proxy,
            extra_roots: self.extra_roots.clone(),
        })?))
    }

    fn on_link(
        &self,
        endpoint: &Endpoint,
        timeout: Duration,
    ) -> Result<Box<dyn Transport>, InvalidProxy> {
        Ok(Box::new(UreqTransport::new(UreqTransportSettings {
            base_url: endpoint.base().to_owned(),
            connect_timeout: timeout,
            request_timeout: timeout,
            proxy: ProxyChoice::Direct,
            extra_roots: self.extra_roots.clone(),
        })?))
    }
}

/// The host without brackets and port, and the port.
fn split_host(host: &str, default_port: u16) -> (&str, u16) {
    let (name, port) = match host.rsplit_once(':') {
        Some((name, port)) if !port.contains(']') => (name, port.parse().unwrap_or(default_port)),
        _ => (host, default_port),
    };
    (name.trim_start_matches('[').trim_end_matches(']'), port)
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;
    use crate::client::request::Method;
    use crate::client::transport::WireRequest;

    #[test]
    fn a_host_has_the_port_it_names_or_the_schemes_own() {
        for (host, expected) in [
            ("sandbox.example", ("sandbox.example", 443)),
            ("sandbox.example:8443", ("sandbox.example", 8443)),
            ("10.1.2.3:80", ("10.1.2.3", 80)),
            ("[2001:db8::1]", ("2001:db8::1", 443)),
            ("[2001:db8::1]:8443", ("2001:db8::1", 8443)),
        ] {
            assert_eq!(split_host(host, 443), expected, "{host}");
        }
    }

    #[test]
    fn the_local_link_is_never_reached_through_a_proxy() {
        let proxy = TcpListener::bind("127.0.0.1:0").unwrap();
        proxy.set_nonblocking(true).unwrap();
        let url = format!("http://{}", proxy.local_addr().unwrap());
        let env = Env::from_pairs([("HTTP_PROXY", url.as_str()), ("ALL_PROXY", url.as_str())]);
        let timeout = Duration::from_millis(50);
        let network = Network::new(&env, timeout, timeout);
        let metadata = Endpoint::metadata();
        let ask = |way: Result<Box<dyn Transport>, InvalidProxy>| {
            // Whether there is such a service here does not matter.
            let _ = way.unwrap().send(&WireRequest {
                method: Method::Get,
                target: "/openstack/latest/securitykey".to_owned(),
                headers: Vec::new(),
                body: String::new(),
                time_limit: None,
            });
            proxy.accept().is_ok()
        };
        assert!(!ask(network.on_link(&metadata, timeout)));
        assert!(ask(network.to(&metadata)), "the proxy of this test works");
    }
}
