//! What was found, and why it matters, in sentences.

use super::{Finding, Sentence, Side, Subject, Trial};

/// What was looked at, in a word or two.
pub(super) fn title(subject: Subject) -> Sentence {
    let (english, japanese) = match subject {
        Subject::Credentials => ("credentials", "認証情報"),
        Subject::Hosts => ("host names", "ホスト名"),
        Subject::Clock => ("clock", "時計"),
        Subject::Endpoint => ("bucket", "バケット"),
        Subject::Role => ("upload role", "アップロード用ロール"),
        Subject::Object => ("upload", "アップロード"),
        Subject::Session => ("limits of a grant", "許可の範囲"),
        Subject::Overwrite => ("overwriting", "上書き"),
        Subject::Checksums => ("checksums", "チェックサム"),
        Subject::Forms => ("forms", "フォーム"),
        Subject::Cors => ("CORS", "CORS"),
        Subject::Lifecycle => ("lifecycle", "ライフサイクル"),
        Subject::Retention => ("retention", "保存期間"),
        Subject::Versioning => ("versioning", "バージョニング"),
    };
    Sentence::new(english, japanese)
}

/// What was found.
pub(super) fn found(finding: &Finding) -> Sentence {
    let say = |english: &'static str, japanese: &'static str| Sentence::new(english, japanese);
    match finding {
        Finding::Known { source, who: Some(who) } => {
            Sentence::new(format!("{who}, from {source}"), format!("{who}（{source}）"))
        }
        Finding::Known { source, who: None } => {
            Sentence::new(format!("from {source}"), format!("取得元: {source}"))
        }
        Finding::NoCredentials { detail } => {
            Sentence::new(format!("none found: {detail}"), format!("見つかりません: {detail}"))
        }
        Finding::CredentialsLate { detail } => Sentence::new(
            format!("not to be had just now: {detail}"),
            format!("現在取得できません: {detail}"),
        ),
        Finding::HostsAnswer { hosts, http } => {
            let by = http.map(|http| format!(", by {}", http.name())).unwrap_or_default();
            let in_japanese = http.map(|http| format!("（{}）", http.name())).unwrap_or_default();
            match hosts {
                1 => Sentence::new(
                    format!("one, and it answers{by}"),
                    format!("1 個。応答があります{in_japanese}"),
                ),
                _ => Sentence::new(
                    format!("{hosts}, and all answer{by}"),
                    format!("{hosts} 個。すべて応答があります{in_japanese}"),
                ),
            }
        }
        Finding::HostsSilent { silent, .. } => {
            let silent = silent.join(", ");
            Sentence::new(format!("no answer from {silent}"), format!("応答がありません: {silent}"))
        }
        Finding::ClockRight { ahead } => {
            let seconds = ahead.abs().max(1);
            Sentence::new(
                format!("agrees with the store's to {seconds} s"),
                format!("ストアとの差は {seconds} 秒以内です"),
            )
        }
        Finding::ClockWrong { ahead } if *ahead > 0 => Sentence::new(
            format!("this machine is {ahead} s ahead of the store"),
            format!("このサーバーの時計はストアより {ahead} 秒進んでいます"),
        ),
        Finding::ClockWrong { ahead } => Sentence::new(
            format!("this machine is {} s behind the store", -ahead),
            format!("このサーバーの時計はストアより {} 秒遅れています", -ahead),
        ),
        Finding::ClockUnseen => say("the store does not tell its time", "ストアが時刻を返しません"),
        Finding::Listed => {
            say("is there, in that region, and can be listed", "指定のリージョンにあり、一覧を取得できます")
        }
        Finding::WrongRegion { configured, expected: Some(expected) } => Sentence::new(
            format!("is in {expected}, not in {configured}"),
            format!("{configured} ではなく {expected} にあります"),
        ),
        Finding::WrongRegion { configured, expected: None } => {
            Sentence::new(format!("is not in {configured}"), format!("{configured} にはありません"))
        }
        Finding::NoBucket => say("does not exist", "存在しません"),
        Finding::ListDenied => say(
            "the server may not list it (or it does not exist)",
            "サーバーに一覧の権限がありません（または存在しません）",
        ),
        Finding::KeyRefused { refusal } => Sentence::new(
            format!("the store does not accept the server's key: {refusal}"),
            format!("サーバーのキーがストアに拒否されました: {refusal}"),
        ),
        Finding::Unreachable { detail } => {
            Sentence::new(format!("no answer: {detail}"), format!("応答がありません: {detail}"))
        }
        Finding::StoreRefuses { detail } => {
            Sentence::new(format!("the store refuses: {detail}"), format!("ストアに拒否されました: {detail}"))
        }
        Finding::NoRole => say(
            "none configured: browsers get presigned URLs",
            "設定されていません。ブラウザーには署名付き URL を渡します",
        ),
        Finding::Assumed { seconds } => {
            let minutes = seconds.div_ceil(60);
            Sentence::new(
                format!("can be assumed, for {minutes} minutes"),
                format!("引き受けられます（{minutes} 分間）"),
            )
        }
        Finding::AssumeDenied { side, .. } => assume_denied(*side),
        Finding::TooLong { seconds, chained: true } => Sentence::new(
            format!("not for {seconds} s: the server runs under a role itself, and then AWS allows an hour"),
            format!(
                "{seconds} 秒は長すぎます。サーバー自身もロールで動いているため、AWS が許すのは 1 時間までです"
            ),
        ),
        Finding::TooLong { seconds, chained: false } => Sentence::new(
            format!(
                "not for {seconds} s: that is more than the store, or the role's MaxSessionDuration, allows"
            ),
            format!("{seconds} 秒は、ストアまたはロールの MaxSessionDuration の上限を超えています"),
        ),
        Finding::PolicyTooLarge => say(
            "the session policy, packed, is too large for this store",
            "圧縮後のセッションポリシーが、このストアの上限を超えています",
        ),
        Finding::NoSts { detail } => Sentence::new(
            format!("the store has no STS: {detail}"),
            format!("このストアに STS はありません: {detail}"),
        ),
        Finding::Stored { deleted: true } => {
            say("an object was written, found and deleted", "オブジェクトの書き込み、確認、削除ができました")
        }
        Finding::Stored { deleted: false } => say(
            "an object was written and found; sluice-doctor/doctor/probe stays, as the server may not delete",
            "オブジェクトの書き込みと確認ができました。サーバーに削除の権限がないため、sluice-doctor/doctor/probe は残ります",
        ),
        Finding::PutDenied { refusal } => Sentence::new(
            format!("an object could not be written: {refusal}"),
            format!("オブジェクトを書き込めませんでした: {refusal}"),
        ),
        Finding::NotFound => say(
            "an object was written, and the listing does not have it",
            "書き込んだオブジェクトが一覧にありません",
        ),
        Finding::NotSeen => say(
            "an object was written; whether it is there could not be seen",
            "オブジェクトを書き込みましたが、あるかどうかを確認できませんでした",
        ),
        Finding::Confined { tried } => Sentence::new(
            format!("{tried} ways out of a grant were tried, and all refused"),
            format!("許可を越える操作を {tried} 通り試し、すべて拒否されました"),
        ),
        Finding::NotConfined { open } => {
            let [english, japanese]: [Vec<&str>; 2] =
                [0, 1].map(|language| open.iter().map(|trial| attempt(*trial)[language]).collect());
            Sentence::new(
                format!("a grant lets its holder {}", english.join(", ")),
                format!("許可の持ち主が次のことをできてしまいます: {}", japanese.join("、")),
            )
        }
        Finding::OverwriteRefused => {
            say("a taken key is refused when the request says so", "上書きしないという要求が守られます")
        }
        Finding::OverwriteTaken => {
            say("the store does not honour If-None-Match", "ストアが If-None-Match に従いません")
        }
        Finding::ChecksumsChecked => say(
            "a body that is not what its checksum says is refused",
            "チェックサムと合わない内容は拒否されます",
        ),
        Finding::ChecksumsIgnored => {
            say("the store does not look at x-amz-checksum-*", "ストアが x-amz-checksum-* を確かめません")
        }
        Finding::FormsTaken => say(
            "small files can go as forms, without a preflight",
            "小さなファイルは、プリフライトなしのフォームで送れます",
        ),
        Finding::FormsRefused { status } => Sentence::new(
            format!("the store takes no POST forms of a session ({status})"),
            format!("ストアがセッションの POST フォームを受け付けません（{status}）"),
        ),
        Finding::CorsRight { max_age } => Sentence::new(
            format!("this page may send, and read what it needs; remembered for {max_age} s"),
            format!("このページから送信でき、必要なヘッダーも読めます。{max_age} 秒間記憶されます"),
        ),
        Finding::CorsClosed { origin } => Sentence::new(
            format!("pages of {origin} may not talk to the bucket"),
            format!("{origin} のページはバケットと通信できません"),
        ),
        Finding::CorsMethods { missing } => {
            let missing = missing.join(", ");
            Sentence::new(
                format!("this page may not send {missing}"),
                format!("このページから {missing} を送れません"),
            )
        }
        Finding::CorsHeaders => say(
            "this page may not send the headers of a signature",
            "このページから署名のヘッダーを送れません",
        ),
        Finding::CorsHidden => say("this page may not read ETag", "このページから ETag を読めません"),
        Finding::CorsForgotten { max_age } => Sentence::new(
            format!("browsers may remember it for {max_age} s only"),
            format!("ブラウザーが記憶できるのは {max_age} 秒間だけです"),
        ),
        Finding::LifecycleRight { days } => Sentence::new(
            format!("unfinished uploads are aborted after {days} day(s)"),
            format!("未完了のアップロードは {days} 日後に中止されます"),
        ),
        Finding::LifecycleMissing => {
            say("nothing aborts unfinished uploads", "未完了のアップロードを中止するルールがありません")
        }
        Finding::RetentionsHeld { projects } => Sentence::new(
            format!("the bucket has the rules of {projects} project(s)"),
            format!("{projects} 件のプロジェクトのルールがバケットにあります"),
        ),
        Finding::RetentionsApart { projects } => {
            let projects = projects.join(", ");
            Sentence::new(
                format!("the bucket's rules are not what was decided for {projects}"),
                format!("次のプロジェクトの決定とバケットのルールが違います: {projects}"),
            )
        }
        Finding::Versioned => say(
            "old versions are kept: what a grant overwrites can be had back",
            "古いバージョンが残ります。上書きされたものも取り戻せます",
        ),
        Finding::Unversioned => {
            say("off: what is overwritten is gone", "無効です。上書きされたものは戻りません")
        }
        Finding::Unseen { detail } => Sentence::new(
            format!("could not be looked at: {detail}"),
            format!("確認できませんでした: {detail}"),
        ),
    }
}

