//! What decides: the policy in force with the stages in their order, and the policy in shadow mode beside it.

use crate::stage::{Facts, Finding, Limits, PolicyStage, Stage, evaluate};
use crate::standing::StandingStage;
use std::sync::Arc;
use talos_contracts::scalar::Hash;
use talos_contracts::{DecisionShadow, Error, ErrorCode, PolicyMode, PolicyRef, Verdict};
use talos_crypto::hash;
use talos_policy::CompiledPolicy;

/// Domain of the hash of a policy and of what further stages decide by.
const RULES_DOMAIN: &str = "talos/rules/1";
/// The first stage whose denial a policy in mode `observe` lets pass: not what nobody could decide on, not a hold.
const FIRST_OBSERVED_STAGE: u64 = 5;

/// The policies that a host gives a kernel.
pub struct Policies {
    /// Decides.
    pub policy: CompiledPolicy,
    /// Is decided on beside it, and recorded.
    pub shadow: Option<CompiledPolicy>,
}

impl From<CompiledPolicy> for Policies {
    fn from(policy: CompiledPolicy) -> Self {
        Policies { policy, shadow: None }
    }
}

/// The rules in force. They are replaced as a whole, so that a decision sees one set from its first stage to its last.
pub(crate) struct Rules {
    pub(crate) policy: Arc<CompiledPolicy>,
    pub(crate) reference: PolicyRef,
    stages: Vec<Arc<dyn Stage>>,
    further: Vec<Arc<dyn Stage>>,
    shadow: Option<Shadow>,
}

struct Shadow {
    stage: PolicyStage,
    reference: PolicyRef,
}

impl Rules {
    pub(crate) fn new(policies: Policies, further: Vec<Arc<dyn Stage>>) -> Result<Self, Error> {
        let Policies { policy, shadow } = policies;
        if policy.mode() == PolicyMode::Shadow {
            let why = "a policy in mode shadow decides nothing: give it beside another one";
            return Err(Error::new(ErrorCode::PolicyInvalid, why));
        }
        let policy = Arc::new(policy);
        let mut stages: Vec<Arc<dyn Stage>> =
            vec![Arc::new(Limits), Arc::new(StandingStage), Arc::new(PolicyStage(Arc::clone(&policy)))];
        stages.extend(further.iter().map(Arc::clone));
        stages.sort_by_key(|stage| stage.number());
        let reference = PolicyRef { id: policy.policy().id.clone(), hash: rules_hash(&policy, &further) };
        let shadow = shadow.map(|policy| Shadow {
            reference: PolicyRef { id: policy.policy().id.clone(), hash: policy.hash() },
            stage: PolicyStage(Arc::new(policy)),
        });
        Ok(Rules { policy, reference, stages, further, shadow })
    }

    /// Other policies, with the same further stages.
    pub(crate) fn with(&self, policies: Policies) -> Result<Self, Error> {
        Rules::new(policies, self.further.clone())
    }

    pub(crate) fn evaluate(&self, facts: &Facts<'_>) -> Finding {
        evaluate(&self.stages, facts)
    }

    /// What the policy in shadow mode would have decided.
    pub(crate) fn shadow(&self, facts: &Facts<'_>) -> Option<DecisionShadow> {
        let Shadow { stage, reference } = self.shadow.as_ref()?;
        let found = stage.check(facts);
        Some(DecisionShadow { policy: reference.clone(), verdict: found.verdict, reasons: found.reasons })
    }

    /// Whether the policy only observes.
    pub(crate) fn observes(&self) -> bool {
        self.policy.mode() == PolicyMode::Observe
    }

    /// In mode `observe` what the rules would have kept from running runs; the answer is the verdict that they had.
    pub(crate) fn observe(&self, found: &mut Finding) -> Option<Verdict> {
        let keeps = found.verdict >= Verdict::NeedsApproval && !found.reasons.is_empty();
        let of_rules = found.reasons.iter().all(|reason| reason.stage >= FIRST_OBSERVED_STAGE);
        (self.observes() && keeps && of_rules).then(|| std::mem::replace(&mut found.verdict, Verdict::Allow))
    }
}

/// The hash of all rules in force: of the policy, and of what further stages decide by, where there are any.
fn rules_hash(policy: &CompiledPolicy, further: &[Arc<dyn Stage>]) -> Hash {
    let mut parts = policy.hash().0.to_vec();
    let own = parts.len();
    for stage in further {
        if let Some(hash) = stage.hash() {
            parts.push(stage.number());
            parts.extend(hash.0);
        }
    }
    if parts.len() == own { policy.hash() } else { hash::tagged(RULES_DOMAIN, &[&parts]) }
}
