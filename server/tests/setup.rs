//! The documents that stores are set up with: one text in code, deployment files and documentation.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::Value;
use server::config::VARIABLES;
use server::setup::{Document, Names};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The names of the documentation.
fn examples() -> Names {
    Names {
        partition: "aws".to_owned(),
        account: "123456789012".to_owned(),
        bucket: "my-photographs".to_owned(),
        upload_role_arn: "arn:aws:iam::123456789012:role/sluice-upload".to_owned(),
        server_arn: "arn:aws:iam::123456789012:role/sluice-server".to_owned(),
        server_role_id: "AROAEXAMPLEEXAMPLEXX".to_owned(),
        origin: "https://photos.example.org".to_owned(),
        kms_key_arn: "arn:aws:kms:eu-central-1:123456789012:key/example".to_owned(),
    }
}

#[test]
fn the_policies_that_are_shipped_are_those_of_the_code() {
    let folder = root().join("deploy/policies");
    let mut shipped: BTreeSet<String> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    for document in Document::ALL {
        let name = format!("{}.json", document.name());
        let text = document.text(&Names::placeholders());
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(folder.join(&name), &text).unwrap();
        }
        let written = std::fs::read_to_string(folder.join(&name)).unwrap_or_default();
        assert_eq!(written, text, "{name}: UPDATE=1 writes it again");
        shipped.remove(&name);
    }
    assert!(shipped.is_empty(), "nobody writes {shipped:?}");
}

#[test]
fn the_documentation_shows_the_same_documents() {
    let known: Vec<Value> = Document::ALL.iter().map(|document| document.value(&examples())).collect();
    let text = std::fs::read_to_string(root().join("docs/bucket.md")).unwrap();
    let blocks: Vec<&str> =
        text.split("```json\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert!(blocks.len() >= 5, "{}", blocks.len());
    for block in blocks {
        let shown: Value = serde_json::from_str(block).unwrap();
        assert!(known.contains(&shown), "docs/bucket.md has a document of its own:\n{block}");
    }
}

/// CloudFormation cannot read the files, so its words are compared.
#[test]
fn copilot_allows_the_same_actions() {
    let addon = std::fs::read_to_string(root().join("deploy/copilot/sluice/addons/upload.yml")).unwrap();
    let documents = [Document::UploadRole, Document::UploadRoleTrustById, Document::Server, Document::Doctor];
    let ours: BTreeSet<String> =
        documents.iter().flat_map(|document| actions(&document.text(&examples()))).collect();
    let theirs: BTreeSet<String> = actions(&addon).into_iter().filter(|action| action != "s3:*").collect();
    assert_eq!(theirs, ours);
    let cors = Document::Cors.value(&examples());
    let methods: Vec<&str> = cors["CORSRules"][0]["AllowedMethods"]
        .as_array()
        .unwrap()
        .iter()
        .map(|m| m.as_str().unwrap())
        .collect();
    assert!(addon.contains(&format!("AllowedMethods: [{}]", methods.join(", "))));
    assert!(addon.contains(&format!("MaxAge: {}", cors["CORSRules"][0]["MaxAgeSeconds"])));
}

/// Words such as `"s3:PutObject"` in quotes.
fn actions(text: &str) -> Vec<String> {
    text.split('"')
        .filter(|word| ["s3:", "sts:", "kms:"].iter().any(|service| word.starts_with(service)))
        .map(str::to_owned)
        .collect()
}

#[test]
fn deployment_files_set_only_variables_that_there_are() {
    let known: BTreeSet<&str> = VARIABLES.iter().map(|variable| variable.name).collect();
    let mut seen = 0;
    for path in files(&root().join("deploy")) {
        let text = std::fs::read_to_string(&path).unwrap();
        for word in
            text.split(|c: char| !c.is_ascii_uppercase() && c != '_').filter(|w| w.starts_with("SLUICE_"))
        {
            seen += 1;
            assert!(known.contains(word), "{}: there is no {word}", path.display());
        }
    }
    assert!(seen > 30, "{seen}");
}

/// What a parser and a look at the names can find; `terraform validate` needs the provider, which not every machine
/// can fetch.
#[test]
fn terraform_files_parse_and_name_only_what_is_there() {
    for (folder, at_least) in [("deploy/terraform", 50), ("deploy/lambda", 20)] {
        let used = names_of_module(&root().join(folder));
        assert!(used > at_least, "{folder}: {used}");
    }
}

/// Holds a module's names against each other; answers how many it uses.
fn names_of_module(folder: &Path) -> usize {
    let texts: Vec<(PathBuf, String)> = files(folder)
        .into_iter()
        .filter(|path| path.extension().is_some_and(|end| end == "tf" || end == "hcl"))
        .map(|path| (path.clone(), std::fs::read_to_string(path).unwrap()))
        .collect();
    let mut declared = BTreeSet::new();
    let mut module = String::new();
    for (path, text) in &texts {
        let body = hcl::parse(text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        if path.parent() != Some(folder) {
            continue;
        }
        module.push_str(text);
        for block in body.blocks() {
            let labels: Vec<&str> = block.labels().iter().map(hcl::BlockLabel::as_str).collect();
            match (block.identifier(), &labels[..]) {
                ("variable", [name]) => drop(declared.insert(format!("var.{name}"))),
                ("resource", [kind, name]) => drop(declared.insert(format!("{kind}.{name}"))),
                ("data", [kind, name]) => drop(declared.insert(format!("data.{kind}.{name}"))),
                ("locals", []) => {
                    declared.extend(block.body().attributes().map(|a| format!("local.{}", a.key())));
                }
                _ => {}
            }
        }
    }
    let code: String =
        module.lines().filter(|line| !line.trim_start().starts_with('#')).collect::<Vec<_>>().join("\n");
    let used: BTreeSet<String> = code
        .split(|c: char| !c.is_ascii_alphanumeric() && !"_.".contains(c))
        .filter_map(|word| {
            let parts: Vec<&str> = word.split('.').collect();
            match parts[..] {
                ["var" | "local", name, ..] => Some(format!("{}.{name}", parts[0])),
                ["data", kind, name, ..] => Some(format!("data.{kind}.{name}")),
                [kind, name, ..] if kind.starts_with("aws_") => Some(format!("{kind}.{name}")),
                _ => None,
            }
        })
        .collect();
    let missing: Vec<_> = used.difference(&declared).collect();
    assert!(missing.is_empty(), "used and not declared: {missing:?}");
    let idle: Vec<_> = declared
        .difference(&used)
        .filter(|name| name.starts_with("var.") || name.starts_with("local."))
        .collect();
    assert!(idle.is_empty(), "declared and not used: {idle:?}");
    used.len()
}

/// Every file below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}
