//! Scopes of tokens, which say in one word what permissions of keys say in two (docs/protocol.md §3).

use crate::store::Permission;

/// The scopes in a request, each once; `None` where one of them is none.
#[must_use]
pub fn parse(text: &str) -> Option<Vec<String>> {
    let mut scopes: Vec<String> = Vec::new();
    for word in text.split_ascii_whitespace() {
        permission(word)?;
        if !scopes.iter().any(|known| known == word) {
            scopes.push(word.to_owned());
        }
    }
    Some(scopes)
}

/// What a scope permits.
#[must_use]
pub fn permission(scope: &str) -> Option<Permission> {
    let (domain, resource) = match scope.split_once(':') {
        None => (scope, None),
        Some((domain, resource)) => (domain, Some(resource)),
    };
    let known = match (domain, resource) {
        ("api", None | Some("read" | "write")) | ("repositories", None) => true,
        ("repository" | "docs", Some(name)) => is_word(name),
        ("package", Some(name)) => {
            name.split_once('/').is_some_and(|(repository, name)| is_word(repository) && is_word(name))
        }
        _ => false,
    };
    known.then(|| Permission { domain: domain.to_owned(), resource: resource.map(str::to_owned) })
}

/// The scope of a permission.
#[must_use]
pub fn of_permission(permission: &Permission) -> String {
    match &permission.resource {
        None => permission.domain.clone(),
        Some(resource) => format!("{}:{resource}", permission.domain),
    }
}

fn is_word(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    !text.is_empty() && text.len() <= 255 && text.chars().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_the_permissions_of_keys_in_one_word() {
        for scope in [
            "api",
            "api:read",
            "api:write",
            "repositories",
            "repository:acme",
            "package:hexpm/foo",
            "docs:acme",
        ] {
            assert_eq!(permission(scope).map(|held| of_permission(&held)).as_deref(), Some(scope));
        }
        for wrong in [
            "",
            "bogus",
            "api:",
            "api:admin",
            "repositories:x",
            "repository",
            "repository:",
            "package:foo",
            "docs",
        ] {
            assert_eq!(permission(wrong), None, "{wrong}");
        }
        assert_eq!(parse(" api  api:read api "), Some(vec!["api".to_owned(), "api:read".to_owned()]));
        assert_eq!(parse("api bogus"), None);
        assert_eq!(parse(""), Some(Vec::new()));
    }
}
