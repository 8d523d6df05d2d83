//! Which proxy a request goes through, from the variables that other tools read.
//!
//! The HTTP library's own reading is not used: it ignores the URL's scheme, does not trim `NO_PROXY`, and passes over
//! a value it cannot parse.

use std::fmt;
use std::net::IpAddr;

use crate::env::Env;
use crate::secret::Secret;

/// The proxy variables; the lower-case spelling wins.
#[derive(Clone, Debug, Default)]
pub struct ProxySettings {
    https: Option<Named>,
    http: Option<Named>,
    all: Option<Named>,
    no_proxy: Option<String>,
}

#[derive(Clone)]
struct Named {
    variable: &'static str,
    url: Secret,
}

impl fmt::Debug for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.variable)
    }
}

/// How a request reaches its host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProxyChoice {
    /// Without a proxy.
    Direct,
    /// Through the proxy of this variable.
    Through {
        /// The variable's name, for messages.
        variable: &'static str,
        /// Its value, which may hold a password.
        url: Secret,
    },
}

/// Where a request goes.
#[derive(Clone, Copy, Debug)]
pub struct Target<'a> {
    /// Whether the URL is `https`.
    pub is_https: bool,
    /// The host without brackets.
    pub host: &'a str,
    /// The port, the scheme's own if the URL names none.
    pub port: u16,
}

impl ProxySettings {
    /// Takes the variables from the environment.
    pub fn from_env(env: &Env) -> Self {
        let named = |names: [&'static str; 2]| {
            names.into_iter().find_map(|variable| {
                env.get(variable).map(|url| Named {
                    variable,
                    url: Secret::new(url),
                })
            })
        };
        Self {
            https: named(["https_proxy", "HTTPS_PROXY"]),
            http: named(["http_proxy", "HTTP_PROXY"]),
            all: named(["all_proxy", "ALL_PROXY"]),
            no_proxy: env
                .get("no_proxy")
                .or_else(|| env.get("NO_PROXY"))
                .map(str::to_owned),
        }
    }

    /// The way to a host. A loopback `http://` URL is always reached directly.
    pub fn choose(&self, target: Target<'_>) -> ProxyChoice {
        let by_scheme = if target.is_https {
            &self.https
        } else {
            &self.http
        };
        match by_scheme.as_ref().or(self.all.as_ref()) {
            Some(named) if !self.is_exempt(target) => ProxyChoice::Through {
                variable: named.variable,
                url: named.url.clone(),
            },
            _ => ProxyChoice::Direct,
        }
    }

    /// The passwords inside the proxy URLs, as they are written there.
    pub fn secrets(&self) -> Vec<Secret> {
        [&self.https, &self.http, &self.all]
            .into_iter()
            .flatten()
            .filter_map(|named| {
                let url = named.url.expose();
                let authority = url
                    .split_once("://")
                    .map_or(url, |(_, rest)| rest)
                    .split('/')
                    .next()?;
                let (user_info, _) = authority.rsplit_once('@')?;
                user_info.split_once(':').map(|(_, password)| password)
            })
            .filter(|password| !password.is_empty())
            .map(Secret::new)
            .collect()
    }

    fn is_exempt(&self, target: Target<'_>) -> bool {
        if !target.is_https && is_loopback(target.host) {
            return true;
        }
        self.no_proxy
            .iter()
            .flat_map(|list| list.split([',', ' ', '\t', '\n']))
            .map(str::trim)
            .any(|entry| !entry.is_empty() && matches(entry, target))
    }
}

/// Whether a host is this machine by its name or address.
fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

/// One entry of `NO_PROXY`: `*`, a name (its subdomains too, with or without a leading `.` or `*.`), an address, a
/// block of addresses in prefix notation; a name or address may carry a port.
fn matches(entry: &str, target: Target<'_>) -> bool {
    if entry == "*" {
        return true;
    }
    let host_address: Option<IpAddr> = target.host.parse().ok();
    if let Some((block, length)) = entry.split_once('/') {
        return match (block.parse::<IpAddr>(), length.parse::<u32>(), host_address) {
            (Ok(block), Ok(length), Some(address)) => in_block(address, block, length),
            _ => false,
        };
    }
    let (name, port) = split_port(entry);
    if port.is_some_and(|port| port != target.port) {
        return false;
    }
    if let Ok(address) = name.parse::<IpAddr>() {
        return host_address == Some(address);
    }
    let name = name
        .trim_start_matches("*.")
        .trim_start_matches('.')
        .to_ascii_lowercase();
    let host = target.host.to_ascii_lowercase();
    !name.is_empty()
        && (host == name
            || host
                .strip_suffix(&name)
                .is_some_and(|rest| rest.ends_with('.')))
}

fn split_port(entry: &str) -> (&str, Option<u16>) {
    if let Some((address, rest)) = entry
        .strip_prefix('[')
        .and_then(|rest| rest.split_once(']'))
    {
        return (
            address,
            rest.strip_prefix(':').and_then(|port| port.parse().ok()),
        );
    }
    match entry.rsplit_once(':') {
        // More than one colon without brackets is an address.
        Some((name, port)) if !name.contains(':') => (name, port.parse().ok()),
        _ => (entry, None),
    }
}

