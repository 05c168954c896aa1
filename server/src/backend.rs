//! What the pages ask the server for, answered by the same functions as the JSON API.

use app::account::{Account, AccountAction};
use app::backend::Backend;
use app::desk::audit::{AuditLine, AuditQuestion};
use app::desk::batches::{BatchDesk, BatchRequest, BatchesDesk, BatchesQuestion};
use app::desk::dashboard::{Dashboard, DashboardQuestion};
use app::desk::links::{Door, Entry, LinksAction, LinksDesk};
use app::desk::people::{PeopleAction, PeopleDesk};
use app::desk::projects::{ProjectsAction, ProjectsDesk};
use app::desk::store::{StoreAction, StoreDesk};
use app::desk::webhooks::{WebhooksAction, WebhooksDesk};
use app::entrance::Entrance;
use app::gallery::{DeleteImages, DeletedImages, GalleryPart, GalleryQuestion, ImageDownload, ImageRequest};
use app::history::{BatchSummary, LeftBatch};
use app::person::{Person, SignIn, SignOut};
use app::project::Project;
use async_trait::async_trait;
use transfer::wire::thumbnail::SignThumbnailsRequest;
use transfer::wire::{
    AnnounceAnswer, AnnounceRequest, BatchId, CloseAnswer, CloseRequest, OpenBatchRequest, OpenedBatch,
    Problem, Receipt, RenewGrantRequest, RenewedGrant, ReportAnswer, ReportRequest, SignUploadRequest,
    SignUrlsRequest, SignedUpload, SignedUrls,
};

use crate::batch::{self, Unfinished};
use crate::config::PasswordSignIn;
use crate::desk::{self, Desk};
use crate::gallery;
use crate::session::Visit;
use crate::state::AppState;

/// The server, acting for the person of one [`Visit`].
#[derive(Debug, Clone)]
pub struct ServerBackend {
    state: AppState,
    visit: Visit,
}

impl ServerBackend {
    /// Acts for that visit.
    #[must_use]
    pub fn new(state: AppState, visit: Visit) -> Self {
        Self { state, visit }
    }
}

#[async_trait]
impl Backend for ServerBackend {
    fn entrance(&self) -> Entrance {
        let password = self.state.config.sessions.passwords == PasswordSignIn::On;
        Entrance { sso: self.state.oidc.as_ref().map(|oidc| oidc.label().to_owned()), password }
    }

    fn store_origins(&self) -> Vec<String> {
        self.state.grants.bucket().origins()
    }

    async fn who(&self) -> Result<Option<Person>, Problem> {
        Ok(self.visit.who())
    }

    async fn sign_in(&self, sign_in: SignIn) -> Result<Person, Problem> {
        self.visit.sign_in(sign_in).await
    }

    async fn accept_welcome(&self, token: String, sign_in: SignIn) -> Result<Person, Problem> {
        self.visit.accept_welcome(&token, sign_in).await
    }

    async fn sign_out(&self, which: SignOut) -> Result<(), Problem> {
        self.visit.sign_out(which).await
    }

    async fn account(&self, action: AccountAction) -> Result<Account, Problem> {
        self.visit.account(action).await
    }

    async fn projects(&self) -> Result<Vec<Project>, Problem> {
        Ok(batch::projects(&self.state, &self.visit.signed_in()?).await?)
    }

    async fn open_batch(&self, request: OpenBatchRequest) -> Result<OpenedBatch, Problem> {
        Ok(batch::open(&self.state, &self.visit.signed_in()?, request).await?)
    }

    async fn announce(&self, request: AnnounceRequest) -> Result<AnnounceAnswer, Problem> {
        Ok(batch::announce(&self.state, &self.visit.signed_in()?, request).await?)
    }

    async fn renew_grant(&self, request: RenewGrantRequest) -> Result<RenewedGrant, Problem> {
        Ok(batch::renew(&self.state, &self.visit.signed_in()?, request).await?)
    }

    async fn people_desk(&self, action: PeopleAction) -> Result<PeopleDesk, Problem> {
        Ok(desk::people(&self.state, &self.visit.signed_in()?, action).await?)
    }

    async fn projects_desk(&self, action: ProjectsAction) -> Result<ProjectsDesk, Problem> {
        Ok(desk::projects(&self.state, &self.visit.signed_in()?, action).await?)
    }

