//! The code of a second factor, wherever one is asked for.

use std::time::Duration;

use crate::{app::App, wire::HttpError};

/// How many wrong codes a user may show in a window of time. A million codes, of which three are right at
/// a time: so many tries a window take years to find one.
pub const WRONG_CODES: u32 = 5;
/// The window.
pub const WINDOW: Duration = Duration::from_secs(600);

/// What a code is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is right, and of that step of time.
    Right(i64),
    /// It is wrong.
    Wrong,
    /// Too many were wrong: until the window ends no code is looked at, the right one neither.
    TooMany,
    /// The user has no second factor.
    Off,
}

/// Judges a code. The same code is right again within its minute and a half: a client that publishes a
/// package and its documentation has one code for both, as on hexpm.
///
/// # Errors
/// 500 where the store fails.
pub async fn judge(app: &App, user_id: i64, code: &str) -> Result<Verdict, HttpError> {
    let Some(factor) = app.store.two_factor(user_id).await? else { return Ok(Verdict::Off) };
    let key = user_id.to_string();
    if app.wrong_codes.look(&key).is_err() {
        return Ok(Verdict::TooMany);
    }
    match factor.secret.step_of(code, app.clock.now()) {
        Some(step) => Ok(Verdict::Right(step)),
        None if app.wrong_codes.check(&key).is_ok() => Ok(Verdict::Wrong),
        None => Ok(Verdict::TooMany),
    }
}

/// The same, where a code may be used once only: somebody who looked over a shoulder must not sign in
/// with what was seen.
///
/// # Errors
/// As [`judge`].
pub async fn judge_once(app: &App, user_id: i64, code: &str) -> Result<Verdict, HttpError> {
    match judge(app, user_id, code).await? {
        Verdict::Right(step) if !app.store.use_totp_step(user_id, step).await? => Ok(Verdict::Wrong),
        verdict => Ok(verdict),
    }
}
