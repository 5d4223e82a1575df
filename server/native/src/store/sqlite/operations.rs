//! The store's operations, each handed to the thread it belongs to.

use std::sync::atomic::Ordering;

use super::{
    Sqlite, audit, browsers, devices, index, keys, links, organizations, owners, package_row, packages,
    publish, releases, repositories, search, sessions, two_factor, users,
};
use crate::{
    secret::totp,
    shelf::Again,
    store::{
        AccessToken, Actor, BrowserSession, DeviceRequest, Granted, Key, KeyUse, Level, Listing, LogEntry,
        Member, NewAccount, NewBrowserSession, NewDevice, NewKey, NewLink, NewToken, NewTokens, Organization,
        Owner, Package, PackageId, PackageIndex, Principal, PrincipalId, Publication, Published, Purpose,
        Refusal, Release, ReleaseId, Reply, Repository, Retirement, Role, Search, Session, SessionLimits,
        Store, StoreError, StoredTarball, TwoFactor, User,
    },
};
use futures::future::BoxFuture;

impl Store for Sqlite {
    fn epoch(&self) -> u64 {
        self.epoch.load(Ordering::Acquire)
    }
    fn repository(&self, name: Option<String>) -> Reply<'_, Option<Repository>> {
        let name = name.unwrap_or_else(|| self.repository.clone());
        self.read(move |tx| repositories::by_name(tx, &name))
    }
    fn repositories(&self) -> Reply<'_, Vec<Repository>> {
        self.read(repositories::all)
    }

    fn create_user(&self, account: NewAccount, user_agent: String) -> Reply<'_, User> {
        let now = self.clock.now();
        self.write(move |tx| users::create(tx, &account, user_agent, now))
    }
    fn confirm_user(&self, username: String) -> Reply<'_, User> {
        let now = self.clock.now();
        self.write(move |tx| users::confirm(tx, &username, now))
    }
    fn user(&self, username: String) -> Reply<'_, Option<User>> {
        self.read(move |tx| users::by_name(tx, &username))
    }
    fn credentials(&self, login: String) -> Reply<'_, Option<(User, Option<String>)>> {
        self.read(move |tx| users::by_login(tx, &login))
    }
    fn owned_packages(&self, user_id: i64, viewer: Option<PrincipalId>) -> Reply<'_, Vec<PackageId>> {
        self.read(move |tx| users::owned_packages(tx, user_id, viewer))
    }
    fn user_log(&self, user_id: i64, page: u32) -> Reply<'_, Vec<LogEntry>> {
        self.read(move |tx| audit::of_user(tx, user_id, page))
    }

    fn create_key(&self, actor: Actor, owner: PrincipalId, key: NewKey) -> Reply<'_, Key> {
        let now = self.clock.now();
        self.write(move |tx| keys::create(tx, &actor, owner, &key, now))
    }
    fn keys(&self, owner: PrincipalId) -> Reply<'_, Vec<Key>> {
        let now = self.clock.now();
        self.read(move |tx| keys::all(tx, owner, now))
    }
    fn key(&self, owner: PrincipalId, name: String) -> Reply<'_, Option<Key>> {
        let now = self.clock.now();
        self.read(move |tx| keys::by_name(tx, owner, &name, now))
    }
    fn key_by_secret(&self, secret_hash: [u8; 32]) -> Reply<'_, Option<(Key, Principal)>> {
        self.read(move |tx| keys::by_secret(tx, &secret_hash))
    }
    fn key_used(&self, key_id: i64, usage: KeyUse) -> Reply<'_, ()> {
        self.write(move |tx| keys::used(tx, key_id, &usage))
    }
    fn revoke_key(&self, actor: Actor, owner: PrincipalId, name: String) -> Reply<'_, Key> {
        let now = self.clock.now();
        self.write(move |tx| keys::revoke(tx, &actor, owner, &name, now))
    }
    fn revoke_all_keys(&self, actor: Actor, owner: PrincipalId) -> Reply<'_, Vec<Key>> {
        let now = self.clock.now();
        self.write(move |tx| keys::revoke_all(tx, &actor, owner, now))
    }

    fn create_organization(&self, actor: Actor, name: String, seats: u32) -> Reply<'_, Organization> {
        let now = self.clock.now();
        self.write(move |tx| organizations::create(tx, &actor, &name, seats, now))
    }
    fn organization(&self, name: String) -> Reply<'_, Option<Organization>> {
        self.read(move |tx| organizations::by_name(tx, &name))
    }
    fn organizations(&self, principal: PrincipalId) -> Reply<'_, Vec<(Organization, Role)>> {
        self.read(move |tx| organizations::of(tx, principal))
    }
    fn role(&self, principal: PrincipalId, organization: String) -> Reply<'_, Option<Role>> {
        self.read(move |tx| organizations::role(tx, principal, &organization))
    }
    fn set_seats(&self, actor: Actor, organization: String, seats: u32) -> Reply<'_, Organization> {
        let now = self.clock.now();
        self.write(move |tx| organizations::set_seats(tx, &actor, &organization, seats, now))
    }
    fn members(&self, organization: String) -> Reply<'_, Vec<Member>> {
        self.read(move |tx| organizations::members_of(tx, &organization))
    }
    fn add_member(&self, actor: Actor, organization: String, login: String, role: Role) -> Reply<'_, Member> {
        let now = self.clock.now();
        self.write(move |tx| organizations::add_member(tx, &actor, &organization, &login, role, now))
    }
    fn set_role(&self, actor: Actor, organization: String, login: String, role: Role) -> Reply<'_, Member> {
        let now = self.clock.now();
        self.write(move |tx| organizations::set_role(tx, &actor, &organization, &login, role, now))
    }
    fn remove_member(&self, actor: Actor, organization: String, login: String) -> Reply<'_, ()> {
        let now = self.clock.now();
        self.write(move |tx| organizations::remove_member(tx, &actor, &organization, &login, now))
    }
    fn organization_log(&self, organization: String, page: u32) -> Reply<'_, Vec<LogEntry>> {
        self.read(move |tx| organizations::audit_log(tx, &organization, page))
    }

    fn create_device(&self, device: NewDevice) -> Reply<'_, DeviceRequest> {
        let now = self.clock.now();
        self.write(move |tx| devices::create(tx, &device, now))
    }
    fn device_by_user_code(&self, user_code: String) -> Reply<'_, Option<DeviceRequest>> {
        let now = self.clock.now();
        self.read(move |tx| devices::by_user_code(tx, &user_code, now))
    }
    fn decide_device(&self, actor: Actor, user_code: String, approve: bool) -> Reply<'_, DeviceRequest> {
        let now = self.clock.now();
        self.write(move |tx| devices::decide(tx, &actor, &user_code, approve, now))
    }
    fn begin_session(
        &self,
        code_hash: [u8; 32],
        client_id: String,
        tokens: NewTokens,
        limits: SessionLimits,
    ) -> Reply<'_, Result<Granted, Refusal>> {
        let now = self.clock.now();
        self.write(move |tx| sessions::begin(tx, &code_hash, &client_id, tokens, limits, now))
    }
    fn renew_session(
        &self,
        refresh_hash: [u8; 32],
        client_id: String,
        tokens: NewTokens,
    ) -> Reply<'_, Result<Granted, Refusal>> {
        let now = self.clock.now();
        self.write(move |tx| sessions::renew(tx, &refresh_hash, &client_id, tokens, now))
    }
    fn create_key_token(
        &self,
        key: (i64, PrincipalId),
        token: NewToken,
        scopes: Vec<String>,
    ) -> Reply<'_, Granted> {
        let now = self.clock.now();
        self.write(move |tx| sessions::put_key_token(tx, key, token, &scopes, now))
    }
    fn access_token(&self, hash: [u8; 32]) -> Reply<'_, Option<AccessToken>> {
        let now = self.clock.now();
        self.read(move |tx| sessions::access_token(tx, &hash, now))
    }
    fn session_used(&self, session_id: i64, usage: KeyUse) -> Reply<'_, ()> {
        self.write(move |tx| sessions::used(tx, session_id, &usage))
    }
    fn revoke_token(&self, hash: [u8; 32], client_id: Option<String>, user_agent: String) -> Reply<'_, ()> {
        let now = self.clock.now();
        self.write(move |tx| sessions::revoke_token(tx, &hash, client_id.as_deref(), user_agent, now))
    }
    fn sessions(&self, user_id: i64) -> Reply<'_, Vec<Session>> {
        let now = self.clock.now();
        self.read(move |tx| sessions::all(tx, user_id, now))
    }
    fn revoke_session(&self, actor: Actor, session_id: i64) -> Reply<'_, Session> {
        let now = self.clock.now();
        self.write(move |tx| sessions::revoke(tx, &actor, session_id, now))
    }

    fn two_factor(&self, user_id: i64) -> Reply<'_, Option<TwoFactor>> {
        self.read(move |tx| two_factor::of_user(tx, user_id))
    }
    fn set_totp(&self, actor: Actor, secret: totp::Secret) -> Reply<'_, ()> {
        let now = self.clock.now();
        self.write(move |tx| two_factor::set(tx, &actor, &secret, now))
    }
    fn begin_two_factor(&self, actor: Actor, secret: totp::Secret, codes: Vec<[u8; 32]>) -> Reply<'_, ()> {
        let now = self.clock.now();
        self.write(move |tx| two_factor::begin(tx, &actor, &secret, &codes, now))
    }
    fn use_recovery_code(&self, user_id: i64, code_hash: [u8; 32]) -> Reply<'_, bool> {
        self.write(move |tx| two_factor::use_recovery_code(tx, user_id, &code_hash))
    }
    fn recovery_codes(&self, user_id: i64) -> Reply<'_, usize> {
        self.read(move |tx| two_factor::recovery_codes(tx, user_id))
    }
    fn clear_totp(&self, actor: Actor) -> Reply<'_, ()> {
        let now = self.clock.now();
        self.write(move |tx| two_factor::clear(tx, &actor, now))
    }
    fn use_totp_step(&self, user_id: i64, step: i64) -> Reply<'_, bool> {
        self.write(move |tx| two_factor::use_step(tx, user_id, step))
    }

    fn create_browser_session(&self, session: NewBrowserSession) -> Reply<'_, ()> {
        let now = self.clock.now();
        self.write(move |tx| browsers::create(tx, &session, now))
    }
    fn browser_session(&self, secret_hash: [u8; 32]) -> Reply<'_, Option<BrowserSession>> {
        let now = self.clock.now();
        self.read(move |tx| browsers::by_secret(tx, &secret_hash, now))
    }
    fn browser_sessions(&self, user_id: i64) -> Reply<'_, Vec<BrowserSession>> {
        let now = self.clock.now();
        self.read(move |tx| browsers::of_user(tx, user_id, now))
    }
    fn browser_seen(&self, id: i64, ip: String) -> Reply<'_, ()> {
        let now = self.clock.now();
        self.write(move |tx| browsers::seen(tx, id, &ip, now))
    }
    fn end_browser_session(&self, user_id: i64, id: i64) -> Reply<'_, ()> {
        self.write(move |tx| browsers::end(tx, user_id, id))
    }
    fn change_password(&self, actor: Actor, password_hash: String, kept: i64) -> Reply<'_, ()> {
        let now = self.clock.now();
        self.write(move |tx| links::change_password(tx, &actor, &password_hash, kept, now))
    }

    fn create_link(&self, actor: Actor, link: NewLink) -> Reply<'_, ()> {
        let now = self.clock.now();
        self.write(move |tx| links::create(tx, &link, &actor, now))
    }
    fn link_user(&self, token_hash: [u8; 32], purpose: Purpose) -> Reply<'_, Option<User>> {
        let now = self.clock.now();
        self.read(move |tx| links::user(tx, &token_hash, purpose, now))
    }
    fn reset_password(
        &self,
        token_hash: [u8; 32],
        password_hash: String,
        user_agent: String,
    ) -> Reply<'_, User> {
        let now = self.clock.now();
        self.write(move |tx| links::reset_password(tx, &token_hash, &password_hash, user_agent, now))
    }
    fn confirm_by_link(&self, token_hash: [u8; 32]) -> Reply<'_, User> {
        let now = self.clock.now();
        self.write(move |tx| links::confirm(tx, &token_hash, now))
    }

    fn packages(&self, search: Search) -> Reply<'_, Vec<Package>> {
        self.read(move |tx| search::packages(tx, &search))
    }
    fn package(&self, id: PackageId) -> Reply<'_, Option<Package>> {
        self.read(move |tx| packages::full(tx, &id))
    }
    fn package_again(&self, id: PackageId, known: Option<i64>) -> Reply<'_, Option<Again<Package>>> {
        self.read(move |tx| packages::again(tx, &id, known, packages::full))
    }
    fn package_log(&self, id: PackageId, page: u32) -> Reply<'_, Vec<LogEntry>> {
        self.read(move |tx| {
            let package = package_row::by_id(tx, &id)?.ok_or(StoreError::NotFound)?;
            audit::of_package(tx, package.id, page)
        })
    }
    fn release(&self, id: ReleaseId) -> Reply<'_, Option<Release>> {
        self.read(move |tx| releases::full(tx, &id))
    }
    fn publish_release(&self, actor: Actor, publication: Publication) -> Reply<'_, Published> {
        let now = self.clock.now();
        let default = self.repository.clone();
        self.write(move |tx| publish::publish(tx, &actor, &publication, &default, now))
    }
    fn revert_release(&self, actor: Actor, id: ReleaseId) -> Reply<'_, Vec<String>> {
        let now = self.clock.now();
        self.write(move |tx| releases::revert(tx, &actor, &id, now))
    }
    fn retire(&self, actor: Actor, id: ReleaseId, retirement: Retirement) -> Reply<'_, ()> {
        let now = self.clock.now();
        self.write(move |tx| releases::retire(tx, &actor, &id, Some(retirement), now))
    }
    fn unretire(&self, actor: Actor, id: ReleaseId) -> Reply<'_, ()> {
        let now = self.clock.now();
        self.write(move |tx| releases::retire(tx, &actor, &id, None, now))
    }
    fn retire_all(
        &self,
        actor: Actor,
        id: PackageId,
        retirement: Retirement,
        replace: bool,
    ) -> Reply<'_, ()> {
        let now = self.clock.now();
        self.write(move |tx| releases::retire_all(tx, &actor, &id, (retirement, replace), now))
    }
    fn publish_docs(&self, actor: Actor, id: ReleaseId, blob: String) -> Reply<'_, Option<String>> {
        let now = self.clock.now();
        self.write(move |tx| releases::put_docs(tx, &actor, &id, Some(blob), now))
    }
    fn revert_docs(&self, actor: Actor, id: ReleaseId) -> Reply<'_, Option<String>> {
        let now = self.clock.now();
        self.write(move |tx| releases::put_docs(tx, &actor, &id, None, now))
    }
    fn tarball(&self, id: ReleaseId) -> Reply<'_, Option<StoredTarball>> {
        self.read(move |tx| releases::tarball(tx, &id))
    }
    fn docs(&self, id: ReleaseId) -> Reply<'_, Option<String>> {
        self.read(move |tx| releases::docs(tx, &id))
    }
    fn latest_docs(&self, id: PackageId) -> Reply<'_, Option<(String, String)>> {
        self.read(move |tx| releases::latest_docs(tx, &id))
    }

    fn may_publish(&self, actor: Actor, id: PackageId) -> Reply<'_, ()> {
        self.read(move |tx| publish::allowed(tx, &actor, &id))
    }
    fn owners(&self, id: PackageId) -> Reply<'_, Vec<Owner>> {
        self.read(move |tx| {
            let package = package_row::by_id(tx, &id)?.ok_or(StoreError::NotFound)?;
            owners::all(tx, package.id)
        })
    }
    fn put_owner(
        &self,
        actor: Actor,
        id: PackageId,
        login: String,
        level: Level,
        transfer: bool,
    ) -> Reply<'_, ()> {
        let now = self.clock.now();
        self.write(move |tx| owners::put(tx, &actor, &id, &login, (level, transfer), now))
    }
    fn remove_owner(&self, actor: Actor, id: PackageId, login: String) -> Reply<'_, ()> {
        let now = self.clock.now();
        self.write(move |tx| owners::remove(tx, &actor, &id, &login, now))
    }

    fn generation(&self, repository: String) -> Reply<'_, Option<i64>> {
        self.read(move |tx| index::generation(tx, &repository))
    }
    fn listing(&self, repository: String, after: Option<i64>) -> Reply<'_, Option<Listing>> {
        self.read(move |tx| index::listing(tx, &repository, after))
    }
    fn package_index(&self, id: PackageId, known: Option<i64>) -> Reply<'_, Option<Again<PackageIndex>>> {
        self.read(move |tx| packages::again(tx, &id, known, index::package))
    }

    fn referenced_blobs(&self) -> Reply<'_, Vec<String>> {
        self.read(|tx| {
            let mut query = tx.prepare(
                "SELECT blob FROM releases UNION SELECT docs_blob FROM releases WHERE docs_blob IS NOT NULL",
            )?;
            let names = query.query_map([], |row| row.get(0))?;
            Ok(names.collect::<Result<_, _>>()?)
        })
    }
    fn close(&self) -> BoxFuture<'_, ()> {
        Box::pin(self.shut())
    }
}
