//! Where Ceph (RADOS Gateway 16.2) is not S3, case by case.

use std::any::Any;
use std::panic::resume_unwind;

use crate::target::Target;
use crate::{buckets, conditions, copies, forms, integrity, listing, multipart, objects, sessions, tags};

/// A case that fails on Ceph.
struct Deviation {
    /// Like `objects::ranges`.
    case: &'static str,
    /// A piece of what the failure says: it must be this one and no other.
    shows: &'static str,
    /// What Ceph does instead.
    why: &'static str,
}

const fn deviation(case: &'static str, shows: &'static str, why: &'static str) -> Deviation {
    Deviation { case, shows, why }
}

const CEPH: &[Deviation] = &[
    deviation(
        "buckets::cors_rules_are_checked",
        "MalformedXML",
        "It says MalformedXML to two stars in an origin.",
    ),
    deviation(
        "conditions::conditions_that_s3_does_not_have",
        "PutObjectOutput",
        "It takes an ETag in the If-None-Match of a PUT.",
    ),
    deviation(
        "conditions::one_of_eight_uploads_makes_a_key",
        "uploads that made the key",
        "It ignores If-None-Match on Complete.",
    ),
    deviation(
        "conditions::replacing_what_was_seen",
        "PreconditionFailed",
        "It refuses If-Match with the very ETag, quotes and all.",
    ),
    deviation("conditions::unmodified_tells_the_etag", "left: None", "Its 304 has no ETag."),
    deviation(
        "copies::a_copy_of_parts_is_one_object",
        "the ETag is the MD5 of the bytes",
        "A copy keeps the ETag of parts.",
    ),
    deviation(
        "copies::a_copy_tells_its_etag",
        "with quotes, as everywhere",
        "It leaves the quotes out of a copy's ETag.",
    ),
    deviation(
        "copies::a_copy_with_tags_of_its_own",
        "left: [(\"state\", \"new\")]",
        "It ignores x-amz-tagging-directive.",
    ),
    deviation(
        "copies::under_a_condition",
        "CopyObjectOutput",
        "It does not know every condition on the source.",
    ),
    deviation(
        "forms::a_bent_policy_is_refused",
        "AccessDenied",
        "It says AccessDenied to a form with a wrong signature.",
    ),
    deviation("forms::a_form_tells_the_etag", "left: None", "Its answer to a form has no ETag."),
    deviation(
        "forms::a_page_to_go_to",
        "batch=1?bucket=",
        "It adds a second question mark to a page that has one.",
    ),
    deviation(
        "forms::lists_of_types",
        "every type of a list must pass",
        "It looks at the beginning of a list only.",
    ),
    deviation(
        "forms::tags_in_a_form",
        "InvalidArgument",
        "It says InvalidArgument to tags that are no document.",
    ),
    deviation(
        "forms::the_size_holds_for_sessions",
        "too large",
        "It ignores content-length-range in a session's form.",
    ),
    deviation(
        "integrity::a_document_is_what_its_md5_says",
        "BadDigest",
        "It does not look at the Content-MD5 of a document.",
    ),
    deviation(
        "integrity::a_list_of_deletions_needs_a_checksum",
        "InvalidRequest",
        "It deletes without a checksum of the list.",
    ),
    deviation("integrity::checksums_in_headers", "BadDigest", "It ignores x-amz-checksum headers."),
    deviation("integrity::checksums_in_trailers", "CRC32: []", "It ignores x-amz-checksum headers."),
    deviation("integrity::one_checksum_at_a_time", "InvalidRequest", "It ignores x-amz-checksum headers."),
    deviation(
        "listing::a_page_has_no_negative_length",
        "ListObjectsV2Output",
        "It takes a negative max-keys for none.",
    ),
    deviation(
        "listing::a_token_is_the_stores_own",
        "a token that the store never gave",
        "Any text is a token: it is the key to go on after.",
    ),
    deviation("listing::names_that_xml_cannot_carry", "slashes stay", "It encodes slashes too."),
    deviation(
        "multipart::a_wrong_checksum_makes_no_object",
        "a checksum of another object",
        "It ignores x-amz-checksum headers.",
    ),
    deviation(
        "multipart::a_wrong_size_makes_no_object",
        "the size of another object",
        "It ignores x-amz-mp-object-size.",
    ),
    deviation(
        "multipart::aborting_forgets",
        "InternalError",
        "It fails with 500 when an upload is aborted again.",
    ),
    deviation(
        "multipart::checksum_types_that_s3_does_not_have",
        "a type that S3 does not have",
        "It ignores x-amz-checksum headers.",
    ),
    deviation(
        "multipart::complete_tells_the_etag",
        "Complete's ETag",
        "Complete answers an empty ETag; HEAD has it.",
    ),
    deviation(
        "multipart::completing_only_what_is_not_there",
        "If-None-Match on Complete",
        "It ignores If-None-Match on Complete.",
    ),
    deviation(
        "multipart::composite_checksums",
        "HEAD tells one checksum",
        "It ignores x-amz-checksum headers.",
    ),
    deviation(
        "multipart::full_object_checksums",
        "HEAD tells one checksum",
        "It ignores x-amz-checksum headers.",
    ),
    deviation(
        "multipart::part_numbers_have_limits",
        "UploadPartOutput",
        "It takes part numbers that S3 refuses.",
    ),
    deviation(
        "multipart::parts_have_an_order",
        "CompleteMultipartUploadOutput",
        "It sorts the parts itself.",
    ),
    deviation(
        "multipart::parts_that_nobody_names_go_away",
        "InvalidPart",
        "It wants every part that arrived to be named.",
    ),
    deviation(
        "objects::a_key_has_1024_bytes",
        "InvalidObjectName",
        "It says InvalidObjectName to a key that is too long.",
    ),
    deviation(
        "objects::a_suffix_of_nothing",
        "the last 0 bytes",
        "It takes the last 0 bytes for all of them.",
    ),
    deviation("objects::metadata_has_a_limit", "PutObjectOutput", "Its limit on metadata is a higher one."),
    deviation(
        "sessions::tags_are_a_right_of_their_own",
        "tags are a right of their own",
        "s3:PutObject covers x-amz-tagging.",
    ),
    deviation("tags::letters_of_tags", "left: Ok(())", "It takes any letter in a tag."),
    deviation("tags::no_tag_twice", "left: Ok(())", "It takes the last of two tags with one key."),
    deviation(
        "tags::tags_come_with_an_upload",
        "no root element",
        "It drops the tags of an upload in parts, and tells no tags as an empty answer.",
    ),
    deviation("tags::ten_tags_at_most", "InvalidTag", "It says InvalidTag to an eleventh tag."),
];

