//! The page: its sections, as far as they fit.

/// Bytes above which GitHub drops a summary whole (actions/runner `CreateStepSummaryCommand`).
pub(super) const LIMIT_BYTES: usize = 1024 * 1024;

/// What stands where a section was left out.
pub(super) const LEFT_OUT: &str = "_Some sections were too long and are left out._\n";

/// Sections in their order, each shown whole or not at all: Markdown that ends with a line break, or nothing.
#[derive(Default)]
pub(super) struct Page {
    sections: Vec<Section>,
}

struct Section {
    text: String,
    /// A log gives way to everything else.
    is_log: bool,
}

impl Page {
    pub(super) fn add(&mut self, text: String) {
        let is_log = false;
        self.sections.push(Section { text, is_log });
    }

    pub(super) fn add_log(&mut self, text: String) {
        let is_log = true;
        self.sections.push(Section { text, is_log });
    }

    /// The sections that fit, with blank lines between. Logs take what the others leave, and among equals the first
    /// ones come first.
    pub(super) fn joined(mut self) -> String {
        let mut room = LIMIT_BYTES - LEFT_OUT.len() - "\n\n".len();
        let mut is_complete = true;
        for logs in [false, true] {
            let sections = self.sections.iter_mut();
            for section in sections.filter(|section| section.is_log == logs) {
                let cost = section.text.len() + "\n".len();
                if cost <= room {
                    room -= cost;
                } else {
                    section.text = String::new();
                    is_complete = false;
                }
            }
        }
        if !is_complete {
            self.add(LEFT_OUT.to_owned());
        }
        let mut page = String::new();
        for section in self
            .sections
            .iter()
            .filter(|section| !section.text.is_empty())
        {
            if !page.is_empty() {
                page.push('\n');
            }
            page.push_str(&section.text);
        }
        page
    }
}
