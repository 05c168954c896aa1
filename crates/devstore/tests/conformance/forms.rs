//! POST of a form under a signed policy.

use aws_credential_types::Credentials;
use sigv4::{PostPolicy, Timestamp};

use crate::target::{Answer, Target, now};

cases! {
    a_form_makes_an_object,
    a_form_tells_the_etag,
    a_session_signs_forms_too,
    conditions_hold,
    the_size_holds,
    the_size_holds_for_sessions,
    unknown_fields_are_refused,
    lists_of_types,
    the_sender_chooses_the_answer,
    a_page_to_go_to,
    the_name_of_the_file,
    tags_in_a_form,
    a_bent_policy_is_refused,
}

const BOUNDARY: &str = "----conformance";

fn policy(on: &Target) -> PostPolicy {
    let until = Timestamp::from_unix_millis((now().unix_seconds() + 600) * 1_000);
    PostPolicy::until(until).equals("bucket", &on.bucket).starts_with("key", &on.prefix)
}

/// The signed fields of a policy, and more.
fn fields(
    on: &Target,
    by: Option<&Credentials>,
    policy: &PostPolicy,
    more: &[(&str, &str)],
) -> Vec<(String, String)> {
    let signer = by.map_or_else(|| on.owner_signer(), |by| on.signer(by));
    // The signer fills in what the policy says exactly; what a case says itself stands instead.
    let mut fields = signer.sign_policy(policy, now());
    fields.retain(|(name, _)| !more.iter().any(|(own, _)| own.eq_ignore_ascii_case(name)));
    fields.extend(more.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    fields
}

async fn post(on: &Target, fields: &[(String, String)], file: &[u8]) -> Answer {
    let mut body = Vec::new();
    for (name, value) in fields {
        let part =
            format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        body.extend_from_slice(part.as_bytes());
    }
    body.extend_from_slice(
        format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a b.jpg\"\r\n\
             Content-Type: image/jpeg\r\n\r\n"
        )
        .as_bytes(),
    );
    body.extend_from_slice(file);
    body.extend_from_slice(format!("\r\n--{BOUNDARY}--\r\n").as_bytes());
    let kind = format!("multipart/form-data; boundary={BOUNDARY}");
    on.bare("POST", &format!("/{}", on.bucket), &[("content-type", &kind)], &body).await
}

async fn a_form_makes_an_object(on: Target) {
    let key = on.key("ä b.jpg");
    let policy = policy(&on).starts_with("Content-Type", "image/").starts_with("x-amz-meta-camera", "");
    let more = [("key", key.as_str()), ("Content-Type", "image/jpeg"), ("x-amz-meta-camera", "X100")];
    let answer = post(&on, &fields(&on, None, &policy, &more), b"photo\r\n--not the end\r\n").await;
    assert_eq!(answer.status, 204, "{answer:?}");
    assert_eq!(on.read(&key).await.unwrap(), b"photo\r\n--not the end\r\n");
    let head = on.owner().head_object().bucket(&on.bucket).key(&key).send().await.unwrap();
    assert_eq!(head.content_type(), Some("image/jpeg"));
    assert_eq!(head.metadata().unwrap()["camera"], "X100");
}

async fn a_form_tells_the_etag(on: Target) {
    let key = on.key("a");
    let answer = post(&on, &fields(&on, None, &policy(&on), &[("key", &key)]), b"x").await;
    assert_eq!(answer.header("etag"), Some("\"9dd4e461268c8034f5c8564e155c67a6\""));
}

async fn a_session_signs_forms_too(on: Target) {
    let session = on.uploader(&on.prefix).await;
    let (inside, outside) = (on.key("a"), format!("other-{}", on.key("a")));
    let until = Timestamp::from_unix_millis((now().unix_seconds() + 600) * 1_000);
    let policy = PostPolicy::until(until).equals("bucket", &on.bucket).starts_with("key", "");
    let answer = post(&on, &fields(&on, Some(&session), &policy, &[("key", &inside)]), b"x").await;
    assert_eq!(answer.status, 204, "{answer:?}");
    let answer = post(&on, &fields(&on, Some(&session), &policy, &[("key", &outside)]), b"x").await;
    assert_eq!((answer.status, answer.code()), (403, "AccessDenied"));
    assert_eq!(on.read(&outside).await, None);
}

async fn conditions_hold(on: Target) {
    let (key, outside) = (on.key("a"), format!("other-{}", on.key("a")));
    let policy = policy(&on).equals("Cache-Control", "no-store").starts_with("Content-Type", "image/");
    for more in [
        &[("key", outside.as_str()), ("Cache-Control", "no-store"), ("Content-Type", "image/png")][..],
        &[("key", &key), ("Cache-Control", "no-stores"), ("Content-Type", "image/png")],
        &[("key", &key), ("Cache-Control", "no-store"), ("Content-Type", "text/html")],
        &[("key", &key), ("Cache-Control", "no-store")],
    ] {
        let answer = post(&on, &fields(&on, None, &policy, more), b"x").await;
        assert_eq!((answer.status, answer.code()), (403, "AccessDenied"), "{more:?}");
    }
    assert_eq!((on.read(&key).await, on.read(&outside).await), (None, None));
}

