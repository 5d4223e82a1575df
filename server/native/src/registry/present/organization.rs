//! Organizations and their members.

use serde::Serialize;

use super::user::{Brief, ShownUser, brief, user};
use crate::{
    registry::Urls,
    store::{Member, Organization},
};

/// An organization, as a listing shows it.
#[derive(Clone, Debug, Serialize)]
pub struct ListedOrganization<'a> {
    name: &'a str,
    billing_active: bool,
    inserted_at: String,
    updated_at: String,
}

/// An organization, alone.
#[derive(Clone, Debug, Serialize)]
pub struct ShownOrganization<'a> {
    #[serde(flatten)]
    listed: ListedOrganization<'a>,
    seats: u32,
}

/// A member, as a listing shows it.
#[derive(Clone, Debug, Serialize)]
pub struct ListedMember<'a> {
    #[serde(flatten)]
    user: Brief<'a>,
    role: &'static str,
}

/// A member, alone.
#[derive(Clone, Debug, Serialize)]
pub struct ShownMember<'a> {
    #[serde(flatten)]
    user: ShownUser<'a>,
    role: &'static str,
}

/// An organization, as a listing shows it. Nothing is paid for here, so billing is always in order.
pub fn listed_organization(organization: &Organization) -> ListedOrganization<'_> {
    ListedOrganization {
        name: &organization.name,
        billing_active: true,
        inserted_at: organization.inserted_at.rfc3339(),
        updated_at: organization.updated_at.rfc3339(),
    }
}

/// An organization, alone.
pub fn organization(organization: &Organization) -> ShownOrganization<'_> {
    ShownOrganization { listed: listed_organization(organization), seats: organization.seats }
}

/// A member, as a listing shows it.
pub fn listed_member<'a>(member: &'a Member, urls: &Urls) -> ListedMember<'a> {
    ListedMember { user: brief(&member.user, urls), role: member.role.name() }
}

/// A member, alone.
pub fn member<'a>(member: &'a Member, urls: &Urls) -> ShownMember<'a> {
    ShownMember { user: user(&member.user, urls), role: member.role.name() }
}
