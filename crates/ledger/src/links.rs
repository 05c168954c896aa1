//! Links: a guest's way into one project without an account.
//!
//! Each guest who comes by a link becomes a person of its own, with the role `Guest` and no password. So guests own
//! their batches as everybody does, and see nothing of each other.

use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect, QueryTrait,
};
use transfer::wire::{ProjectId, UnixMillis};

use crate::audit::note;
use crate::entity::{batch, link, person};
use crate::people;
use crate::projects::lock;
use crate::word::{Word, millis, size, time};
use crate::{Action, Deed, Ledger, LedgerError, LinkId, PersonRecord, Quota, Role, Sha256Hash, Usage, quota};

/// Whether a guest is asked for something.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Ask {
    /// Not asked.
    #[default]
    No,
    /// May be left out.
    Maybe,
    /// Must be filled in.
    Must,
}

/// What guests are asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Asks {
    /// A name.
    pub name: Ask,
    /// An e-mail address.
    pub email: Ask,
    /// A few words.
    pub note: Ask,
}

/// A link to be.
#[derive(Debug, Clone)]
pub struct NewLink {
    /// The hash of its token.
    pub token: Sha256Hash,
    /// Where its guests upload to.
    pub project: ProjectId,
    /// What its page is headed with.
    pub title: String,
    /// What its page says.
    pub welcome: String,
    /// What guests are asked for.
    pub asks: Asks,
    /// The argon2 hash of a password that guests must know.
    pub password_hash: Option<String>,
    /// The most that all its guests together may send.
    pub quota: Quota,
    /// When it ends by itself.
    pub expires_at: UnixMillis,
}

/// What changes about a link; what is not given stays.
#[derive(Debug, Clone, Default)]
pub struct LinkChange {
    /// What its page is headed with.
    pub title: Option<String>,
    /// What its page says.
    pub welcome: Option<String>,
    /// What guests are asked for.
    pub asks: Option<Asks>,
    /// The argon2 hash of a password that guests must know from now on; or that they need none.
    pub password_hash: Option<Option<String>>,
    /// The most that all its guests together may send.
    pub quota: Option<Quota>,
    /// When it ends by itself.
    pub expires_at: Option<UnixMillis>,
}

/// A link.
#[derive(Clone, PartialEq, Eq)]
pub struct LinkRecord {
    /// The id.
    pub id: LinkId,
    /// Where its guests upload to.
    pub project: ProjectId,
    /// What its page is headed with.
    pub title: String,
    /// What its page says.
    pub welcome: String,
    /// What guests are asked for.
    pub asks: Asks,
    /// The argon2 hash of a password that guests must know.
    pub password_hash: Option<String>,
    /// The most that all its guests together may send.
    pub quota: Quota,
    /// When it was made.
    pub created_at: UnixMillis,
    /// When it ends by itself.
    pub expires_at: UnixMillis,
    /// When it was ended.
    pub revoked_at: Option<UnixMillis>,
}

impl std::fmt::Debug for LinkRecord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LinkRecord")
            .field("id", &self.id)
            .field("project", &self.project)
            .finish_non_exhaustive()
    }
}

impl LinkRecord {
    /// Whether guests may come and send at that time.
    #[must_use]
    pub fn is_good(&self, now: UnixMillis) -> bool {
        self.revoked_at.is_none() && self.expires_at > now
    }
}

/// How much a link was used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LinkUse {
    /// Guests who came by it.
    pub guests: u64,
    /// Files that were announced.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// A guest to be.
#[derive(Debug, Clone)]
pub struct Guest {
    /// How lists call the guest.
    pub name: String,
    /// Something that no other person has, for the column that keeps names apart.
    pub unique: String,
    /// The e-mail address that was filled in.
    pub email: Option<String>,
    /// The words that were filled in.
    pub note: Option<String>,
    /// Now.
    pub at: UnixMillis,
}

/// Links in the ledger.
#[derive(Debug, Clone, Copy)]
pub struct Links<'a> {
    pub(crate) ledger: &'a Ledger,
}

