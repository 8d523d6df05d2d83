//! `.json`: one object, bare names, typed values.

use serde::Serialize;

use crate::report::Outputs;

/// The document: every output under its bare name with the type it has in `result`. `result` itself is that object
/// once more, so that `.result.status` reads the same here as from the parsed output elsewhere. Indented, with a
/// final line break.
pub fn render(outputs: &Outputs) -> String {
    let typed = outputs.typed();
    let document = Document {
        typed,
        result: typed,
    };
    indented(&document)
}

fn indented(document: &impl Serialize) -> String {
    let mut text =
        serde_json::to_string_pretty(document).expect("texts, numbers and lists always serialize");
    text.push('\n');
    text
}

#[derive(Serialize)]
struct Document<'a, T: Serialize> {
    #[serde(flatten)]
    typed: &'a T,
    result: &'a T,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::samples::{HOSTILE, forbidden};
    use crate::report::{OUTPUTS, Report};
    use crate::secret::Redactor;

    #[test]
    fn every_output_is_a_key_with_its_type() {
        let report = Report::from_outcome(&forbidden(HOSTILE), &Redactor::default());
        let outputs = report.outputs();
        let document: serde_json::Value =
            serde_json::from_str(&render(&outputs)).expect("a document");
        for spec in OUTPUTS {
            assert!(document.get(spec.name).is_some(), "{}", spec.name);
        }
        assert_eq!(document["success"], false);
        assert_eq!(document["http_status"], 403);
        assert_eq!(document["run_number"], 42);
        assert_eq!(document["error_message"], outputs.get("error_message"));
        assert_eq!(
            document["result"].to_string().len(),
            outputs.get("result").len()
        );
        assert_eq!(document["result"]["error_code"], "DEVCP.00021018");
    }

    #[test]
    fn keys_stand_in_the_order_of_the_table() {
        let report = Report::from_outcome(&forbidden("no"), &Redactor::default());
        let text = render(&report.outputs());
        let places: Vec<_> = OUTPUTS
            .iter()
            .map(|spec| text.find(&format!("\n  \"{}\":", spec.name)))
            .collect();
        assert!(places.iter().all(Option::is_some));
        assert!(places.is_sorted());
    }
}
