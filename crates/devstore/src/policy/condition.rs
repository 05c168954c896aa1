//! The `Condition` of a statement.
//!
//! Operators are those of IAM that fit a key of [`Key`], and their `...IfExists` forms. Conditions
//! are joined by "and", the values of one by "or" (IAM User Guide, "Conditions with multiple
//! context keys or values"). Of the operators on sets there is one, for the key that is a set. Everything
//! else is refused: negations, other keys, an operator on a key of another kind, variables.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, Visitor};
use serde_json::Value;

use super::facts::{Facts, Key, Kind};
use super::{Glob, PolicyError};

/// `{operator: {key: value or values}}`, as it was written.
pub(super) type RawConditions = Pairs<Pairs<Value>>;

/// One key, and what must be true of it.
#[derive(Debug, Clone)]
pub(super) struct Condition {
    key: Key,
    test: Test,
    absent: Absent,
}

/// What a value must be, one of the list.
#[derive(Debug, Clone)]
enum Test {
    Equals(Vec<String>),
    /// All that the request has, which may be nothing.
    EachEquals(Vec<String>),
    Like(Vec<Glob>),
    Truth(Vec<bool>),
    AtMost(Vec<f64>),
    /// Whether the key is to be absent.
    Null(Vec<bool>),
}

/// What a condition says when the request does not have its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Absent {
    Fails,
    /// `...IfExists`.
    Holds,
}

/// Reads the conditions of one statement.
pub(super) fn read(raw: RawConditions) -> Result<Vec<Condition>, PolicyError> {
    if raw.0.is_empty() {
        return Err(PolicyError::Empty);
    }
    let mut conditions = Vec::new();
    for (operator, keys) in raw.0 {
        if keys.0.is_empty() {
            return Err(PolicyError::Empty);
        }
        for (name, values) in keys.0 {
            conditions.push(condition(&operator, &name, values)?);
        }
    }
    Ok(conditions)
}

fn condition(operator: &str, name: &str, values: Value) -> Result<Condition, PolicyError> {
    let refused = || PolicyError::Condition { operator: operator.to_owned(), key: name.to_owned() };
    let key = Key::named(name).ok_or_else(refused)?;
    let values = match values {
        Value::Array(values) if values.is_empty() => return Err(PolicyError::Empty),
        Value::Array(values) => values,
        one => vec![one],
    };
    let (plain, absent) = match operator.strip_suffix("IfExists") {
        Some(plain) => (plain, Absent::Holds),
        None => (operator, Absent::Fails),
    };
    let test = match (plain, key.kind()) {
        ("ForAllValues:StringEquals", Kind::Texts) if absent == Absent::Fails => {
            Test::EachEquals(all(&values, text).ok_or_else(refused)?)
        }
        (_, Kind::Texts) => return Err(refused()),
        // Every value has a text. IAM compares it as such, whatever the key's own kind.
        ("StringEquals", _) => Test::Equals(all(&values, text).ok_or_else(refused)?),
        ("StringLike", _) => {
            Test::Like(all(&values, |value| text(value).map(|text| Glob::new(&text))).ok_or_else(refused)?)
        }
        ("Bool", Kind::Truth) => Test::Truth(all(&values, truth).ok_or_else(refused)?),
        ("NumericLessThanEquals", Kind::Number) => Test::AtMost(all(&values, number).ok_or_else(refused)?),
        // It is itself about being there.
        ("Null", _) if absent == Absent::Fails => Test::Null(all(&values, truth).ok_or_else(refused)?),
        _ => return Err(refused()),
    };
    Ok(Condition { key, test, absent })
}

impl Condition {
    pub(super) fn holds(&self, facts: &Facts) -> bool {
        if let Test::EachEquals(texts) = &self.test {
            return facts.all(&self.key).all(|value| texts.iter().any(|text| text == value));
        }
        let value = facts.get(&self.key);
        if let Test::Null(wanted) = &self.test {
            return wanted.contains(&value.is_none());
        }
        let Some(value) = value else { return self.absent == Absent::Holds };
        match &self.test {
            Test::Equals(texts) => texts.iter().any(|text| text == value),
            Test::Like(globs) => globs.iter().any(|glob| glob.matches(value)),
            Test::Truth(truths) => truths.iter().any(|truth| value.eq_ignore_ascii_case(&truth.to_string())),
            Test::AtMost(limits) => {
                let number = value.parse::<f64>().ok().filter(|number| number.is_finite());
                number.is_some_and(|number| limits.iter().any(|limit| number <= *limit))
            }
            Test::EachEquals(_) | Test::Null(_) => false,
        }
    }
}

