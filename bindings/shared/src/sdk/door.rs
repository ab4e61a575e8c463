//! The generic door: every operation by its id, JSON in and JSON out.

use crate::client::Client;
use crate::door::{answer, find, parse, told};
use crate::sdk::kernel::{Kernel, lock};
use crate::sdk::permit::Permit;
use crate::sdk::run::{Asked, Run};
use crate::sdk::soon::Soon;
use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use talos_contracts::json::Value;
use talos_contracts::*;
use talos_kernel::Durable;

type Output = Result<Vec<u8>, Error>;

/// A handle for languages that have no classes of their own over this model. It opens one kernel
/// at a time, and keeps its runs and permits until they end.
#[derive(Default)]
pub struct Door {
    kernel: Mutex<Option<Kernel>>,
    runs: Mutex<HashMap<String, Run>>,
    permits: Mutex<HashMap<(String, String), Permit>>,
    pub(crate) clients: Mutex<HashMap<String, Client>>,
}

impl From<Kernel> for Door {
    /// A door to a kernel that is open already; runs and permits that it did not hand out are not behind it.
    fn from(kernel: Kernel) -> Self {
        Door { kernel: Mutex::new(Some(kernel)), ..Door::default() }
    }
}

impl Door {
    /// A door with no kernel behind it yet.
    pub fn new() -> Self {
        Door::default()
    }

    /// Runs an operation on one JSON text and gives its output as canonical JSON. Operations that
    /// wait for the disk block.
    pub fn call(&self, operation: &str, input: &[u8]) -> Output {
        let operation = find(operation)?;
        catch_unwind(AssertUnwindSafe(|| {
            let input = parse(operation, input)?;
            if operation.pure { answer(operation, &input) } else { self.run(operation.id, &input) }
        }))
        .unwrap_or_else(|_| Err(ErrorCode::InternalPanic.into()))
    }

    /// One answer for one line, whatever the line holds: the output, or the problem document.
    pub fn call_line(&self, operation: &str, line: &[u8]) -> Vec<u8> {
        told(self.call(operation, line))
    }

    fn run(&self, id: &str, input: &Value) -> Output {
        match id {
            "kernel.open" => self.kernel_open(&KernelOpenInput::read(input)?),
            "kernel.describe" => self.kernel_describe(&KernelDescribeInput::read(input)?),
            "kernel.identity" => self.kernel_identity(&KernelIdentityInput::read(input)?),
            "kernel.close" => self.kernel_close(&KernelCloseInput::read(input)?),
            "run.open" => self.run_open(&RunOpenInput::read(input)?),
            "run.decide" => self.run_decide(RunDecideInput::read(input)?),
            "run.authorize" => self.run_authorize(RunAuthorizeInput::read(input)?),
            "run.refuse" => self.run_refuse(&RunRefuseInput::read(input)?),
            "run.start" => self.run_start(RunStartInput::read(input)?),
            "run.settle" => self.run_settle(&RunSettleInput::read(input)?),
            "run.release" => self.run_release(&RunReleaseInput::read(input)?),
            "run.permit" => self.run_permit(&RunPermitInput::read(input)?),
            "run.counters" => self.run_counters(&RunCountersInput::read(input)?),
            "run.close" => self.run_close(&RunCloseInput::read(input)?),
            "receipt.get" => self.receipt_get(&ReceiptGetInput::read(input)?),
            "budget.set" => self.budget_set(&BudgetSetInput::read(input)?),
            "budget.remove" => self.budget_remove(&BudgetRemoveInput::read(input)?),
            "budget.show" => self.budget_show(&BudgetShowInput::read(input)?),
            "budget.top" => self.budget_top(&BudgetTopInput::read(input)?),
            "audit.prove" => self.audit_prove(&AuditProveInput::read(input)?),
            "audit.checkpoint" => self.audit_checkpoint(&AuditCheckpointInput::read(input)?),
            "audit.verify_log" => self.audit_verify_log(&AuditVerifyLogInput::read(input)?),
            "kernel.reload" => self.kernel_reload(&KernelReloadInput::read(input)?),
            "approval.list" => self.approval_list(&ApprovalListInput::read(input)?),
            "approval.show" => self.approval_show(&ApprovalShowInput::read(input)?),
            "approval.respond" => self.approval_respond(&ApprovalRespondInput::read(input)?),
            "approval.redeem_code" => self.approval_redeem_code(&ApprovalRedeemCodeInput::read(input)?),
            "standing.set" => self.standing_set(StandingSetInput::read(input)?),
            "standing.show" => self.standing_show(&StandingShowInput::read(input)?),
            id => self.client_run(id, input),
        }
    }

