//! Terms as resources of the index: the way back from what `show` gives.

use hexide_core::{
    hex,
    registry::schema::{
        Dependency, Names, NamesEntry, Package, Policy, PolicyAction, PolicyOverride, PolicyRef,
        PolicyRepository, PolicyRestriction, Release, RetirementReason, RetirementStatus, SecurityAdvisory,
        Severity, Timestamp, Versions, VersionsEntry, Visibility,
    },
};
use rustler::{Atom, Error, NifResult, Term};

use super::show::atoms;
use crate::fields::Fields;

/// What can be read from a term.
pub trait FromTerm: Sized {
    /// The value; `BadArg` where the shape is another.
    fn from_term(term: Term<'_>) -> NifResult<Self>;
}

fn list<T: FromTerm>(fields: &Fields<'_>, key: &'static str) -> NifResult<Vec<T>> {
    let items: Option<Vec<Term<'_>>> = fields.optional(key)?;
    items.unwrap_or_default().into_iter().map(T::from_term).collect()
}

fn optional<T: FromTerm>(fields: &Fields<'_>, key: &'static str) -> NifResult<Option<T>> {
    match fields.optional::<Term<'_>>(key)? {
        Some(term) if term.decode::<Atom>().is_ok_and(|atom| atom == atoms::undefined()) => Ok(None),
        Some(term) => T::from_term(term).map(Some),
        None => Ok(None),
    }
}

/// An atom as the number that the table gives it.
fn number(atom: Atom, table: &[(Atom, i32)]) -> NifResult<i32> {
    table.iter().find_map(|(name, number)| (*name == atom).then_some(*number)).ok_or(Error::BadArg)
}

impl FromTerm for Names {
    fn from_term(term: Term<'_>) -> NifResult<Self> {
        let fields = Fields(term);
        Ok(Names { packages: list(&fields, "packages")?, repository: fields.get("repository")? })
    }
}

impl FromTerm for NamesEntry {
    fn from_term(term: Term<'_>) -> NifResult<Self> {
        let fields = Fields(term);
        Ok(NamesEntry { name: fields.get("name")?, updated_at: optional(&fields, "updated_at")? })
    }
}

impl FromTerm for Versions {
    fn from_term(term: Term<'_>) -> NifResult<Self> {
        let fields = Fields(term);
        Ok(Versions { packages: list(&fields, "packages")?, repository: fields.get("repository")? })
    }
}

impl FromTerm for VersionsEntry {
    fn from_term(term: Term<'_>) -> NifResult<Self> {
        let fields = Fields(term);
        Ok(VersionsEntry {
            name: fields.get("name")?,
            versions: fields.get("versions")?,
            retired: fields.optional("retired")?.unwrap_or_default(),
            with_advisories: fields.optional("with_advisories")?.unwrap_or_default(),
        })
    }
}

impl FromTerm for Package {
    fn from_term(term: Term<'_>) -> NifResult<Self> {
        let fields = Fields(term);
        Ok(Package {
            releases: list(&fields, "releases")?,
            name: fields.get("name")?,
            repository: fields.get("repository")?,
            advisories: list(&fields, "advisories")?,
        })
    }
}

impl FromTerm for Release {
    fn from_term(term: Term<'_>) -> NifResult<Self> {
        let fields = Fields(term);
        Ok(Release {
            version: fields.get("version")?,
            inner_checksum: hex::checksum(fields.get("inner_checksum")?).ok_or(Error::BadArg)?.to_vec(),
            dependencies: list(&fields, "dependencies")?,
            retired: optional(&fields, "retired")?,
            outer_checksum: match fields.optional::<&str>("outer_checksum")? {
                Some(text) => Some(hex::checksum(text).ok_or(Error::BadArg)?.to_vec()),
                None => None,
            },
            advisory_indexes: fields.optional("advisory_indexes")?.unwrap_or_default(),
            published_at: optional(&fields, "published_at")?,
        })
    }
}

impl FromTerm for Dependency {
    fn from_term(term: Term<'_>) -> NifResult<Self> {
        let fields = Fields(term);
        Ok(Dependency {
            package: fields.get("package")?,
            requirement: fields.get("requirement")?,
            optional: fields.optional("optional")?,
            app: fields.optional("app")?,
            repository: fields.optional("repository")?,
        })
    }
}