/// Each of the values read, or none if one cannot be.
fn all<T>(values: &[Value], read: impl Fn(&Value) -> Option<T>) -> Option<Vec<T>> {
    values.iter().map(read).collect()
}

/// Text without variables; IAM also takes JSON's numbers and truths for the text that they are.
fn text(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
        _ => return None,
    };
    // `${...}` is a variable.
    (!text.contains('$')).then_some(text)
}

fn truth(value: &Value) -> Option<bool> {
    let text = text(value)?;
    if text.eq_ignore_ascii_case("true") {
        Some(true)
    } else if text.eq_ignore_ascii_case("false") {
        Some(false)
    } else {
        None
    }
}

fn number(value: &Value) -> Option<f64> {
    text(value)?.parse().ok().filter(|number: &f64| number.is_finite())
}

/// The members of a JSON object in their order. A name that is there twice is refused: which of
/// the two counts would be anybody's guess.
#[derive(Debug)]
pub(super) struct Pairs<T>(Vec<(String, T)>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Pairs<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Members<T> {
            type Value = Pairs<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut pairs: Vec<(String, T)> = Vec::new();
                while let Some((name, value)) = map.next_entry::<String, T>()? {
                    if pairs.iter().any(|(known, _)| known.eq_ignore_ascii_case(&name)) {
                        return Err(A::Error::custom(format!("`{name}` is there twice")));
                    }
                    pairs.push((name, value));
                }
                Ok(Pairs(pairs))
            }
        }

        deserializer.deserialize_map(Members(PhantomData))
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Ask, Policy, Verdict};
    use super::*;

    fn policy(condition: &str) -> Result<Policy, PolicyError> {
        Policy::parse(&format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{condition}}}}}"#
        ))
    }

    fn allows(condition: &str, facts: &[(Key, &str)]) -> bool {
        let facts =
            facts.iter().fold(Facts::default(), |facts, (key, value)| facts.with(key.clone(), Some(*value)));
        let ask = Ask { action: "s3:PutObject", resource: "arn:aws:s3:::b/k", facts: &facts };
        match policy(condition) {
            Ok(policy) => policy.verdict(ask) == Verdict::Allow,
            Err(error) => panic!("{error}: {condition}"),
        }
    }

    #[test]
    fn each_operator_says_what_iam_says() {
        use Key::{Acl, IfNoneMatch, MaxKeys, ObjectCreationOperation, Prefix};
        for (condition, facts, expected) in [
            (r#"{"StringEquals":{"s3:x-amz-acl":"private"}}"#, &[(Acl, "private")][..], true),
            (r#"{"StringEquals":{"s3:x-amz-acl":"private"}}"#, &[(Acl, "Private")], false),
            (r#"{"StringEquals":{"s3:x-amz-acl":"private"}}"#, &[], false),
            (r#"{"StringEquals":{"s3:x-amz-acl":"*"}}"#, &[(Acl, "private")], false),
            (r#"{"StringEquals":{"S3:X-Amz-ACL":["a","private"]}}"#, &[(Acl, "private")], true),
            (r#"{"StringEqualsIfExists":{"s3:x-amz-acl":"private"}}"#, &[], true),
            (r#"{"StringEqualsIfExists":{"s3:x-amz-acl":"private"}}"#, &[(Acl, "public-read")], false),
            (r#"{"StringLike":{"s3:prefix":["home/?/*",""]}}"#, &[(Prefix, "home/a/b")], true),
            (r#"{"StringLike":{"s3:prefix":["home/?/*",""]}}"#, &[(Prefix, "")], true),
            (r#"{"StringLike":{"s3:prefix":["home/?/*",""]}}"#, &[(Prefix, "home/ab")], false),
            (r#"{"StringLike":{"s3:prefix":"*"}}"#, &[], false),
            (r#"{"StringLikeIfExists":{"s3:prefix":"home/*"}}"#, &[], true),
            (r#"{"Null":{"s3:if-none-match":"false"}}"#, &[(IfNoneMatch, "*")], true),
            (r#"{"Null":{"s3:if-none-match":false}}"#, &[], false),
            (r#"{"Null":{"s3:if-none-match":"true"}}"#, &[], true),
            (r#"{"Null":{"s3:if-none-match":["true","false"]}}"#, &[], true),
            (r#"{"Bool":{"s3:ObjectCreationOperation":"true"}}"#, &[(ObjectCreationOperation, "true")], true),
            (r#"{"Bool":{"s3:ObjectCreationOperation":true}}"#, &[(ObjectCreationOperation, "false")], false),
            (r#"{"Bool":{"s3:ObjectCreationOperation":"False"}}"#, &[], false),
            (r#"{"BoolIfExists":{"s3:ObjectCreationOperation":"false"}}"#, &[], true),
            (r#"{"NumericLessThanEquals":{"s3:max-keys":"10"}}"#, &[(MaxKeys, "10")], true),
            (r#"{"NumericLessThanEquals":{"s3:max-keys":10}}"#, &[(MaxKeys, "11")], false),
            (r#"{"NumericLessThanEquals":{"s3:max-keys":"10"}}"#, &[(MaxKeys, "ten")], false),
            (r#"{"NumericLessThanEquals":{"s3:max-keys":"10"}}"#, &[(MaxKeys, "NaN")], false),
            (r#"{"NumericLessThanEquals":{"s3:max-keys":"10"}}"#, &[(MaxKeys, "-inf")], false),
            (r#"{"NumericLessThanEquals":{"s3:max-keys":"10"}}"#, &[], false),
            (
                r#"{"Null":{"s3:if-none-match":"false"},"StringEquals":{"s3:x-amz-acl":"private"}}"#,
                &[(IfNoneMatch, "*")],
                false,
            ),
            (
                r#"{"StringEquals":{"s3:if-none-match":"*","s3:x-amz-acl":"private"}}"#,
                &[(IfNoneMatch, "*"), (Acl, "private")],
                true,
            ),
        ] {
            assert_eq!(allows(condition, facts), expected, "{condition} {facts:?}");
        }
    }

    #[test]
    fn tags_are_held_by_key_and_by_value() {
        let condition = r#"{"StringEqualsIfExists":{"s3:RequestObjectTag/Team":"photo"},"ForAllValues:StringEquals":{"s3:RequestObjectTagKeys":["Team","year"]}}"#;
        let Ok(policy) = policy(condition) else { panic!("not understood: {condition}") };
        for (tags, expected) in [
            ("", Verdict::Allow),
            ("Team=photo", Verdict::Allow),
            ("year=any&Team=photo", Verdict::Allow),
            ("Team=video", Verdict::Silent),
            ("Team=photo&public=yes", Verdict::Silent),
            // Condition keys ignore case; what keys are is compared as it is.
            ("team=photo", Verdict::Silent),
        ] {
            let Ok(set) = crate::tags::Tags::from_header(tags) else { panic!("no tags: {tags}") };
            let facts = Facts::default().with_tags(&set);
            let ask = Ask { action: "s3:PutObject", resource: "arn:aws:s3:::b/k", facts: &facts };
            assert_eq!(policy.verdict(ask), expected, "{tags}");
        }
    }

    #[test]
    fn a_condition_that_is_not_understood_is_refused() {
        for condition in [
            r#"{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}"#,
            r#"{"StringEquals":{"aws:username":"a"}}"#,
            r#"{"StringEquals":{"s3:delimiter":"/"}}"#,
            r#"{"stringequals":{"s3:prefix":"a"}}"#,
            r#"{"StringNotEquals":{"s3:prefix":"a"}}"#,
            r#"{"StringEqualsIgnoreCase":{"s3:prefix":"a"}}"#,
            r#"{"StringNotLike":{"s3:prefix":"a"}}"#,
            r#"{"ForAllValues:StringEquals":{"s3:prefix":"a"}}"#,
            r#"{"ForAnyValue:StringLike":{"s3:prefix":"a"}}"#,
            r#"{"StringEquals":{"s3:RequestObjectTagKeys":"a"}}"#,
            r#"{"Null":{"s3:RequestObjectTagKeys":"true"}}"#,
            r#"{"ForAnyValue:StringEquals":{"s3:RequestObjectTagKeys":"a"}}"#,
            r#"{"ForAllValues:StringEqualsIfExists":{"s3:RequestObjectTagKeys":"a"}}"#,
            r#"{"ForAllValues:StringEquals":{"s3:RequestObjectTag/a":"a"}}"#,
            r#"{"StringEquals":{"s3:RequestObjectTag/":"a"}}"#,
            r#"{"StringEquals":{"s3:ExistingObjectTag/a":"a"}}"#,
            r#"{"NumericLessThan":{"s3:max-keys":"1"}}"#,
            r#"{"NumericEquals":{"s3:max-keys":"1"}}"#,
            r#"{"NullIfExists":{"s3:prefix":"true"}}"#,
            r#"{"IfExists":{"s3:prefix":"a"}}"#,
            r#"{"StringEqualsIfExistsIfExists":{"s3:prefix":"a"}}"#,
            // An operator of another kind.
            r#"{"Bool":{"s3:prefix":"true"}}"#,
            r#"{"NumericLessThanEquals":{"s3:prefix":"1"}}"#,
            r#"{"NumericLessThanEquals":{"s3:if-none-match":"1"}}"#,
            // A value of another kind.
            r#"{"Bool":{"s3:ObjectCreationOperation":"yes"}}"#,
            r#"{"Null":{"s3:prefix":"1"}}"#,
            r#"{"NumericLessThanEquals":{"s3:max-keys":"few"}}"#,
            r#"{"NumericLessThanEquals":{"s3:max-keys":"inf"}}"#,
            r#"{"StringEquals":{"s3:prefix":null}}"#,
            r#"{"StringEquals":{"s3:prefix":{"a":"b"}}}"#,
            r#"{"StringEquals":{"s3:prefix":["a",["b"]]}}"#,
            r#"{"StringEquals":{"s3:prefix":"${aws:username}/"}}"#,
            // Nothing, and things twice.
            r#"{}"#,
            r#"{"StringEquals":{}}"#,
            r#"{"StringEquals":{"s3:prefix":[]}}"#,
            r#"{"StringEquals":{"s3:prefix":"a","s3:prefix":"b"}}"#,
            r#"{"StringEquals":{"s3:prefix":"a","S3:Prefix":"b"}}"#,
            r#"{"StringEquals":{"s3:prefix":"a"},"StringEquals":{"s3:prefix":"b"}}"#,
            r#"[]"#,
            r#""StringEquals""#,
            r#"null"#,
        ] {
            assert!(policy(condition).is_err(), "understood: {condition}");
        }
    }

    #[test]
    fn a_denial_holds_only_under_its_condition() {
        let policy = r#"{"Version":"2012-10-17","Statement":[
            {"Effect":"Allow","Action":"s3:PutObject","Resource":"*"},
            {"Effect":"Deny","Action":"s3:PutObject","Resource":"*",
             "Condition":{"Null":{"s3:if-none-match":"true"},"Bool":{"s3:ObjectCreationOperation":"true"}}}]}"#;
        let policy = Policy::parse(policy).unwrap_or_else(|error| panic!("{error}"));
        let verdict = |facts: &Facts| policy.verdict(Ask { action: "s3:PutObject", resource: "r", facts });
        let makes = Facts::default().with(Key::ObjectCreationOperation, Some("true"));
        let carries = Facts::default().with(Key::ObjectCreationOperation, Some("false"));
        assert_eq!(verdict(&makes), Verdict::Deny);
        assert_eq!(verdict(&makes.with(Key::IfNoneMatch, Some("*"))), Verdict::Allow);
        assert_eq!(verdict(&carries), Verdict::Allow);
    }
}
