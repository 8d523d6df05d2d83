//! What a cancelled step asks of the service.

use std::sync::Arc;
use std::time::Duration;

use codearts_retry::client::{Client, FixedCredentials, RetryPolicy};
use codearts_retry::credentials::Credentials;
use codearts_retry::pipeline::{Remote, stop};
use codearts_retry::secret::{Redactor, Secret};
use codearts_sandbox::{PIPELINE_ID, PROJECT_ID, RUN_ID, TOKEN};

use crate::support::World;

#[test]
fn a_queue_id_that_could_lead_elsewhere_is_in_no_path_and_the_run_is_stopped_instead() {
    for (queue_id, taken_off, stopped) in [("q-1", 1, 0), ("a/b", 0, 1), ("..", 0, 1), ("", 0, 1)] {
        let world = World::sample();
        let token = Credentials::Token(Secret::new(TOKEN));
        let client = Client {
            transport: &world,
            clock: &world,
            random: &|| 0.5,
            credentials: &FixedCredentials(Arc::new(token)),
            host: "sandbox.example",
            iam_project_id: None,
            redactor: &Redactor::default(),
            policy: RetryPolicy {
                max_attempts: 1,
                backoff: Duration::ZERO,
                max_backoff: Duration::ZERO,
                deadline: Duration::from_secs(60),
            },
            time_limit: None,
        };
        let remote = Remote::InQueue {
            queue_id: Some(queue_id.to_owned()),
        };
        let limit = Duration::from_secs(5);
        // Neither the run nor the entry is there: what is asked for is all that matters.
        let _ = stop(client, PROJECT_ID, PIPELINE_ID, RUN_ID, &remote, limit);
        let cancel = format!("/{RUN_ID}/cancel-queuing/{queue_id}");
        let stop = format!("/pipeline-runs/{RUN_ID}/stop");
        let asked = |path: &str| world.request_times("POST", path).len();
        assert_eq!(
            (asked(&cancel), asked(&stop)),
            (taken_off, stopped),
            "{queue_id}"
        );
    }
}
