//! The host of the service: from the region, or from a URL that the user gives instead.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

/// Regions and the hosts of `CodeArts` Pipeline in them. There is no single pattern.
///
/// Source: the SDK's region table (identical in the Python, Go and Java SDKs), except `cn-northeast-1` (vendor help
/// page api-pipeline/pipeline_03_0000) and `eu-west-101` (European help page api-pipeline/pipeline_03_0003).
const REGIONS: [(&str, &str); 17] = [
    (
        "cn-north-1",
        "cloudpipeline-ext.cn-north-1.myhuaweicloud.com",
    ),
    (
        "cn-north-4",
        "cloudpipeline-ext.cn-north-4.myhuaweicloud.com",
    ),
    (
        "cn-northeast-1",
        "cloudpipeline-ext.cn-northeast-1.myhuaweicloud.com",
    ),
    (
        "cn-south-1",
        "cloudpipeline-ext.cn-south-1.myhuaweicloud.com",
    ),
    (
        "cn-south-2",
        "cloudpipeline-ext.cn-south-2.myhuaweicloud.com",
    ),
    ("cn-east-2", "cloudpipeline-ext.cn-east-2.myhuaweicloud.com"),
    ("cn-east-3", "cloudpipeline-ext.cn-east-3.myhuaweicloud.com"),
    (
        "cn-southwest-2",
        "cloudpipeline-ext.cn-southwest-2.myhuaweicloud.com",
    ),
    (
        "ap-southeast-3",
        "cloudpipeline-ext.ap-southeast-3.myhuaweicloud.com",
    ),
    (
        "sa-brazil-1",
        "cloudpipeline-ext.sa-brazil-1.myhuaweicloud.com",
    ),
    (
        "la-north-2",
        "cloudpipeline-ext.la-north-2.myhuaweicloud.com",
    ),
    (
        "la-south-2",
        "pipeline-external.la-south-2.myhuaweicloud.com",
    ),
    ("tr-west-1", "pipeline-external.tr-west-1.myhuaweicloud.com"),
    (
        "eu-west-101",
        "pipeline-external.eu-west-101.myhuaweicloud.eu",
    ),
    ("af-north-1", "pipeline.af-north-1.myhuaweicloud.com"),
    ("af-south-1", "pipeline.af-south-1.myhuaweicloud.com"),
    ("me-east-1", "pipeline.me-east-1.myhuaweicloud.com"),
];

/// Regions with an IAM host of their own, `iam.{region}.myhuaweicloud.com` (Python SDK: `auth/endpoint.py`).
const IAM_REGIONS: &str = "cn-north-1 cn-north-2 cn-north-4 cn-north-9 cn-north-12 cn-east-2 cn-east-3 cn-east-4 cn-east-5 \
    cn-south-1 cn-south-2 cn-southwest-2 ap-southeast-1 ap-southeast-2 ap-southeast-3 ap-southeast-4 af-south-1 \
    sa-brazil-1 la-south-2 la-north-2 na-mexico-1 eu-west-0 my-kualalumpur-1 ru-moscow-1 me-east-1 ae-ad-1 tr-west-1";
/// The IAM host of every other region of this cloud (Python SDK: `auth/endpoint.py`), except Europe's.
const IAM_ELSEWHERE: &str = "iam.myhuaweicloud.com";
/// Europe is a cloud of its own (Python SDK: region table of IAM).
const IAM_EUROPE: (&str, &str) = ("eu-west-101", "iam.eu-west-101.myhuaweicloud.eu");

/// Regions with an STS host of their own, `sts.{region}.myhuaweicloud.com` (Python SDK: `auth/endpoint.py`).
const STS_REGIONS: &str = "cn-north-4 cn-south-1 cn-east-3 cn-southwest-2 ap-southeast-1 ap-southeast-2 ap-southeast-3 \
    ap-southeast-4 sa-brazil-1 la-south-2 af-south-1 tr-west-1";
