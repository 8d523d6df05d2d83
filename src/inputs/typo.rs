//! Finds the input that a misspelled name may mean.

use super::table::{INPUTS, InputSpec};

/// The input whose name is closest to this one (lower case, underscores), if one is close enough to be meant. Names
/// that differ in underscores alone are always close.
pub(super) fn meant(name: &str) -> Option<&'static InputSpec> {
    let squeezed = squeeze(name);
    INPUTS
        .iter()
        .filter_map(|spec| {
            let known = squeeze(spec.name);
            let limit = limit(squeezed.len().min(known.len()));
            // A name that is longer or shorter by more cannot be within the limit, however long it is.
            if squeezed.len().abs_diff(known.len()) > limit {
                return None;
            }
            let distance = distance(&squeezed, &known);
            (distance <= limit).then_some((distance, spec))
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, spec)| spec)
}

/// How many slips a name of this length may have: none below 4 letters, one below 8, else two.
const fn limit(length: usize) -> usize {
    match length {
        0..4 => 0,
        4..8 => 1,
        _ => 2,
    }
}

fn squeeze(name: &str) -> Vec<char> {
    name.chars().filter(|letter| *letter != '_').collect()
}

/// The Damerau-Levenshtein distance (optimal string alignment): insertions, deletions, substitutions and swaps of
/// neighbours count one each.
fn distance(one: &[char], other: &[char]) -> usize {
    let width = other.len() + 1;
    let mut rows = vec![vec![0; width]; one.len() + 1];
    for (i, row) in rows.iter_mut().enumerate() {
        row[0] = i;
    }
    for (j, cell) in rows[0].iter_mut().enumerate() {
        *cell = j;
    }
    for i in 1..=one.len() {
        for j in 1..width {
            let substitution = usize::from(one[i - 1] != other[j - 1]);
            let mut least = (rows[i - 1][j] + 1)
                .min(rows[i][j - 1] + 1)
                .min(rows[i - 1][j - 1] + substitution);
            let swapped =
                i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1];
            if swapped {
                least = least.min(rows[i - 2][j - 2] + 1);
            }
            rows[i][j] = least;
        }
    }
    rows[one.len()][other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name_meant(name: &str) -> Option<&'static str> {
        meant(name).map(|spec| spec.name)
    }

    #[test]
    fn slips_of_the_finger_are_recognised() {
        for (slip, input) in [
            ("projct_id", "project_id"),
            ("projcet_id", "project_id"),
            ("pipeline_runid", "pipeline_run_id"),
            ("pipelinerunid", "pipeline_run_id"),
            ("pipeline_run_ids", "pipeline_run_id"),
            ("regoin", "region"),
            ("acces_key_id", "access_key_id"),
            ("wait_time_out", "wait_timeout"),
            ("job_run_id", "job_run_ids"),
            ("waits", "wait"),
        ] {
            assert_eq!(name_meant(slip), Some(input), "{slip}");
        }
    }

    #[test]
    fn clearly_different_names_are_left_alone() {
        for name in [
            "",
            "x",
            "token",
            "who_to_greet",
            "fetch_depth",
            "repository",
            "path",
            "main",
            "work",
            "project",
            "debug",
            "timeout",
            "settings",
            "username",
            "password",
            "event",
        ] {
            assert_eq!(name_meant(name), None, "{name}");
        }
    }

    #[test]
    fn no_input_is_taken_for_another() {
        for spec in INPUTS {
            assert_eq!(name_meant(spec.name), Some(spec.name));
        }
    }

    #[test]
    fn a_very_long_name_costs_nothing() {
        assert_eq!(name_meant(&"pipeline_run_id".repeat(10_000)), None);
    }
}