impl FromTerm for RetirementStatus {
    fn from_term(term: Term<'_>) -> NifResult<Self> {
        let fields = Fields(term);
        Ok(RetirementStatus { reason: reason(fields.get("reason")?)?, message: fields.optional("message")? })
    }
}

impl FromTerm for SecurityAdvisory {
    fn from_term(term: Term<'_>) -> NifResult<Self> {
        let fields = Fields(term);
        #[allow(clippy::cast_possible_truncation)] // The schema keeps the score in single precision.
        let cvss_score = fields.optional::<f64>("cvss_score")?.map(|score| score as f32);
        Ok(SecurityAdvisory {
            id: fields.get("id")?,
            summary: fields.get("summary")?,
            html_url: fields.get("html_url")?,
            severity: fields.optional("severity")?.map(severity).transpose()?,
            cvss_score,
            api_url: fields.optional("api_url")?,
            aliases: fields.optional("aliases")?.unwrap_or_default(),
        })
    }
}

impl FromTerm for Policy {
    fn from_term(term: Term<'_>) -> NifResult<Self> {
        let fields = Fields(term);
        let table =
            [(atoms::private(), Visibility::Private.into()), (atoms::public(), Visibility::Public.into())];
        Ok(Policy {
            repository: fields.get("repository")?,
            name: fields.get("name")?,
            description: fields.optional("description")?,
            visibility: fields.optional("visibility")?.map(|atom| number(atom, &table)).transpose()?,
            repositories: list(&fields, "repositories")?,
        })
    }
}

impl FromTerm for PolicyRepository {
    fn from_term(term: Term<'_>) -> NifResult<Self> {
        let fields = Fields(term);
        Ok(PolicyRepository {
            repository: fields.get("repository")?,
            restriction: optional(&fields, "restriction")?,
            overrides: list(&fields, "overrides")?,
        })
    }
}

impl FromTerm for PolicyRestriction {
    fn from_term(term: Term<'_>) -> NifResult<Self> {
        let fields = Fields(term);
        let reasons: Option<Vec<Atom>> = fields.optional("retirement_reasons")?;
        Ok(PolicyRestriction {
            advisory_min_severity: fields.optional("advisory_min_severity")?.map(severity).transpose()?,
            retirement_reasons: reasons
                .unwrap_or_default()
                .into_iter()
                .map(reason)
                .collect::<NifResult<_>>()?,
            cooldown: fields.optional("cooldown")?,
        })
    }
}

impl FromTerm for PolicyOverride {
    fn from_term(term: Term<'_>) -> NifResult<Self> {
        let fields = Fields(term);
        let table =
            [(atoms::allow(), PolicyAction::Allow.into()), (atoms::deny(), PolicyAction::Deny.into())];
        let about = Fields(fields.get("ref")?);
        Ok(PolicyOverride {
            action: number(fields.get("action")?, &table)?,
            r#ref: PolicyRef { package: about.get("package")?, requirement: about.optional("requirement")? },
        })
    }
}

impl FromTerm for Timestamp {
    fn from_term(term: Term<'_>) -> NifResult<Self> {
        Timestamp::from_rfc3339(term.decode()?).ok_or(Error::BadArg)
    }
}

fn reason(atom: Atom) -> NifResult<i32> {
    number(
        atom,
        &[
            (atoms::other(), RetirementReason::Other.into()),
            (atoms::invalid(), RetirementReason::Invalid.into()),
            (atoms::security(), RetirementReason::Security.into()),
            (atoms::deprecated(), RetirementReason::Deprecated.into()),
            (atoms::renamed(), RetirementReason::Renamed.into()),
        ],
    )
}

fn severity(atom: Atom) -> NifResult<i32> {
    number(
        atom,
        &[
            (atoms::none(), Severity::None.into()),
            (atoms::low(), Severity::Low.into()),
            (atoms::medium(), Severity::Medium.into()),
            (atoms::high(), Severity::High.into()),
            (atoms::critical(), Severity::Critical.into()),
        ],
    )
}
