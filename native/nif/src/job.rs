//! Jobs: work that waits, off every scheduler, answered by messages.
//!
//! The process that starts a job receives any number of `{hexide_job, Ref, {progress, Map}}` and then
//! exactly one `{hexide_job, Ref, {done, Outcome}}`, unless it cancelled the job or died before.

use std::{
    future::Future,
    sync::{Mutex, MutexGuard, OnceLock, PoisonError},
    time::{Duration, Instant},
};

use hexide_client::Client;
use hexide_core::{Code, Error, Result};
use rustler::{Encoder, Env, LocalPid, Monitor, OwnedEnv, Resource, ResourceArc, Term, env::SavedTerm};
use tokio::{
    runtime::Runtime,
    task::{AbortHandle, JoinHandle},
};

use crate::{
    config::Configured,
    error::Failure,
    runtime::{self, Place},
    term::Typed,
};

mod atoms {
    rustler::atoms! { hexide_job, progress, done, ok, cancelled, replying }
}

/// How far a job is. Only a running one may become anything else.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Running,
    Replying,
    Cancelled,
}

/// The handle of a job, a reference for Erlang.
pub struct Job {
    owner: LocalPid,
    state: Mutex<State>,
    task: OnceLock<AbortHandle>,
}

#[rustler::resource_impl]
impl Resource for Job {
    const IMPLEMENTS_DOWN: bool = true;

    /// The owner died: nobody waits for the answer any more.
    fn down<'a>(&'a self, _env: Env<'a>, _pid: LocalPid, _monitor: Monitor) {
        self.cancel();
    }
}

impl Job {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Leaves `Running`; false when that had happened before.
    fn leave(&self, next: State) -> bool {
        let mut state = self.state();
        let running = *state == State::Running;
        if running {
            *state = next;
        }
        running
    }

    /// After this no message is sent, unless the answer was under way already.
    fn cancel(&self) -> State {
        if self.leave(State::Cancelled)
            && let Some(task) = self.task.get()
        {
            task.abort();
        }
        *self.state()
    }
}

/// What a job's success looks like in its answer: `ok`, or `{ok, Value}`.
pub trait Success {
    /// The term in the message's own environment.
    fn success<'a>(&self, env: Env<'a>) -> Term<'a>;
}

/// A success without a value.
pub struct Done;

impl Success for Done {
    fn success<'a>(&self, env: Env<'a>) -> Term<'a> {
        atoms::ok().encode(env)
    }
}

impl<T: Encoder> Success for T {
    fn success<'a>(&self, env: Env<'a>) -> Term<'a> {
        (atoms::ok(), self).encode(env)
    }
}

/// A value that was built as a term while what it borrows from was there, in the environment that will be
/// the message.
pub struct Built {
    env: OwnedEnv,
    term: SavedTerm,
}

impl Built {
    /// Builds it.
    pub fn new(build: impl for<'a> FnOnce(Env<'a>) -> Term<'a>) -> Self {
        let env = OwnedEnv::new();
        let term = env.run(|within| env.save(build(within)));
        Self { env, term }
    }

    /// Builds upon it.
    pub fn map(self, build: impl for<'a> FnOnce(Term<'a>) -> Term<'a>) -> Self {
        let Self { env, term } = self;
        let term = env.run(|within| env.save(build(term.load(within))));
        Self { env, term }
    }
}

/// How a job ended, as a term in the environment that will be its message.
pub struct Outcome {
    env: OwnedEnv,
    term: SavedTerm,
}

impl Outcome {
    fn built(result: Result<Built>) -> Self {
        match result {
            Ok(value) => {
                let Built { env, term } = value.map(|term| (atoms::ok(), term).encode(term.get_env()));
                Self { env, term }
            }
            Err(error) => Self::of::<Done>(&Err(error)),
        }
    }

    fn of<T: Success>(result: &Result<T>) -> Self {
        let env = OwnedEnv::new();
        let term = env.run(|env_| match result {
            Ok(value) => env.save(value.success(env_)),
            Err(error) => env.save(Failure(error).encode(env_)),
        });
        Self { env, term }
    }

    fn internal(message: &str) -> Self {
        Self::of::<Done>(&Err(Error::new(Code::Internal, message)))
    }
}

/// Sends the answer of a job. Dropped without one (a panic), it answers with an error.
struct Answer {
    job: ResourceArc<Job>,
}

impl Answer {
    fn send(&self, outcome: Outcome) {
        if self.job.leave(State::Replying) {
            let Outcome { mut env, term } = outcome;
            // The owner may be gone by now; then there is nobody to tell.
            let _ = env.send_and_clear(&self.job.owner, |env| {
                (atoms::hexide_job(), &self.job, (atoms::done(), term.load(env)))
            });
        }
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        let unanswered = *self.job.state() == State::Running;
        if unanswered {
            self.send(Outcome::internal("the operation ended without an answer"));
        }
    }
}

/// How often progress is told.
const TELL_EVERY: Duration = Duration::from_millis(50);

/// Reports how far a job is, to the process that waits for it.
#[derive(Clone)]
pub struct Progress(ResourceArc<Job>);