    async fn links_desk(&self, action: LinksAction) -> Result<LinksDesk, Problem> {
        Ok(desk::links(&self.state, &self.visit.signed_in()?, action).await?)
    }

    async fn webhooks_desk(&self, action: WebhooksAction) -> Result<WebhooksDesk, Problem> {
        Ok(desk::webhooks(&self.state, &self.visit.signed_in()?, action).await?)
    }

    async fn batches_desk(&self, question: BatchesQuestion) -> Result<BatchesDesk, Problem> {
        Ok(desk::batches(&self.state, &self.visit.signed_in()?, question).await?)
    }

    async fn batch_desk(&self, request: BatchRequest) -> Result<BatchDesk, Problem> {
        Ok(desk::batch(&self.state, &self.visit.signed_in()?, request).await?)
    }

    async fn dashboard(&self, question: DashboardQuestion) -> Result<Dashboard, Problem> {
        Ok(Desk::of(&self.state, &self.visit.signed_in()?)?.dashboard(question).await?)
    }

    async fn store_desk(&self, action: StoreAction) -> Result<StoreDesk, Problem> {
        Ok(desk::store(&self.state, &self.visit.signed_in()?, action).await?)
    }

    async fn audit_log(&self, question: AuditQuestion) -> Result<Vec<AuditLine>, Problem> {
        Ok(Desk::of(&self.state, &self.visit.signed_in()?)?.log(question).await?)
    }

    async fn door(&self, token: String) -> Result<Door, Problem> {
        desk::door::look(&self.state, &token).await.map_err(|error| error.report())
    }

    async fn enter(&self, entry: Entry) -> Result<Person, Problem> {
        self.visit.enter(entry).await
    }

    async fn sign_urls(&self, request: SignUrlsRequest) -> Result<SignedUrls, Problem> {
        Ok(batch::sign_urls(&self.state, &self.visit.signed_in()?, request).await?)
    }

    async fn sign_upload(&self, request: SignUploadRequest) -> Result<SignedUpload, Problem> {
        Ok(batch::sign_upload(&self.state, &self.visit.signed_in()?, request).await?)
    }

    async fn report(&self, request: ReportRequest) -> Result<ReportAnswer, Problem> {
        Ok(batch::report(&self.state, &self.visit.signed_in()?, request).await?)
    }

    async fn close_batch(&self, request: CloseRequest) -> Result<CloseAnswer, Problem> {
        Ok(batch::close(&self.state, &self.visit.signed_in()?, request, Unfinished::StaysOpen).await?)
    }

    async fn recent_batches(&self) -> Result<Vec<BatchSummary>, Problem> {
        Ok(batch::recent(&self.state, &self.visit.signed_in()?).await?)
    }

    async fn adopt_batch(&self, batch: BatchId) -> Result<LeftBatch, Problem> {
        Ok(batch::left(&self.state, &self.visit.signed_in()?, &batch).await?)
    }

    async fn receipt(&self, batch: BatchId) -> Result<Receipt, Problem> {
        Ok(batch::receipt(&self.state, &self.visit.signed_in()?, &batch).await?)
    }

    async fn gallery(&self, question: GalleryQuestion) -> Result<GalleryPart, Problem> {
        Ok(gallery::part(&self.state, &self.visit.signed_in()?, question).await?)
    }

    async fn download_image(&self, request: ImageRequest) -> Result<ImageDownload, Problem> {
        Ok(gallery::download(&self.state, &self.visit.signed_in()?, request).await?)
    }

    async fn sign_thumbnails(&self, request: SignThumbnailsRequest) -> Result<SignedUrls, Problem> {
        Ok(batch::sign_thumbnails(&self.state, &self.visit.signed_in()?, request).await?)
    }

    async fn has_thumbnails(&self, batch: BatchId) -> Result<(), Problem> {
        Ok(gallery::has_thumbnails(&self.state, &self.visit.signed_in()?, &batch).await?)
    }

    async fn delete_images(&self, request: DeleteImages) -> Result<DeletedImages, Problem> {
        Ok(Desk::of(&self.state, &self.visit.signed_in()?)?.delete_images(request).await?)
    }
}