/// The STS host of every other region of this cloud: any of them may be called (vendor help page usermanual-iam5/iam_01_1237).
const STS_ELSEWHERE: &str = "sts.cn-north-4.myhuaweicloud.com";

/// The regions whose host is known.
pub fn regions() -> impl Iterator<Item = &'static str> {
    REGIONS.iter().map(|(region, _)| *region)
}

/// Whether a region is in one of the tables, and thus one of this cloud.
fn is_known(region: &str) -> bool {
    let in_list = |list: &str| list.split(' ').any(|known| known == region);
    regions().any(|known| known == region) || in_list(IAM_REGIONS) || in_list(STS_REGIONS)
}

/// The console page of a run; `None` where the link's form is not known.
///
/// Known for the regions in China alone, from links in public use; international and European consoles differ.
pub fn console_run_url(
    region: &str,
    project_id: &str,
    pipeline_id: &str,
    pipeline_run_id: &str,
) -> Option<String> {
    let known = region.starts_with("cn-") && regions().any(|known| known == region);
    known.then(|| {
        format!(
            "https://devcloud.{region}.huaweicloud.com/cicd/project/{project_id}/pipeline/detail/\
             {pipeline_id}/{pipeline_run_id}?v=1"
        )
    })
}

/// A scheme and an authority, without path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    base: String,
    loopback_http: bool,
}

impl Endpoint {
    /// The endpoint of the service in this region; `None` if the region is not in the table.
    pub fn of_region(region: &str) -> Option<Self> {
        let (_, host) = REGIONS.iter().find(|(known, _)| *known == region)?;
        Some(Self::https(host))
    }

    /// IAM in this region; `None` for a region that is in no table: it may be another cloud's, whose passwords and tokens
    /// are nothing for this one.
    pub fn iam_of_region(region: &str) -> Option<Self> {
        let host = if region == IAM_EUROPE.0 {
            IAM_EUROPE.1.to_owned()
        } else if IAM_REGIONS.split(' ').any(|known| known == region) {
            format!("iam.{region}.myhuaweicloud.com")
        } else if is_known(region) {
            IAM_ELSEWHERE.to_owned()
        } else {
            return None;
        };
        Some(Self::https(&host))
    }

    /// STS for this region; `None` in Europe, whose host is not documented, and for a region that is in no table.
    pub fn sts_of_region(region: &str) -> Option<Self> {
        if STS_REGIONS.split(' ').any(|known| known == region) {
            return Some(Self::https(&format!("sts.{region}.myhuaweicloud.com")));
        }
        (region != IAM_EUROPE.0 && is_known(region)).then(|| Self::https(STS_ELSEWHERE))
    }

    /// The metadata service of an ECS host: a link-local address, always in plain text (vendor help page
    /// usermanual-ecs/ecs_03_0166).
    pub fn metadata() -> Self {
        Self {
            base: "http://169.254.169.254".to_owned(),
            loopback_http: false,
        }
    }

    fn https(host: &str) -> Self {
        Self {
            base: format!("https://{host}"),
            loopback_http: false,
        }
    }

    /// Splits a whole URL into its endpoint, as [`parse`](Self::parse) reads it, and the rest: path and query.
    pub fn split(url: &str) -> Result<(Self, &str), UrlProblem> {
        let (_, rest) = url.split_once("://").ok_or(UrlProblem::Scheme)?;
        let (base, target) = match rest.find(['/', '?']) {
            Some(at) => url.split_at(url.len() - rest.len() + at),
            None => (url, "/"),
        };
        Ok((Self::parse(base)?, target))
    }

