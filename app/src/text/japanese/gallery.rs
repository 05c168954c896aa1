//! Galleries.

use crate::text::figure::count;
use crate::text::words::GalleryWords;

pub(super) static GALLERY: GalleryWords = GalleryWords {
    images: "画像",
    nothing: "まだ何も保存されていません。",
    nothing_found: |text| format!("名前やフォルダーに「{text}」を含むものはここにはありません。"),
    find: "名前やフォルダーの一部",
    search: "検索",
    show_all: "すべて表示",
    beyond: |images| format!("新しいものから検索しました。古い{}件はまだ検索していません。", count(images)),
    search_older: "古いものを検索",
    keys: "矢印キーで移動、スペースで選択、Shift と合わせて範囲選択、Enter で開きます。",
    total: |total| format!("{}件", count(total)),
    chosen: |chosen| format!("{}件を選択中", count(chosen)),
    most: "一度に選択できるのは 1,000 件までです。",
    clear: "選択を解除",
    download: "ダウンロード",
    one_by_one: "ファイルは順番にダウンロードされます。ブラウザーが許可を求めることがあります。",
    delete: "削除",
    delete_sure: |doomed| format!("バケットから{}件のファイルを削除しますか？", count(doomed)),
    delete_what: "元に戻せません。保存されていたという記録は受領書に残ります。",
    keep: "削除しない",
    deleted: |deleted| format!("{}件を削除しました。", count(deleted)),
    no_preview: "このファイルはブラウザーで表示できません。ダウンロードしてご覧ください。",
    previous: "前へ",
    next: "次へ",
    close: "閉じる",
};
