//! Sentences for every state, reason and problem, with what to do.

use transfer::port::{FailureClass, Phase, RowState, Snapshot};
use transfer::wire::{BatchState, Problem, ProblemCode, Refusal};

use crate::entrance::SsoProblem;
use crate::text::Language;
use crate::text::figure::{bytes, count, duration};

/// The server writes in English, so its kind of problem decides.
pub(super) fn problem(problem: &Problem) -> String {
    match problem.code {
        ProblemCode::Invalid => "要求を処理できませんでした。ページを再読み込みしてもう一度お試しください。",
        ProblemCode::SignedOut => "サインインが必要です。",
        ProblemCode::Forbidden => "この操作は許可されていません。管理者にお問い合わせください。",
        ProblemCode::NotFound => "見つかりません。削除されたか、閲覧する権限がありません。",
        ProblemCode::Conflict => "今の状態ではできません。ページを再読み込みしてください。",
        ProblemCode::TooLarge => "一度に送る量が多すぎます。",
        ProblemCode::Busy => "現在混み合っています。しばらく待ってからもう一度お試しください。",
        ProblemCode::TooMany => "回数が多すぎます。しばらく待ってからもう一度お試しください。",
        ProblemCode::Unsupported => "このサーバーでは対応していません。",
        ProblemCode::Store => {
            "サーバーまたはストアに接続できません。ネットワークを確認してください。何も失われていません。"
        }
        ProblemCode::Internal => "サーバーで問題が起きました。しばらくしてからもう一度お試しください。",
    }
    .to_owned()
}

pub(super) fn entry_problem(given: &Problem) -> String {
    match given.code {
        ProblemCode::SignedOut => "名前またはパスワードが正しくありません。".to_owned(),
        ProblemCode::NotFound | ProblemCode::Forbidden | ProblemCode::Conflict => {
            "このリンクは使用済みか、期限が切れています。新しいリンクを依頼してください。".to_owned()
        }
        ProblemCode::Invalid => {
            "名前またはパスワードが条件を満たしていません。より長いパスワードをお試しください。".to_owned()
        }
        _ => problem(given),
    }
}

pub(super) fn sso_problem(problem: SsoProblem) -> &'static str {
    match problem {
        SsoProblem::Over => {
            "時間がかかりすぎたか、別のウィンドウで始めたサインインです。もう一度お試しください。"
        }
        SsoProblem::Cancelled => "サインインは行われませんでした。いつでもやり直せます。",
        SsoProblem::Refused => "このアカウントでは利用できません。このサイトの管理者にお問い合わせください。",
        SsoProblem::Link => "このリンクは使用済みか、期限が切れています。新しいリンクを依頼してください。",
        SsoProblem::TooOften => "回数が多すぎます。しばらく待ってからもう一度お試しください。",
        SsoProblem::Failed => {
            "サインインできませんでした。しばらくしてからお試しください。続く場合は管理者にお知らせください。"
        }
    }
}

pub(super) fn refusal(reason: &Refusal) -> String {
    match reason {
        Refusal::Type { .. } => "このプロジェクトでは受け付けていない種類のファイルです。".to_owned(),
        Refusal::Empty => "中身が空です。カメラからのコピーが終わっていない可能性があります。".to_owned(),
        Refusal::TooSmall { min } => format!("最小サイズ {} に達していません。", bytes(*min)),
        Refusal::TooLarge { max } => format!("最大サイズ {} を超えています。", bytes(*max)),
        Refusal::TooMany { max } => {
            format!("一度に送れるのは {} 件までです。次の回に送ってください。", count(u64::from(*max)))
        }
        Refusal::PathTooLong { .. } => "パスが長すぎます。フォルダー名を短くしてください。".to_owned(),
        Refusal::PathUnsafe => "保存できないパスです。ファイル名を変更してください。".to_owned(),
        Refusal::Duplicate => "同じパスのファイルがすでにあります。".to_owned(),
        Refusal::Junk => "システム用のファイルです。送る必要はありません。".to_owned(),
        Refusal::OverDailyQuota => {
            "1 日の上限に達しました。明日もう一度追加するか、管理者に相談してください。".to_owned()
        }
        Refusal::OverQuota => "容量の上限に達しています。管理者に相談してください。".to_owned(),
    }
}

