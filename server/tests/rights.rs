//! The policies that are shipped, against what is really asked of a store: none missing, none unused.

use std::collections::BTreeSet;

use aws_sdk_s3::Client;
use aws_sdk_s3::config::Credentials;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart};
use devstore::Operation;
use ledger::Role;
use serde_json::json;
use server::bucket::Bucket;
use server::doctor::Repair;
use server::setup::{
    DOCTOR_ACTIONS, FIX_ACTIONS, SERVER_ACTIONS, SERVER_OBJECT_ACTIONS, UNLIMITED_ACTIONS, UPLOAD_ACTIONS,
};

use crate::patient::Patient;
use crate::program::{ApiServer, Program};

/// What was asked since the last time, as IAM names it (Service Authorization Reference, "Actions defined by Amazon
/// S3"). Preflights need no right.
pub(crate) fn asked(patient: &Patient) -> BTreeSet<&'static str> {
    let faults = patient.store.faults().unwrap();
    let entries = faults.log(0).entries;
    faults.clear_log();
    let actions = entries.iter().filter(|entry| !entry.preflight).map(|entry| match entry.operation {
        Operation::Sts => "sts:AssumeRole",
        Operation::ListObjectsV2 => "s3:ListBucket",
        Operation::ListMultipartUploads => "s3:ListBucketMultipartUploads",
        Operation::PutObject
        | Operation::PostObject
        | Operation::CreateMultipartUpload
        | Operation::UploadPart
        | Operation::CompleteMultipartUpload => "s3:PutObject",
        Operation::AbortMultipartUpload => "s3:AbortMultipartUpload",
        Operation::ListParts => "s3:ListMultipartUploadParts",
        Operation::GetObject => "s3:GetObject",
        Operation::DeleteObjects => "s3:DeleteObject",
        other => panic!("no policy has the right to {other:?}: {entry:?}"),
    });
    actions.collect()
}

/// As an admin does in a gallery, with the first image of a batch.
async fn look_and_delete(admin: &Program, at: &str) {
    admin.post(&format!("{at}/close"), json!({ "rest": "give_up" })).await.good();
    let part = admin.get(&format!("{at}/images")).await.good();
    let image = &part["images"][0];
    let original = reqwest::get(image["original"].as_str().unwrap()).await.unwrap();
    assert_eq!(original.text().await.unwrap(), "12345");
    let delete = json!({ "items": [image["index"]] });
    assert_eq!(admin.post(&format!("{at}/images/delete"), delete).await.good()["deleted"], 1);
}

