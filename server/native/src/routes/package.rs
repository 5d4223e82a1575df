//! `/api/packages`

use std::sync::Arc;

use axum::{Extension, extract::State};
use serde_json::Value;

use super::Target;
use crate::{
    app::App,
    clock::Moment,
    identity::{Need, Visitor},
    registry::present,
    shelf::Made,
    store::{Filter, Package, Search, Sort},
    wire::{Cache, Format, HttpError, Query, Reply},
};

const PER_PAGE: u32 = 100;

/// GET `/packages?search&sort&page&per_page`. What is no sort order, page or number is ignored.
pub async fn list(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    target: Target,
    query: Query,
) -> Result<Reply, HttpError> {
    let repository = app.repository(visitor.caller(), target.repository).await?;
    if let Some(caller) = visitor.caller().filter(|_| !repository.public) {
        caller.demand(Need::Read)?;
    }
    let repository = repository.name;
    let cache = app.cache(&repository);
    let per_page = query.get("per_page").and_then(|number| number.parse().ok()).unwrap_or(PER_PAGE);
    let search = Search {
        repository,
        filters: query.get("search").map(filters).unwrap_or_default(),
        sort: match query.get("sort") {
            Some("inserted_at") => Sort::InsertedAt,
            Some("updated_at") => Sort::UpdatedAt,
            // Downloads are not counted here, so that order is the order of names.
            _ => Sort::Name,
        },
        page: query.page(),
        per_page: per_page.clamp(1, PER_PAGE),
    };
    let packages = app.store.packages(search).await?;
    let shown: Vec<_> = packages.iter().map(|package| present::listed_package(package, &app.urls)).collect();
    Ok(Reply::ok(&shown).cached(cache).with_etag())
}

/// GET `/packages/NAME`
pub async fn get(
    State(app): State<Arc<App>>,
    Extension(format): Extension<Format>,
    visitor: Visitor,
    target: Target,
) -> Result<Reply, HttpError> {
    let id = target.package(&app, visitor.caller()).await?;
    let write = |package: Package| {
        let shown = Reply::ok(&present::package(&package, &app.urls)).cached(app.cache(&id.repository));
        let value = shown.changed_at(package.updated_at).rendered(format);
        Made { generation: package.generation, value }
    };
    let make = async |known| {
        let package = app.store.package_again(id.clone(), known).await?;
        Ok::<_, HttpError>(package.map(|package| package.map(write)))
    };
    let shown = app.shown.get(&(id.clone(), format), app.store.epoch(), make).await?;
    shown.ok_or_else(HttpError::not_found)
}

/// GET `/packages/NAME/audit-logs`
pub async fn log(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    target: Target,
    query: Query,
) -> Result<Reply, HttpError> {
    let id = target.package(&app, visitor.caller()).await?;
    let entries = app.store.package_log(id, query.page()).await?;
    Ok(Reply::ok(&present::log(entries)).cached(Cache::Never))
}

/// Reads the language of searches: `name:foo* depends:bar "two words"`; anything else is plain words.
fn filters(search: &str) -> Vec<Filter> {
    fields(search).unwrap_or_else(|| vec![Filter::Text(search.trim().to_owned())])
}

/// The conditions, where all of the text is `field:value`; `None` else.
fn fields(search: &str) -> Option<Vec<Filter>> {
    let mut filters = Vec::new();
    let mut rest = search.trim();
    while !rest.is_empty() {
        let (field, tail) = rest.split_once(':')?;
        let tail = tail.trim_start();
        let (value, tail) = match tail.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"')?,
            None => tail.split_once(' ').unwrap_or((tail, "")),
        };
        if field.is_empty() || field.contains(char::is_whitespace) {
            return None;
        }
        rest = tail.trim_start();
        match field {
            "name" => {
                let (repository, name) = value.split_once('/').map_or((None, value), |(r, n)| (Some(r), n));
                filters.extend(repository.map(|name| Filter::Repository(name.to_owned())));
                filters.push(Filter::Name(name.to_owned()));
            }
            "description" => filters.push(Filter::Description(value.to_owned())),
            // The repository that may stand before the name is the one that is searched.
            "depends" => {
                let name = value.rsplit(['/', ':']).next().unwrap_or(value);
                filters.push(Filter::Depends(name.to_owned()));
            }
            "build_tool" => filters.push(Filter::BuildTool(value.to_owned())),
            "updated_after" => filters.extend(Moment::parse(value).map(Filter::UpdatedAfter)),
            "extra" => filters.push(extra(value)),
            // A field that is not known, such as the time in `10:30`: then these are plain words.
            _ => return None,
        }
    }
    Some(filters)
}

/// `a,b,value`: the value, text or number, at the path `a`, `b`.
fn extra(text: &str) -> Filter {
    let mut path: Vec<String> = text.split(',').map(str::to_owned).collect();
    let value = path.pop().unwrap_or_default();
    let value = value.trim_matches(['[', ']']);
    let value = value.parse::<i64>().map_or_else(|_| Value::from(value), Value::from);
    Filter::Extra(path, value)
}
