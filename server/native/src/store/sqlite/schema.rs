//! The tables, and bringing an older database up to date.

use rusqlite::{Connection, ErrorCode, params};

use crate::clock::Moment;

/// Why a database could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The database failed.
    #[error("{0}")]
    Database(#[source] rusqlite::Error),
    /// The file is no database, or a damaged one.
    #[error("it is damaged or no database ({0})")]
    Corrupt(String),
    /// It was written by a newer version of this program.
    #[error("it was written by a newer version (schema {found}, this one knows {known})")]
    Newer {
        /// The version of the file.
        found: i64,
        /// The newest version known here.
        known: i64,
    },
    /// It belongs to a repository of another name.
    #[error("it holds the repository {found:?}, not {wanted:?}")]
    OtherRepository {
        /// The name in the database.
        found: String,
        /// The name in the options.
        wanted: String,
    },
    /// The system gave no thread.
    #[error("no thread could be started ({0})")]
    Thread(#[source] std::io::Error),
}

impl From<rusqlite::Error> for OpenError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => Self::Corrupt(error.to_string()),
            _ => Self::Database(error),
        }
    }
}

/// Each entry leads from one version to the next; entries are only ever appended.
const MIGRATIONS: &[&str] = &[
    "
CREATE TABLE repositories (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    name        TEXT NOT NULL UNIQUE,
    public      INTEGER NOT NULL,
    generation  INTEGER NOT NULL DEFAULT 1,
    inserted_at INTEGER NOT NULL
) STRICT;
CREATE TABLE users (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    username      TEXT NOT NULL UNIQUE COLLATE NOCASE,
    email         TEXT NOT NULL UNIQUE COLLATE NOCASE,
    full_name     TEXT,
    password_hash TEXT,
    confirmed     INTEGER NOT NULL,
    inserted_at   INTEGER NOT NULL,
    updated_at    INTEGER NOT NULL
) STRICT;
CREATE TABLE keys (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id        INTEGER NOT NULL REFERENCES users (id),
    name           TEXT NOT NULL,
    secret_hash    BLOB NOT NULL UNIQUE,
    permissions    TEXT NOT NULL,
    revoke_at      INTEGER,
    last_ip        TEXT,
    last_agent     TEXT,
    last_used_at   INTEGER,
    inserted_at    INTEGER NOT NULL,
    updated_at     INTEGER NOT NULL
) STRICT;
CREATE INDEX keys_of_user ON keys (user_id, name);
CREATE TABLE packages (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    repository_id INTEGER NOT NULL REFERENCES repositories (id),
    name          TEXT NOT NULL,
    meta          TEXT NOT NULL,
    generation    INTEGER NOT NULL,
    inserted_at   INTEGER NOT NULL,
    updated_at    INTEGER NOT NULL,
    UNIQUE (repository_id, name)
) STRICT;
CREATE TABLE owners (
    package_id INTEGER NOT NULL REFERENCES packages (id) ON DELETE CASCADE,
    user_id    INTEGER NOT NULL REFERENCES users (id),
    level      TEXT NOT NULL,
    position   INTEGER NOT NULL,
    PRIMARY KEY (package_id, user_id)
) STRICT;
CREATE INDEX owners_by_user ON owners (user_id);
CREATE TABLE releases (
    id                 INTEGER PRIMARY KEY AUTOINCREMENT,
    package_id         INTEGER NOT NULL REFERENCES packages (id) ON DELETE CASCADE,
    version            TEXT NOT NULL,
    app                TEXT NOT NULL,
    build_tools        TEXT NOT NULL,
    elixir             TEXT,
    meta               TEXT NOT NULL,
    inner_checksum     BLOB NOT NULL,
    outer_checksum     BLOB NOT NULL,
    blob               TEXT NOT NULL,
    docs_blob          TEXT,
    publisher_id       INTEGER REFERENCES users (id),
    retirement_reason  TEXT,
    retirement_message TEXT,
    inserted_at        INTEGER NOT NULL,
    updated_at         INTEGER NOT NULL,
    UNIQUE (package_id, version)
) STRICT;
CREATE TABLE requirements (
    release_id  INTEGER NOT NULL REFERENCES releases (id) ON DELETE CASCADE,
    repository  TEXT NOT NULL,
    package     TEXT NOT NULL,
    app         TEXT NOT NULL,
    requirement TEXT NOT NULL,
    optional    INTEGER NOT NULL,
    PRIMARY KEY (release_id, repository, package)
) STRICT;
CREATE INDEX requirements_by_package ON requirements (package);
CREATE TABLE audit_logs (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id     INTEGER NOT NULL REFERENCES users (id),
    package_id  INTEGER,
    action      TEXT NOT NULL,
    user_agent  TEXT NOT NULL,
    params      TEXT NOT NULL,
    inserted_at INTEGER NOT NULL
) STRICT;
CREATE INDEX audit_logs_by_user ON audit_logs (user_id);
CREATE INDEX audit_logs_by_package ON audit_logs (package_id);
",
    "
CREATE TABLE devices (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    client_id   TEXT NOT NULL,
    scopes      TEXT NOT NULL,
    name        TEXT,
    user_code   TEXT NOT NULL UNIQUE,
    code_hash   BLOB NOT NULL UNIQUE,
    ip          TEXT NOT NULL,
    user_agent  TEXT NOT NULL,
    state       TEXT NOT NULL,
    user_id     INTEGER REFERENCES users (id),
    polled_at   INTEGER,
    inserted_at INTEGER NOT NULL,
    expires_at  INTEGER NOT NULL
) STRICT;
CREATE INDEX devices_by_end ON devices (expires_at);
CREATE TABLE sessions (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id      INTEGER NOT NULL REFERENCES users (id),
    name         TEXT,
    client_id    TEXT NOT NULL,
    scopes       TEXT NOT NULL,
    last_ip      TEXT,
    last_agent   TEXT,
    last_used_at INTEGER,
    inserted_at  INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL,
    revoked_at   INTEGER
) STRICT;
CREATE INDEX sessions_of_user ON sessions (user_id);
CREATE TABLE tokens (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    hash       BLOB NOT NULL UNIQUE,
    refresh    INTEGER NOT NULL,
    session_id INTEGER REFERENCES sessions (id),
    key_id     INTEGER REFERENCES keys (id),
    scopes     TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    revoked_at INTEGER
) STRICT;
CREATE INDEX tokens_of_session ON tokens (session_id);
CREATE INDEX tokens_by_end ON tokens (expires_at);
CREATE TABLE two_factor (
    user_id     INTEGER PRIMARY KEY REFERENCES users (id),
    secret      BLOB NOT NULL,
    used_step   INTEGER NOT NULL DEFAULT 0,
    inserted_at INTEGER NOT NULL
) STRICT;
",
    "
-- Tokens of keys live for minutes only: they need not be taken along.
DELETE FROM tokens WHERE key_id IS NOT NULL;
CREATE TABLE organizations (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    repository_id INTEGER NOT NULL UNIQUE REFERENCES repositories (id),
    seats         INTEGER NOT NULL,
    inserted_at   INTEGER NOT NULL,
    updated_at    INTEGER NOT NULL
) STRICT;
CREATE TABLE members (
    organization_id INTEGER NOT NULL REFERENCES organizations (id),
    user_id         INTEGER NOT NULL REFERENCES users (id),
    role            TEXT NOT NULL,
    PRIMARY KEY (organization_id, user_id)
) STRICT;
CREATE INDEX members_by_user ON members (user_id);
CREATE TABLE keys_of_all (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id         INTEGER REFERENCES users (id),
    organization_id INTEGER REFERENCES organizations (id),
    name            TEXT NOT NULL,
    secret_hash     BLOB NOT NULL UNIQUE,
    permissions     TEXT NOT NULL,
    revoke_at       INTEGER,
    last_ip         TEXT,
    last_agent      TEXT,
    last_used_at    INTEGER,
    inserted_at     INTEGER NOT NULL,
    updated_at      INTEGER NOT NULL,
    CHECK ((user_id IS NULL) <> (organization_id IS NULL))
) STRICT;
INSERT INTO keys_of_all SELECT id, user_id, NULL, name, secret_hash, permissions, revoke_at, last_ip,
    last_agent, last_used_at, inserted_at, updated_at FROM keys;
DROP TABLE keys;
ALTER TABLE keys_of_all RENAME TO keys;
CREATE INDEX keys_of_user ON keys (user_id, name);
CREATE INDEX keys_of_organization ON keys (organization_id, name);
CREATE TABLE audit_logs_of_all (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id         INTEGER REFERENCES users (id),
    organization_id INTEGER REFERENCES organizations (id),
    package_id      INTEGER,
    action          TEXT NOT NULL,
    user_agent      TEXT NOT NULL,
    params          TEXT NOT NULL,
    inserted_at     INTEGER NOT NULL
) STRICT;
INSERT INTO audit_logs_of_all SELECT id, user_id, NULL, package_id, action, user_agent, params, inserted_at
    FROM audit_logs;
DROP TABLE audit_logs;
ALTER TABLE audit_logs_of_all RENAME TO audit_logs;
CREATE INDEX audit_logs_by_user ON audit_logs (user_id);
CREATE INDEX audit_logs_by_organization ON audit_logs (organization_id);
CREATE INDEX audit_logs_by_package ON audit_logs (package_id);
",
    "
CREATE TABLE browser_sessions (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id     INTEGER NOT NULL REFERENCES users (id),
    secret_hash BLOB NOT NULL UNIQUE,
    signed_in   INTEGER NOT NULL,
    user_agent  TEXT NOT NULL,
    ip          TEXT NOT NULL,
    inserted_at INTEGER NOT NULL,
    seen_at     INTEGER NOT NULL,
    ends_at     INTEGER NOT NULL
) STRICT;
CREATE INDEX browser_sessions_by_user ON browser_sessions (user_id);
CREATE INDEX browser_sessions_by_end ON browser_sessions (ends_at);
CREATE TABLE links (
    token_hash BLOB PRIMARY KEY,
    user_id    INTEGER NOT NULL REFERENCES users (id),
    purpose    TEXT NOT NULL,
    ends_at    INTEGER NOT NULL
) STRICT;
CREATE INDEX links_by_user ON links (user_id);
CREATE TABLE recovery_codes (
    user_id   INTEGER NOT NULL REFERENCES two_factor (user_id) ON DELETE CASCADE,
    code_hash BLOB NOT NULL,
    PRIMARY KEY (user_id, code_hash)
) STRICT;
",
    "
CREATE INDEX packages_by_generation ON packages (repository_id, generation);
CREATE INDEX packages_by_update ON packages (repository_id, updated_at DESC, name);
CREATE INDEX packages_by_insertion ON packages (repository_id, inserted_at DESC, name);
",
];