    pub(crate) fn kernel(&self) -> Result<Kernel, Error> {
        lock(&self.kernel).clone().ok_or_else(|| ErrorCode::KernelNotOpen.into())
    }

    fn open_run(&self, id: &str) -> Result<Run, Error> {
        self.kernel()?.inner().guard.check()?;
        let unknown = || Error::new(ErrorCode::RunClosed, format!("no run {id:?} is open behind this door"));
        lock(&self.runs).get(id).cloned().ok_or_else(unknown)
    }

    fn run_of(&self, action: &Action) -> Result<Run, Error> {
        match &action.run {
            Some(id) => self.open_run(id),
            None => Err(Error::new(ErrorCode::MalformedMemberMissing, "action.run is needed: name the run")),
        }
    }

    fn permit(&self, run: &str, call: &str) -> Result<Permit, Error> {
        let open = self.open_run(run)?;
        let state = open.permit(call)?;
        let key = (run.to_owned(), call.to_owned());
        lock(&self.permits).get(&key).cloned().ok_or_else(|| match state {
            None if open.has_ended(call) => Error::new(ErrorCode::CallState, "the call has ended"),
            None => Error::new(ErrorCode::CallUnknown, format!("call {call:?} has no permit")),
            Some(state) => Error::new(ErrorCode::CallState, format!("the permit is {}", state.as_str())),
        })
    }

    fn drop_permit(&self, run: &str, call: &str) {
        let held = lock(&self.permits).remove(&(run.to_owned(), call.to_owned()));
        // Dropped outside the lock: the last handle of a permit calls the kernel.
        drop(held);
    }

    fn keep(&self, run: &Run, asked: Asked) -> Decision {
        if let Some(permit) = asked.permit {
            lock(&self.permits).insert((run.id().to_owned(), permit.call().to_owned()), permit);
        }
        asked.decision
    }

    fn kernel_open(&self, input: &KernelOpenInput) -> Output {
        let mut place = lock(&self.kernel);
        if place.as_ref().is_some_and(|kernel| !kernel.inner().guard.is_closed()) {
            return Err(ErrorCode::KernelAlreadyOpen.into());
        }
        let kernel = Kernel::open(input)?;
        let about = kernel.describe()?;
        *place = Some(kernel);
        Ok(KernelOpenOutput {
            issuer: about.issuer,
            origin: about.origin,
            log_key: about.log_key,
            policy: about.policy,
            directory: about.directory,
        }
        .canonical())
    }

    fn kernel_describe(&self, _: &KernelDescribeInput) -> Output {
        Ok(self.kernel()?.describe()?.canonical())
    }

    fn kernel_identity(&self, input: &KernelIdentityInput) -> Output {
        Ok(self.kernel()?.identity(&input.name)?.canonical())
    }

    fn kernel_close(&self, _: &KernelCloseInput) -> Output {
        self.kernel()?.close()?;
        lock(&self.permits).clear();
        lock(&self.clients).clear();
        lock(&self.runs).clear();
        Ok(KernelCloseOutput {}.canonical())
    }

    fn run_open(&self, input: &RunOpenInput) -> Output {
        let run = self.kernel()?.open_run(input)?;
        let output = RunOpenOutput { run: run.id().to_owned(), actor: run.actor().to_owned() };
        lock(&self.runs).insert(run.id().to_owned(), run);
        Ok(output.canonical())
    }

    fn run_decide(&self, input: RunDecideInput) -> Output {
        let run = self.run_of(&input.action)?;
        let asked = run.decide(input.action)?;
        Ok(RunDecideOutput { decision: self.keep(&run, asked) }.canonical())
    }

    fn run_authorize(&self, input: RunAuthorizeInput) -> Output {
        let run = self.run_of(&input.action)?;
        let asked = run.authorize(input.action)?.wait()?;
        Ok(RunAuthorizeOutput { decision: self.keep(&run, asked) }.canonical())
    }

    fn run_refuse(&self, input: &RunRefuseInput) -> Output {
        let run = self.open_run(&input.run)?;
        let error = Error::new(input.code, "refused by the host");
        let asked = run.refuse(input.call.as_deref(), &input.target, &error)?.wait()?;
        Ok(RunRefuseOutput { decision: asked.decision }.canonical())
    }

    fn run_start(&self, input: RunStartInput) -> Output {
        let (run, call) = match (&input.action.run, &input.action.call) {
            (Some(run), Some(call)) => (run.clone(), call.clone()),
            _ => return Err(Error::new(ErrorCode::MalformedMemberMissing, "action.run and action.call are needed")),
        };
        let permit = self.permit(&run, &call)?;
        permit.start_action(input.action)?.wait()?;
        Ok(RunStartOutput { state: PermitState::Started }.canonical())
    }

