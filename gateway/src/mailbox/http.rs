//! The endpoints (`docs/spec/mailbox.md`, section 4).

use super::answer::{Refused, value};
use super::body::{Held, Pieces, discard};
use super::desk::{Desk, Page};
use super::listen::Place;
use super::socket;
use axum::Router;
use axum::body::Body;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{FromRequestParts, Path, Request, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use axum::response::Response;
use axum::routing::{get, post, put};
use std::sync::Arc;
use std::time::Duration;
use talos_shared::contracts::json::{self, Profile};
use talos_shared::contracts::{Error, ErrorCode, MailboxAck, MailboxAcked};
use talos_shared::crypto::dsse::ENVELOPE_BYTES;
use talos_shared::identity::Did;
use talos_shared::mailbox::limits::{FRAME_BYTES, KEYS_BYTES, PAGE_FRAMES, WAIT_SECONDS};
use talos_shared::mailbox::{check_frame, read_bundle, read_keys};
use tokio::time::{Instant, sleep_until};

/// Bytes of an acknowledgement: 1,024 places of 16 digits.
pub const ACK_BYTES: usize = 32 * 1024;
/// Frames in an answer if the request does not say.
const PAGE: u64 = 64;

type Answer = Result<Response, Refused>;

pub fn router(desk: Arc<Desk>) -> Router {
    Router::new()
        .route("/v1/bundle", put(put_bundle))
        .route("/v1/one-time-keys", post(post_keys))
        .route("/v1/agents/{did}/bundle", get(get_bundle))
        .route("/v1/agents/{did}/frames", post(post_frame))
        .route("/v1/status", get(get_status))
        .route("/v1/frames", get(get_frames))
        .route("/v1/frames/ack", post(post_ack))
        .route("/v1/socket", get(get_socket))
        .route("/v1/health", get(|| async { "ok" }))
        .fallback(nothing)
        .method_not_allowed_fallback(nothing)
        .with_state(desk)
}

async fn nothing(request: Request) -> Refused {
    discard(request.into_body()).await;
    Error::new(ErrorCode::MailboxUnknown, "no such path, or not by this method").into()
}

async fn put_bundle(State(desk): State<Arc<Desk>>, request: Request) -> Answer {
    let (parts, body) = request.into_parts();
    let (agent, body) = signed_body(&desk, &parts, body, ENVELOPE_BYTES).await?;
    let now = desk.now()?;
    let bundle = read_bundle(&agent, &body.bytes, now)?;
    let service = desk.service.clone();
    let status = desk.change(move |store| service.publish_bundle(store, &agent, &bundle, now)).await?;
    Ok(value(StatusCode::OK, status.canonical()))
}

async fn post_keys(State(desk): State<Arc<Desk>>, request: Request) -> Answer {
    let (parts, body) = request.into_parts();
    let (agent, body) = signed_body(&desk, &parts, body, KEYS_BYTES).await?;
    let now = desk.now()?;
    let keys = read_keys(&agent, &body.bytes, now)?;
    let service = desk.service.clone();
    let status = desk.change(move |store| service.publish_keys(store, &agent, &keys, now)).await?;
    Ok(value(StatusCode::OK, status.canonical()))
}

async fn get_bundle(State(desk): State<Arc<Desk>>, request: Request) -> Answer {
    let (mut parts, body) = request.into_parts();
    let signed = desk.admit_bare(&parts, body).await?;
    let owner = named(&mut parts, &desk).await?;
    let (now, service, asked) = (desk.now()?, desk.service.clone(), owner.clone());
    let given = desk.change(move |store| service.give_bundle(store, signed.agent(), &asked, now)).await?;
    if let Some(left) = given.left {
        desk.given(&owner, left);
    }
    Ok(value(StatusCode::OK, given.bundle.canonical()))
}

async fn get_status(State(desk): State<Arc<Desk>>, request: Request) -> Answer {
    let (parts, body) = request.into_parts();
    let signed = desk.admit_bare(&parts, body).await?;
    let now = desk.now()?;
    let status = desk.look(move |service, store| service.status(store, signed.agent(), now)).await?;
    Ok(value(StatusCode::OK, status.canonical()))
}

async fn post_frame(State(desk): State<Arc<Desk>>, request: Request) -> Answer {
    let (mut parts, body) = request.into_parts();
    let (sender, frame) = signed_body(&desk, &parts, body, FRAME_BYTES).await?;
    let recipient = named(&mut parts, &desk).await?;
    if parts.headers.get(CONTENT_TYPE).is_none_or(|kind| kind != "application/octet-stream") {
        return Err(Error::new(ErrorCode::MalformedMediaType, "a frame is application/octet-stream").into());
    }
    check_frame(frame.bytes.len())?;
    // It goes on if its sender hangs up: who waits for the frame is woken all the same.
    let posted = tokio::spawn(async move { desk.post(sender, recipient, frame).await }).await;
    let posted = posted.map_err(|_| Error::from(ErrorCode::InternalFault))??;
    Ok(value(StatusCode::ACCEPTED, posted.canonical()))
}

async fn get_frames(State(desk): State<Arc<Desk>>, request: Request) -> Answer {
    let (parts, body) = request.into_parts();
    let signed = desk.admit_bare(&parts, body).await?;
    let wanted = Wanted::read(parts.uri.query().unwrap_or(""))?;
    let mut bell = desk.bell(signed.agent())?;
    let ends = Instant::now() + wanted.wait;
    loop {
        bell.silence();
        if let Some(page) = desk.frames(signed.agent(), wanted.after, wanted.most).await? {
            return Ok(value(StatusCode::OK, Body::new(Pieces::new(page.text.into(), page.share))));
        }
        tokio::select! {
            () = bell.wait() => {}
            () = sleep_until(ends) => break,
            () = desk.ending() => break,
        }
    }
    Ok(value(StatusCode::OK, Page::empty()))
}

async fn post_ack(State(desk): State<Arc<Desk>>, request: Request) -> Answer {
    let (parts, body) = request.into_parts();
    let (agent, body) = signed_body(&desk, &parts, body, ACK_BYTES).await?;
    let ack = read_ack(&body.bytes)?;
    let acked = acknowledge(&desk, agent, ack).await?;
    Ok(value(StatusCode::OK, acked.canonical()))
}

async fn get_socket(State(desk): State<Arc<Desk>>, request: Request) -> Answer {
    let (mut parts, _) = request.into_parts();
    let signed = desk.admit(&parts).await?;
    signed.check_body(b"")?;
    let upgrade = WebSocketUpgrade::from_request_parts(&mut parts, &()).await.map_err(|rejection| {
        Error::new(ErrorCode::MalformedValue, format!("no request for a WebSocket: {}", rejection.body_text()))
    })?;
    let bell = desk.bell(signed.agent())?;
    let agent = signed.agent().clone();
    let upgrade = upgrade.max_message_size(ACK_BYTES).max_frame_size(ACK_BYTES);
    let place = parts.extensions.remove::<Place>();
    Ok(upgrade.on_upgrade(move |socket| async move {
        socket::run(desk, agent, bell, socket).await;
        drop(place);
    }))
}

/// The agent in the path.
async fn named(parts: &mut Parts, desk: &Arc<Desk>) -> Result<Did, Error> {
    let path = Path::<String>::from_request_parts(parts, desk).await;
    let Path(did) = path.map_err(|_| Error::new(ErrorCode::DidMalformed, "the path names no agent"))?;
    Did::parse(&did)
}

/// Who sends what. A body that is refused unread is read to its end, so that its sender hears why.
async fn signed_body(desk: &Desk, parts: &Parts, body: Body, most: usize) -> Result<(Did, Held), Error> {
    let signed = match desk.admit(parts).await {
        Ok(signed) => signed,
        Err(error) => {
            discard(body).await;
            return Err(error);
        }
    };
    let body = desk.body(&signed, body, most).await?;
    Ok((signed.agent().clone(), body))
}

/// Reads an acknowledgement.
pub fn read_ack(text: &[u8]) -> Result<MailboxAck, Error> {
    MailboxAck::read(&json::parse(text, Profile::Talos)?)
}

/// Erases frames that their recipient keeps.
pub async fn acknowledge(desk: &Desk, agent: Did, ack: MailboxAck) -> Result<MailboxAcked, Error> {
    let service = desk.service.clone();
    desk.change(move |store| service.acknowledge(store, &agent, &ack.seqs)).await
}

/// Which frames are wanted.
struct Wanted {
    after: u64,
    most: u64,
    wait: Duration,
}

impl Wanted {
    fn read(query: &str) -> Result<Self, Error> {
        let (mut after, mut most, mut wait) = (None, None, None);
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, text) = pair.split_once('=').unwrap_or((pair, ""));
            let (place, range) = match name {
                "after" => (&mut after, 0..=(1 << 53) - 1),
                "max" => (&mut most, 1..=PAGE_FRAMES),
                "wait" => (&mut wait, 0..=WAIT_SECONDS),
                _ => return Err(Error::new(ErrorCode::MalformedMemberUnknown, "the query has another member")),
            };
            let digits = text.bytes().all(|byte| byte.is_ascii_digit());
            let number = text.parse().ok().filter(|number| digits && range.contains(number));
            let number = number.ok_or_else(|| {
                let (least, most) = range.into_inner();
                Error::new(ErrorCode::MalformedValue, format!("{name}: a number from {least} to {most}"))
            })?;
            if place.replace(number).is_some() {
                return Err(Error::new(ErrorCode::MalformedDuplicateName, format!("{name}: twice")));
            }
        }
        let wait = Duration::from_secs(wait.unwrap_or(0));
        Ok(Wanted { after: after.unwrap_or(0), most: most.unwrap_or(PAGE), wait })
    }
}
