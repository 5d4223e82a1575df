use std::time::Duration;

use hexide_core::{Code, Error};

use super::{Device, Pace, Poll};

const START: Duration = Duration::ZERO;

fn pace(interval: u64, expires_in: u64) -> Pace {
    Pace::new(&Device {
        device_code: "code".to_owned().into(),
        user_code: String::new(),
        verification_uri: String::new(),
        verification_uri_complete: None,
        expires_in,
        interval,
    })
}

fn seconds(pause: Option<Duration>) -> Option<u64> {
    pause.map(|pause| pause.as_secs())
}

#[test]
fn being_told_to_slow_down_adds_five_seconds_for_good() {
    let mut pace = pace(5, 600);
    assert_eq!(seconds(pace.next(&Ok(Poll::Pending), START)), Some(5));
    assert_eq!(seconds(pace.next(&Ok(Poll::SlowDown), START)), Some(10));
    assert_eq!(seconds(pace.next(&Ok(Poll::Pending), START)), Some(10));
    assert_eq!(seconds(pace.next(&Ok(Poll::SlowDown), START)), Some(15));
}

#[test]
fn a_broken_connection_is_tried_again_at_the_next_interval() {
    let mut pace = pace(5, 600);
    let broken = Err(Error::new(Code::Connect, "x"));
    assert_eq!(seconds(pace.next(&broken, START)), Some(5));
    assert_eq!(seconds(pace.next(&Ok(Poll::Pending), START)), Some(5));
}

#[test]
fn a_server_that_answers_too_late_is_asked_half_as_often() {
    let mut pace = pace(20, 600);
    let late = Err(Error::new(Code::Timeout, "x"));
    let pauses: Vec<_> = (0..3).map(|_| seconds(pace.next(&late, START))).collect();
    assert_eq!(pauses, [Some(40), Some(60), Some(60)]);
}

#[test]
fn a_wait_that_the_server_asks_for_is_kept() {
    let mut pace = pace(5, 600);
    let busy = Err(Error::new(Code::RateLimited, "x").with(|d| d.retry_after = Some(30)));
    assert_eq!(seconds(pace.next(&busy, START)), Some(30));
    assert_eq!(seconds(pace.next(&Ok(Poll::Pending), START)), Some(5));
}

#[test]
fn nothing_is_asked_after_the_code_has_ended() {
    let mut pace = pace(5, 600);
    assert_eq!(seconds(pace.next(&Ok(Poll::Pending), Duration::from_secs(594))), Some(5));
    assert_eq!(pace.next(&Ok(Poll::Pending), Duration::from_secs(595)), None);
}

#[test]
fn a_server_that_names_no_pause_is_not_asked_without_one() {
    assert_eq!(seconds(pace(0, 600).next(&Ok(Poll::Pending), START)), Some(1));
    assert_eq!(pace(u64::MAX, u64::MAX).next(&Ok(Poll::SlowDown), Duration::from_secs(1)), None);
}
