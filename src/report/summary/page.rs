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

#[cfg(test)]
mod tests {
    use super::*;

    const ROOM: usize = LIMIT_BYTES - LEFT_OUT.len() - 2;

    /// A page of sections of so many bytes, the last one a log.
    fn page(sections: &[usize]) -> String {
        let mut page = Page::default();
        let (log, others) = sections.split_last().expect("a section");
        for (bytes, name) in others.iter().zip('a'..) {
            page.add(name.to_string().repeat(*bytes));
        }
        page.add_log("l".repeat(*log));
        page.joined()
    }

    #[test]
    fn sections_are_parted_by_blank_lines_and_empty_ones_leave_none() {
        let mut page = Page::default();
        for text in ["", "a\n", "", "b\n", ""] {
            page.add(text.to_owned());
        }
        page.add_log("log\n".to_owned());
        assert_eq!(page.joined(), "a\n\nb\n\nlog\n");
    }

    #[test]
    fn what_fits_to_the_byte_is_kept_and_one_byte_more_is_not() {
        // Each section costs its line break beside its text.
        for sections in [
            [ROOM - 1].as_slice(),
            &[99, ROOM - 101],
            &[99, 9, ROOM - 111],
        ] {
            let whole = page(sections);
            assert!(!whole.contains(LEFT_OUT) && whole.contains('l'));
            let (log, others) = sections.split_last().expect("a section");
            let cut = page(&[others, &[log + 1]].concat());
            assert!(cut.ends_with(LEFT_OUT) && !cut.contains("lll"));
        }
    }

    #[test]
    fn a_section_that_does_not_fit_leaves_its_room_to_the_next_ones() {
        let page = page(&[9, ROOM, 9, 9]);
        assert!(page.starts_with("aaaaaaaaa\nccccccccc\nlllllllll\n"));
        assert!(page.ends_with(LEFT_OUT));
    }
}
