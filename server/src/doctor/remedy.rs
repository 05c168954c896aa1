//! What to do about it, exactly.

use serde::Serialize;

use super::{Finding, Repair, Sentence, Side, Trial};
use crate::setup::{Document, Names};

/// One thing to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Remedy {
    /// What, in a sentence.
    pub what: Sentence,
    /// What to paste: a document, a command, a setting.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Whether `sluice doctor --fix` can do it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repair: Option<Repair>,
}

impl Remedy {
    fn say(english: &'static str, japanese: &'static str) -> Self {
        Self { what: Sentence::new(english, japanese), text: None, repair: None }
    }

    fn paste(english: &'static str, japanese: &'static str, text: impl Into<String>) -> Self {
        Self { text: Some(text.into().trim_end().to_owned()), ..Self::say(english, japanese) }
    }

    fn document(english: &'static str, japanese: &'static str, document: Document, names: &Names) -> Self {
        Self::paste(english, japanese, document.text(names))
    }

    fn with(self, repair: Repair) -> Self {
        Self { repair: Some(repair), ..self }
    }
}

/// What to do about it.
pub(super) fn remedies(finding: &Finding, names: &Names) -> Vec<Remedy> {
    match finding {
        Finding::NoCredentials { .. } => vec![
            Remedy::say(
                "On ECS give the task definition a task role, on EC2 the instance an instance profile, on EKS the service account a role. No key is needed there.",
                "ECS ではタスク定義にタスクロールを、EC2 ではインスタンスにインスタンスプロファイルを、EKS ではサービスアカウントにロールを付けます。そこではキーは不要です。",
            ),
            Remedy::paste(
                "Elsewhere sign in, or set a key pair in the environment.",
                "それ以外では、サインインするか、環境変数にキーの組を設定します。",
                "aws sso login\n# or\nexport AWS_ACCESS_KEY_ID=… AWS_SECRET_ACCESS_KEY=…",
            ),
        ],
        Finding::CredentialsLate { .. } => vec![Remedy::say(
            "Try again in a minute. In a container on EC2 the instance's hop limit must be 2 (`aws ec2 modify-instance-metadata-options --http-put-response-hop-limit 2`).",
            "1 分後にもう一度試してください。EC2 上のコンテナーでは、インスタンスのホップ制限を 2 にします（`aws ec2 modify-instance-metadata-options --http-put-response-hop-limit 2`）。",
        )],
        Finding::KeyRefused { .. } => vec![Remedy::say(
            "The key is wrong, ended, or of another store. Fetch it anew; `sluice config` shows which variables are set.",
            "キーが誤っているか、期限切れか、別のストアのものです。取得し直してください。設定されている変数は `sluice config` で確認できます。",
        )],
        Finding::HostsSilent { .. } => vec![Remedy::say(
            "Check the names in SLUICE_PUBLIC_BASES (or SLUICE_ENDPOINT), their DNS and certificates, and take those away that do not exist.",
            "SLUICE_PUBLIC_BASES（または SLUICE_ENDPOINT）の名前と、その DNS と証明書を確認し、存在しないものを取り除いてください。",
        )],
        Finding::ClockWrong { .. } => {
            vec![Remedy::paste(
                "Set this machine's clock by NTP.",
                "このサーバーの時計を NTP で合わせます。",
                "timedatectl set-ntp true",
            )]
        }
        Finding::WrongRegion { expected, .. } => {
            let expected = expected.as_deref().unwrap_or("<the bucket's region>");
            vec![Remedy::paste(
                "Say in which region the bucket is.",
                "バケットのリージョンを指定します。",
                format!("SLUICE_REGION={expected}"),
            )]
        }
        Finding::NoBucket => vec![Remedy::paste(
            "Create it, or correct SLUICE_BUCKET.",
            "作成するか、SLUICE_BUCKET を直します。",
            format!("aws s3 mb s3://{}", names.bucket),
        )],
        Finding::ListDenied => vec![
            Remedy::document(
                "Give the server this policy.",
                "サーバーにこのポリシーを付けます。",
                Document::Server,
                names,
            ),
            Remedy::paste(
                "The same in Terraform, with the module's documents.",
                "Terraform では、モジュールの文書を使って次のように書きます。",
                terraform_policy("server", "server"),
            ),
        ],
        Finding::Unreachable { .. } => vec![Remedy::say(
            "Check SLUICE_ENDPOINT and SLUICE_STS_ENDPOINT, DNS, the firewall, and whether the store is up.",
            "SLUICE_ENDPOINT と SLUICE_STS_ENDPOINT、DNS、ファイアウォール、ストアの稼働を確認してください。",
        )],
        Finding::StoreRefuses { .. } => {
            vec![Remedy::say(
                "Look up what the store says; `SLUICE_LOG=debug` shows more.",
                "ストアのメッセージを調べてください。`SLUICE_LOG=debug` で詳しく表示されます。",
            )]
        }
        Finding::NoRole => vec![Remedy::document(
            "If the store has STS, make a role with this policy and name it in SLUICE_ROLE_ARN (`sluice setup upload-role-trust` has its trust).",
            "ストアに STS があれば、このポリシーのロールを作り、SLUICE_ROLE_ARN に指定します（信頼ポリシーは `sluice setup upload-role-trust`）。",
            Document::UploadRole,
            names,
        )],
        Finding::AssumeDenied { side, .. } => {
            let mut remedies = Vec::new();
            if *side != Side::Trust {
                remedies.push(Remedy::document(
                    "The caller's side: give the server this policy.",
                    "呼び出し側: サーバーにこのポリシーを付けます。",
                    Document::Server,
                    names,
                ));
                remedies.push(Remedy::paste(
                    "The same in Terraform.",
                    "Terraform では次のように書きます。",
                    terraform_policy("server", "server"),
                ));
            }
            if *side != Side::Caller {
                remedies.push(Remedy::document(
                    "The role's side: let the upload role trust the server.",
                    "ロール側: アップロード用ロールの信頼ポリシーにサーバーを加えます。",
                    Document::UploadRoleTrust,
                    names,
                ));
                remedies.push(Remedy::paste(
                    "The same in Terraform.", "Terraform では次のように書きます。",
                    format!("assume_role_policy = templatefile(\"policies/upload-role-trust.json\", {{ server_arn = \"{}\" }})", names.server_arn),
                ));
            }
            remedies
        }
        Finding::TooLong { chained: true, .. } => {
            vec![Remedy::paste(
                "Ask for an hour at most.",
                "1 時間以内にします。",
                "SLUICE_GRANT_SECONDS=3600",
            )]
        }
        Finding::TooLong { seconds, chained: false } => vec![
            Remedy::paste("Ask for less,", "短くするか、", "SLUICE_GRANT_SECONDS=3600"),
            Remedy::paste(
                "or allow more.",
                "上限を上げます。",
                format!(
                    "aws iam update-role --role-name {} --max-session-duration {seconds}",
                    role_name(names)
                ),
            ),
        ],
        Finding::PolicyTooLarge => {
            vec![Remedy::say("Give projects shorter prefixes.", "プロジェクトのプレフィックスを短くします。")]
        }
        Finding::NoSts { .. } => vec![
            Remedy::say(
                "Take SLUICE_ROLE_ARN away: browsers get presigned URLs then.",
                "SLUICE_ROLE_ARN を外します。ブラウザーには署名付き URL を渡すようになります。",
            ),
            Remedy::say(
                "If the store's STS is elsewhere, say where with SLUICE_STS_ENDPOINT.",
                "ストアの STS が別の場所にあれば、SLUICE_STS_ENDPOINT で指定します。",
            ),
        ],
        Finding::PutDenied { .. } => vec![
            Remedy::document(
                "Give the upload role this policy.",
                "アップロード用ロールにこのポリシーを付けます。",
                Document::UploadRole,
                names,
            ),
            Remedy::document(
                "If the bucket is encrypted with a key of KMS, name it in SLUICE_KMS_KEY_ARN and give the role this policy, too.",
                "バケットが KMS のキーで暗号化されている場合は、SLUICE_KMS_KEY_ARN に指定し、ロールにこのポリシーも付けます。",
                Document::UploadRoleKms,
                names,
            ),
            Remedy::document(
                "If objects get tags (SLUICE_OBJECT_TAGS), give the role this policy, too.",
                "オブジェクトにタグを付ける場合（SLUICE_OBJECT_TAGS）は、ロールにこのポリシーも付けます。",
                Document::UploadRoleTags,
                names,
            ),
            Remedy::say(
                "If the store does not know the class of SLUICE_STORAGE_CLASS, take that away.",
                "SLUICE_STORAGE_CLASS のクラスをストアが知らない場合は、それを外します。",
            ),
            Remedy::say(
                "If all of them are there, look for a Deny in the bucket's policy.",
                "すべて付いている場合は、バケットポリシーの Deny を探してください。",
            ),
        ],
        Finding::NotFound => {
            vec![Remedy::say(
                "Check that SLUICE_PUBLIC_BASES leads to the same bucket as SLUICE_ENDPOINT.",
                "SLUICE_PUBLIC_BASES と SLUICE_ENDPOINT が同じバケットを指しているか確認してください。",
            )]
        }
        Finding::NotConfined { open } => not_confined(open, names),
        Finding::CorsClosed { .. }
        | Finding::CorsMethods { .. }
        | Finding::CorsHeaders
        | Finding::CorsHidden
        | Finding::CorsForgotten { .. } => vec![
            Remedy::document(
                "Give the bucket this CORS rule (cors.json).",
                "バケットにこの CORS ルールを設定します（cors.json）。",
                Document::Cors,
                names,
            )
            .with(Repair::AllowPage),
            Remedy::paste(
                "By the AWS CLI; it replaces the rules that are there.",
                "AWS CLI の場合。今あるルールは置き換えられます。",
                format!(
                    "aws s3api put-bucket-cors --bucket {} --cors-configuration file://cors.json",
                    names.bucket
                ),
            ),
            Remedy::paste("In Terraform.", "Terraform の場合。", terraform_cors(names)),
        ],
        Finding::LifecycleMissing => vec![
            Remedy::document(
                "Give the bucket this lifecycle rule (lifecycle.json).",
                "バケットにこのライフサイクルルールを設定します（lifecycle.json）。",
                Document::Lifecycle,
                names,
            )
            .with(Repair::AbortUnfinished),
            Remedy::paste(
                "By the AWS CLI; it replaces the rules that are there.",
                "AWS CLI の場合。今あるルールは置き換えられます。",
                format!(
                    "aws s3api put-bucket-lifecycle-configuration --bucket {} --lifecycle-configuration file://lifecycle.json",
                    names.bucket
                ),
            ),
        ],
        Finding::RetentionsApart { projects } => projects
            .iter()
            .map(|project| {
                Remedy::paste(
                    "Write it under Retention on the projects' page, or by this command.",
                    "プロジェクトのページの「保存期間」か、次のコマンドで書き込みます。",
                    format!("sluice project retention {project} --write"),
                )
            })
            .collect(),
        Finding::Unseen { detail } if detail.contains("AccessDenied") => {
            vec![Remedy::document(
                "To see it, give the server this policy, too.",
                "確認するには、サーバーにこのポリシーも付けます。",
                Document::Doctor,
                names,
            )]
        }
        _ => Vec::new(),
    }
}