/// Runs a case on Ceph, if there is one: it passes, or deviates as the table says.
pub(crate) async fn on_ceph<F>(path: &str, case: impl FnOnce(Target) -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    let Some(target) = Target::ceph().await else {
        eprintln!("skipped: SLUICE_TEST_CEPH_ENDPOINT is not set");
        return;
    };
    let name = short(path);
    let deviation = CEPH.iter().find(|deviation| deviation.case == name);
    match (tokio::spawn(case(target)).await, deviation) {
        (Ok(()), None) => {}
        (Ok(()), Some(deviation)) => {
            panic!("Ceph does {name} like S3 now, take it out of the table. It said: {}", deviation.why)
        }
        (Err(failure), None) => resume_unwind(failure.into_panic()),
        (Err(failure), Some(deviation)) => {
            let said = text(&*failure.into_panic());
            assert!(said.contains(deviation.shows), "{name} fails otherwise than the table says: {said}");
        }
    }
}

/// `conformance::objects::ceph::ranges` and `conformance::objects::ranges` are `objects::ranges`.
fn short(path: &str) -> String {
    let parts: Vec<&str> =
        path.split("::").filter(|part| *part != "ceph" && *part != "conformance").collect();
    parts.join("::")
}

fn text(panic: &(dyn Any + Send)) -> String {
    let said = panic.downcast_ref::<String>().map(String::as_str);
    said.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or_default().to_owned()
}

#[test]
fn every_deviation_is_one_of_a_case() {
    let all = [
        buckets::NAMES,
        conditions::NAMES,
        copies::NAMES,
        forms::NAMES,
        integrity::NAMES,
        listing::NAMES,
        multipart::NAMES,
        objects::NAMES,
        sessions::NAMES,
        tags::NAMES,
    ];
    let names: Vec<String> = all.concat().into_iter().map(short).collect();
    for deviation in CEPH {
        assert!(names.iter().any(|name| name == deviation.case), "{} is no case", deviation.case);
    }
}
