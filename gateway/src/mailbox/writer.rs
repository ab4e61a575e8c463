//! The one thread that writes. What waits while a commit is under way is committed together, so that load groups itself.

use std::sync::Arc;
use std::thread::{self, JoinHandle};
use talos_shared::contracts::{Error, ErrorCode};
use talos_shared::mailbox::store::{Change, Store};
use tokio::sync::{mpsc, oneshot};

/// Changes that wait for the disk; beyond these a request is refused.
const WAITING: usize = 1_024;
/// Changes in one transaction.
const TOGETHER: usize = 128;

/// Hands changes to the thread that writes.
pub struct Writer(mpsc::Sender<Box<dyn Job>>);

impl Writer {
    /// Starts the thread, which ends once this has been dropped and all that waited is done.
    pub fn start(store: Arc<dyn Store>) -> std::io::Result<(Self, JoinHandle<()>)> {
        let (jobs, waiting) = mpsc::channel(WAITING);
        let thread = thread::Builder::new().name("mailbox-writer".to_owned()).spawn(move || write(&*store, waiting))?;
        Ok((Writer(jobs), thread))
    }

    /// What the work gives, once it is durable. The work may run again, in another transaction.
    pub async fn change<T: Send + 'static>(
        &self,
        work: impl FnMut(&mut dyn Change) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let (answer, answered) = oneshot::channel();
        let job = Asked { work, result: None, answer };
        self.0.try_send(Box::new(job)).map_err(|_| Error::from(ErrorCode::MailboxBusy))?;
        answered.await.map_err(|_| Error::from(ErrorCode::StoreUnavailable))?
    }
}

trait Job: Send {
    /// An error is one of the store, which ends the transaction.
    fn run(&mut self, change: &mut dyn Change) -> Result<(), Error>;
    fn answer(self: Box<Self>, committed: Result<(), Error>);
}

struct Asked<T, W> {
    work: W,
    result: Option<Result<T, Error>>,
    answer: oneshot::Sender<Result<T, Error>>,
}

impl<T: Send, W: FnMut(&mut dyn Change) -> Result<T, Error> + Send> Job for Asked<T, W> {
    fn run(&mut self, change: &mut dyn Change) -> Result<(), Error> {
        let result = (self.work)(change);
        match &result {
            Err(error) if error.code.as_str().starts_with("store.") => Err(error.clone()),
            _ => {
                self.result = Some(result);
                Ok(())
            }
        }
    }

    fn answer(self: Box<Self>, committed: Result<(), Error>) {
        let result = self.result.unwrap_or_else(|| Err(ErrorCode::StoreUnavailable.into()));
        // Whoever asked may have gone.
        let _ = self.answer.send(committed.and(result));
    }
}

fn write(store: &dyn Store, mut waiting: mpsc::Receiver<Box<dyn Job>>) {
    while let Some(first) = waiting.blocking_recv() {
        let mut jobs = vec![first];
        while jobs.len() < TOGETHER
            && let Ok(job) = waiting.try_recv()
        {
            jobs.push(job);
        }
        commit(store, jobs);
    }
}

/// Where the store refuses them together, each has a transaction of its own: a large frame may have been what did not fit.
fn commit(store: &dyn Store, mut jobs: Vec<Box<dyn Job>>) {
    let committed = store.write(&mut |change| jobs.iter_mut().try_for_each(|job| job.run(change)));
    if committed.is_err() && jobs.len() > 1 {
        jobs.into_iter().for_each(|job| commit(store, vec![job]));
    } else {
        jobs.into_iter().for_each(|job| job.answer(committed.clone()));
    }
}
