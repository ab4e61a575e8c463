//! The mailbox as its handlers have it: who asks, what is kept, who waits.

use super::bells::{Bell, Bells};
use super::body::{Held, Memory, Share};
use super::writer::Writer;
use crate::output::Output;
use axum::body::Body;
use axum::http::HeaderMap;
use axum::http::request::Parts;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use talos_shared::SystemClock;
use talos_shared::contracts::{Error, ErrorCode, MailboxFrames, MailboxMethod, MailboxPosted};
use talos_shared::crypto::hash;
use talos_shared::identity::Did;
use talos_shared::kernel::ports::Clock;
use talos_shared::mailbox::request::{self, Asked, Signed};
use talos_shared::mailbox::store::{Change, Store, View, look};
use talos_shared::mailbox::{Gate, Service};
use tokio::sync::{Semaphore, watch};
use tokio::task::spawn_blocking;

/// Looks at the store at a time, each of which may find a large frame.
const READS: usize = 4;
/// Bytes of all headers of a request.
const HEADERS_BYTES: usize = 32 * 1024;
/// The operator is told of one trouble in this time.
const TROUBLE: Duration = Duration::from_secs(60);

/// Everything that a request needs.
pub struct Desk {
    url: String,
    clock: SystemClock,
    gate: Mutex<Gate>,
    pub service: Service,
    store: Arc<dyn Store>,
    writer: Writer,
    reads: Arc<Semaphore>,
    memory: Memory,
    bells: Arc<Bells>,
    ending: watch::Receiver<bool>,
    output: Output,
    troubled: Mutex<Option<Instant>>,
}

/// What a desk is opened with.
pub struct Opening {
    pub url: String,
    pub gate: Gate,
    pub service: Service,
    pub store: Arc<dyn Store>,
    pub writer: Writer,
    pub memory: Memory,
    /// True once the mailbox is about to end.
    pub ending: watch::Receiver<bool>,
    pub output: Output,
}

impl Desk {
    pub fn open(opening: Opening) -> Self {
        let Opening { url, gate, service, store, writer, memory, ending, output } = opening;
        Desk {
            url,
            clock: SystemClock::default(),
            gate: Mutex::new(gate),
            service,
            store,
            writer,
            reads: Arc::new(Semaphore::new(READS)),
            memory,
            bells: Arc::default(),
            ending,
            output,
            troubled: Mutex::default(),
        }
    }

    pub fn now(&self) -> Result<u64, Error> {
        self.clock.wall_ms()
    }

    /// Who asks. The body is not read yet, so that strangers send none for nothing.
    pub async fn admit(&self, asked: &Parts) -> Result<Signed, Error> {
        let method = MailboxMethod::parse(asked.method.as_str()).ok_or(ErrorCode::MailboxUnknown)?;
        let path = asked.uri.path_and_query().map_or("/", |path| path.as_str());
        let now = self.now()?;
        let signed = request::verify(header(&asked.headers)?, Asked { mailbox: &self.url, method, path }, now)?;
        let ahead = self.gate.lock().unwrap_or_else(PoisonError::into_inner).admit(&signed, now)?;
        if let Some(made) = ahead {
            self.change(move |store| store.remember(&made)).await?;
        }
        Ok(signed)
    }

    /// Who asks, by a request without a body.
    pub async fn admit_bare(&self, asked: &Parts, body: Body) -> Result<Signed, Error> {
        let signed = self.admit(asked).await?;
        self.body(&signed, body, 0).await?;
        Ok(signed)
    }

    /// The body that was signed.
    pub async fn body(&self, signed: &Signed, body: Body, most: usize) -> Result<Held, Error> {
        let body = self.memory.read(body, most).await?;
        signed.check_body(&body.bytes)?;
        Ok(body)
    }