impl Links<'_> {
    /// Adds a link.
    ///
    /// # Errors
    /// `NoSuchProject`.
    pub async fn create(&self, deed: Deed<'_>, new: NewLink) -> Result<LinkId, LedgerError> {
        let write = self.ledger.begin_write().await?;
        lock(&write, &new.project).await?;
        let row = link::ActiveModel {
            id: NotSet,
            token_hash: Set(new.token.to_column()),
            project_id: Set(new.project.as_str().to_owned()),
            title: Set(new.title.clone()),
            welcome: Set(new.welcome),
            asks_name: Set(new.asks.name.to_word().to_owned()),
            asks_email: Set(new.asks.email.to_word().to_owned()),
            asks_note: Set(new.asks.note.to_word().to_owned()),
            password_hash: Set(new.password_hash),
            max_files: Set(new.quota.files.map(size)),
            max_bytes: Set(new.quota.bytes.map(size)),
            created_at: Set(millis(deed.at)),
            expires_at: Set(millis(new.expires_at)),
            revoked_at: Set(None),
        };
        let id = LinkId(row.insert(&write).await?.id);
        note(&write, deed, Action::LinkCreated, &new.title, new.project.as_str()).await?;
        write.commit().await?;
        Ok(id)
    }

    /// A link by its token, good or not.
    ///
    /// # Errors
    /// `Database`.
    pub async fn by_token(&self, token: Sha256Hash) -> Result<Option<LinkRecord>, LedgerError> {
        let found = link::Entity::find().filter(link::Column::TokenHash.eq(token.to_column()));
        found.one(self.ledger.db()).await?.map(record).transpose()
    }

    /// A link.
    ///
    /// # Errors
    /// `Database`.
    pub async fn get(&self, id: LinkId) -> Result<Option<LinkRecord>, LedgerError> {
        link::Entity::find_by_id(id.0).one(self.ledger.db()).await?.map(record).transpose()
    }

    /// All links with their use, newest first.
    ///
    /// # Errors
    /// `Database`.
    pub async fn list(&self) -> Result<Vec<(LinkRecord, LinkUse)>, LedgerError> {
        let rows = link::Entity::find().order_by_desc(link::Column::Id).all(self.ledger.db()).await?;
        let mut links = Vec::with_capacity(rows.len());
        for row in rows {
            let guests = person::Entity::find().filter(person::Column::LinkId.eq(row.id));
            let guests = guests.count(self.ledger.db()).await?;
            let Usage { files, bytes } = announced(self.ledger.db(), row.id).await?;
            links.push((record(row)?, LinkUse { guests, files, bytes }));
        }
        Ok(links)
    }

    /// The titles of all links, newest first.
    ///
    /// # Errors
    /// `Database`.
    pub async fn titles(&self) -> Result<Vec<(LinkId, String)>, LedgerError> {
        let rows: Vec<(i64, String)> = link::Entity::find()
            .select_only()
            .column(link::Column::Id)
            .column(link::Column::Title)
            .order_by_desc(link::Column::Id)
            .into_tuple()
            .all(self.ledger.db())
            .await?;
        Ok(rows.into_iter().map(|(id, title)| (LinkId(id), title)).collect())
    }

    /// Changes a link that was not ended. Its address stays, and so does what its guests have sent; a limit below that lets
    /// nothing more in.
    ///
    /// # Errors
    /// `NoSuchLink` if there is none, or it was ended.
    pub async fn change(&self, deed: Deed<'_>, id: LinkId, change: LinkChange) -> Result<(), LedgerError> {
        let write = self.ledger.begin_write().await?;
        let found = link::Entity::find_by_id(id.0).lock_exclusive().one(&write).await?;
        let row = found.filter(|row| row.revoked_at.is_none()).ok_or(LedgerError::NoSuchLink)?;
        let (title, project) = (row.title.clone(), row.project_id.clone());
        let mut new: link::ActiveModel = row.into();
        if let Some(title) = change.title {
            new.title = Set(title);
        }
        if let Some(welcome) = change.welcome {
            new.welcome = Set(welcome);
        }
        if let Some(asks) = change.asks {
            new.asks_name = Set(asks.name.to_word().to_owned());
            new.asks_email = Set(asks.email.to_word().to_owned());
            new.asks_note = Set(asks.note.to_word().to_owned());
        }
        if let Some(hash) = change.password_hash {
            new.password_hash = Set(hash);
        }
        if let Some(quota) = change.quota {
            new.max_files = Set(quota.files.map(size));
            new.max_bytes = Set(quota.bytes.map(size));
        }
        if let Some(expires_at) = change.expires_at {
            new.expires_at = Set(millis(expires_at));
        }
        if new.is_changed() {
            new.update(&write).await?;
        }
        note(&write, deed, Action::LinkChanged, &title, &project).await?;
        Ok(write.commit().await?)
    }

    /// Ends a link; its guests send nothing more. `false` if there is no such link or it was ended before.
    ///
    /// # Errors
    /// `Database`.
    pub async fn revoke(&self, deed: Deed<'_>, id: LinkId) -> Result<bool, LedgerError> {
        let write = self.ledger.begin_write().await?;
        let update = link::Entity::update_many()
            .col_expr(link::Column::RevokedAt, Expr::value(millis(deed.at)))
            .filter(link::Column::Id.eq(id.0))
            .filter(link::Column::RevokedAt.is_null());
        let revoked = update.exec(&write).await?.rows_affected == 1;
        if let Some(row) = link::Entity::find_by_id(id.0).one(&write).await?.filter(|_| revoked) {
            note(&write, deed, Action::LinkRevoked, &row.title, &row.project_id).await?;
        }
        write.commit().await?;
        Ok(revoked)
    }

    /// Adds the person that a guest becomes.
    ///
    /// # Errors
    /// `Database`.
    pub async fn admit(&self, link: LinkId, guest: Guest) -> Result<PersonRecord, LedgerError> {
        let row = person::ActiveModel {
            id: NotSet,
            name: Set(guest.name),
            // No sign-in name has a control character, so nobody can sign in as a guest, nor be in a guest's way.
            name_folded: Set(format!("\u{1}{}", guest.unique)),
            role: Set(Role::Guest.to_word().to_owned()),
            password_hash: Set(None),
            session_epoch: Set(0),
            disabled: Set(false),
            created_at: Set(millis(guest.at)),
            link_id: Set(Some(link.0)),
            email: Set(guest.email),
            note: Set(guest.note),
            quota_files: Set(None),
            quota_bytes: Set(None),
            daily_files: Set(None),
            daily_bytes: Set(None),
        };
        people::record(row.insert(self.ledger.db()).await?)
    }
}

/// What guests of a link have announced, or were seen to store beyond that. What is undone counts on.
pub(crate) async fn announced(db: &impl ConnectionTrait, link: i64) -> Result<Usage, LedgerError> {
    let guests = person::Entity::find()
        .select_only()
        .column(person::Column::Id)
        .filter(person::Column::LinkId.eq(link))
        .into_query();
    quota::held(db, Condition::all().add(batch::Column::PersonId.in_subquery(guests))).await
}

fn record(row: link::Model) -> Result<LinkRecord, LedgerError> {
    Ok(LinkRecord {
        id: LinkId(row.id),
        project: row.project_id.parse().map_err(|_| LedgerError::Corrupt {
            column: "links.project_id",
            found: row.project_id.clone(),
        })?,
        title: row.title,
        welcome: row.welcome,
        asks: Asks {
            name: Ask::from_word(&row.asks_name)?,
            email: Ask::from_word(&row.asks_email)?,
            note: Ask::from_word(&row.asks_note)?,
        },
        password_hash: row.password_hash,
        quota: Quota::of_columns(row.max_files, row.max_bytes),
        created_at: time(row.created_at),
        expires_at: time(row.expires_at),
        revoked_at: row.revoked_at.map(time),
    })
}