fn in_block(address: IpAddr, block: IpAddr, length: u32) -> bool {
    match (address, block) {
        (IpAddr::V4(address), IpAddr::V4(block)) if length <= 32 => {
            let mask = u32::MAX.checked_shl(32 - length).unwrap_or(0);
            address.to_bits() & mask == block.to_bits() & mask
        }
        (IpAddr::V6(address), IpAddr::V6(block)) if length <= 128 => {
            let mask = u128::MAX.checked_shl(128 - length).unwrap_or(0);
            address.to_bits() & mask == block.to_bits() & mask
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choose(pairs: &[(&str, &str)], is_https: bool, host: &str) -> Option<&'static str> {
        let settings = ProxySettings::from_env(&Env::from_pairs(pairs.iter().copied()));
        let port = if is_https { 443 } else { 80 };
        match settings.choose(Target {
            is_https,
            host,
            port,
        }) {
            ProxyChoice::Direct => None,
            ProxyChoice::Through { variable, .. } => Some(variable),
        }
    }

    #[test]
    fn the_variable_of_the_scheme_wins_over_all_proxy_and_lower_case_over_upper_case() {
        let all = [
            ("ALL_PROXY", "http://a"),
            ("HTTPS_PROXY", "http://b"),
            ("https_proxy", "http://c"),
            ("HTTP_PROXY", "http://d"),
        ];
        assert_eq!(choose(&all, true, "example.com"), Some("https_proxy"));
        assert_eq!(choose(&all[..2], true, "example.com"), Some("HTTPS_PROXY"));
        assert_eq!(choose(&all[..1], true, "example.com"), Some("ALL_PROXY"));
        assert_eq!(choose(&all, false, "example.com"), Some("HTTP_PROXY"));
        assert_eq!(choose(&all[3..], true, "example.com"), None);
    }

    #[test]
    fn a_loopback_http_endpoint_never_goes_through_a_proxy() {
        let all = [("ALL_PROXY", "http://a"), ("HTTP_PROXY", "http://b")];
        for host in ["127.0.0.1", "127.8.9.1", "::1", "localhost", "LOCALHOST"] {
            assert_eq!(choose(&all, false, host), None, "{host}");
        }
        assert_eq!(choose(&all, true, "127.0.0.1"), Some("ALL_PROXY"));
    }

    #[test]
    fn no_proxy_exempts_names_subdomains_addresses_blocks_and_ports() {
        for (no_proxy, host, exempt) in [
            ("*", "api.example.com", true),
            ("other, example.com", "api.example.com", true),
            (".example.com", "api.example.com", true),
            ("*.example.com", "example.com", true),
            ("EXAMPLE.com", "api.Example.COM", true),
            ("example.com", "badexample.com", false),
            ("ample.com", "example.com", false),
            ("example.com:443", "example.com", true),
            ("example.com:8443", "example.com", false),
            ("10.0.0.0/8", "10.1.2.3", true),
            ("10.0.0.0/8", "11.1.2.3", false),
            ("0.0.0.0/0", "11.1.2.3", true),
            ("10.1.2.3/32", "10.1.2.3", true),
            ("10.1.2.3/32", "10.1.2.2", false),
            ("10.1.2.3/33", "10.1.2.3", false),
            ("2001:db8::/32", "2001:db9::1", false),
            ("2001:db8::1/128", "2001:db8::1", true),
            ("2001:db8::1/128", "2001:db8::2", false),
            ("2001:db8::1/129", "2001:db8::1", false),
            ("::/0", "2001:db8::1", true),
            ("::/0", "10.1.2.3", false),
            ("2001:db8::/32", "2001:db8::1", true),
            ("10.1.2.3", "10.1.2.3", true),
            ("[::1]:443", "::1", true),
            ("::1", "::1", true),
            ("10.0.0.0/99", "10.1.2.3", false),
            (" , ,", "example.com", false),
        ] {
            let pairs = [("HTTPS_PROXY", "http://p"), ("NO_PROXY", no_proxy)];
            assert_eq!(
                choose(&pairs, true, host).is_none(),
                exempt,
                "{no_proxy} {host}"
            );
        }
    }

    #[test]
    fn the_password_of_a_proxy_url_is_a_secret() {
        let settings = ProxySettings::from_env(&Env::from_pairs([
            ("HTTPS_PROXY", "http://user:p%40ss@proxy:8080/"),
            ("ALL_PROXY", "socks5://proxy:1080"),
        ]));
        assert_eq!(settings.secrets(), [Secret::new("p%40ss")]);
        let shown = format!("{settings:?}");
        assert!(shown.contains("HTTPS_PROXY") && shown.contains("ALL_PROXY"));
        assert!(!shown.contains("p%40ss") && !shown.contains("proxy:8080"));
    }
}
