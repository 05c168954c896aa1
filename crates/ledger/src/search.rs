//! Looking for a text as it is: no character of it stands for others, and the case of letters does not matter.
//!
//! Which letters differ only in their case, the database says: those of ASCII in SQLite, in PostgreSQL those of its
//! locale. So it is asked to make both sides small.

use sea_orm::ExprTrait;
use sea_orm::sea_query::{BinOper, Expr, Func, IntoColumnRef};

/// The character that takes a wildcard's meaning away.
const ESCAPE: char = '\\';

/// What is looked for, without spaces around it; nothing if nothing is left.
pub(crate) fn wanted(text: Option<&str>) -> Option<String> {
    // PostgreSQL takes no text with it.
    let text = text?.replace('\0', "");
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// Whether a column begins with the text.
pub(crate) fn begins_with(column: impl IntoColumnRef, text: &str) -> Expr {
    like(column, format!("{}%", literal(text)))
}

/// Whether the text is anywhere in a column.
pub(crate) fn holds(column: impl IntoColumnRef, text: &str) -> Expr {
    like(column, format!("%{}%", literal(text)))
}

fn literal(text: &str) -> String {
    let special = |character| matches!(character, '%' | '_' | ESCAPE);
    text.chars()
        .flat_map(|character| special(character).then_some(ESCAPE).into_iter().chain([character]))
        .collect()
}

fn like(column: impl IntoColumnRef, pattern: String) -> Expr {
    let pattern = Expr::expr(Func::lower(Expr::val(pattern)));
    let pattern = pattern.binary(BinOper::Escape, Expr::Constant(ESCAPE.into()));
    Expr::expr(Func::lower(Expr::col(column))).binary(BinOper::Like, pattern)
}