    /// What is found, away from the threads that answer.
    pub async fn look<T: Send + 'static>(
        &self,
        work: impl Fn(&Service, &dyn View) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let (store, service) = (self.store.clone(), self.service.clone());
        let looked = spawn_blocking(move || look(&*store, |view| work(&service, view))).await;
        self.watched(looked.unwrap_or_else(|_| Err(ErrorCode::InternalFault.into())))
    }

    /// What a change gives, once it is durable.
    pub async fn change<T: Send + 'static>(
        &self,
        work: impl FnMut(&mut dyn Change) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        self.watched(self.writer.change(work).await)
    }

    /// Queues a frame and wakes its recipient.
    pub async fn post(&self, sender: Did, recipient: Did, frame: Held) -> Result<MailboxPosted, Error> {
        let (now, id, service) = (self.now()?, hash::sha256(&[&frame.bytes]), self.service.clone());
        let agent = recipient.as_str().to_owned();
        let posted =
            self.change(move |store| service.post(store, &sender, &recipient, (&id, &frame.bytes), now)).await?;
        self.bells.ring(&agent);
        Ok(posted)
    }

    /// Frames that wait, as text, with the memory that it takes; none if there are none.
    pub async fn frames(&self, agent: &Did, after: u64, most: u64) -> Result<Option<Page>, Error> {
        let _turn = self.reads.acquire().await;
        let (agent, now) = (agent.clone(), self.now()?);
        let found = self.look(move |service, store| service.frames(store, &agent, after, most, now)).await?;
        if found.frames.is_empty() {
            return Ok(None);
        }
        let places = found.frames.iter().map(|frame| frame.seq).collect();
        let text = found.canonical();
        drop(found);
        let share = self.memory.room(text.len()).await?;
        Ok(Some(Page { text, places, share }))
    }

    pub fn bell(&self, agent: &Did) -> Result<Bell, Error> {
        self.bells.of(agent.as_str())
    }

    /// Until the mailbox is about to end.
    pub async fn ending(&self) {
        let _ = self.ending.clone().wait_for(|ending| *ending).await;
    }

    /// Tells the operator that an agent has to publish, when it becomes so.
    pub fn given(&self, owner: &Did, left: u64) {
        if left + 1 == self.service.limits().low_water {
            self.output.warn(&format!("{owner} has {left} one-time keys left"));
        }
    }

    fn watched<T>(&self, result: Result<T, Error>) -> Result<T, Error> {
        if let Err(error) = &result {
            self.trouble(error);
        }
        result
    }

    /// Tells the operator of what only the operator can mend.
    fn trouble(&self, error: &Error) {
        let own = ["store.", "internal."].iter().any(|family| error.code.as_str().starts_with(family));
        if !own && error.code != ErrorCode::MailboxFull {
            return;
        }
        let mut told = self.troubled.lock().unwrap_or_else(PoisonError::into_inner);
        if told.is_none_or(|at| at.elapsed() >= TROUBLE) {
            *told = Some(Instant::now());
            self.output.warn(&error.to_string());
        }
    }
}

/// Frames as they go out.
pub struct Page {
    pub text: Vec<u8>,
    pub places: Vec<u64>,
    pub share: Share,
}

impl Page {
    /// The answer when there are none.
    pub fn empty() -> Vec<u8> {
        MailboxFrames { frames: Vec::new(), more: false }.canonical()
    }
}

/// The one header that says who asks.
fn header(headers: &HeaderMap) -> Result<&str, Error> {
    if headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum::<usize>() > HEADERS_BYTES {
        return Err(Error::new(ErrorCode::MailboxTooLarge, format!("more than {HEADERS_BYTES} bytes of headers")));
    }
    let mut all = headers.get_all(request::HEADER).iter();
    let value = all
        .next()
        .ok_or_else(|| Error::new(ErrorCode::SignatureMissing, format!("there is no header {}", request::HEADER)))?;
    if all.next().is_some() {
        return Err(Error::new(ErrorCode::MalformedDuplicateName, format!("two headers {}", request::HEADER)));
    }
    value.to_str().map_err(|_| Error::new(ErrorCode::MalformedBase64, format!("{}: not ASCII", request::HEADER)))
}
