//! Resources of the index as terms.

use hexide_core::registry::{
    borrowed::{Dependency, Names, Package, Release, Texts, Versions},
    schema::{
        Policy, PolicyAction, PolicyOverride, PolicyRepository, PolicyRestriction, RetirementReason,
        RetirementStatus, SecurityAdvisory, Severity, Timestamp, Visibility,
    },
};
use rustler::{Atom, Encoder, Env, Term};

use crate::term;

pub(super) mod atoms {
    rustler::atoms! {
        undefined,
        repository, packages, name, updated_at, versions, retired, with_advisories,
        releases, advisories, version, inner_checksum, outer_checksum, dependencies, advisory_indexes, published_at,
        package, requirement, optional, app, reason, message,
        id, summary, html_url, severity, cvss_score, api_url, aliases,
        description, visibility, repositories, restriction, overrides, advisory_min_severity, retirement_reasons,
        cooldown, action, ref_ = "ref",
        other, invalid, security, deprecated, renamed, none, low, medium, high, critical,
        private, public, allow, deny
    }
}

/// What has a shape of its own in Erlang; `hexide_registry` documents each.
pub trait Shape {
    /// The term in that environment.
    fn term<'a>(&self, env: Env<'a>) -> Term<'a>;
}

fn list<'a, T>(env: Env<'a>, items: &[T], show: impl FnMut(&T) -> Term<'a>) -> Term<'a> {
    items.iter().map(show).collect::<Vec<_>>().encode(env)
}

fn shapes<'a, T: Shape>(env: Env<'a>, items: &[T]) -> Term<'a> {
    list(env, items, |item| item.term(env))
}

fn optional<'a, T>(env: Env<'a>, value: Option<T>, show: impl FnOnce(T) -> Term<'a>) -> Term<'a> {
    value.map_or_else(|| atoms::undefined().encode(env), show)
}

fn optional_text<'a>(env: Env<'a>, text: Option<&String>) -> Term<'a> {
    optional(env, text, |text| term::text(env, text))
}

/// A map of a fixed set of keys. The keys are made once for many maps of the same kind, and stand in the order
/// of their names: the node sorts them for each map.
fn row<'a>(env: Env<'a>, keys: &[Term<'a>], values: &[Term<'a>]) -> Term<'a> {
    Term::map_from_term_arrays(env, keys, values).unwrap_or_else(|_| Term::map_new(env))
}

impl Shape for Names<'_> {
    fn term<'a>(&self, env: Env<'a>) -> Term<'a> {
        let keys = [atoms::name().encode(env), atoms::updated_at().encode(env)];
        let packages = list(env, &self.packages, |(name, updated_at)| {
            let updated_at = optional(env, updated_at.as_ref(), |time| time.term(env));
            row(env, &keys, &[term::text(env, name), updated_at])
        });
        term::map(
            env,
            &[(atoms::repository(), term::text(env, self.repository)), (atoms::packages(), packages)],
        )
    }
}

/// What is alike is one term: a version that many packages have, and all but the name of packages that
/// list the same.
impl Shape for Versions<'_> {
    fn term<'a>(&self, env: Env<'a>) -> Term<'a> {
        let keys = [atoms::name(), atoms::retired(), atoms::versions(), atoms::with_advisories()]
            .map(|key| key.encode(env));
        let [name_key, ..] = keys;
        let nothing = Term::list_new_empty(env);
        let mut texts = Texts::default();
        let (mut terms, mut versions) = (Vec::new(), Vec::new());
        let mut rows: Vec<Option<Term<'a>>> = vec![None; self.lists.len()];
        let packages = list(env, &self.packages, |(name, list_index)| {
            let name = term::text(env, name);
            let (Some(known), Some(listed)) = (rows.get_mut(*list_index), self.lists.get(*list_index)) else {
                return name;
            };
            if let Some(row) = known {
                return row.map_update(name_key, name).unwrap_or(*row);
            }
            versions.clear();
            listed.versions(&mut texts, &mut |index, text| {
                versions.push(terms.get(index).copied().unwrap_or_else(|| {
                    let term = term::binary(env, text);
                    terms.push(term);
                    term
                }));
            });
            let numbers = |numbers: Vec<i32>| if numbers.is_empty() { nothing } else { numbers.encode(env) };
            let values =
                [name, numbers(listed.retired()), versions.encode(env), numbers(listed.with_advisories())];
            *known.insert(row(env, &keys, &values))
        });
        term::map(
            env,
            &[(atoms::repository(), term::text(env, self.repository)), (atoms::packages(), packages)],
        )
    }
}

/// Releases that depend on the same have the same term for it.
impl Shape for Package<'_> {
    fn term<'a>(&self, env: Env<'a>) -> Term<'a> {
        let lists: Vec<_> = self.dependency_lists.iter().map(|list| dependencies(env, list)).collect();
        let keys = [
            atoms::advisory_indexes(),
            atoms::dependencies(),
            atoms::inner_checksum(),
            atoms::outer_checksum(),
            atoms::published_at(),
            atoms::retired(),
            atoms::version(),
        ]
        .map(|key| key.encode(env));
        let undefined = atoms::undefined().encode(env);
        let nothing = Term::list_new_empty(env);
        let releases = list(env, &self.releases, |release: &Release<'_>| {
            let values = [
                release.advisory_indexes.encode(env),
                lists.get(release.dependencies).copied().unwrap_or(nothing),
                term::hex(env, release.inner_checksum),
                release.outer_checksum.map_or(undefined, |checksum| term::hex(env, checksum)),
                release.published_at.map_or(undefined, |time| time.term(env)),
                release.retired.as_ref().map_or(undefined, |retired| retired.term(env)),
                term::text(env, release.version),
            ];
            row(env, &keys, &values)
        });
        term::map(
            env,
            &[
                (atoms::repository(), term::text(env, self.repository)),
                (atoms::name(), term::text(env, self.name)),
                (atoms::releases(), releases),
                (atoms::advisories(), shapes(env, &self.advisories)),
            ],
        )
    }
}