fn assume_denied(side: Side) -> Sentence {
    let (english, japanese) = match side {
        Side::Caller => (
            "may not be assumed: the server's own policy does not allow it",
            "引き受けられません。サーバー自身のポリシーが許可していません",
        ),
        Side::Trust => (
            "may not be assumed: its trust policy does not name the server",
            "引き受けられません。ロールの信頼ポリシーにサーバーがありません",
        ),
        Side::Unknown => (
            "may not be assumed, and the store does not say which side refuses",
            "引き受けられません。どちらの側が拒否したかを、ストアは知らせません",
        ),
    };
    Sentence::new(english, japanese)
}

/// Why it matters, where something is to be done.
pub(super) fn why(finding: &Finding) -> Option<Sentence> {
    let (english, japanese) = match finding {
        Finding::NoCredentials { .. } | Finding::CredentialsLate { .. } | Finding::KeyRefused { .. } => (
            "Without credentials the server can neither make grants nor verify what arrived.",
            "認証情報がないと、サーバーは許可を出すことも、届いたものを確かめることもできません。",
        ),
        Finding::HostsSilent { answering, .. } if answering.is_empty() => {
            ("Nothing can be uploaded.", "何もアップロードできません。")
        }
        Finding::HostsSilent { .. } => (
            "Browsers open six connections to each name, so each that is missing costs speed, and tries.",
            "ブラウザーは名前ごとに 6 本の接続を開くため、欠けるごとに速度が落ち、無駄な試行も増えます。",
        ),
        Finding::ClockWrong { .. } => (
            "S3 refuses requests whose time is more than 15 minutes off.",
            "S3 は、時刻が 15 分を超えてずれた要求を拒否します。",
        ),
        Finding::WrongRegion { .. } => (
            "Signatures name the region, so every request is refused or redirected.",
            "署名にはリージョンが含まれるため、すべての要求が拒否または転送されます。",
        ),
        Finding::NoBucket => ("Nothing can be uploaded.", "何もアップロードできません。"),
        Finding::ListDenied => {
            ("No batch can be verified, and /readyz says no.", "バッチを検証できず、/readyz も失敗します。")
        }
        Finding::Unreachable { .. } | Finding::StoreRefuses { .. } => {
            ("Nothing works until it does.", "解消されるまで何も動きません。")
        }
        Finding::NoRole => (
            "Each URL has to be asked for and is signed with the server's own credentials; a role lets the browser \
             sign for itself, for one batch only.",
            "URL を 1 つずつ要求し、サーバー自身の認証情報で署名することになります。ロールがあれば、ブラウザーが 1 つのバッチに限って自分で署名できます。",
        ),
        Finding::AssumeDenied { .. }
        | Finding::NoSts { .. }
        | Finding::TooLong { .. }
        | Finding::PolicyTooLarge => (
            "No grant can be made, so nothing can be uploaded.",
            "許可を出せないため、何もアップロードできません。",
        ),
        Finding::PutDenied { .. } => (
            "Grants are made, and nothing can be uploaded with them.",
            "許可は出ますが、それでは何もアップロードできません。",
        ),
        Finding::NotFound => ("No batch can be verified.", "バッチを検証できません。"),
        Finding::NotConfined { .. } => (
            "Whoever has a grant, or finds one, can do this until it ends. Do not let people upload before it is shut.",
            "許可を持つ人、手に入れた人は、期限までこれを行えます。ふさぐまでは公開しないでください。",
        ),
        Finding::OverwriteTaken => (
            "The holder of a grant can overwrite objects of the same batch until it ends.",
            "許可の持ち主は、期限まで同じバッチのオブジェクトを上書きできます。",
        ),
        Finding::ChecksumsIgnored => (
            "A photograph that was damaged on its way is found by its ETag when the batch is closed, not before.",
            "途中で壊れた写真は、バッチを閉じるときに ETag で初めて見つかります。",
        ),
        Finding::FormsRefused { .. } => (
            "Small files cost two requests each: browsers ask before every PUT.",
            "ブラウザーは PUT のたびに事前に問い合わせるため、小さなファイルに 2 回ずつ要求がかかります。",
        ),
        Finding::CorsClosed { .. } | Finding::CorsHeaders => {
            ("Browsers refuse to send anything.", "ブラウザーが何も送りません。")
        }
        Finding::CorsMethods { .. } => (
            "POST and PUT send files; GET and DELETE are for large ones: to go on after a break, and to give up.",
            "POST と PUT はファイルの送信に、GET と DELETE は大きなファイルの再開と中止に使います。",
        ),
        Finding::CorsHidden => (
            "Uploads in parts cannot be put together, and nothing can be compared.",
            "分割アップロードを組み立てられず、何も照合できません。",
        ),
        Finding::CorsForgotten { .. } => (
            "Browsers ask again and again, a round trip each time.",
            "ブラウザーが何度も問い合わせ、そのたびに往復の時間がかかります。",
        ),
        Finding::LifecycleMissing => (
            "Parts of large files that nobody finished stay, unseen, and cost money.",
            "途中で終わった大きなファイルの一部が、見えないまま残り、料金がかかります。",
        ),
        Finding::RetentionsApart { .. } => (
            "The store goes by its own rules: what should end stays, or what should stay ends.",
            "ストアは自分のルールに従うため、消えるはずのものが残ったり、残るはずのものが消えたりします。",
        ),
        _ => return None,
    };
    Some(Sentence::new(english, japanese))
}

/// In English and in Japanese.
fn attempt(trial: Trial) -> [&'static str; 2] {
    match trial {
        Trial::OtherBatch => ["write into other batches", "ほかのバッチへの書き込み"],
        Trial::Lookalike => {
            ["write where the name only begins like the batch", "名前の先頭だけが同じ場所への書き込み"]
        }
        Trial::Read => ["read objects", "オブジェクトの読み取り"],
        Trial::List => ["list the bucket", "バケットの一覧"],
        Trial::Delete => ["delete objects", "オブジェクトの削除"],
        Trial::AssumeAgain => ["assume the role again without limits", "制限なしでのロールの再引き受け"],
    }
}
