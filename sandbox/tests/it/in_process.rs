//! The pure service as a long test in virtual time drives it.

use codearts_sandbox::{Delivery, Endpoint, Fault, What};

use crate::support::{World, path, request, retry_path};

#[test]
fn a_day_of_polls_keeps_no_more_requests_than_it_is_told_to() {
    const POLLS: u32 = 8_640;
    let mut world = World::new();
    world.service.config().kept_requests = 100;
    let poll = request("GET", &path("/pipeline-runs/detail"), "");
    for number in 0..POLLS {
        let now_ms = world.after_ms(10_000).now_ms;
        if number % 2 == 0 {
            let busy = Fault::new(Endpoint::Detail, What::status(503));
            world.service.fault(busy);
        }
        let reply = world.service.handle(&poll, now_ms);
        let expected = if number % 2 == 0 { 503 } else { 200 };
        assert_eq!(reply.status, expected);
    }
    let now_ms = world.now_ms;
    let counters = world.service.counters(now_ms);
    assert_eq!(counters.of(Endpoint::Detail), u64::from(POLLS));
    assert_eq!(world.service.requests().len(), 100);
}

#[test]
fn an_answer_in_process_shows_all_that_would_go_on_the_wire() {
    let mut world = World::new();
    let now_ms = world.now_ms;
    let throttled = Fault::new(Endpoint::Retry, What::throttled("7"));
    let hang = Fault::new(Endpoint::Retry, What::Hang { effect: true });
    world.service.fault(throttled);
    world.service.fault(hang);
    let retry = request("PUT", &retry_path(), "");
    let reply = world.service.handle(&retry, now_ms);
    assert_eq!(
        (reply.status, reply.header("retry-after")),
        (429, Some("7"))
    );
    assert!(reply.text().contains("APIGW.0308"), "{}", reply.text());
    assert_eq!(reply.delivery, Delivery::Whole);
    let reply = world.service.handle(&retry, now_ms);
    assert_eq!(reply.delivery, Delivery::Hang);
    assert_eq!(world.status(), "RUNNING");
}