fn dependencies<'a>(env: Env<'a>, dependencies: &[Dependency<'_>]) -> Term<'a> {
    let keys = [atoms::app(), atoms::optional(), atoms::package(), atoms::repository(), atoms::requirement()]
        .map(|key| key.encode(env));
    let undefined = atoms::undefined().encode(env);
    list(env, dependencies, |dependency: &Dependency<'_>| {
        let text = |text: Option<&str>| text.map_or(undefined, |text| term::text(env, text));
        let values = [
            text(dependency.app),
            dependency.optional.unwrap_or(false).encode(env),
            term::text(env, dependency.package),
            text(dependency.repository),
            term::text(env, dependency.requirement),
        ];
        row(env, &keys, &values)
    })
}

impl Shape for RetirementStatus {
    fn term<'a>(&self, env: Env<'a>) -> Term<'a> {
        term::map(
            env,
            &[
                (atoms::reason(), reason(self.reason).encode(env)),
                (atoms::message(), optional_text(env, self.message.as_ref())),
            ],
        )
    }
}

impl Shape for SecurityAdvisory {
    fn term<'a>(&self, env: Env<'a>) -> Term<'a> {
        term::map(
            env,
            &[
                (atoms::id(), term::text(env, &self.id)),
                (atoms::summary(), term::text(env, &self.summary)),
                (atoms::html_url(), term::text(env, &self.html_url)),
                (atoms::severity(), optional(env, self.severity, |number| severity(number).encode(env))),
                (atoms::cvss_score(), optional(env, self.cvss_score, |score| f64::from(score).encode(env))),
                (atoms::api_url(), optional_text(env, self.api_url.as_ref())),
                (atoms::aliases(), list(env, &self.aliases, |alias| term::text(env, alias))),
            ],
        )
    }
}

impl Shape for Policy {
    fn term<'a>(&self, env: Env<'a>) -> Term<'a> {
        let visibility = |number| match Visibility::try_from(number) {
            Ok(Visibility::Public) => atoms::public(),
            Ok(Visibility::Private) | Err(_) => atoms::private(),
        };
        term::map(
            env,
            &[
                (atoms::repository(), term::text(env, &self.repository)),
                (atoms::name(), term::text(env, &self.name)),
                (atoms::description(), optional_text(env, self.description.as_ref())),
                (
                    atoms::visibility(),
                    optional(env, self.visibility, |number| visibility(number).encode(env)),
                ),
                (atoms::repositories(), shapes(env, &self.repositories)),
            ],
        )
    }
}

impl Shape for PolicyRepository {
    fn term<'a>(&self, env: Env<'a>) -> Term<'a> {
        let restriction = optional(env, self.restriction.as_ref(), |restriction| restriction.term(env));
        term::map(
            env,
            &[
                (atoms::repository(), term::text(env, &self.repository)),
                (atoms::restriction(), restriction),
                (atoms::overrides(), shapes(env, &self.overrides)),
            ],
        )
    }
}

impl Shape for PolicyRestriction {
    fn term<'a>(&self, env: Env<'a>) -> Term<'a> {
        let least = optional(env, self.advisory_min_severity, |number| severity(number).encode(env));
        term::map(
            env,
            &[
                (atoms::advisory_min_severity(), least),
                (
                    atoms::retirement_reasons(),
                    list(env, &self.retirement_reasons, |number| reason(*number).encode(env)),
                ),
                (atoms::cooldown(), optional_text(env, self.cooldown.as_ref())),
            ],
        )
    }
}

impl Shape for PolicyOverride {
    fn term<'a>(&self, env: Env<'a>) -> Term<'a> {
        let action = match PolicyAction::try_from(self.action) {
            Ok(PolicyAction::Allow) => atoms::allow(),
            // What is unknown is not allowed.
            Ok(PolicyAction::Deny) | Err(_) => atoms::deny(),
        };
        let about = term::map(
            env,
            &[
                (atoms::package(), term::text(env, &self.r#ref.package)),
                (atoms::requirement(), optional_text(env, self.r#ref.requirement.as_ref())),
            ],
        );
        term::map(env, &[(atoms::action(), action.encode(env)), (atoms::ref_(), about)])
    }
}

impl Shape for Timestamp {
    fn term<'a>(&self, env: Env<'a>) -> Term<'a> {
        optional_text(env, self.to_rfc3339().as_ref())
    }
}

/// The reason as an atom; `other` for one that this version does not know.
fn reason(number: i32) -> Atom {
    match RetirementReason::try_from(number) {
        Ok(RetirementReason::Other) | Err(_) => atoms::other(),
        Ok(RetirementReason::Invalid) => atoms::invalid(),
        Ok(RetirementReason::Security) => atoms::security(),
        Ok(RetirementReason::Deprecated) => atoms::deprecated(),
        Ok(RetirementReason::Renamed) => atoms::renamed(),
    }
}

/// The severity as an atom; `critical` for one that this version does not know.
fn severity(number: i32) -> Atom {
    match Severity::try_from(number) {
        Ok(Severity::None) => atoms::none(),
        Ok(Severity::Low) => atoms::low(),
        Ok(Severity::Medium) => atoms::medium(),
        Ok(Severity::High) => atoms::high(),
        Ok(Severity::Critical) | Err(_) => atoms::critical(),
    }
}
