//! `StopPipelineRun`.

use super::envelope;
use super::world::World;
use crate::reply::Reply;

/// Stops a run that is going on; `success: false` for one that has ended.
pub(crate) fn stop(world: &mut World, run_id: &str, now_ms: u64) -> Reply {
    let Some(run) = world.find_mut(run_id) else {
        return envelope::run_not_found();
    };
    let stopped = run.stop(now_ms);
    world.effects.stops += u64::from(stopped);
    envelope::success(stopped)
}
