//! The store over SQLite: one thread writes, a few read, and nobody waits on a Tokio worker.

mod audit;
mod browsers;
mod devices;
mod generations;
mod index;
mod keys;
mod links;
mod operations;
mod organizations;
mod owners;
mod package_row;
mod packages;
mod publish;
mod releases;
mod repositories;
mod rows;
mod schema;
mod search;
mod sessions;
mod two_factor;
mod users;

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    thread::JoinHandle,
};

use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};
use tokio::sync::{mpsc, oneshot};

use super::{Reply, StoreError};
use crate::clock::Clock;

pub use schema::OpenError;

/// How many operations may wait for a thread; beyond it callers wait to be let in.
const QUEUE: usize = 256;
const READERS: usize = 3;
/// What each reader may keep of the database, in KiB: the tables of some thousand packages. (SQLite's own 2 MiB
/// are read anew all the time by a registry of 20,000.)
const READER_CACHE: i64 = 16 << 10;
/// More than there are different ones: a statement is compiled once by each thread.
const STATEMENTS: usize = 256;

type Job = Box<dyn FnOnce(&mut Connection) + Send>;
type Jobs = Mutex<Option<mpsc::Sender<Job>>>;

/// A database file and the threads that work on it.
pub struct Sqlite {
    writer: Jobs,
    readers: Jobs,
    /// The writer's first.
    threads: Mutex<Vec<JoinHandle<()>>>,
    clock: Clock,
    repository: String,
    epoch: Arc<AtomicU64>,
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Broken(error.to_string())
    }
}

impl Sqlite {
    /// Opens the database, or makes it, for the repository of that name. Blocks: call it off the workers.
    ///
    /// # Errors
    /// Where the file cannot be opened, is no database, is damaged, is of a newer version or belongs to
    /// another repository.
    pub fn open(path: &Path, repository: &str, clock: Clock) -> Result<Self, OpenError> {
        let mut connection = connect(path)?;
        schema::prepare(&mut connection, repository, clock.now())?;
        let (writer, writes) = mpsc::channel(QUEUE);
        let (readers, reads) = mpsc::channel(QUEUE);
        let mut threads = vec![work("hexide-write", connection, Arc::new(Mutex::new(writes)))?];
        let reads = Arc::new(Mutex::new(reads));
        for _ in 0..READERS {
            let connection = connect(path)?;
            connection.pragma_update(None, "query_only", true)?;
            connection.pragma_update(None, "cache_size", -READER_CACHE)?;
            threads.push(work("hexide-read", connection, Arc::clone(&reads))?);
        }
        Ok(Self {
            writer: Mutex::new(Some(writer)),
            readers: Mutex::new(Some(readers)),
            threads: Mutex::new(threads),
            clock,
            repository: repository.to_owned(),
            epoch: Arc::default(),
        })
    }

    /// Runs one transaction that changes something. It is committed, and on disk, when this resolves.
    fn write<T, F>(&self, operation: F) -> Reply<'_, T>
    where
        F: FnOnce(&Transaction<'_>) -> Result<T, StoreError> + Send + 'static,
        T: Send + 'static,
    {
        let epoch = Arc::clone(&self.epoch);
        Box::pin(run(&self.writer, move |connection| {
            let result = transact(connection, TransactionBehavior::Immediate, operation);
            // Whatever came of it: one too many does no harm.
            epoch.fetch_add(1, Ordering::Release);
            result
        }))
    }

    /// Runs one transaction that sees one state of the database and changes nothing.
    fn read<T, F>(&self, operation: F) -> Reply<'_, T>
    where
        F: FnOnce(&Transaction<'_>) -> Result<T, StoreError> + Send + 'static,
        T: Send + 'static,
    {
        Box::pin(run(&self.readers, |connection| {
            transact(connection, TransactionBehavior::Deferred, operation)
        }))
    }

    /// Ends the readers, then the writer: the last connection to close brings the log into the database,
    /// and of several that close at once none may be the last.
    async fn shut(&self) {
        let mut threads = std::mem::take(&mut *self.threads.lock().unwrap_or_else(PoisonError::into_inner));
        let readers = threads.split_off(threads.len().min(1));
        for (jobs, threads) in [(&self.readers, readers), (&self.writer, threads)] {
            drop(jobs.lock().unwrap_or_else(PoisonError::into_inner).take());
            join(threads).await;
        }
    }
}

async fn join(threads: Vec<JoinHandle<()>>) {
    let joined = tokio::task::spawn_blocking(move || {
        for thread in threads {
            if thread.join().is_err() {
                tracing::error!("a database thread ended with a panic");
            }
        }
    });
    if joined.await.is_err() {
        tracing::error!("the database threads could not be awaited");
    }
}

async fn run<T, F>(jobs: &Jobs, operation: F) -> Result<T, StoreError>
where
    F: FnOnce(&mut Connection) -> Result<T, StoreError> + Send + 'static,
    T: Send + 'static,
{
    let sender = jobs.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let sender = sender.ok_or_else(|| StoreError::Broken("the database is closed".to_owned()))?;
    let (reply, result) = oneshot::channel();
    let job: Job = Box::new(move |connection| {
        // A caller that went away does not want the reply any more.
        let _gone = reply.send(operation(connection));
    });
    let closed = |_| StoreError::Broken("the database thread ended".to_owned());
    sender.send(job).await.map_err(|_| StoreError::Broken("the database is closed".to_owned()))?;
    drop(sender);
    result.await.map_err(closed)?
}

fn transact<T>(
    connection: &mut Connection,
    behavior: TransactionBehavior,
    operation: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let transaction = connection.transaction_with_behavior(behavior)?;
    let value = operation(&transaction)?;
    transaction.commit()?;
    Ok(value)
}

fn connect(path: &Path) -> Result<Connection, OpenError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_EXRESCODE;
    let connection = Connection::open_with_flags(PathBuf::from(path), flags)?;
    connection.busy_timeout(std::time::Duration::from_secs(10))?;
    // FULL: a commit is on disk before it is acknowledged, in WAL mode too.
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(connection)
}

fn work(
    name: &str,
    mut connection: Connection,
    jobs: Arc<Mutex<mpsc::Receiver<Job>>>,
) -> Result<JoinHandle<()>, OpenError> {
    let thread = std::thread::Builder::new().name(name.to_owned());
    let handle = thread.spawn(move || {
        loop {
            let next = jobs.lock().unwrap_or_else(PoisonError::into_inner).blocking_recv();
            let Some(job) = next else { break };
            // A panic must cost its own operation only: the transaction rolls back as it is dropped.
            if catch_unwind(AssertUnwindSafe(|| job(&mut connection))).is_err() {
                tracing::error!("a database operation panicked");
            }
        }
    });
    handle.map_err(OpenError::Thread)
}
