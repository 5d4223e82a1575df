//! Organizations: who is in them, and for whom credentials stand.

use crate::{clock::Moment, store::User};

/// An organization. Its private repository has the same name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organization {
    /// Its number.
    pub id: i64,
    /// The unique name.
    pub name: String,
    /// How many members it may have.
    pub seats: u32,
    /// When it was made.
    pub inserted_at: Moment,
    /// When it last changed.
    pub updated_at: Moment,
}

/// What a member may do; each role includes those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// See the packages, fetch them.
    Read,
    /// Publish and change every package.
    Write,
    /// Decide on members, seats and owners.
    Admin,
}

impl Role {
    /// The role of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "read" => Some(Self::Read),
            "write" => Some(Self::Write),
            "admin" => Some(Self::Admin),
            _ => None,
        }
    }

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Admin => "admin",
        }
    }
}

/// A member of an organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The user.
    pub user: User,
    /// The role.
    pub role: Role,
}

/// For whom credentials stand: a user, or an organization by one of its keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Principal {
    /// A user.
    User(User),
    /// An organization, without any user.
    Organization(Organization),
}

/// The number of a [`Principal`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PrincipalId {
    /// Of a user.
    User(i64),
    /// Of an organization.
    Organization(i64),
}

impl Principal {
    /// Its number.
    #[must_use]
    pub fn id(&self) -> PrincipalId {
        match self {
            Self::User(user) => PrincipalId::User(user.id),
            Self::Organization(organization) => PrincipalId::Organization(organization.id),
        }
    }
}

impl PrincipalId {
    /// The number, where it is a user's.
    #[must_use]
    pub fn user(self) -> Option<i64> {
        match self {
            Self::User(id) => Some(id),
            Self::Organization(_) => None,
        }
    }

    /// The number, where it is an organization's.
    #[must_use]
    pub fn organization(self) -> Option<i64> {
        match self {
            Self::User(_) => None,
            Self::Organization(id) => Some(id),
        }
    }
}