impl Progress {
    /// What the client reports to. A report becomes a message, unless the job is answered or cancelled, or
    /// another one of its phase was told just before: each wakes a scheduler. The end of a phase is always told.
    pub fn reporter(&self) -> hexide_client::Progress {
        let job = self.0.clone();
        let told = Mutex::new(None::<(&'static str, Instant)>);
        hexide_client::Progress::new(move |report| {
            let mut told = told.lock().unwrap_or_else(PoisonError::into_inner);
            let just_told =
                told.is_some_and(|(phase, when)| phase == report.phase && when.elapsed() < TELL_EVERY);
            if just_told && report.total != Some(report.done) {
                return;
            }
            *told = Some((report.phase, Instant::now()));
            // Held while sending, so that no report follows the answer.
            let state = job.state();
            if *state == State::Running {
                let _ = OwnedEnv::new().send_and_clear(&job.owner, |env| {
                    (atoms::hexide_job(), &job, (atoms::progress(), Typed(report).encode(env)))
                });
            }
        })
    }
}

/// Starts a job for the calling process and returns its reference at once. Its result is small: the term
/// is built where it waits.
pub fn start<'a, T, Work, Running>(env: Env<'a>, work: Work) -> Term<'a>
where
    T: Success + Send,
    Work: FnOnce(Progress) -> Running + Send + 'static,
    Running: Future<Output = Result<T>> + Send,
{
    launch(env, |progress| async { Outcome::of(&work(progress).await) })
}

/// Starts a job that talks to a registry.
pub fn request<T, Work, Running>(env: Env<'_>, config: Configured, work: Work) -> Term<'_>
where
    T: Success + Send,
    Work: FnOnce(Client, Progress) -> Running + Send + 'static,
    Running: Future<Output = Result<T>> + Send,
{
    start(env, move |progress| work(config.0, progress))
}

/// The same where the result may be large: its term is built within the CPU budget, since Tokio's worker
/// has other requests to serve.
pub fn large_request<T, Work, Running>(env: Env<'_>, config: Configured, work: Work) -> Term<'_>
where
    T: Success + Send + 'static,
    Work: FnOnce(Client, Progress) -> Running + Send + 'static,
    Running: Future<Output = Result<T>> + Send,
{
    launch(env, move |progress| async move {
        let result = work(config.0, progress).await;
        computed(move || Outcome::of(&result)).await
    })
}

/// The same where the term of the result was built on the way, within the CPU budget.
pub fn built_request<Work, Running>(env: Env<'_>, config: Configured, work: Work) -> Term<'_>
where
    Work: FnOnce(Client) -> Running + Send + 'static,
    Running: Future<Output = Result<Built>> + Send,
{
    launch(env, move |_| async move { Outcome::built(work(config.0).await) })
}

/// Starts a job of pure computation that builds its term itself.
pub fn build(env: Env<'_>, work: impl FnOnce() -> Result<Built> + Send + 'static) -> Term<'_> {
    launch_computation(env, move || Outcome::built(work()))
}

/// Starts a job of pure computation, within the CPU budget.
pub fn compute<T>(env: Env<'_>, work: impl FnOnce() -> Result<T> + Send + 'static) -> Term<'_>
where
    T: Success,
{
    launch_computation(env, move || Outcome::of(&work()))
}

async fn computed(work: impl FnOnce() -> Outcome + Send + 'static) -> Outcome {
    runtime::cpu().run(work).await.unwrap_or_else(|_| Outcome::internal("the computation panicked"))
}

fn launch<'a, Work, Running>(env: Env<'a>, work: Work) -> Term<'a>
where
    Work: FnOnce(Progress) -> Running + Send + 'static,
    Running: Future<Output = Outcome> + Send,
{
    begin(env, |runtime, place, answer| {
        runtime.spawn(async move {
            let progress = Progress(answer.job.clone());
            answer.send(in_turn(place, || work(progress)).await);
        })
    })
}

/// Where a thread is free the computation goes to it at once: waking a worker of the runtime first would cost
/// a small one more than itself.
fn launch_computation(env: Env<'_>, work: impl FnOnce() -> Outcome + Send + 'static) -> Term<'_> {
    begin(env, |runtime, place, answer| {
        let turn = place.as_ref().ok().and_then(Place::turn_now);
        match turn.zip(runtime::cpu().free_thread()) {
            Some(room) => runtime.spawn_blocking(move || {
                let outcome = work();
                drop((place, room));
                answer.send(outcome);
            }),
            None => runtime.spawn(async move { answer.send(in_turn(place, || computed(work)).await) }),
        }
    })
}

/// Makes a job of the calling process and has its task begun, which sends the answer.
fn begin<'a>(env: Env<'a>, task: impl FnOnce(&Runtime, Result<Place>, Answer) -> JoinHandle<()>) -> Term<'a> {
    let job =
        ResourceArc::new(Job { owner: env.pid(), state: Mutex::new(State::Running), task: OnceLock::new() });
    let reference = job.encode(env);
    env.monitor(&job, &job.owner);
    let answer = Answer { job: job.clone() };
    match runtime::handle() {
        Ok(runtime) => {
            let _ = job.task.set(task(runtime, Place::take(), answer).abort_handle());
        }
        Err(error) => {
            std::thread::spawn(move || answer.send(Outcome::of::<Done>(&Err(error))));
        }
    }
    reference
}

async fn in_turn<Running>(place: Result<Place>, work: impl FnOnce() -> Running) -> Outcome
where
    Running: Future<Output = Outcome>,
{
    let place = match place {
        Ok(place) => place,
        Err(error) => return Outcome::of::<Done>(&Err(error)),
    };
    match place.turn().await {
        Ok(_turn) => work().await,
        Err(error) => Outcome::of::<Done>(&Err(error)),
    }
}

/// Cancels a job: `cancelled`, no answer will come; `replying`, it was or is being sent.
#[rustler::nif]
fn job_cancel(job: ResourceArc<Job>) -> rustler::Atom {
    match job.cancel() {
        State::Cancelled | State::Running => atoms::cancelled(),
        State::Replying => atoms::replying(),
    }
}

/// A job that panics, in debug builds only: a test must see the node survive it.
#[cfg(debug_assertions)]
#[rustler::nif]
#[allow(clippy::panic)]
fn job_panic(env: Env<'_>) -> Term<'_> {
    start::<Done, _, _>(env, |_| async { panic!("as the test asked") })
}
