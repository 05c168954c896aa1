//! The admin's side.

use transfer::wire::{Flaw, MAX_KEY_TEMPLATE, Placeholder};

use crate::desk::batches::{ChangeKind, StoredState};
use crate::desk::links::{Ask, LinkState};
use crate::desk::people::{PersonState, TokenScope};
use crate::desk::projects::RuleState;
use crate::desk::store::{StoreRepair, StoreVerdict};
use crate::desk::webhooks::DeliveryState;
use crate::person::Role;
use crate::text::figure::count;
use crate::text::words::DeskWords;

pub(super) static DESK: DeskWords = DeskWords {
    manage: "管理",
    projects: "プロジェクト",
    people: "ユーザー",
    links: "リンク",
    log: "操作記録",
    save: "保存",
    back: "戻る",
    edit: "編集",
    copy: "コピー",
    copied: "コピーしました",
    once: "表示は今回だけです。今すぐコピーしてください。",
    code: "同じリンクの QR コード",
    optional: "省略可",
    no_limit: "空欄：制限なし",

    dashboard: "概要",
    dashboard_what: "今の様子と、届いたもの。",
    going_on: "進行中",
    nothing_open: "進行中のバッチはありません。",
    done_of: |stored, items| format!("{} / {} 件", count(stored), count(items)),
    files: |files| format!("{} 件", count(files)),
    last_heard: "最終報告",
    today: "今日",
    this_month: "今月",
    last_days: "過去 30 日間",
    by_project: "プロジェクト別",
    failures: "今月、保存されなかったもの",
    no_failures: "失敗はありません。",
    more_open: |more| format!("ほか {} 件", count(more)),

    batches: "全バッチ",
    batches_what: "誰が、何を、どこに。",
    find_batch: "ファイル、人、またはバッチ",
    link: "リンク",
    person: "ユーザー",
    state: "状態",
    opened: "開始",
    any: "すべて",
    last_day: "過去 24 時間",
    last_week: "過去 7 日間",
    last_month: "過去 30 日間",
    last_year: "過去 365 日間",
    no_batches: "該当するバッチはありません。ファイルは名前の先頭で探します。",
    found_batches: |batches, files, size| {
        format!("バッチ {} 件 · ファイル {} 件 · {size}", count(batches), count(files))
    },

    batch: "バッチ",
    batch_what: "内容、保存の確認、そして対処。",
    closed: "終了",
    grants_end: "許可の終わり（遅くとも）",
    revoked_at: "取り消し",
    undone_at: "削除",
    relayed: "このサーバー経由で送信",
    undo_unfinished: "ファイルを削除しているか、途中で止まっています。変わらない場合は、もう一度削除してください。",
    items: "ファイル",
    find_item: "名前やフォルダーの一部",
    no_items: "このバッチに該当するファイルはありません。",
    all_items: "すべて",
    next: "次へ",
    stored_state: |state| match state {
        StoredState::Announced => "予定",
        StoredState::Stored => "保存済み",
        StoredState::Failed => "失敗",
        StoredState::Cancelled => "取り消し",
        StoredState::Skipped => "保存済みのため省略",
        StoredState::Missing => "不足",
        StoredState::Differs => "相違",
    },
    cause: |cause| match (cause.state, cause.failure.as_deref().unwrap_or_default()) {
        (StoredState::Missing, _) => "ストアにない",
        (StoredState::Differs, _) => "サイズまたはチェックサムが違う",
        (_, "network") => "接続が切れた",
        (_, "throttled") => "ストアが混雑していた",
        (_, "store") => "ストアの障害",
        (_, "expired") => "許可の期限切れ",
        (_, "skewed") => "時計のずれ",
        (_, "denied") => "ストアが拒否した",
        (_, "conflict") => "同じ名前があった",
        (_, "corrupted") => "途中で破損した",
        (_, "too_large") => "大きすぎる",
        (_, "file_changed") => "ファイルが変更された",
        (_, "file_gone") => "ファイルがなくなった",
        (_, "stalled") => "進まなくなった",
        _ => "その他の原因",
    },
    verify_again: "もう一度確認",
    again: |again| match (again.missing + again.differs + again.added, again.replaced) {
        (0, 0) => format!("{} 件すべてが受領書のとおりです。", count(again.same)),
        (0, replaced) => format!(
            "受領書のとおり {} 件、後のバッチで置き換え済み {} 件。失われたものはありません。",
            count(again.same),
            count(replaced)
        ),
        (_, replaced) => format!(
            "受領書のとおり {} 件、置き換え済み {} 件、不足 {} 件、変更 {} 件、受領書にないもの {} 件。",
            count(again.same),
            count(replaced),
            count(again.missing),
            count(again.differs),
            count(again.added)
        ),
    },
    change: |change| match change {
        ChangeKind::Missing => "不足",
        ChangeKind::Differs => "変更",
        ChangeKind::Added => "追加",
        ChangeKind::Replaced => "置き換え",
    },
    replaced_by: "置き換え先：",
    size_then: "受領時",
    size_now: "現在",
    revoke_grant: "許可を取り消す",
    revoke_what: "新しい許可・URL・更新は出なくなり、届いた分でバッチを終了します。ブラウザーがすでに持つ許可は、自然に切れるまで（1 時間以内）有効です。サーバーから取り戻すことはできません。その許可でできるのは、このバッチへの追加と上書きだけです。",
    stop_what: "AWS ではすぐに止められます。アップロード用ロールに次のインラインポリシーを追加し、許可が切れたら外してください。",
    undo: "このバッチを削除",
    undo_what: |prefix| {
        format!(
            "バケットの {prefix} 以下をすべて削除します。受領書は残り、削除したことが記されます。バケットがバージョンを保持していない限り、元に戻せません。"
        )
    },
    undo_type: |files| format!("削除するには、ファイル数 {files} を入力してください"),
    undo_go: "削除する",

    projects_what: "アップロード先、受け付ける内容、使える人。",
    new_project: "新しいプロジェクト",
    id: "ID",
    id_what: "A-Z a-z 0-9 _ -。空欄なら名前から作ります。あとで変更できません。",
    prefix: "バケット内のフォルダー",
    prefix_what: "A-Z a-z 0-9 _ - と区切りの /。空欄なら ID と同じ",
    key_template: "キーのテンプレート",
    key_template_what: "バケット内での名前の付け方です。バッチごとのフォルダーの後に続きます。始まったバッチの名前は変わりません。同じ名前になるファイルには番号が付きます。",
    key_example: "Ada さんの Sommer/IMG_0001.jpg の場合：",
    placeholder: |place| match place {
        Placeholder::Path => "フォルダーとファイル名",
        Placeholder::Folder => "フォルダー",
        Placeholder::Name => "ファイル名",
        Placeholder::Stem => "拡張子を除いたファイル名",
        Placeholder::Ext => "拡張子（ピリオドなし）",
        Placeholder::Date => "バッチを始めた日（UTC）",
        Placeholder::Year => "その日の年",
        Placeholder::Month => "その日の月",
        Placeholder::Day => "その日の日",
        Placeholder::Person => "送る人",
        Placeholder::Number => "バッチ内での番号",
        Placeholder::Uuid => "推測できない名前",
    },
    key_template_wrong: |error| {
        let at = error.at;
        match &error.flaw {
            Flaw::TooLong => format!("{MAX_KEY_TEMPLATE} 文字以内にしてください。"),
            Flaw::Character(c) => {
                format!("{at} 文字目の「{c}」は使えません。A-Z a-z 0-9 _ . - / と下の記号を使ってください。")
            }
            Flaw::Unclosed => format!("{at} 文字目の {{ が閉じられていません。{{date}} のように書いてください。"),
            Flaw::Unknown(name) => format!("{at} 文字目の {name} は使えません。下の記号から選んでください。"),
            Flaw::EmptyPart => format!("{at} 文字目の / の隣が空です。余分な / を消してください。"),
            Flaw::Dots => format!("{at} 文字目のピリオドは別のフォルダーを指してしまいます。消してください。"),
            Flaw::Reserved => ".sluice はサムネイル用です。ほかの名前で始めてください。".to_owned(),
            Flaw::AllTheSame => {
                "すべてのファイルが同じ名前になります。{path}、{name}、{number}、{uuid} のどれかを加えてください。".to_owned()
            }
        }
    },
    types: "種類",
    types_what: "image/*, video/mp4 などをカンマ区切りで。空欄：すべて",
    smallest: "最小サイズ（バイト）",
    largest: "最大サイズ（MB）",
    most_files: "一度に送れるファイル数",
    grant: "許可の方式",
    credentials: "一時的な認証情報",
    post_policy: "署名付きフォーム",
    signed_urls: "ファイルごとの署名付き URL",
    who: "アップロードできる人",
    everyone: "アカウントを持つ全員",
    members_only: "メンバーのみ",
    members: "メンバー",
    quota_files: "全体のファイル数の上限",
    quota_size: "全体の容量の上限（GB）",
    daily_files: "1 日のファイル数の上限",
    daily_size: "1 日の容量の上限（GB）",
    limits: "上限",
    today_took: |files, size| format!("今日 {} 件 · {size}", count(files)),
    beyond: |files, size| match files {
        0 => format!("ファイルが申告より合計 {size} 大きくなっています。上限の計算に含まれます。"),
        files => format!(
            "申告されていないファイルが {} 件（合計 {size}）あります。上限の計算に含まれます。",
            count(files)
        ),
    },
    relay: "ネットワークがストレージを遮断している場合は、このサーバーを経由して送る（低速）",
    thumbnails: "ギャラリー用のサムネイルをブラウザーで作り、元の画像の隣に保存する",
    keep_days: "ファイルの保存日数",
    keep_days_what: "空欄：無期限。「保存期間」でバケットにルールを書き込むまで、何も削除されません。",
    kept: |days| match days {
        None => "無期限で保存".to_owned(),
        Some(days) => format!("{} 日間保存", count(days.into())),
    },
    retention: "保存期間",
    rule_unseen: "バケットに未設定",
    rule_state: |rule| match (&rule.state, rule.keep_days) {
        (RuleState::Same, Some(_)) => {
            format!("バケットに設定済み：期間が過ぎると {} が削除します。", rule.bucket)
        }
        (RuleState::Same, None) => {
            format!("{} にこのプロジェクトのルールはありません。何も削除されません。", rule.bucket)
        }
        (RuleState::Missing, _) => "バケットにはまだ設定されていません。何も削除されません。".to_owned(),
        (RuleState::Otherwise { days: Some(days) }, _) => {
            format!("バケットの設定は異なります：{} 日後に削除されます。", count((*days).into()))
        }
        (RuleState::Otherwise { days: None }, _) => {
            format!("バケットの設定は異なります：ルール {} が無効か、別の対象を指しています。", rule.rule_id)
        }
        (RuleState::NotAllowed { action }, Some(_)) => format!(
            "サーバーに権限がありません。ロールに {} への {action} が必要です。許可するか、バケットの所有者としてこのルールをライフサイクルに追加してください。",
            rule.bucket
        ),
        (RuleState::NotAllowed { action }, None) => format!(
            "サーバーに権限がありません。ロールに {} への {action} が必要です。許可するか、ルール {} がないことをバケットの所有者として確かめてください。",
            rule.bucket, rule.rule_id
        ),
        (RuleState::NotDone, _) => {
            "このストアは、古くなったファイルの自動削除に対応していません。".to_owned()
        }
    },
    rule_others: |projects| {
        format!(
            "このフォルダーには {projects} の以前のアップロードもあり、ルールによって一緒に削除されます。"
        )
    },
    write_rule: "バケットに書き込む",
    write_rule_what: |rule| match rule.keep_days {
        Some(days) => format!(
            "{} 以下にある {} 日より古いものを、すでにあるものも含めて、ストアがすべて削除するようになります。受領書とバケットのほかのルールは残ります。",
            rule.folder,
            count(days.into())
        ),
        None => format!(
            "バケットからルール {} を取り除き、{} 以下がこのルールで削除されないようにします。ほかのルールは残ります。",
            rule.rule_id, rule.folder
        ),
    },
    ends_in_bucket: "バケットからの削除（この日時以降）",
    ends_decided: "保存期限（バケットには未設定）",
    archive: "アーカイブ",
    restore: "受け付けを再開",
    archived: "アーカイブ済み",
    member_count: |members| format!("メンバー {} 人", count(members)),
    holds: |files, size| format!("{} 件 · {size}", count(files)),

    store: "ストア",
    store_what: "バケットがアップロードの条件を満たしているかを、サーバーとブラウザーの両方の立場で確かめます。",
    store_healthy: "バケットはアップロードの条件を満たしています。",
    store_ill: "バケットに、アップロードの条件を満たしていない点があります。対処法は下にあります。",
    examine_again: "もう一度確かめる",
    verdict: |verdict| match verdict {
        StoreVerdict::Good => "良好",
        StoreVerdict::Unknown => "不明",
        StoreVerdict::Advice => "改善の余地あり",
        StoreVerdict::Bad => "動作しません",
    },
    repair: "代わりに設定する",
    repair_sure: |repair| match repair {
        StoreRepair::AllowPage => {
            "このページ用の CORS ルールをバケットに追加しますか？ほかのルールはそのまま残ります。"
        }
        StoreRepair::AbortUnfinished => {
            "未完了のアップロードを 1 日後に中止するライフサイクルルールをバケットに追加しますか？ほかのルールはそのまま残ります。"
        }
    },

    people_what: "アカウントを持つ人。ゲストはリンクから参加し、アカウントは不要です。",
    invite: "ユーザーを追加",
    role: "役割",
    role_name: |role| match role {
        Role::Admin => "管理者",
        Role::Uploader => "アップロード担当",
        Role::Guest => "ゲスト",
    },
    person_state: |state| match state {
        PersonState::Active => "有効",
        PersonState::Invited => "招待中",
        PersonState::Disabled => "無効",
    },
    new_link: "新しいワンタイムリンク",
    end_sessions: "すべてサインアウト",
    sessions: "セッション",
    sessions_what: "サインイン中の端末（新しい順）。",
    disable: "無効にする",
    enable: "有効にする",
    make_admin: "管理者にする",
    make_uploader: "アップロード担当にする",
    link_for: |name| format!("{name} さん用のワンタイムリンク（24 時間有効）"),
    token_for: |name| format!("{name} さんの API トークン"),
    tokens: "API トークン",
    tokens_what: "プログラム用。トークンの権限が本人を超えることはありません。",
    no_tokens: "トークンはありません。",
    new_token: "新しいトークン",
    token_name: "用途",
    token_for_what: "許可",
    token_scope: |scope| match scope {
        TokenScope::Full => "本人ができることすべて",
        TokenScope::Send => "送信",
        TokenScope::Read => "閲覧",
    },
    days: "有効日数",
    revoke: "取り消す",
    ends: "期限",
    last_used: "最終使用",
    never: "未使用",

    links_what: "ゲストはアカウントなしで 1 つのプロジェクトにアップロードできます。他の人が送ったものは見えません。",
    new_guest_link: "新しいリンク",
    title: "タイトル",
    welcome: "ゲストへのメッセージ",
    ask_name: "名前を尋ねる",
    ask_email: "メールアドレスを尋ねる",
    ask_note: "ひとことを尋ねる",
    ask: |ask| match ask {
        Ask::No => "尋ねない",
        Ask::Maybe => "任意",
        Ask::Must => "必須",
    },
    link_password: "パスワード（10 文字以上）",
    stays: "空欄: 変更しない",
    no_password: "パスワードをなくす",
    link_state: |state| match state {
        LinkState::Good => "受付中",
        LinkState::Expired => "期限切れ",
        LinkState::Revoked => "終了",
    },
    guests: |guests| format!("ゲスト {} 人", count(guests)),
    no_links: "まだリンクがありません。",
    end_link: "終了する",
    end_link_sure: "このリンクを終了しますか？直前の 1 時間以内に得た許可を除き、ゲストは続けられなくなります。",
    email: "メールアドレス",
    note: "ひとこと",
    go_on: "写真を選ぶ",

    webhooks: "Webhook",
    webhooks_what: "バッチが終わると、他のシステムに知らせます。",
    no_webhooks: "まだ Webhook がありません。",
    new_webhook: "新しい Webhook",
    url: "URL",
    all_projects: "すべてのプロジェクト",
    told: "知らせる内容",
    webhook_event: |event| match event {
        "batch.verified" => "バッチの確認済み",
        "batch.closed" => "未完了のままバッチが終了",
        _ => "テスト",
    },
    webhook_on: |on| if on { "オン" } else { "オフ" },
    webhook_secret: "新しい秘密鍵",
    send_test: "テストを送信",
    delete: "削除",
    delete_webhook_sure: "この Webhook と配信の記録を削除しますか？",
    deliveries: "配信",
    no_deliveries: "この 30 日間に配信はありません。",
    attempts: |attempts| format!("試行 {} 回", count(attempts)),
    next_attempt: "次回",
    delivery_state: |state| match state {
        DeliveryState::Pending => "待機中",
        DeliveryState::Delivered => "配信済み",
        DeliveryState::Failed => "失敗",
    },
    redeliver: "再配信",

    log_what: "誰が何をしたか。変更も削除もできません。",
    when: "日時",
    who_did: "操作した人",
    did: "操作",
    to_what: "対象",
    detail: "詳細",
    about: "人または対象",
    show: "表示",
    older: "さらに前",
    nothing_logged: "記録はありません。",
    action: |word| match word {
        "person_invited" => "ユーザーを追加",
        "person_joined" => "シングルサインオンで参加",
        "identity_linked" => "シングルサインオンを関連付け",
        "link_sent" => "ワンタイムリンクを作成",
        "role_changed" => "役割を変更",
        "person_disabled" => "ユーザーを無効化",
        "person_enabled" => "ユーザーを有効化",
        "sessions_ended" => "すべてサインアウト",
        "person_quota_changed" => "ユーザーの上限を変更",
        "session_ended" => "1 つのブラウザーをサインアウト",
        "token_created" => "トークンを作成",
        "token_revoked" => "トークンを取り消し",
        "project_created" => "プロジェクトを追加",
        "project_changed" => "プロジェクトを変更",
        "project_archived" => "プロジェクトをアーカイブ",
        "project_restored" => "プロジェクトを再開",
        "link_created" => "ゲスト用リンクを作成",
        "link_changed" => "ゲスト用リンクを変更",
        "link_revoked" => "ゲスト用リンクを終了",
        "images_deleted" => "画像を削除",
        "images_replaced" => "画像を置き換え",
        "batch_closed" => "放置されたバッチを終了",
        "batch_verified_again" => "バッチを再確認",
        "batch_revoked" => "バッチの許可を取り消し",
        "batch_undo_begun" => "バッチの削除を開始",
        "batch_undone" => "バッチを削除",
        "retention_written" => "保存期間をバケットに書き込み",
        "store_repaired" => "バケットのルールを変更",
        "batch_imported" => "バッチをバケットから取り込み",
        "webhook_created" => "Webhook を追加",
        "webhook_changed" => "Webhook を変更",
        "webhook_secret_changed" => "Webhook の秘密鍵を変更",
        "webhook_deleted" => "Webhook を削除",
        "webhook_tested" => "Webhook にテストを送信",
        "webhook_redelivered" => "Webhook に再配信",
        _ => "その他",
    },
};
