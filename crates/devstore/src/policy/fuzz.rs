//! The evaluator against the definition of the language, written down a second time: slow, and
//! straight from the JSON.

use serde_json::Value;

use super::{Ask, Facts, Key, Policy, Verdict};
use crate::tags::Tags;

const KEYS: [(Key, &str); 7] = [
    (Key::IfNoneMatch, "s3:if-none-match"),
    (Key::ObjectCreationOperation, "s3:objectcreationoperation"),
    (Key::Acl, "s3:x-amz-acl"),
    (Key::ServerSideEncryption, "s3:x-amz-server-side-encryption"),
    (Key::Prefix, "s3:prefix"),
    (Key::MaxKeys, "s3:max-keys"),
    (Key::StorageClass, "s3:x-amz-storage-class"),
];
const TAG_KEYS: &str = "s3:requestobjecttagkeys";
const TAG: &str = "s3:requestobjecttag/";

/// `policy \0 action \0 resource \0 fact \0 fact ... \0 tags`, facts in the order of [`KEYS`], `-` for none; tags as in
/// `x-amz-tagging`.
pub(crate) fn compare(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let mut parts = text.split('\0');
    let document = parts.next().unwrap_or_default();
    let action = parts.next().unwrap_or("s3:PutObject");
    let resource = parts.next().unwrap_or("arn:aws:s3:::photos/batch/a.jpg");
    let given: Vec<(Key, &str, Option<&str>)> =
        KEYS.into_iter().map(|(key, name)| (key, name, parts.next().filter(|value| *value != "-"))).collect();
    let tags = Tags::from_header(parts.next().unwrap_or_default()).unwrap_or_default();
    let Ok(policy) = Policy::parse(document) else { return };
    let facts = given.iter().fold(Facts::default(), |facts, (key, _, value)| facts.with(key.clone(), *value));
    let facts = facts.with_tags(&tags);
    let said = policy.verdict(Ask { action, resource, facts: &facts });
    let fact = |name: &str| -> Vec<&str> {
        let name = name.to_ascii_lowercase();
        if name == TAG_KEYS {
            return tags.iter().map(|(key, _)| key).collect();
        }
        if let Some(tag) = name.strip_prefix(TAG) {
            let first = tags.iter().find(|(key, _)| key.eq_ignore_ascii_case(tag));
            return first.map(|(_, value)| value).into_iter().collect();
        }
        given
            .iter()
            .find(|(_, known, _)| *known == name)
            .and_then(|(_, _, value)| *value)
            .into_iter()
            .collect()
    };
    assert_eq!(said, by_definition(document, action, resource, &fact), "{document}");
    // Whatever was understood, a copy of it understands the same.
    assert_eq!(policy.clone().verdict(Ask { action, resource, facts: &facts }), said);
}

fn by_definition<'a>(
    document: &str,
    action: &str,
    resource: &str,
    fact: &dyn Fn(&str) -> Vec<&'a str>,
) -> Verdict {
    let Ok(document) = serde_json::from_str::<Value>(document) else { panic!("understood, and no JSON") };
    assert_eq!(document["Version"], "2012-10-17");
    let action = action.to_ascii_lowercase();
    let covering: Vec<Value> = list(&document["Statement"])
        .into_iter()
        .filter(|statement| {
            list(&statement["Action"]).iter().any(|glob| fits(&text(glob).to_ascii_lowercase(), &action))
                && list(&statement["Resource"]).iter().any(|glob| fits(&text(glob), resource))
                && members(&statement["Condition"]).iter().all(|(operator, keys)| {
                    members(keys).iter().all(|(key, values)| holds(operator, &list(values), &fact(key)))
                })
        })
        .collect();
    if covering.iter().any(|statement| statement["Effect"] == "Deny") {
        Verdict::Deny
    } else if covering.iter().any(|statement| statement["Effect"] == "Allow") {
        Verdict::Allow
    } else {
        Verdict::Silent
    }
}

fn holds(operator: &str, values: &[Value], facts: &[&str]) -> bool {
    if operator == "ForAllValues:StringEquals" {
        return facts.iter().all(|fact| values.iter().any(|value| text(value) == *fact));
    }
    let fact = facts.first().copied();
    let any = |test: &dyn Fn(&str) -> bool| values.iter().any(|value| test(&text(value)));
    if operator == "Null" {
        return any(&|value| value.eq_ignore_ascii_case("true") == fact.is_none());
    }
    let Some(fact) = fact else { return operator.ends_with("IfExists") };
    match operator.trim_end_matches("IfExists") {
        "StringEquals" => any(&|value| value == fact),
        "StringLike" => any(&|value| fits(value, fact)),
        "Bool" => any(&|value| value.eq_ignore_ascii_case(fact)),
        "NumericLessThanEquals" => any(&|value| match (fact.parse::<f64>(), value.parse::<f64>()) {
            (Ok(fact), Ok(value)) => fact.is_finite() && fact <= value,
            _ => false,
        }),
        other => panic!("understood, and unknown: {other}"),
    }
}

/// `*` and `?`, by dynamic programming over both texts.
fn fits(pattern: &str, text: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    let mut reached = vec![false; text.len() + 1];
    reached[0] = true;
    for letter in pattern.chars() {
        let mut next = vec![false; text.len() + 1];
        for at in 0..=text.len() {
            next[at] = match letter {
                '*' => reached[at] || (at > 0 && next[at - 1]),
                '?' => at > 0 && reached[at - 1],
                _ => at > 0 && reached[at - 1] && text[at - 1] == letter,
            };
        }
        reached = next;
    }
    reached[text.len()]
}

fn list(value: &Value) -> Vec<Value> {
    value.as_array().cloned().unwrap_or_else(|| vec![value.clone()])
}

fn members(value: &Value) -> Vec<(String, Value)> {
    let members = value.as_object().into_iter().flatten();
    members.map(|(name, value)| (name.clone(), value.clone())).collect()
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