    /// Reads `https://host[:port][/]`, or the same with `http://` where the host is a loopback address or `localhost`.
    /// The host becomes lower case, and the scheme's default port is left out.
    pub fn parse(url: &str) -> Result<Self, UrlProblem> {
        let (scheme, rest) = url.split_once("://").ok_or(UrlProblem::Scheme)?;
        let https = scheme.eq_ignore_ascii_case("https");
        if !https && !scheme.eq_ignore_ascii_case("http") {
            return Err(UrlProblem::Scheme);
        }
        if rest.contains('@') {
            return Err(UrlProblem::UserInfo);
        }
        if rest.contains(['?', '#']) {
            return Err(UrlProblem::Query);
        }
        let authority = rest.strip_suffix('/').unwrap_or(rest);
        if authority.contains(['/', '\\']) {
            return Err(UrlProblem::Path);
        }
        let (host, port) = split_port(authority)?;
        let loopback = read_host(&host)?;
        if !https && !loopback {
            return Err(UrlProblem::PlainHttp);
        }
        let (scheme, default_port) = if https { ("https", 443) } else { ("http", 80) };
        let base = match port {
            Some(port) if port != default_port => format!("{scheme}://{host}:{port}"),
            _ => format!("{scheme}://{host}"),
        };
        Ok(Self {
            base,
            loopback_http: !https,
        })
    }

    /// `https://host[:port]`, without a final `/`.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// `host[:port]`, as the `Host` header carries it: the scheme's default port is not written.
    pub fn host_header(&self) -> &str {
        self.base
            .split_once("://")
            .map_or(self.base.as_str(), |(_, authority)| authority)
    }

    /// Whether requests go to this machine in plain text; they must not pass a proxy.
    pub const fn is_loopback_http(&self) -> bool {
        self.loopback_http
    }
}

/// Splits `host[:port]` and makes the host lower case.
fn split_port(authority: &str) -> Result<(String, Option<u16>), UrlProblem> {
    let host_end = if authority.starts_with('[') {
        authority.find(']').ok_or(UrlProblem::Host)? + 1
    } else {
        authority.find(':').unwrap_or(authority.len())
    };
    let (host, rest) = authority.split_at(host_end);
    let host = host.to_ascii_lowercase();
    if rest.is_empty() {
        return Ok((host, None));
    }
    let digits = rest.strip_prefix(':').ok_or(UrlProblem::Host)?;
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(UrlProblem::Port);
    }
    match digits.parse() {
        Ok(0) | Err(_) => Err(UrlProblem::Port),
        Ok(port) => Ok((host, Some(port))),
    }
}

/// Checks the host, and says whether it is this machine.
fn read_host(host: &str) -> Result<bool, UrlProblem> {
    /// The longest name that DNS can carry (RFC 1035 §2.3.4, without the root's dot and length bytes).
    const LONGEST_NAME: usize = 253;
    if let Some(inner) = host
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
    {
        return match inner.parse::<Ipv6Addr>() {
            Ok(address) => Ok(address.is_loopback()),
            Err(_) => Err(UrlProblem::Host),
        };
    }
    if let Ok(address) = host.parse::<Ipv4Addr>() {
        return Ok(address.is_loopback());
    }
    let is_label = |label: &str| {
        !label.is_empty()
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    };
    if host.len() > LONGEST_NAME || !host.split('.').all(is_label) {
        return Err(UrlProblem::Host);
    }
    Ok(host == "localhost")
}

/// The URL as an error message may show it: without user info, which may hold a password, and without a query, which
/// may hold a token.
pub fn without_secrets(url: &str) -> String {
    let start = url.find("://").map_or(0, |at| at + "://".len());
    let (scheme, rest) = url.split_at(start);
    let (hidden, rest) = match rest.rsplit_once('@') {
        Some((_, rest)) => ("***@", rest),
        None => ("", rest),
    };
    match rest.find(['?', '#']) {
        Some(at) => format!("{scheme}{hidden}{}…", &rest[..=at]),
        None => format!("{scheme}{hidden}{rest}"),
    }
}

/// Why a URL is not an endpoint. `Display` continues the sentence "the input must …".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UrlProblem {
    /// Neither `https://` nor `http://` in front.
    Scheme,
    /// `http://` to another machine.
    PlainHttp,
    /// A user name or a password.
    UserInfo,
    /// More than one `/` after the host.
    Path,
    /// A query or a fragment.
    Query,
    /// No host, or characters that no host has.
    Host,
    /// A port that is none.
    Port,
}

