//! The outputs in the forms of `output_file`: pure text, one form a file.

pub mod directory;
pub mod dotenv;
pub mod json;
pub mod properties;
pub mod shell;

/// A name of ours among other people's: `status` and `result` are taken in a shell or a properties file (DESIGN §3).
pub fn variable_name(output: &str) -> String {
    format!("CODEARTS_RETRY_{}", output.to_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_prefixed_and_upper_case() {
        assert_eq!(variable_name("run_url"), "CODEARTS_RETRY_RUN_URL");
    }
}