    fn run_settle(&self, input: &RunSettleInput) -> Output {
        let durable = self.permit(&input.run, &input.call)?.settle(&input.outcome)?;
        let durable = self.ended(&input.run, &input.call, durable)?;
        let (receipt_id, index) = (durable.map(|d| d.receipt_id), durable.map(|d| d.index));
        Ok(RunSettleOutput { state: PermitState::Settled, receipt_id, index }.canonical())
    }

    fn run_release(&self, input: &RunReleaseInput) -> Output {
        let durable = self.permit(&input.run, &input.call)?.release()?;
        let durable = self.ended(&input.run, &input.call, durable)?;
        let (receipt_id, index) = (durable.map(|d| d.receipt_id), durable.map(|d| d.index));
        Ok(RunReleaseOutput { state: PermitState::Released, receipt_id, index }.canonical())
    }

    /// The permit is at its end, whether or not the disk has taken the receipt.
    fn ended(
        &self,
        run: &str,
        call: &str,
        durable: Soon<Result<Option<Durable>, Error>>,
    ) -> Result<Option<Durable>, Error> {
        self.drop_permit(run, call);
        durable.wait()
    }

    fn run_permit(&self, input: &RunPermitInput) -> Output {
        Ok(RunPermitOutput { state: self.open_run(&input.run)?.permit(&input.call)? }.canonical())
    }

    fn run_counters(&self, input: &RunCountersInput) -> Output {
        Ok(self.open_run(&input.run)?.counters()?.canonical())
    }

    fn run_close(&self, input: &RunCloseInput) -> Output {
        let closed = self.open_run(&input.run)?.close()?;
        lock(&self.permits).retain(|(run, _), _| *run != input.run);
        lock(&self.runs).remove(&input.run);
        Ok(RunCloseOutput { receipt_id: closed.receipt_id, index: closed.index }.canonical())
    }

    fn receipt_get(&self, input: &ReceiptGetInput) -> Output {
        Ok(self.kernel()?.receipt(input)?.canonical())
    }

    fn budget_set(&self, input: &BudgetSetInput) -> Output {
        Ok(self.kernel()?.set_budget(&input.budget)?.canonical())
    }

    fn budget_remove(&self, input: &BudgetRemoveInput) -> Output {
        self.kernel()?.remove_budget(input)?;
        Ok(BudgetRemoveOutput {}.canonical())
    }

    fn budget_show(&self, input: &BudgetShowInput) -> Output {
        Ok(self.kernel()?.show_budgets(input)?.canonical())
    }

    fn budget_top(&self, input: &BudgetTopInput) -> Output {
        Ok(self.kernel()?.top_budgets(input)?.canonical())
    }

    fn audit_prove(&self, input: &AuditProveInput) -> Output {
        let bundle = talos_audit::bundle::parse(&self.kernel()?.prove(input)?)?;
        Ok(AuditProveOutput { bundle }.canonical())
    }

    fn audit_checkpoint(&self, _: &AuditCheckpointInput) -> Output {
        Ok(AuditCheckpointOutput { note: self.kernel()?.checkpoint()? }.canonical())
    }

    fn kernel_reload(&self, input: &KernelReloadInput) -> Output {
        Ok(KernelReloadOutput { policy: self.kernel()?.reload(input)? }.canonical())
    }

    fn approval_list(&self, input: &ApprovalListInput) -> Output {
        Ok(self.kernel()?.approvals(input)?.canonical())
    }

    fn approval_show(&self, input: &ApprovalShowInput) -> Output {
        Ok(ApprovalShowOutput { case: self.kernel()?.approval(&input.approval)? }.canonical())
    }

    fn approval_respond(&self, input: &ApprovalRespondInput) -> Output {
        Ok(ApprovalRespondOutput { case: self.kernel()?.respond(input)? }.canonical())
    }

    fn approval_redeem_code(&self, input: &ApprovalRedeemCodeInput) -> Output {
        Ok(ApprovalRedeemCodeOutput { case: self.kernel()?.redeem_code(input)? }.canonical())
    }

    fn standing_set(&self, input: StandingSetInput) -> Output {
        Ok(self.kernel()?.hold(input)?.canonical())
    }

    fn standing_show(&self, _: &StandingShowInput) -> Output {
        Ok(StandingShowOutput { holds: self.kernel()?.holds()? }.canonical())
    }

    fn audit_verify_log(&self, _: &AuditVerifyLogInput) -> Output {
        Ok(self.kernel()?.verify_log()?.canonical())
    }
}
