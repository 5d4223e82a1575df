//! What the registry remembers: one trait with a method per domain operation, each one transaction.
//!
//! No query language shows in the signatures, so that another database can stand behind them. Tarballs
//! are not here but in [`Blobs`](crate::registry::Blobs); a release holds the name of its blob, and
//! everything the API shows of it.

mod account;
mod browser;
mod listing;
mod organization;
mod package;
mod release;
mod session;

pub mod sqlite;

use futures::future::BoxFuture;
use serde_json::Value;

use crate::{secret::totp, shelf::Again};

pub use account::*;
pub use browser::*;
pub use listing::*;
pub use organization::*;
pub use package::*;
pub use release::*;
pub use session::*;

/// Why the store did not do it.
#[derive(Clone, Debug, PartialEq)]
pub enum StoreError {
    /// The thing does not exist.
    NotFound,
    /// The actor does not own the package, or not at the level needed.
    Forbidden,
    /// The content is refused; the errors by field, as the API shows them.
    Invalid(Value),
    /// The database failed; what it said is for the log, not for a client.
    Broken(String),
}

/// What every operation of the store gives.
pub type Reply<'a, T> = BoxFuture<'a, Result<T, StoreError>>;

/// The memory of a registry. Every method is one transaction.
pub trait Store: Send + Sync + 'static {
    /// Rises with each change, before the change is acknowledged: while it stays the same, so does everything
    /// that was read.
    fn epoch(&self) -> u64;

    /// The repository of that name; the default one for `None`.
    fn repository(&self, name: Option<String>) -> Reply<'_, Option<Repository>>;
    /// Every repository, the default one first.
    fn repositories(&self) -> Reply<'_, Vec<Repository>>;

    /// Makes a user. `Invalid` where the username or the e-mail address is taken.
    fn create_user(&self, account: NewAccount, user_agent: String) -> Reply<'_, User>;
    /// Makes a user active.
    fn confirm_user(&self, username: String) -> Reply<'_, User>;
    /// The user of that name.
    fn user(&self, username: String) -> Reply<'_, Option<User>>;
    /// The user of that name or e-mail address and the hash of the password, where there is one.
    fn credentials(&self, login: String) -> Reply<'_, Option<(User, Option<String>)>>;
    /// The packages a user owns, as far as the viewer may see them, by name and repository.
    fn owned_packages(&self, user_id: i64, viewer: Option<PrincipalId>) -> Reply<'_, Vec<PackageId>>;
    /// What a user did, newest first, a hundred a page.
    fn user_log(&self, user_id: i64, page: u32) -> Reply<'_, Vec<LogEntry>>;

    /// Makes a key of the actor's own, or of an organization where the actor may write (for a key that
    /// changes the organization itself: administer). A name that is taken gets `-2`, `-3`, … appended.
    fn create_key(&self, actor: Actor, owner: PrincipalId, key: NewKey) -> Reply<'_, Key>;
    /// The keys of an owner that are in force, by name.
    fn keys(&self, owner: PrincipalId) -> Reply<'_, Vec<Key>>;
    /// One key that is in force.
    fn key(&self, owner: PrincipalId, name: String) -> Reply<'_, Option<Key>>;
    /// The key with that secret, in force or revoked, and for whom it stands.
    fn key_by_secret(&self, secret_hash: [u8; 32]) -> Reply<'_, Option<(Key, Principal)>>;
    /// Notes when and from where a key was used.
    fn key_used(&self, key_id: i64, usage: KeyUse) -> Reply<'_, ()>;
    /// Revokes one key of the actor's own, or of an organization where the actor may write.
    fn revoke_key(&self, actor: Actor, owner: PrincipalId, name: String) -> Reply<'_, Key>;
    /// Revokes every key of that owner, under the same conditions.
    fn revoke_all_keys(&self, actor: Actor, owner: PrincipalId) -> Reply<'_, Vec<Key>>;

    /// Makes an organization with its private repository; the actor, a user, becomes its admin.
    /// `Invalid` where the name is taken.
    fn create_organization(&self, actor: Actor, name: String, seats: u32) -> Reply<'_, Organization>;
    /// The organization of that name.
    fn organization(&self, name: String) -> Reply<'_, Option<Organization>>;
    /// The organizations of a user with the role in each, or the organization itself, by name.
    fn organizations(&self, principal: PrincipalId) -> Reply<'_, Vec<(Organization, Role)>>;
    /// What a principal may do in an organization; `None` where it is no member.
    fn role(&self, principal: PrincipalId, organization: String) -> Reply<'_, Option<Role>>;
    /// Changes how many members there may be; by an admin, and not to less than there are.
    fn set_seats(&self, actor: Actor, organization: String, seats: u32) -> Reply<'_, Organization>;
    /// The members, by name.
    fn members(&self, organization: String) -> Reply<'_, Vec<Member>>;
    /// Takes a user in, by an admin and where a seat is free.
    fn add_member(&self, actor: Actor, organization: String, login: String, role: Role) -> Reply<'_, Member>;
    /// Changes a role, by an admin; never the last admin's.
    fn set_role(&self, actor: Actor, organization: String, login: String, role: Role) -> Reply<'_, Member>;
    /// Takes a member out, by an admin; never the last admin.
    fn remove_member(&self, actor: Actor, organization: String, login: String) -> Reply<'_, ()>;
    /// What was done in an organization, newest first, a hundred a page.
    fn organization_log(&self, organization: String, page: u32) -> Reply<'_, Vec<LogEntry>>;

    /// Notes what a device asks for.
    fn create_device(&self, device: NewDevice) -> Reply<'_, DeviceRequest>;
    /// The request with that user code, however it is typed.
    fn device_by_user_code(&self, user_code: String) -> Reply<'_, Option<DeviceRequest>>;
    /// Approves or refuses a device for the actor. `Invalid` where it is too late or decided already.
    fn decide_device(&self, actor: Actor, user_code: String, approve: bool) -> Reply<'_, DeviceRequest>;
    /// Begins the session of a device that was approved, with those tokens; the oldest of more than
    /// `most` sessions of the user end. A device that asks again within `interval` seconds is too fast.
    fn begin_session(
        &self,
        code_hash: [u8; 32],
        client_id: String,
        tokens: NewTokens,
        limits: SessionLimits,
    ) -> Reply<'_, Result<Granted, Refusal>>;
    /// Gives a session new tokens in place of the old ones.
    fn renew_session(
        &self,
        refresh_hash: [u8; 32],
        client_id: String,
        tokens: NewTokens,
    ) -> Reply<'_, Result<Granted, Refusal>>;
    /// Keeps a token that reaches part of what a key of that owner reaches.
    fn create_key_token(
        &self,
        key: (i64, PrincipalId),
        token: NewToken,
        scopes: Vec<String>,
    ) -> Reply<'_, Granted>;
    /// The access token in force with that hash.
    fn access_token(&self, hash: [u8; 32]) -> Reply<'_, Option<AccessToken>>;
    /// Notes when and from where a session was used.
    fn session_used(&self, session_id: i64, usage: KeyUse) -> Reply<'_, ()>;
    /// Ends the session of an access or refresh token, or the token where it has none; nothing where the
    /// token is unknown or another program's.
    fn revoke_token(&self, hash: [u8; 32], client_id: Option<String>, user_agent: String) -> Reply<'_, ()>;
    /// The sessions of a user that are in force, newest first.
    fn sessions(&self, user_id: i64) -> Reply<'_, Vec<Session>>;
    /// Ends a session of the actor.
    fn revoke_session(&self, actor: Actor, session_id: i64) -> Reply<'_, Session>;

    /// The second factor of a user, where it is on.
    fn two_factor(&self, user_id: i64) -> Reply<'_, Option<TwoFactor>>;
    /// Switches the second factor on, or to another secret.
    fn set_totp(&self, actor: Actor, secret: totp::Secret) -> Reply<'_, ()>;
    /// Switches the second factor on with that secret; codes that hash to these stand in for it, each once.
    fn begin_two_factor(&self, actor: Actor, secret: totp::Secret, codes: Vec<[u8; 32]>) -> Reply<'_, ()>;
    /// Whether a recovery code of the user hashes to that; it is spent then.
    fn use_recovery_code(&self, user_id: i64, code_hash: [u8; 32]) -> Reply<'_, bool>;
    /// How many recovery codes a user has left.
    fn recovery_codes(&self, user_id: i64) -> Reply<'_, usize>;
    /// Switches it off.
    fn clear_totp(&self, actor: Actor) -> Reply<'_, ()>;
    /// Whether no code of that step or a later one was used to sign in yet; from now on it was.
    fn use_totp_step(&self, user_id: i64, step: i64) -> Reply<'_, bool>;

    /// Makes a session of a browser.
    fn create_browser_session(&self, session: NewBrowserSession) -> Reply<'_, ()>;
    /// The session with that secret, while it lasts.
    fn browser_session(&self, secret_hash: [u8; 32]) -> Reply<'_, Option<BrowserSession>>;
    /// The browsers in which a user is signed in, the last seen first.
    fn browser_sessions(&self, user_id: i64) -> Reply<'_, Vec<BrowserSession>>;
    /// Notes that a session was seen at that address.
    fn browser_seen(&self, id: i64, ip: String) -> Reply<'_, ()>;
    /// Ends one session of a user's browsers.
    fn end_browser_session(&self, user_id: i64, id: i64) -> Reply<'_, ()>;
    /// Changes the actor's password; every session but the kept browser's ends.
    fn change_password(&self, actor: Actor, password_hash: String, kept: i64) -> Reply<'_, ()>;

    /// Makes a link to be mailed.
    fn create_link(&self, actor: Actor, link: NewLink) -> Reply<'_, ()>;
    /// Whom a link is for, while it lasts.
    fn link_user(&self, token_hash: [u8; 32], purpose: Purpose) -> Reply<'_, Option<User>>;
    /// Sets the password of whom the link is for, once, and ends all sessions. `NotFound` where there is
    /// no such link, or not any more.
    fn reset_password(
        &self,
        token_hash: [u8; 32],
        password_hash: String,
        user_agent: String,
    ) -> Reply<'_, User>;
    /// Makes whom the link is for active. `NotFound` as above.
    fn confirm_by_link(&self, token_hash: [u8; 32]) -> Reply<'_, User>;

    /// The packages that match, one page of them.
    fn packages(&self, search: Search) -> Reply<'_, Vec<Package>>;
    /// One package with its releases and owners.
    fn package(&self, id: PackageId) -> Reply<'_, Option<Package>>;
    /// The same, where that of a generation is known.
    fn package_again(&self, id: PackageId, known: Option<i64>) -> Reply<'_, Option<Again<Package>>>;
    /// What happened to a package, newest first, a hundred a page.
    fn package_log(&self, id: PackageId, page: u32) -> Reply<'_, Vec<LogEntry>>;
    /// One release.
    fn release(&self, id: ReleaseId) -> Reply<'_, Option<Release>>;
    /// Publishes a release, and with the first one the package.
    fn publish_release(&self, actor: Actor, publication: Publication) -> Reply<'_, Published>;
    /// Removes a release, and with the last one the package. Gives the blobs that nothing refers to now.
    fn revert_release(&self, actor: Actor, id: ReleaseId) -> Reply<'_, Vec<String>>;
    /// Marks a release as retired.
    fn retire(&self, actor: Actor, id: ReleaseId, retirement: Retirement) -> Reply<'_, ()>;
    /// Takes the mark away.
    fn unretire(&self, actor: Actor, id: ReleaseId) -> Reply<'_, ()>;
    /// Marks every release of a package; with `replace` also those that are marked already.
    fn retire_all(&self, actor: Actor, id: PackageId, retirement: Retirement, replace: bool)
    -> Reply<'_, ()>;
    /// Gives a release its documentation. Gives the blob that nothing refers to now.
    fn publish_docs(&self, actor: Actor, id: ReleaseId, blob: String) -> Reply<'_, Option<String>>;
    /// Takes the documentation away. Gives the blob that nothing refers to now.
    fn revert_docs(&self, actor: Actor, id: ReleaseId) -> Reply<'_, Option<String>>;
    /// The blob and the outer checksum of a release.
    fn tarball(&self, id: ReleaseId) -> Reply<'_, Option<StoredTarball>>;
    /// The blob of a release's documentation.
    fn docs(&self, id: ReleaseId) -> Reply<'_, Option<String>>;
    /// The newest release with documentation (a stable one where there is one) and its blob.
    fn latest_docs(&self, id: PackageId) -> Reply<'_, Option<(String, String)>>;

    /// Whether the actor may publish to a package: owns it, or it does not exist yet; in a private
    /// repository, may write there. Else `Forbidden`.
    fn may_publish(&self, actor: Actor, id: PackageId) -> Reply<'_, ()>;
    /// The owners of a package, oldest first.
    fn owners(&self, id: PackageId) -> Reply<'_, Vec<Owner>>;
    /// Makes a user (by name or e-mail address) an owner of that level; with `transfer` the only one.
    fn put_owner(
        &self,
        actor: Actor,
        id: PackageId,
        login: String,
        level: Level,
        transfer: bool,
    ) -> Reply<'_, ()>;
    /// Removes an owner; never the last one.
    fn remove_owner(&self, actor: Actor, id: PackageId, login: String) -> Reply<'_, ()>;

    /// The generation of a repository's `names` and `versions`.
    fn generation(&self, repository: String) -> Reply<'_, Option<i64>>;
    /// What `names` and `versions` are made of, and its generation: of every package, or of those only
    /// that changed after that generation.
    fn listing(&self, repository: String, after: Option<i64>) -> Reply<'_, Option<Listing>>;
    /// Everything that a package's resource is made of, and its generation; known is that of a generation.
    fn package_index(&self, id: PackageId, known: Option<i64>) -> Reply<'_, Option<Again<PackageIndex>>>;

    /// The name of every blob that is referred to.
    fn referenced_blobs(&self) -> Reply<'_, Vec<String>>;
    /// Finishes what was begun and closes the database.
    fn close(&self) -> BoxFuture<'_, ()>;
}
