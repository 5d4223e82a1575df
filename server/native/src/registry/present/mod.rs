//! From the nouns of the store to the data that the API shows: the fields of hexpm, in its shapes and its order.

mod key;
mod log;
mod organization;
mod package;
mod release;
mod user;

use serde::{Serialize, Serializer};

pub use key::{ShownKey, key};
pub use log::log;
pub use organization::{listed_member, listed_organization, member, organization};
pub use package::{listed_package, package};
pub use release::{published_release, release};
pub use user::{UserWithPackages, owner, user, user_with_packages};

/// A list that is always empty here; clients read it.
type Empty = [(); 0];

/// Data by names that are data, too.
#[derive(Clone, Debug)]
struct ByName<K, V>(Vec<(K, V)>);

impl<K: Serialize, V: Serialize> Serialize for ByName<K, V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

/// A map that is always empty here.
#[derive(Clone, Debug, Default, Serialize)]
struct Nothing {}
