//! IAM policies, as far as the store understands them: what it does not, it refuses to parse.
//!
//! A document is `Version` 2012-10-17 and statements of `Effect`, `Action`, `Resource` and perhaps
//! a `Condition` on what [`Key`] names. Everything else that IAM knows (`NotAction`, `NotResource`,
//! `Principal`, variables, other conditions, ...) makes the whole document malformed: a limit that
//! is ignored would be a right that nobody gave.

mod condition;
mod document;
mod facts;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzz;
mod glob;

pub(crate) use document::PolicyError;
pub(crate) use facts::{Facts, Key};
pub(crate) use glob::Glob;

use document::Statement;

/// A policy whose every word is understood.
#[derive(Debug, Clone)]
pub(crate) struct Policy {
    statements: Vec<Statement>,
}

/// What a request asks for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ask<'a> {
    /// Like `s3:PutObject`.
    pub(crate) action: &'a str,
    /// Like `arn:aws:s3:::bucket/key`, the key taken literally.
    pub(crate) resource: &'a str,
    /// What its conditions are asked about.
    pub(crate) facts: &'a Facts,
}

/// What one policy says to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Allow,
    /// Nothing in the policy speaks of it, which is a no.
    Silent,
    /// A no that no other policy can lift.
    Deny,
}

impl Policy {
    /// Reads a document.
    ///
    /// # Errors
    /// [`PolicyError`] for anything that is not understood to the last word.
    pub(crate) fn parse(text: &str) -> Result<Self, PolicyError> {
        Ok(Self { statements: document::parse(text)? })
    }

    /// Deny first, then Allow.
    pub(crate) fn verdict(&self, ask: Ask<'_>) -> Verdict {
        let mut verdict = Verdict::Silent;
        for statement in self.statements.iter().filter(|statement| statement.covers(ask)) {
            match statement.effect {
                document::Effect::Deny => return Verdict::Deny,
                document::Effect::Allow => verdict = Verdict::Allow,
            }
        }
        verdict
    }
}

/// Whether every one of `policies` allows it: rights are what all of them give.
pub(crate) fn all_allow<'a>(policies: impl IntoIterator<Item = &'a Policy>, ask: Ask<'_>) -> bool {
    policies.into_iter().all(|policy| policy.verdict(ask) == Verdict::Allow)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn says(policy: &str, action: &str, resource: &str) -> Verdict {
        match Policy::parse(policy) {
            Ok(policy) => policy.verdict(Ask { action, resource, facts: &Facts::default() }),
            Err(error) => panic!("{error}: {policy}"),
        }
    }

    const BATCH: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:PutObject","Resource":"arn:aws:s3:::photos/batch/*"}]}"#;

    #[test]
    fn a_prefix_ends_where_it_ends() {
        let put = |key: &str| says(BATCH, "s3:PutObject", &format!("arn:aws:s3:::{key}"));
        assert_eq!(put("photos/batch/a.jpg"), Verdict::Allow);
        assert_eq!(put("photos/batch/"), Verdict::Allow);
        assert_eq!(put("photos/batch/../other/a.jpg"), Verdict::Allow, "dots are letters of a key");
        assert_eq!(put("photos/batch"), Verdict::Silent);
        assert_eq!(put("photos/batch2/a.jpg"), Verdict::Silent);
        assert_eq!(put("photos/Batch/a.jpg"), Verdict::Silent);
        assert_eq!(put("photos2/batch/a.jpg"), Verdict::Silent);
        assert_eq!(says(BATCH, "s3:GetObject", "arn:aws:s3:::photos/batch/a.jpg"), Verdict::Silent);
        assert_eq!(says(BATCH, "s3:PutObjectAcl", "arn:aws:s3:::photos/batch/a.jpg"), Verdict::Silent);
        assert_eq!(says(BATCH, "S3:putobject", "arn:aws:s3:::photos/batch/a.jpg"), Verdict::Allow);
    }

    #[test]
    fn deny_wins_wherever_it_stands() {
        for order in [
            r#"{"Effect":"Allow","Action":"s3:*","Resource":"*"},{"Effect":"Deny","Action":"s3:Put*","Resource":"arn:aws:s3:::b/x/?"}"#,
            r#"{"Effect":"Deny","Action":"s3:Put*","Resource":"arn:aws:s3:::b/x/?"},{"Effect":"Allow","Action":"s3:*","Resource":"*"}"#,
        ] {
            let policy = format!(r#"{{"Version":"2012-10-17","Statement":[{order}]}}"#);
            assert_eq!(says(&policy, "s3:PutObject", "arn:aws:s3:::b/x/1"), Verdict::Deny);
            assert_eq!(says(&policy, "s3:PutObject", "arn:aws:s3:::b/x/12"), Verdict::Allow);
            assert_eq!(says(&policy, "s3:GetObject", "arn:aws:s3:::b/x/1"), Verdict::Allow);
        }
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        let statement = r#""Effect":"Allow","Action":"s3:PutObject","Resource":"arn:aws:s3:::b/*""#;
        let with = |more: &str| format!(r#"{{"Version":"2012-10-17","Statement":{{{statement}{more}}}}}"#);
        assert!(Policy::parse(&with("")).is_ok());
        for document in [
            with(r#","Condition":{"StringEquals":{"aws:SourceVpc":"vpc-1"}}"#),
            with(r#","Condition":{"Null":{"s3:prefix":"true"}},"Condition":{}"#),
            with(r#","Principal":"*""#),
            with(r#","NotAction":"s3:GetObject""#),
            with(r#","NotResource":"arn:aws:s3:::c/*""#),
            with(r#","Effect":"Deny""#),
            with(r#","condition":{}"#),
            r#"{"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}"#.to_owned(),
            r#"{"Version":"2008-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}"#.to_owned(),
            r#"{"Version":"2012-10-17","Statement":[]}"#.to_owned(),
            r#"{"Version":"2012-10-17","Statement":{"Effect":"allow","Action":"s3:*","Resource":"*"}}"#.to_owned(),
            r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":[],"Resource":"*"}}"#.to_owned(),
            r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":[]}}"#.to_owned(),
            r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"PutObject","Resource":"*"}}"#.to_owned(),
            r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"b/*"}}"#.to_owned(),
            r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"arn:*:s3:::b/*"}}"#.to_owned(),
            r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::b/${aws:userid}/*"}}"#.to_owned(),
            r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*"}}"#.to_owned(),
            r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}} x"#.to_owned(),
            String::new(),
        ] {
            assert!(Policy::parse(&document).is_err(), "understood: {document}");
        }
    }
}