fn not_confined(open: &[Trial], names: &Names) -> Vec<Remedy> {
    let mut remedies = Vec::new();
    if open.iter().any(|trial| *trial != Trial::AssumeAgain) {
        remedies.push(Remedy::say(
            "This store does not honour session policies as AWS does. Take SLUICE_ROLE_ARN away: presigned URLs are for one object each.", "このストアは、セッションポリシーを AWS と同じようには守りません。SLUICE_ROLE_ARN を外してください。署名付き URL は 1 つのオブジェクトに限られます。",
        ));
        remedies.push(Remedy::document(
            "And keep the role itself narrow.",
            "ロール自体の権限も狭くしておきます。",
            Document::UploadRole,
            names,
        ));
    }
    if open.contains(&Trial::AssumeAgain) {
        let role = &names.upload_role_arn;
        remedies.push(Remedy::paste(
            "Add this statement to the role's trust policy.",
            "ロールの信頼ポリシーにこのステートメントを加えます。",
            format!(
                r#"{{"Effect": "Deny", "Principal": {{"AWS": ["{role}"]}}, "Action": ["sts:AssumeRole"]}}"#
            ),
        ));
    }
    remedies
}

fn role_name(names: &Names) -> &str {
    names.upload_role_arn.rsplit('/').next().unwrap_or_default()
}

fn terraform_policy(role: &str, document: &str) -> String {
    format!(
        "resource \"aws_iam_role_policy\" \"{role}\" {{\n  role   = aws_iam_role.{role}.id\n  policy = templatefile(\"policies/{document}.json\", local.names)\n}}"
    )
}

fn terraform_cors(names: &Names) -> String {
    format!(
        "resource \"aws_s3_bucket_cors_configuration\" \"photographs\" {{\n  bucket = \"{}\"\n\n  cors_rule {{\n    \
         allowed_origins = [\"{}\"]\n    allowed_methods = {:?}\n    allowed_headers = [\"*\"]\n    \
         expose_headers  = [\"ETag\"]\n    max_age_seconds = {}\n  }}\n}}",
        names.bucket,
        names.origin,
        crate::setup::CORS_METHODS,
        crate::setup::CORS_MAX_AGE_S,
    )
}
