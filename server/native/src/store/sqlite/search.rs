//! Finding packages.

use rusqlite::{Transaction, params_from_iter, types::Value as Sql};
use serde_json::Value;

use super::{package_row, packages};
use crate::store::{Filter, Package, Search, Sort, StoreError};

/// The packages that match, one page of them.
pub fn packages(tx: &Transaction<'_>, search: &Search) -> Result<Vec<Package>, StoreError> {
    let mut conditions = vec!["r.name = ?".to_owned()];
    let mut values = vec![Sql::Text(search.repository.clone())];
    for filter in &search.filters {
        condition(filter, &mut conditions, &mut values);
    }
    let order = match search.sort {
        Sort::Name => "p.name",
        Sort::InsertedAt => "p.inserted_at DESC, p.name",
        Sort::UpdatedAt => "p.updated_at DESC, p.name",
    };
    let sql = format!(
        "SELECT {} FROM packages p JOIN repositories r ON r.id = p.repository_id
         WHERE {} ORDER BY {order} LIMIT ? OFFSET ?",
        package_row::COLUMNS,
        conditions.join(" AND ")
    );
    let (page, per_page) = (i64::from(search.page), i64::from(search.per_page));
    values.extend([Sql::Integer(per_page), Sql::Integer((page - 1) * per_page)]);
    let mut query = tx.prepare(&sql)?;
    let rows =
        query.query_map(params_from_iter(values), package_row::read)?.collect::<Result<Vec<_>, _>>()?;
    rows.into_iter().map(|row| packages::of_row(tx, row)).collect()
}

const DESCRIPTION: &str = "coalesce(p.meta ->> 'description', '') LIKE ? ESCAPE '\\'";

fn condition(filter: &Filter, conditions: &mut Vec<String>, values: &mut Vec<Sql>) {
    match filter {
        Filter::Text(text) => {
            // A name of one or two letters would be contained in every other one.
            let name = if text.chars().count() < 3 { like(text) } else { format!("%{}%", like(text)) };
            let words = words(text);
            let described = vec![DESCRIPTION; words.len()].join(" AND ");
            let described = if described.is_empty() { "0" } else { &described };
            conditions.push(format!("(p.name LIKE ? ESCAPE '\\' OR ({described}))"));
            values.push(Sql::Text(name));
            values.extend(words);
        }
        Filter::Name(pattern) => {
            conditions.push("p.name LIKE ? ESCAPE '\\'".to_owned());
            values.push(Sql::Text(like(pattern).replace('*', "%")));
        }
        Filter::Repository(name) => {
            conditions.push("r.name = ?".to_owned());
            values.push(Sql::Text(name.clone()));
        }
        Filter::Description(text) => {
            let words = words(text);
            conditions.extend(vec![DESCRIPTION.to_owned(); words.len()]);
            values.extend(words);
        }
        Filter::Depends(package) => {
            conditions.push(
                "EXISTS (SELECT 1 FROM requirements q JOIN releases v ON v.id = q.release_id
                 WHERE v.package_id = p.id AND q.package = ?)"
                    .to_owned(),
            );
            values.push(Sql::Text(package.clone()));
        }
        Filter::BuildTool(tool) => {
            conditions.push(
                "EXISTS (SELECT 1 FROM releases v, json_each(v.build_tools) t
                 WHERE v.package_id = p.id AND t.value = ?)"
                    .to_owned(),
            );
            values.push(Sql::Text(tool.clone()));
        }
        Filter::UpdatedAfter(moment) => {
            conditions.push("p.updated_at > ?".to_owned());
            values.push(Sql::Integer(moment.0));
        }
        Filter::Extra(path, value) => {
            let keys = path.iter().map(|key| format!(".\"{}\"", key.replace('"', ""))).collect::<String>();
            conditions.push("EXISTS (SELECT 1 FROM json_each(p.meta, ?) e WHERE e.value = ?)".to_owned());
            values.push(Sql::Text(format!("$.extra{keys}")));
            values.push(match value {
                Value::Number(number) => Sql::Integer(number.as_i64().unwrap_or_default()),
                other => Sql::Text(other.as_str().unwrap_or_default().to_owned()),
            });
        }
    }
}

/// The words to be looked for in descriptions. Very short ones would be found inside every other word.
fn words(text: &str) -> Vec<Sql> {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| word.chars().count() > 2);
    words.map(|word| Sql::Text(format!("%{}%", like(word)))).collect()
}

/// Takes the meaning of a pattern's characters away.
fn like(text: &str) -> String {
    text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}
