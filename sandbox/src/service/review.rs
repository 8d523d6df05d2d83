//! Manual review, check points and suspensions: a person lets a run go on, or fails it.

use super::config::Config;
use super::envelope;
use super::world::World;
use crate::reply::Reply;
use crate::run::Held;

/// Decides about one held job or gate; `success: false` if it is not held.
pub(crate) fn review(
    world: &mut World,
    config: &Config,
    run_id: &str,
    held: Held<'_>,
    pass: bool,
    now_ms: u64,
) -> Reply {
    let Some(run) = world.find_mut(run_id) else {
        return envelope::run_not_found();
    };
    let decided = run.decide(held, pass, now_ms, config.speed);
    world.effects.reviews += u64::from(decided);
    envelope::success(decided)
}
