//! What the server functions ask the server for.
//!
//! The server puts an `Arc<dyn Backend>` that acts for the caller of this one request into Leptos' context, for
//! pages and for server functions alike. So `app` does no I/O of its own, and the same services answer the JSON API.

use std::sync::Arc;

use async_trait::async_trait;
use leptos::prelude::use_context;
use transfer::wire::thumbnail::SignThumbnailsRequest;
use transfer::wire::{
    AnnounceAnswer, AnnounceRequest, BatchId, CloseAnswer, CloseRequest, OpenBatchRequest, OpenedBatch,
    Problem, ProblemCode, Receipt, RenewGrantRequest, RenewedGrant, ReportAnswer, ReportRequest,
    SignUploadRequest, SignUrlsRequest, SignedUpload, SignedUrls,
};

use crate::account::{Account, AccountAction};
use crate::desk::audit::{AuditLine, AuditQuestion};
use crate::desk::batches::{BatchDesk, BatchRequest, BatchesDesk, BatchesQuestion};
use crate::desk::dashboard::{Dashboard, DashboardQuestion};
use crate::desk::links::{Door, Entry, LinksAction, LinksDesk};
use crate::desk::people::{PeopleAction, PeopleDesk};
use crate::desk::projects::{ProjectsAction, ProjectsDesk};
use crate::desk::store::{StoreAction, StoreDesk};
use crate::desk::webhooks::{WebhooksAction, WebhooksDesk};
use crate::entrance::Entrance;
use crate::gallery::{
    DeleteImages, DeletedImages, GalleryPart, GalleryQuestion, ImageDownload, ImageRequest,
};
use crate::history::{BatchSummary, LeftBatch};
use crate::person::{Person, SignIn, SignOut};
use crate::project::Project;

/// The server, acting for the caller of one request.
///
/// Every method checks the caller's rights by itself and answers `SignedOut` where somebody must be signed in.
#[async_trait]
pub trait Backend: Send + Sync + std::fmt::Debug {
    /// How people come in.
    fn entrance(&self) -> Entrance;
    /// The origins of the store's host names, which browsers send files to.
    fn store_origins(&self) -> Vec<String>;
    /// Who is signed in, if anybody.
    async fn who(&self) -> Result<Option<Person>, Problem>;
    /// Signs in with name and password; starts a session.
    async fn sign_in(&self, sign_in: SignIn) -> Result<Person, Problem>;
    /// Uses up a one-time link: sets the name and password of the person it was made for, and signs in.
    async fn accept_welcome(&self, token: String, sign_in: SignIn) -> Result<Person, Problem>;
    /// Ends sessions.
    async fn sign_out(&self, which: SignOut) -> Result<(), Problem>;
    /// Where the caller is signed in; ends one of these sessions.
    async fn account(&self, action: AccountAction) -> Result<Account, Problem>;
    /// Projects that the caller may upload into.
    async fn projects(&self) -> Result<Vec<Project>, Problem>;
    /// Opens a batch.
    async fn open_batch(&self, request: OpenBatchRequest) -> Result<OpenedBatch, Problem>;
    /// Takes a page of items.
    async fn announce(&self, request: AnnounceRequest) -> Result<AnnounceAnswer, Problem>;
    /// Issues a fresh grant.
    async fn renew_grant(&self, request: RenewGrantRequest) -> Result<RenewedGrant, Problem>;
    /// What an admin does with people.
    async fn people_desk(&self, action: PeopleAction) -> Result<PeopleDesk, Problem>;
    /// What an admin does with projects.
    async fn projects_desk(&self, action: ProjectsAction) -> Result<ProjectsDesk, Problem>;
    /// What an admin does with guests' links.
    async fn links_desk(&self, action: LinksAction) -> Result<LinksDesk, Problem>;
    /// What an admin does with webhooks.
    async fn webhooks_desk(&self, action: WebhooksAction) -> Result<WebhooksDesk, Problem>;
    /// Batches of all projects.
    async fn batches_desk(&self, question: BatchesQuestion) -> Result<BatchesDesk, Problem>;
    /// What an admin does with one batch.
    async fn batch_desk(&self, request: BatchRequest) -> Result<BatchDesk, Problem>;
    /// What is going on, and what came in.
    async fn dashboard(&self, question: DashboardQuestion) -> Result<Dashboard, Problem>;
    /// What the doctor finds about the store, and what an admin does about it.
    async fn store_desk(&self, action: StoreAction) -> Result<StoreDesk, Problem>;
    /// A page of the audit log, latest first.
    async fn audit_log(&self, question: AuditQuestion) -> Result<Vec<AuditLine>, Problem>;
    /// What a guest sees first.
    async fn door(&self, token: String) -> Result<Door, Problem>;
    /// Lets a guest in; starts a session.
    async fn enter(&self, entry: Entry) -> Result<Person, Problem>;
    /// Presigns a page of URLs.
    async fn sign_urls(&self, request: SignUrlsRequest) -> Result<SignedUrls, Problem>;
    /// Presigns what an upload in parts needs.
    async fn sign_upload(&self, request: SignUploadRequest) -> Result<SignedUpload, Problem>;
    /// Notes what became of a page of items.
    async fn report(&self, request: ReportRequest) -> Result<ReportAnswer, Problem>;
    /// Compares the store with the ledger and closes the batch if all is there.
    async fn close_batch(&self, request: CloseRequest) -> Result<CloseAnswer, Problem>;
    /// The caller's latest batches, newest first, at most 50 (an admin sees everybody's).
    async fn recent_batches(&self) -> Result<Vec<BatchSummary>, Problem>;
    /// What is needed to go on with an open batch that was begun elsewhere.
    async fn adopt_batch(&self, batch: BatchId) -> Result<LeftBatch, Problem>;
    /// The receipt of a batch.
    async fn receipt(&self, batch: BatchId) -> Result<Receipt, Problem>;
    /// A part of a gallery.
    async fn gallery(&self, question: GalleryQuestion) -> Result<GalleryPart, Problem>;
    /// Where an image can be downloaded.
    async fn download_image(&self, request: ImageRequest) -> Result<ImageDownload, Problem>;
    /// Presigns thumbnails.
    async fn sign_thumbnails(&self, request: SignThumbnailsRequest) -> Result<SignedUrls, Problem>;
    /// Notes that a browser has stored thumbnails of a batch.
    async fn has_thumbnails(&self, batch: BatchId) -> Result<(), Problem>;
    /// Deletes images of a batch that is over; for admins.
    async fn delete_images(&self, request: DeleteImages) -> Result<DeletedImages, Problem>;
}

/// The backend for this request.
///
/// # Errors
/// `Internal` if the server did not provide one, which is a defect of the server.
pub fn backend() -> Result<Arc<dyn Backend>, Problem> {
    use_context::<Arc<dyn Backend>>()
        .ok_or_else(|| Problem::new(ProblemCode::Internal, "The server is not set up to answer this."))
}
