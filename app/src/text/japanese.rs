//! Japanese.

mod desk;
mod gallery;
mod sentence;

use transfer::wire::EarlierFate;

use super::Words;
use super::figure::count;

pub(super) static JAPANESE: Words = Words {
    skip_to_content: "本文へ移動",
    navigation: "メイン",
    upload: "アップロード",
    batches: "履歴",
    account: "アカウント",
    account_what: "サインイン中の端末です。心当たりのないものがあればサインアウトし、新しいパスワードを設定するリンクを管理者に依頼してください。",
    this_browser: "このブラウザー",
    unknown_browser: "不明なブラウザー",
    signed_in_at: "サインイン",
    sign_out: "サインアウト",
    sign_out_everywhere: "すべての端末でサインアウト",
    sign_out_elsewhere: "ほかの端末をすべてサインアウト",
    sign_out_while_sending: "写真を送信中です。サインアウトすると、残りは送信されません。サインアウトしますか？",
    footer: "写真はお客様のバケットへ直接届きます。このサーバーは門を開けるだけです。",
    language: "言語",
    loading: "読み込んでいます…",
    title_done: "完了",
    not_found: "ページが見つかりません",
    not_found_what: "アドレスが間違っているか、ページがなくなった可能性があります。",
    back_to_upload: "写真をアップロード",
    problem: sentence::problem,
    desk: &desk::DESK,
    gallery: &gallery::GALLERY,

    sign_in_title: "Sluice にサインイン",
    sign_in_what: "何千枚もの写真を、ご自分のバケットへ直接。",
    sign_in: "サインイン",
    sign_in_with: |provider| format!("{provider} でサインイン"),
    or: "または",
    sso_problem: sentence::sso_problem,
    name: "名前",
    password: "パスワード",
    welcome_title: "Sluice へようこそ",
    welcome_what: "これからサインインに使う名前とパスワードを決めてください。",
    welcome_go: "始める",
    session_ended: "もう一度サインインしてください",
    session_ended_what: "セッションが終了しました。何も失われていません。サインインするとアップロードが再開します。",
    entry_problem: sentence::entry_problem,

    drop_here: "写真やフォルダーをここにドロップ",
    drop_here_what: "フォルダーごと、一度に何千枚でも。",
    drop_anywhere: "放すと追加されます",
    choose_files: "写真を選ぶ",
    choose_folder: "フォルダーを選ぶ",
    add_files: "写真を追加",
    add_folder: "フォルダーを追加",
    project: "プロジェクト",
    no_project: "プロジェクトがありません",
    no_project_what: "アップロードできるプロジェクトがまだありません。管理者に追加を依頼してください。",
    media_type: |media_type| match media_type {
        "image/*" => "写真".to_owned(),
        "video/*" => "動画".to_owned(),
        other => other.strip_prefix("image/").unwrap_or(other).to_ascii_uppercase(),
    },
    rules: |types, size, most| {
        let types = if types.is_empty() { "すべての種類" } else { types };
        format!("{types} · 1 件 {size} まで · 一度に {most} 件まで")
    },
    kept_for: |days| format!("送ったファイルは {} 日間保存されます。", count(days)),
    gathering: "フォルダーを調べています",
    gathering_what: "件のファイルが見つかりました",
    relaying: "このネットワークではブラウザーからストレージに直接つながらないため、このサーバーを経由して送っています。通常より遅くなります。",
    still_gathering: |found| format!("フォルダーを調べています。これまでに {} 件。", count(found)),
    opening: "門を開けています…",
    stuck: "開始できませんでした",
    stuck_what: "ファイルはそのまま残っています。まだ何も送信していません。",
    try_again: "再試行",
    start_over: "やり直す",

    refused_title: |refused| format!("{} 件すべてアップロードできません", count(refused)),
    refused_all: "何も送信していません。理由を確認して、別のファイルを選んでください。",
    and_more: |more| format!("ほか {} 件", count(more)),
    junk_left_out: |files| format!("システムファイル {} 件を除外しました。", count(files)),
    left_out: |files| format!("{} 件を除外しました", count(files)),
    refusal: sentence::refusal,

    duplicates: |files| format!("{} 件はすでにこのプロジェクトにあります", count(files)),
    duplicates_what: "パス、サイズ、内容がすべて同じです。ほかのファイルはそのまま送信を続けます。",
    skip_duplicates: "スキップ",
    send_duplicates: "もう一度送信（両方残す）",
    replace_duplicates: "以前のものを置き換える",
    replace_what: |some, all| {
        if some == all {
            "置き換えると、もう一度送信し、新しいものの照合が済んでから以前のものを削除します。".to_owned()
        } else {
            format!(
                "置き換えると、もう一度送信し、新しいものの照合が済んでから以前のもの {} 件を削除します。残りは今は置き換えられないため、両方残します。",
                count(some)
            )
        }
    },
    duplicates_skipped: |files| format!("{} 件はすでにあるため送信しません。", count(files)),

    phase_title: sentence::phase_title,
    phase_next: sentence::phase_next,
    phase_broken: "アップロードが停止しました",
    worker_lost: "送信の処理が停止しました。ページを再読み込みして、もう一度ファイルを追加してください。",
    progress: "アップロードの進み具合",
    photos: "写真",
    data: "データ",
    speed: "速度",
    time_left: "残り時間",
    took: "所要時間",
    of: |done, all| format!("{done} / {all}"),
    per_second: |size| format!("{size}/秒"),
    pause: "一時停止",
    resume: "再開",
    reopen: "同じファイルで続ける",
    choose_folder_again: "フォルダーを選び直す",
    choose_files_again: "写真を選び直す",
    not_now: "あとで",
    hold: "保留する",
    release: "保留を解除",
    folder_first: "このフォルダーを先に送る",
    cancel: "取り消す",
    cancel_all: "すべて取り消す",
    retry: "再試行",
    retry_failed: "失敗した分を再試行",
    close_anyway: "残りを除いて完了",
    files: "ファイル",
    filter: "表示するファイル",
    all: "すべて",
    search: "名前で検索",
    found_nothing: "名前やフォルダーに一致するファイルはありません。",
    trouble: "問題あり",
    row_state: sentence::row_state,
    failure: sentence::failure,
    announcement: sentence::announcement,

    summary_all: |stored| format!("{} 枚の写真がすべてバケットに入りました", count(stored)),
    summary_some: |stored, lost| format!("{} 枚は完了、{} 枚は未完了", count(stored), count(lost)),
    summary_skipped: |stored, there| {
        format!("{} 枚を保存、{} 枚は保存済みでした", count(stored), count(there))
    },
    summary_there: |there| format!("{} 枚の写真はすべて保存済みでした", count(there)),
    summary_there_what: "送信するものはありませんでした。保存場所は受領書にあります。",
    summary_nothing: "アップロードされた写真はありません",
    summary_nothing_what: "すべて送信前に取り消されたか、受け付けられませんでした。",
    summary_verified: |size, took| match took {
        Some(took) => format!("{size}、{took}。すべてストアと照合済みです。"),
        None => format!("{size}。すべてストアと照合済みです。"),
    },
    summary_beyond: "ファイルはすべて保存されていますが、申告されていないものが見つかり、上限を超えています。管理者に確認を依頼してください。保存された内容は受領書で確認できます。",
    summary_unverified: "まだストアと照合できていません。あとで受領書を確認してください。",
    summary_undecided: "残りを再試行するか、除いて完了してください。そのあと届いた分をストアと照合します。",
    summary_wrong: |wrong| {
        format!("{} 件がストアに正しく保存されていません。再試行してください。", count(wrong))
    },
    summary_replaced: |deleted, left| match (deleted, left) {
        (0, left) => format!("以前の {} 件は残っています。内訳と理由は受領書にあります。", count(left)),
        (deleted, 0) => format!("以前の {} 件を削除し、新しいものに置き換えました。", count(deleted)),
        (deleted, left) => format!(
            "以前の {} 件を削除し、{} 件は残っています。内訳と理由は受領書にあります。",
            count(deleted),
            count(left)
        ),
    },
    show_receipt: "受領書",
    upload_more: "さらにアップロード",

    finish_batch: "続きを送る",
    no_batches: "まだ履歴がありません。アップロードするとここに表示されます。",
    batch_figures: |stored, of, size| match of {
        Some(all) => format!("写真 {} / {} · {size}", count(stored), count(all)),
        None => format!("写真 {} · {size}", count(stored)),
    },
    batch_state: sentence::batch_state,
    receipt: "受領書",
    size: "サイズ",
    opened: "開始",
    verified: "照合",
    path: "パス",
    checksum: "チェックサム",
    seen: "ストアで確認",
    receipt_undone: "管理者がこのバッチを削除しました。ここに記されたものはバケットから削除中か、すでにありません。",
    already_there: "保存済み",
    in_batch: "保存先のバッチ",
    replaces: "置き換え",
    earlier_fate: |fate| match fate {
        EarlierFate::Due => "このバッチの照合後に削除",
        EarlierFate::Deleted => "削除済み",
        EarlierFate::Refused => "残存（ストアが削除を拒否）",
        EarlierFate::Left => "そのまま残存",
    },
    more_in_file: |more| format!("残りの {} 件は保存用ファイルに含まれます。", count(more)),
};
