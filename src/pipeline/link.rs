//! Which console links are passed on.

use ureq::http::Uri;

/// The vendor's console domains; their subdomains count too.
const CONSOLE_DOMAINS: [&str; 2] = ["huaweicloud.com", "huaweicloud.eu"];

/// The service's own link to a run, if it leads to the vendor's console: `https`, no user info, a console domain.
/// Everything else could lead a reader elsewhere.
pub fn trusted_detail_url(url: &str) -> Option<&str> {
    let uri: Uri = url.parse().ok()?;
    let authority = uri.authority()?.as_str();
    let host = uri.host()?.to_ascii_lowercase();
    let is_console = CONSOLE_DOMAINS.iter().any(|domain| {
        host.strip_suffix(domain)
            .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    });
    (uri.scheme_str() == Some("https") && !authority.contains('@') && is_console).then_some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_vendors_console_is_linked_to() {
        for url in [
            "https://devcloud.cn-north-4.huaweicloud.com/cicd/project/p/pipeline/detail/a/b?v=1",
            "https://huaweicloud.com/",
            "https://console.huaweicloud.eu:443/x",
            "https://DevCloud.HuaweiCloud.com/x",
        ] {
            assert_eq!(trusted_detail_url(url), Some(url));
        }
        for url in [
            "http://devcloud.huaweicloud.com/",
            "https://user@devcloud.huaweicloud.com/",
            "https://huaweicloud.com@evil.example/",
            "https://evilhuaweicloud.com/",
            "https://huaweicloud.com.evil.example/",
            "javascript:alert(1)//huaweicloud.com",
            "/cicd/project",
            "https://devcloud.huaweicloud.com/a b",
            "",
        ] {
            assert_eq!(trusted_detail_url(url), None, "{url}");
        }
    }
}