pub(crate) fn set<const N: usize>(actions: [&'static str; N]) -> BTreeSet<&'static str> {
    actions.into()
}

#[tokio::test]
async fn the_server_and_the_upload_role_use_what_they_have_and_nothing_else() {
    let patient = Patient::healthy().await;
    let server = ApiServer::start(patient.config.clone()).await;
    let program = server.program("ann", Role::Uploader).await;
    server.server.state.grants.bucket().probe().await.unwrap();
    let opened =
        program.post("/batches", json!({ "project": "default", "grant": "credentials" })).await.good();
    let at = format!("/batches/{}", opened["batch"].as_str().unwrap());
    let item = |index: u32, path: &str| json!({ "index": index, "path": path, "size": 5, "media_type": "image/jpeg" });
    let items = [item(0, "a.jpg"), item(1, "b.jpg"), item(2, "c.jpg")];
    program.post(&format!("{at}/items"), json!({ "items": items })).await.good();
    program.post_nothing(&format!("{at}/grant")).await.good();
    program.post("/presign", json!({ "project": "default", "name": "d.jpg", "size": 5 })).await.good();
    let mut by_server = asked(&patient);

    // As a browser does: a small file, a large one in parts with a look at what is there, and one given up.
    let said = |what: &str| opened["grant"][what].as_str().unwrap().to_owned();
    let token = Some(said("session_token"));
    let pair = Credentials::new(said("access_key_id"), said("secret_access_key"), token, None, "grant");
    let owner = Bucket::connect(&patient.config).await.unwrap();
    let bearer = Client::from_conf(owner.s3().config().to_builder().credentials_provider(pair).build());
    let key = |name: &str| format!("{}{name}", opened["prefix"].as_str().unwrap());
    let body = || ByteStream::from_static(b"12345");
    bearer.put_object().bucket("uploads").key(key("a.jpg")).body(body()).send().await.unwrap();
    for (name, finished) in [("b.jpg", true), ("c.jpg", false)] {
        let begun = bearer.create_multipart_upload().bucket("uploads").key(key(name)).send().await.unwrap();
        let id = begun.upload_id().unwrap();
        let part = bearer.upload_part().bucket("uploads").key(key(name)).upload_id(id).part_number(1);
        let part = part.body(body()).send().await.unwrap();
        bearer.list_parts().bucket("uploads").key(key(name)).upload_id(id).send().await.unwrap();
        if finished {
            let part = CompletedPart::builder().part_number(1).set_e_tag(part.e_tag).build();
            let parts = CompletedMultipartUpload::builder().parts(part).build();
            let whole = bearer.complete_multipart_upload().bucket("uploads").key(key(name)).upload_id(id);
            whole.multipart_upload(parts).send().await.unwrap();
        } else {
            bearer
                .abort_multipart_upload()
                .bucket("uploads")
                .key(key(name))
                .upload_id(id)
                .send()
                .await
                .unwrap();
        }
    }
    assert_eq!(asked(&patient), set(UPLOAD_ACTIONS), "of the upload role");

    // One that a browser began and left behind.
    bearer.create_multipart_upload().bucket("uploads").key(key("left.jpg")).send().await.unwrap();
    asked(&patient);
    let prefix = opened["prefix"].as_str().unwrap().parse().unwrap();
    assert_eq!(server.server.state.grants.bucket().abort_uploads(&prefix).await.unwrap(), 1);
    program.post_nothing(&format!("{at}/close")).await.good();
    program.get(&format!("{at}/receipt")).await.good();
    let admin = server.program("ada", Role::Admin).await;
    look_and_delete(&admin, &at).await;
    by_server.extend(asked(&patient));
    let mut has: BTreeSet<_> = SERVER_ACTIONS.into_iter().chain(SERVER_OBJECT_ACTIONS).collect();
    has.insert("sts:AssumeRole");
    assert_eq!(by_server, has, "of the server");
}

#[tokio::test]
async fn without_a_role_the_server_signs_puts_and_lists() {
    let mut patient = Patient::healthy().await;
    patient.config.role_arn = None;
    let server = ApiServer::start(patient.config.clone()).await;
    let program = server.program("ann", Role::Uploader).await;
    let file = json!({ "project": "default", "name": "d.jpg", "size": 5 });
    let presigned = program.post("/presign", file).await.good();
    let put = reqwest::Client::new().put(presigned["put_url"].as_str().unwrap()).body("12345");
    assert!(put.send().await.unwrap().status().is_success());
    let at = format!("/batches/{}", presigned["uuid"].as_str().unwrap());
    let bucket = server.server.state.grants.bucket();
    let left = bucket.s3().create_multipart_upload().bucket("uploads").key("photos/left/a.jpg");
    left.send().await.unwrap();
    assert_eq!(bucket.abort_uploads(&"photos/left/".parse().unwrap()).await.unwrap(), 1);
    program.post_nothing(&format!("{at}/close")).await.good();
    look_and_delete(&server.program("ada", Role::Admin).await, &at).await;
    let has: BTreeSet<_> = SERVER_ACTIONS.into_iter().chain(UNLIMITED_ACTIONS).collect();
    assert_eq!(asked(&patient), has);
}

/// The log names rules of a bucket by nothing but their method, so they are counted.
#[tokio::test]
async fn the_doctor_looks_at_what_its_policy_says() {
    let patient = Patient::healthy().await;
    let doctor = patient.doctor().await;
    doctor.examine().await;
    let rules = |patient: &Patient| {
        let faults = patient.store.faults().unwrap();
        let entries = faults.log(0).entries;
        faults.clear_log();
        let others =
            entries.into_iter().filter(|entry| entry.operation == Operation::Other && entry.key.is_none());
        others.map(|entry| entry.method).collect::<Vec<_>>()
    };
    assert_eq!(rules(&patient), ["GET"; DOCTOR_ACTIONS.len()]);
    doctor.apply(Repair::AllowPage).await.unwrap();
    doctor.apply(Repair::AbortUnfinished).await.unwrap();
    // It reads the lifecycle with the doctor's right.
    assert_eq!(rules(&patient), ["GET", "PUT", "GET", "PUT"]);
    assert_eq!(FIX_ACTIONS.len(), 3);
}
