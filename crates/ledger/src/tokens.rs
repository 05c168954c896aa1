//! API tokens: a prefix to find them by, and the hash of the secret.

use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use transfer::wire::UnixMillis;

use crate::audit::note;
use crate::entity::{person, token};
use crate::word::{Word, millis, time};
use crate::{Action, Deed, Ledger, LedgerError, PersonId, Sha256Hash, TokenId};

/// What a token may be used for, of what its person may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// All of it.
    Full,
    /// Sending, and what an uploader sees of it: also an admin's token is no admin then.
    Send,
    /// Reading; it changes nothing.
    Read,
}

impl Scope {
    /// As it is kept, and shown to operators.
    #[must_use]
    pub fn word(self) -> &'static str {
        self.to_word()
    }
}

/// A token to be.
#[derive(Debug, Clone)]
pub struct NewToken {
    /// The public half.
    pub prefix: String,
    /// The hash of the secret half.
    pub secret: Sha256Hash,
    /// Whose it is.
    pub person: PersonId,
    /// What it is for, for people.
    pub name: String,
    /// What it may be used for.
    pub scope: Scope,
    /// Now.
    pub created_at: UnixMillis,
    /// When it ends by itself; `None` never.
    pub expires_at: Option<UnixMillis>,
}

/// A token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenRecord {
    /// The id.
    pub id: TokenId,
    /// The public half.
    pub prefix: String,
    /// The hash of the secret half.
    pub secret: Sha256Hash,
    /// Whose it is.
    pub person: PersonId,
    /// What it is for.
    pub name: String,
    /// What it may be used for.
    pub scope: Scope,
    /// When it was made.
    pub created_at: UnixMillis,
    /// When it ends by itself.
    pub expires_at: Option<UnixMillis>,
    /// When it was revoked.
    pub revoked_at: Option<UnixMillis>,
    /// When it was last used, to the minute or so.
    pub last_used_at: Option<UnixMillis>,
}

impl TokenRecord {
    /// Whether it is good at that time.
    #[must_use]
    pub fn is_good(&self, now: UnixMillis) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|end| end > now)
    }
}

/// Which tokens to list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhoseTokens {
    /// Everybody's.
    All,
    /// One person's.
    Of(PersonId),
}

/// Tokens in the ledger.
#[derive(Debug, Clone, Copy)]
pub struct Tokens<'a> {
    pub(crate) ledger: &'a Ledger,
}

impl Tokens<'_> {
    /// Adds a token.
    ///
    /// # Errors
    /// `NoSuchPerson`; `Database`, also if the prefix is taken.
    pub async fn create(&self, deed: Deed<'_>, new: NewToken) -> Result<TokenId, LedgerError> {
        let write = self.ledger.begin_write().await?;
        let whose = person::Entity::find_by_id(new.person.0).one(&write).await?;
        let whose = whose.ok_or(LedgerError::NoSuchPerson)?.name;
        let detail = format!("{} {} {}", new.prefix, new.scope.to_word(), new.name);
        let row = token::ActiveModel {
            id: NotSet,
            prefix: Set(new.prefix),
            secret_hash: Set(new.secret.to_column()),
            person_id: Set(new.person.0),
            name: Set(new.name),
            created_at: Set(millis(new.created_at)),
            expires_at: Set(new.expires_at.map(millis)),
            revoked_at: Set(None),
            last_used_at: Set(None),
            scope: Set(new.scope.to_word().to_owned()),
        };
        let id = TokenId(row.insert(&write).await?.id);
        note(&write, deed, Action::TokenCreated, &whose, &detail).await?;
        write.commit().await?;
        Ok(id)
    }

    /// A token by its public half, good or not.
    ///
    /// # Errors
    /// `Database`.
    pub async fn by_prefix(&self, prefix: &str) -> Result<Option<TokenRecord>, LedgerError> {
        token::Entity::find()
            .filter(token::Column::Prefix.eq(prefix))
            .one(self.ledger.db())
            .await?
            .map(record)
            .transpose()
    }

    /// Tokens, newest first.
    ///
    /// # Errors
    /// `Database`.
    pub async fn list(&self, whose: WhoseTokens) -> Result<Vec<TokenRecord>, LedgerError> {
        let mut query = token::Entity::find().order_by_desc(token::Column::Id);
        if let WhoseTokens::Of(person) = whose {
            query = query.filter(token::Column::PersonId.eq(person.0));
        }
        query.all(self.ledger.db()).await?.into_iter().map(record).collect()
    }

    /// Notes that a token was used.
    ///
    /// # Errors
    /// `Database`.
    pub async fn touch(&self, id: TokenId, now: UnixMillis) -> Result<(), LedgerError> {
        token::Entity::update_many()
            .col_expr(token::Column::LastUsedAt, Expr::value(millis(now)))
            .filter(token::Column::Id.eq(id.0))
            .exec(self.ledger.db())
            .await?;
        Ok(())
    }

    /// Revokes a token; `false` if there is no such token or it was revoked before.
    ///
    /// # Errors
    /// `Database`.
    pub async fn revoke(&self, deed: Deed<'_>, prefix: &str) -> Result<bool, LedgerError> {
        let write = self.ledger.begin_write().await?;
        let update = token::Entity::update_many()
            .col_expr(token::Column::RevokedAt, Expr::value(millis(deed.at)))
            .filter(token::Column::Prefix.eq(prefix))
            .filter(token::Column::RevokedAt.is_null());
        let revoked = update.exec(&write).await?.rows_affected == 1;
        if revoked {
            note(&write, deed, Action::TokenRevoked, prefix, "").await?;
        }
        write.commit().await?;
        Ok(revoked)
    }
}

fn record(row: token::Model) -> Result<TokenRecord, LedgerError> {
    Ok(TokenRecord {
        id: TokenId(row.id),
        prefix: row.prefix,
        secret: Sha256Hash::from_column("tokens.secret_hash", &row.secret_hash)?,
        person: PersonId(row.person_id),
        name: row.name,
        scope: Scope::from_word(&row.scope)?,
        created_at: time(row.created_at),
        expires_at: row.expires_at.map(time),
        revoked_at: row.revoked_at.map(time),
        last_used_at: row.last_used_at.map(time),
    })
}