/// Checks the file, brings it up to date and makes sure that it is the wanted repository's.
pub fn prepare(connection: &mut Connection, repository: &str, now: Moment) -> Result<(), OpenError> {
    let verdict: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if verdict != "ok" {
        return Err(OpenError::Corrupt(verdict));
    }
    let found: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let known = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
    if found > known {
        return Err(OpenError::Newer { found, known });
    }
    let transaction = connection.transaction()?;
    for (step, migration) in MIGRATIONS.iter().enumerate().skip(usize::try_from(found).unwrap_or(0)) {
        transaction.execute_batch(migration)?;
        transaction.pragma_update(None, "user_version", i64::try_from(step + 1).unwrap_or(known))?;
    }
    let default: Option<String> = {
        let mut query = transaction.prepare("SELECT name FROM repositories ORDER BY id LIMIT 1")?;
        let mut rows = query.query([])?;
        rows.next()?.map(|row| row.get(0)).transpose()?
    };
    match default {
        Some(name) if name == repository => {}
        Some(found) => return Err(OpenError::OtherRepository { found, wanted: repository.to_owned() }),
        None => {
            transaction.execute(
                "INSERT INTO repositories (name, public, inserted_at) VALUES (?1, 1, ?2)",
                params![repository, now.0],
            )?;
        }
    }
    transaction.commit()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::sqlite::connect;

    /// What a user leaves in a database of that version.
    const ROWS: [&str; 2] = [
        "INSERT INTO repositories VALUES (1, 'hexpm', 1, 1, 0);
         INSERT INTO users VALUES (7, 'alice', 'alice@example.com', NULL, NULL, 1, 0, 0);
         INSERT INTO keys VALUES (3, 7, 'ci', x'aa', '[]', NULL, NULL, NULL, NULL, 0, 0);
         INSERT INTO audit_logs VALUES (1, 7, NULL, 'key.generate', 'x', '{}', 0);",
        "INSERT INTO sessions VALUES (5, 7, 'laptop', 'x', '[]', NULL, NULL, NULL, 0, 9, NULL);
         INSERT INTO tokens VALUES (1, x'01', 1, 5, NULL, '[]', 9, NULL);
         INSERT INTO tokens VALUES (2, x'02', 0, NULL, 3, '[]', 9, NULL);
         INSERT INTO two_factor VALUES (7, x'00', 0, 0);",
    ];

    #[test]
    fn a_database_of_every_older_version_is_brought_up_to_date_with_what_it_holds() {
        for version in 1..MIGRATIONS.len() {
            let folder = tempfile::tempdir().unwrap();
            let mut connection = connect(&folder.path().join("db")).unwrap();
            for (migration, rows) in
                MIGRATIONS.iter().zip(ROWS.iter().chain(std::iter::repeat(&""))).take(version)
            {
                connection.execute_batch(migration).unwrap();
                connection.execute_batch(rows).unwrap();
            }
            connection.pragma_update(None, "user_version", i64::try_from(version).unwrap()).unwrap();
            prepare(&mut connection, "hexpm", Moment(0)).unwrap();
            let count = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
            assert_eq!(count("SELECT count(*) FROM keys WHERE id = 3 AND user_id = 7"), 1, "{version}");
            assert_eq!(count("SELECT count(*) FROM audit_logs WHERE user_id = 7"), 1, "{version}");
            let later = i64::from(version > 1);
            assert_eq!(count("SELECT count(*) FROM two_factor"), later, "{version}");
            let kept = "SELECT count(*) FROM tokens JOIN sessions s ON s.id = session_id WHERE s.user_id = 7";
            assert_eq!(count(kept), later, "{version}");
            assert_eq!(count("SELECT count(*) FROM pragma_foreign_key_check"), 0, "{version}");
            let refused =
                connection.execute("INSERT INTO tokens VALUES (9, x'09', 0, NULL, 99, '[]', 9, NULL)", []);
            assert!(refused.is_err(), "{version}: tokens still know the table of keys");
        }
    }
}