impl fmt::Display for UrlProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Scheme => "start with https://",
            Self::PlainHttp => {
                "start with https://: plain http is for localhost and loopback addresses only"
            }
            Self::UserInfo => "not hold a user name or password: give scheme and host only",
            Self::Path => "end after the host: leave the path out",
            Self::Query => "end after the host: leave out what starts with ? or #",
            Self::Host => "hold a valid host name or address after the scheme",
            Self::Port => "have a port from 1 to 65535, or none",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base(url: &str) -> Result<String, UrlProblem> {
        Endpoint::parse(url).map(|endpoint| endpoint.base().to_owned())
    }

    #[test]
    fn every_region_has_a_host_that_reads_as_an_endpoint() {
        for region in regions() {
            let endpoint = Endpoint::of_region(region).expect("it is in the table");
            assert_eq!(Endpoint::parse(endpoint.base()).as_ref(), Ok(&endpoint));
            assert!(endpoint.base().contains(region), "{region}");
        }
    }

    #[test]
    fn odd_regions_have_their_own_hosts() {
        let host = |region| Endpoint::of_region(region).map(|e| e.host_header().to_owned());
        let expect = |host: &str| Some(host.to_owned());
        assert_eq!(
            host("cn-north-4"),
            expect("cloudpipeline-ext.cn-north-4.myhuaweicloud.com")
        );
        assert_eq!(
            host("tr-west-1"),
            expect("pipeline-external.tr-west-1.myhuaweicloud.com")
        );
        assert_eq!(
            host("la-south-2"),
            expect("pipeline-external.la-south-2.myhuaweicloud.com")
        );
        assert_eq!(
            host("af-south-1"),
            expect("pipeline.af-south-1.myhuaweicloud.com")
        );
        assert_eq!(
            host("eu-west-101"),
            expect("pipeline-external.eu-west-101.myhuaweicloud.eu")
        );
        assert_eq!(host("moon-1"), None);
    }

    #[test]
    fn token_services_have_hosts_of_their_regions_where_there_are_any() {
        let iam = |region| Endpoint::iam_of_region(region).map(|e| e.host_header().to_owned());
        let sts = |region| Endpoint::sts_of_region(region).map(|e| e.host_header().to_owned());
        let some = |host: &str| Some(host.to_owned());
        assert_eq!(iam("cn-north-4"), some("iam.cn-north-4.myhuaweicloud.com"));
        assert_eq!(iam("eu-west-101"), some("iam.eu-west-101.myhuaweicloud.eu"));
        assert_eq!(iam("af-north-1"), some("iam.myhuaweicloud.com"));
        assert_eq!((iam("moon-1"), sts("moon-1")), (None, None));
        assert_eq!(
            sts("ap-southeast-3"),
            some("sts.ap-southeast-3.myhuaweicloud.com")
        );
        assert_eq!(sts("cn-north-1"), some("sts.cn-north-4.myhuaweicloud.com"));
        assert_eq!(sts("eu-west-101"), None);
    }

    #[test]
    fn a_whole_url_splits_into_endpoint_and_target() {
        let split = |url| Endpoint::split(url).map(|(e, target)| (e.base().to_owned(), target));
        assert_eq!(
            split("https://A.example:8443/x//y?api-version=2.0"),
            Ok(("https://a.example:8443".to_owned(), "/x//y?api-version=2.0"))
        );
        assert_eq!(
            split("https://a.example"),
            Ok(("https://a.example".to_owned(), "/"))
        );
        assert_eq!(split("http://a.example/x"), Err(UrlProblem::PlainHttp));
        assert_eq!(split("a.example/x"), Err(UrlProblem::Scheme));
    }

    #[test]
    fn one_final_slash_is_fine_and_a_path_is_not() {
        assert_eq!(base("https://a.example"), Ok("https://a.example".into()));
        assert_eq!(base("https://a.example/"), Ok("https://a.example".into()));
        assert_eq!(base("https://a.example//"), Err(UrlProblem::Path));
        assert_eq!(base("https://a.example/v5"), Err(UrlProblem::Path));
        assert_eq!(base("https://a.example\\v5"), Err(UrlProblem::Path));
        assert_eq!(base("https://a.example?x=1"), Err(UrlProblem::Query));
        assert_eq!(base("https://a.example/#x"), Err(UrlProblem::Query));
    }

    #[test]
    fn plain_http_reaches_this_machine_only() {
        for host in ["127.0.0.1", "127.9.9.9", "localhost", "LOCALHOST", "[::1]"] {
            let endpoint = Endpoint::parse(&format!("http://{host}:8080")).expect("loopback");
            assert!(endpoint.is_loopback_http());
        }
        for host in [
            "10.0.0.1",
            "127.0.0.1.example",
            "[::2]",
            "127.1",
            "localhost.example",
        ] {
            assert_eq!(
                base(&format!("http://{host}")),
                Err(UrlProblem::PlainHttp),
                "{host}"
            );
        }
        let secure = Endpoint::parse("https://127.0.0.1").expect("an address");
        assert!(!secure.is_loopback_http());
    }

    #[test]
    fn the_default_port_is_left_out_of_the_host_header() {
        let header = |url| Endpoint::parse(url).map(|e| e.host_header().to_owned());
        assert_eq!(header("https://A.example:443"), Ok("a.example".into()));
        assert_eq!(
            header("HTTPS://a.example:8443/"),
            Ok("a.example:8443".into())
        );
        assert_eq!(header("http://[::1]:80"), Ok("[::1]".into()));
        assert_eq!(header("http://localhost:443"), Ok("localhost:443".into()));
    }

    #[test]
    fn a_port_is_a_number_that_tcp_has() {
        for port in ["", "0", "65536", "+80", "8a", "80:80"] {
            assert_eq!(
                base(&format!("https://a.example:{port}")),
                Err(UrlProblem::Port),
                "{port}"
            );
        }
    }

    #[test]
    fn a_host_is_needed_and_has_no_odd_characters() {
        for host in [
            "",
            ":80",
            "a b",
            "a..b",
            "ä.example",
            "[::1",
            "[x]",
            "[::1]x",
            "a%2fb",
        ] {
            assert_eq!(
                base(&format!("https://{host}")),
                Err(UrlProblem::Host),
                "{host}"
            );
        }
    }

    #[test]
    fn only_https_and_http_are_schemes() {
        for url in [
            "a.example",
            "ftp://a.example",
            "//a.example",
            "https:a.example",
            "",
        ] {
            assert_eq!(base(url), Err(UrlProblem::Scheme), "{url}");
        }
    }

    #[test]
    fn a_password_in_a_url_is_refused_and_not_shown() {
        assert_eq!(base("https://me:pw@a.example"), Err(UrlProblem::UserInfo));
        assert_eq!(
            without_secrets("https://me:p@w@a.example/x"),
            "https://***@a.example/x"
        );
        assert_eq!(without_secrets("me:pw@a.example"), "***@a.example");
        assert_eq!(
            without_secrets("https://a.example/?token=1"),
            "https://a.example/?…"
        );
        assert_eq!(without_secrets("https://a.example"), "https://a.example");
    }

    #[test]
    fn the_console_link_is_given_where_its_form_is_known() {
        assert_eq!(
            console_run_url("cn-north-4", "p", "l", "r").as_deref(),
            Some(
                "https://devcloud.cn-north-4.huaweicloud.com/cicd/project/p/pipeline/detail/l/r?v=1"
            )
        );
        for region in ["ap-southeast-3", "eu-west-101", "cn-moon-1", ""] {
            assert_eq!(console_run_url(region, "p", "l", "r"), None, "{region}");
        }
    }
}
