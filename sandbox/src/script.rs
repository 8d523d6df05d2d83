//! The faults still to come, and which of them happens now.

use crate::endpoint::Endpoint;
use crate::fault::{Fault, Moment, What};

/// The faults still to come.
#[derive(Debug, Default)]
pub(crate) struct Script(Vec<Fault>);

impl Script {
    pub(crate) fn push(&mut self, fault: Fault) {
        self.0.push(fault);
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// Whether a new connection is to be ended before its request is known: when, and by RST or not.
    pub(crate) fn on_connection(&mut self) -> Option<(Moment, bool)> {
        self.forget_used_up();
        self.0.iter_mut().find_map(|fault| {
            let moment = fault.what.early_moment()?;
            let reset = matches!(fault.what, What::Close { reset: true, .. });
            fault.fires().then_some((moment, reset))
        })
    }

    /// A long run may bring a fault for every request; the reading must not grow with those that are over.
    fn forget_used_up(&mut self) {
        self.0.retain(|fault| fault.times != Some(0));
    }

    /// What happens to a request: modifiers, then at most one other.
    pub(crate) fn on_request(&mut self, endpoint: Endpoint) -> Vec<What> {
        self.forget_used_up();
        let mut happening = Vec::new();
        for fault in &mut self.0 {
            let matches = fault.on.matches(endpoint) && fault.what.early_moment().is_none();
            if matches && fault.fires() {
                happening.push(fault.what.clone());
                if !fault.what.is_modifier() {
                    break;
                }
            }
        }
        happening
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn script(faults: impl IntoIterator<Item = Fault>) -> Script {
        let mut script = Script::default();
        faults.into_iter().for_each(|fault| script.push(fault));
        script
    }

    #[test]
    fn faults_happen_one_after_another_and_only_where_they_match() {
        let first = What::status(503);
        let second = What::status(504);
        let mut script = script([
            Fault::new(Endpoint::Retry, first.clone()).skip(1),
            Fault::new(Endpoint::Any, second.clone()).times(2),
        ]);
        assert_eq!(
            script.on_request(Endpoint::Retry),
            std::slice::from_ref(&second)
        );
        assert_eq!(script.on_request(Endpoint::Retry), [first]);
        assert_eq!(script.on_request(Endpoint::Detail), [second]);
        assert_eq!(script.on_request(Endpoint::Detail), []);
    }

    #[test]
    fn faults_that_are_used_up_are_forgotten() {
        let mut script = script([Fault::new(Endpoint::Any, What::status(503))]);
        script.on_request(Endpoint::Retry);
        script.on_request(Endpoint::Retry);
        assert!(script.0.is_empty());
    }

    #[test]
    fn a_modifier_leaves_room_for_another_fault() {
        let mut script = script([
            Fault::new(Endpoint::Detail, What::NoSystemTime).forever(),
            Fault::new(Endpoint::Detail, What::status(500)),
        ]);
        assert_eq!(
            script.on_request(Endpoint::Detail),
            [What::NoSystemTime, What::status(500)]
        );
        assert_eq!(script.on_request(Endpoint::Detail), [What::NoSystemTime]);
    }

    #[test]
    fn an_early_close_counts_connections() {
        let close = What::Close {
            at: Moment::Accept,
            reset: true,
        };
        let mut script = script([Fault::new(Endpoint::Any, close).skip(1)]);
        assert_eq!(script.on_request(Endpoint::Retry), []);
        assert_eq!(script.on_connection(), None);
        assert_eq!(script.on_connection(), Some((Moment::Accept, true)));
        assert_eq!(script.on_connection(), None);
    }
}