pub(super) fn failure(class: FailureClass) -> &'static str {
    match class {
        FailureClass::Network => "接続が切れました。ネットワークを確認して再試行してください。",
        FailureClass::Throttled => "ストアが混み合っています。数分後に再試行してください。",
        FailureClass::Store => "ストア側で障害が起きました。数分後に再試行してください。",
        FailureClass::Expired => "アップロードの許可が切れていました。再試行すると新しい許可を取得します。",
        FailureClass::Skewed => "このパソコンの時計がずれています。日時を合わせて再試行してください。",
        FailureClass::Denied => "ストアに拒否されました。管理者に権限の確認を依頼してください。",
        FailureClass::Conflict => "同じ名前のものがすでにあります。新しい回で送ってください。",
        FailureClass::Corrupted => "データが壊れて届いたため保存していません。再試行してください。",
        FailureClass::TooLarge => "ストアが受け付ける大きさを超えています。",
        FailureClass::FileChanged => "追加したあとにファイルが変更されました。もう一度追加してください。",
        FailureClass::FileGone => {
            "ファイルを読めません。移動や名前の変更、カードの取り外しを確認してください。"
        }
        FailureClass::Stalled => "長い間進みませんでした。ネットワークを確認して再試行してください。",
        FailureClass::Rejected => "ストアが受け付けませんでした。再試行しても直らない場合は管理者へ。",
    }
}

pub(super) fn phase_title(phase: &Phase) -> &'static str {
    match phase {
        Phase::Idle => "準備中。",
        Phase::Sending => "送信中。",
        Phase::Paused => "一時停止中。",
        Phase::SignedOut => "サインイン待ち。",
        Phase::Waiting => "ネットワーク待ち。",
        Phase::NeedsFiles => "中断しています。",
        Phase::Asking => "確認待ち。",
        Phase::Verifying => "照合中。",
        Phase::Done { .. } => "完了。",
        Phase::Broken { .. } => "停止。",
    }
}

pub(super) fn phase_next(phase: &Phase) -> &'static str {
    match phase {
        Phase::Idle => "まもなく最初の写真を送信します。",
        Phase::Sending => "このタブを開いたままにしてください。ほかのページやタブは使えます。",
        Phase::Paused => "再開するまで何も送信しません。",
        Phase::SignedOut => "セッションが終了しました。サインインすると再開します。",
        Phase::Waiting => "応答があり次第、自動で再開します。何も失われていません。",
        Phase::NeedsFiles => {
            "保存済みの写真はそのまま残っています。同じフォルダーをもう一度ドロップするか選ぶと、残りを送信します。"
        }
        Phase::Asking => "ほかはすべて終わりました。すでにあるファイルの扱いを下で選んでください。",
        Phase::Verifying => "すべて送信しました。サーバーがバケットの中身と照合しています。",
        Phase::Done { .. } | Phase::Broken { .. } => "",
    }
}

pub(super) fn row_state(state: &RowState) -> String {
    match state {
        RowState::Waiting => "待機中".to_owned(),
        RowState::Held => "保留中".to_owned(),
        RowState::Absent => "ファイル待ち".to_owned(),
        RowState::Sending { .. } => "送信中".to_owned(),
        RowState::Retrying { .. } => "自動で再試行します".to_owned(),
        RowState::Comparing => "比較中".to_owned(),
        RowState::Same => "プロジェクトに保存済み".to_owned(),
        RowState::Skipped => "保存済みのためスキップ".to_owned(),
        RowState::Stored => "バケットに保存済み".to_owned(),
        RowState::Failed { class } => failure(*class).to_owned(),
        RowState::Refused { reason } => refusal(reason),
        RowState::Cancelled => "取り消し済み".to_owned(),
    }
}

pub(super) fn announcement(snapshot: &Snapshot) -> String {
    let totals = &snapshot.totals;
    let mut sentence = format!(
        "{}{} 枚のうち {} 枚がバケットに入りました。",
        phase_title(&snapshot.phase),
        count(totals.wanted().into()),
        count(totals.stored.into())
    );
    if totals.same + totals.skipped > 0 {
        let there = count((totals.same + totals.skipped).into());
        sentence.push_str(&format!("{there} 件はすでにプロジェクトにあります。"));
    }
    let trouble = totals.failed + totals.refused;
    if trouble > 0 {
        sentence.push_str(&format!("{} 件に問題があります。", count(trouble.into())));
    }
    if let (Phase::Sending, Some(seconds)) = (&snapshot.phase, snapshot.seconds_left) {
        sentence.push_str(&format!("残り約 {}。", duration(Language::Japanese, seconds)));
    }
    sentence
}

pub(super) fn batch_state(state: BatchState) -> &'static str {
    match state {
        BatchState::Open => "受付中",
        BatchState::Closed => "未完了",
        BatchState::Verified => "照合済み",
    }
}