async fn sizes(on: &Target, by: Option<&Credentials>) {
    let key = on.key("a");
    let policy = policy(on).content_length(2, 1_000);
    let fields = fields(on, by, &policy, &[("key", &key)]);
    let answer = post(on, &fields, &[7; 1_001]).await;
    assert_eq!((answer.status, answer.code()), (400, "EntityTooLarge"), "too large");
    let answer = post(on, &fields, &[7; 1]).await;
    assert_eq!((answer.status, answer.code()), (400, "EntityTooSmall"), "too small");
    assert_eq!(on.read(&key).await, None);
    for length in [2, 1_000] {
        assert_eq!(post(on, &fields, &vec![7; length]).await.status, 204);
        assert_eq!(on.read(&key).await.unwrap().len(), length);
    }
}

async fn the_size_holds(on: Target) {
    sizes(&on, None).await;
}

async fn the_size_holds_for_sessions(on: Target) {
    let session = on.uploader(&on.prefix).await;
    sizes(&on, Some(&session)).await;
}

async fn unknown_fields_are_refused(on: Target) {
    let key = on.key("a");
    let unknown = [("key", key.as_str()), ("x-amz-meta-unasked", "1")];
    let answer = post(&on, &fields(&on, None, &policy(&on), &unknown), b"x").await;
    assert_eq!((answer.status, answer.code()), (403, "AccessDenied"));
    assert_eq!(on.read(&key).await, None);
    let ignored = [("key", key.as_str()), ("x-ignore-me", "1")];
    let answer = post(&on, &fields(&on, None, &policy(&on), &ignored), b"x").await;
    assert_eq!(answer.status, 204, "{answer:?}");
}

async fn lists_of_types(on: Target) {
    let key = on.key("a");
    let policy = policy(&on).starts_with("Content-Type", "image/");
    let list = [("key", key.as_str()), ("Content-Type", "image/jpeg,text/html")];
    let answer = post(&on, &fields(&on, None, &policy, &list), b"x").await;
    assert_eq!((answer.status, answer.code()), (403, "AccessDenied"), "every type of a list must pass");
}

async fn the_sender_chooses_the_answer(on: Target) {
    let key = on.key("a&b");
    for (asked, status) in [("200", 200), ("201", 201), ("204", 204), ("999", 204)] {
        let policy = policy(&on).equals("success_action_status", asked);
        let more = [("key", key.as_str()), ("success_action_status", asked)];
        let answer = post(&on, &fields(&on, None, &policy, &more), b"x").await;
        assert_eq!(answer.status, status, "{asked}: {answer:?}");
        assert_eq!(answer.body.contains("a&amp;b</Key>"), status == 201);
    }
}

async fn a_page_to_go_to(on: Target) {
    let (key, page) = (on.key("a b"), "http://example.com/done?batch=1");
    let policy = policy(&on).starts_with("success_action_redirect", "http://example.com/");
    let more = [("key", key.as_str()), ("success_action_redirect", page)];
    let answer = post(&on, &fields(&on, None, &policy, &more), b"x").await;
    assert_eq!(answer.status, 303, "{answer:?}");
    let to = answer.header("location").unwrap();
    assert!(to.starts_with("http://example.com/done?batch=1&bucket="), "{to}");
    assert!(to.contains("&key=") && to.contains("&etag=%229dd4e461268c8034f5c8564e155c67a6%22"), "{to}");
}

async fn the_name_of_the_file(on: Target) {
    let key = on.key("${filename}");
    let answer = post(&on, &fields(&on, None, &policy(&on), &[("key", &key)]), b"x").await;
    assert_eq!(answer.status, 204, "{answer:?}");
    assert_eq!(on.read(&on.key("a b.jpg")).await.unwrap(), b"x");
}

async fn tags_in_a_form(on: Target) {
    let key = on.key("a");
    let tags = "<Tagging><TagSet><Tag><Key>state</Key><Value>new</Value></Tag></TagSet></Tagging>";
    let policy = policy(&on).starts_with("tagging", "");
    let answer = post(&on, &fields(&on, None, &policy, &[("key", &key), ("tagging", tags)]), b"x").await;
    assert_eq!(answer.status, 204, "{answer:?}");
    let kept = on.owner().get_object_tagging().bucket(&on.bucket).key(&key).send().await.unwrap();
    let [tag] = kept.tag_set() else { panic!("{kept:?}") };
    assert_eq!((tag.key(), tag.value()), ("state", "new"));
    let broken = [("key", key.as_str()), ("tagging", "state=new")];
    let answer = post(&on, &fields(&on, None, &policy, &broken), b"x").await;
    assert_eq!((answer.status, answer.code()), (400, "MalformedXML"));
}

async fn a_bent_policy_is_refused(on: Target) {
    let key = on.key("a");
    let mut fields = fields(&on, None, &policy(&on), &[("key", &key)]);
    let at = fields.iter().position(|(name, _)| name.eq_ignore_ascii_case("policy")).unwrap();
    fields[at].1.replace_range(0..1, "f");
    let answer = post(&on, &fields, b"x").await;
    assert_eq!((answer.status, answer.code()), (403, "SignatureDoesNotMatch"));
    assert_eq!(on.read(&key).await, None);
}
