//! What the measurements are made of: the same receipt, policies and kernels for all of them.

pub mod rules;
pub mod stages;
pub mod worker;

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use std::{env, fs, io::Write};
use talos_audit::receipt;
use talos_budget::{Cost, Figure, Request};
use talos_contracts::json::Value;
use talos_contracts::scalar::B64;
use talos_contracts::{
    Budget, BudgetUnit, Effect, PolicyRef, Receipt, ReceiptAction, ReceiptBudget, ReceiptKind, Scope, ScopeLevel,
    SignMode, Verdict,
};
use talos_crypto::SigningKey;
use talos_identity::Did;
use talos_kernel::ports::{Budgets, Store};
use talos_kernel::{Config, Kernel, Keys, Ports, Run, Stage};
use talos_memory::{MemoryHead, MemoryStore};
use talos_policy::{CompiledPolicy, Format};
use talos_shared::{SystemClock, SystemEntropy};

/// The log of all measurements.
pub const ORIGIN: &str = "bench.example/log";
/// The run of receipts and reservations.
pub const RUN: &str = "01890a5d-ac96-774b-bcce-b302099a8057";
/// When reservations are made.
pub const NOW: u64 = 1_763_625_600_041;

/// Signs receipts.
pub fn sign_key() -> SigningKey {
    SigningKey::from_seed(&[1; 32])
}

/// Signs checkpoints.
pub fn log_key() -> SigningKey {
    SigningKey::from_seed(&[2; 32])
}

/// A decision as the kernel writes it, with principal, policy and budget.
pub fn decision_receipt() -> Receipt {
    let did = Did::of(&sign_key().verifying_key());
    Receipt {
        iss: did.url(),
        log: ORIGIN.into(),
        chain: B64([5; 16]),
        seq: 41,
        iat: NOW,
        kind: ReceiptKind::Decision,
        run: RUN.into(),
        actor: did.to_string(),
        salt: B64([7; 16]),
        prev: Some(B64([9; 32])),
        call: Some("c41".into()),
        principal: Some("user:ada@example.org".into()),
        action: Some(ReceiptAction {
            kind: talos_contracts::ActionKind::ToolCall,
            target: "write_file".into(),
            effect: Effect::Write,
            tool_hash: Some(B64([3; 32])),
            args_commit: B64([4; 32]),
        }),
        verdict: Some(Verdict::Allow),
        reasons: Some(vec![]),
        caps: Some(vec![]),
        policy: Some(PolicyRef { id: "bench".into(), hash: B64([6; 32]) }),
        budget: Some(ReceiptBudget { tokens: Some(1_000), amount_micro: None, currency: None }),
        ..receipt::blank()
    }
}

/// Budgets of tokens for the run, the agent, the team and all, which nothing here uses up.
pub fn four_budgets() -> [Budget; 4] {
    use ScopeLevel::{Agent, All, Run, Team};
    [(Run, Some("*")), (Agent, Some("scout")), (Team, Some("research")), (All, None)].map(|(level, name)| Budget {
        scope: Scope { level, name: name.map(str::to_owned) },
        unit: BudgetUnit::Tokens,
        currency: None,
        cap: (1 << 53) - 1,
        window: None,
        mode: None,
        default_cost: None,
    })
}

/// 100 tokens by an agent of whom everything is known.
pub fn reservation(id: &str) -> Request<'_> {
    let path = talos_budget::Path {
        run: Some(RUN),
        tool: Some("search"),
        model: None,
        key: None,
        agent: Some("scout"),
        actor: None,
        team: Some("research"),
        organisation: Some("acme"),
        principal: Some("user:ada@example.org"),
    };
    let cost = Cost { tokens: Figure::Known(100), money: Figure::Free };
    Request { id, body: [7; 32], path, cost, rates: &[], observed: false }
}

/// A policy that names this many tools: the last one, `tool_N`, is a read, the others write.
pub fn policy_with_tools(tools: usize) -> CompiledPolicy {
    let mut text = String::from("id: bench\nmax_tool_calls_per_request: 1000000\nallowed_tools:\n");
    for n in 1..=tools {
        let effect = if n == tools { "read" } else { "write" };
        text.push_str(&format!("  - {{name: tool_{n}, effect: {effect}}}\n"));
    }
    load(&text)
}

/// A policy with this many blocked patterns, none of which matches: two in five are substrings, two
/// regular expressions, one a glob.
pub fn policy_with_patterns(patterns: usize) -> CompiledPolicy {
    let list = self::patterns(patterns);
    load(&format!("id: bench\nallowed_tools: [{{name: tool_1, effect: read}}]\nblocked_patterns:\n{list}"))
}

fn patterns(count: usize) -> String {
    let pattern = |n| match n % 5 {
        0 | 1 => format!("{{kind: substring, pattern: 'secret number {n}'}}"),
        2 | 3 => format!("{{kind: regex, pattern: 'AK{n}IA[0-9A-Z]{{16}}'}}"),
        _ => format!("{{kind: glob, pattern: '*/private-{n}/*.pem'}}"),
    };
    (0..count).map(|n| format!("  - {}\n", pattern(n))).collect()
}

/// A policy from YAML.
pub fn load(text: &str) -> CompiledPolicy {
    CompiledPolicy::load(text.as_bytes(), Format::Yaml, "bench.yaml").unwrap()
}

/// English prose of exactly this many bytes, with letters of other languages where `ascii` is false.
pub fn prose(bytes: usize, ascii: bool) -> String {
    let words =
        ["please", "read", "the", "quarterly", "report", "and", "summarise", "section", "four", "for", "Zurich"];
    let mut text = String::new();
    for n in 0.. {
        text.push_str(if ascii || n % 9 != 8 { words[n % words.len()] } else { "Zürich für müde" });
        text.push(' ');
        if text.len() >= bytes {
            break;
        }
    }
    while text.len() > bytes {
        text.pop();
    }
    // Half a letter may have been cut off.
    text.extend(std::iter::repeat_n('x', bytes - text.len()));
    text
}

/// Arguments of a call: a path and a text.
pub fn arguments(text: &str) -> Value {
    Value::object([("path", Value::from("/data/report.txt")), ("text", Value::from(text))])
}

/// JSON of about this many bytes, as tool results look: an array of small objects.
pub fn document(bytes: usize) -> String {
    let mut text = String::from("[");
    for n in 0.. {
        if n > 0 {
            text.push(',');
        }
        text.push_str(&format!(
            r#"{{"id":{n},"name":"entry {n}","path":"/data/\u00fc/{n}.txt","size":{},"ratio":0.{},"tags":["a","b"],"hidden":false}}"#,
            n * 37,
            n % 9 * 11 + 1
        ));
        if text.len() >= bytes {
            break;
        }
    }
    text.push(']');
    text
}

/// A kernel over a store.
pub fn kernel(store: Arc<impl Store + Budgets + 'static>, policy: CompiledPolicy, sign_reads: SignMode) -> Kernel {
    kernel_with(store, policy, sign_reads, Vec::new())
}

/// A kernel with further stages.
fn kernel_with(
    store: Arc<impl Store + Budgets + 'static>,
    policy: CompiledPolicy,
    sign_reads: SignMode,
    stages: Vec<Box<dyn Stage>>,
) -> Kernel {
    let ports = Ports {
        clock: Arc::new(SystemClock::default()),
        entropy: Arc::new(SystemEntropy),
        budgets: store.clone(),
        store,
        heads: Arc::new(MemoryHead::default()),
        files: None,
        stages,
        notify: None,
    };
    let config = Config { sign_reads, store_bodies: true, ..Config::new(ORIGIN) };
    Kernel::open(ports, Keys { sign: sign_key(), log: log_key() }, config, policy).unwrap()
}

/// A run of a kernel over a store in memory.
pub fn memory_run(policy: CompiledPolicy, sign_reads: SignMode) -> Run {
    open_run(&kernel(Arc::new(MemoryStore::default()), policy, sign_reads))
}

/// A fresh run.
pub fn open_run(kernel: &Kernel) -> Run {
    kernel.open_run(&kernel.new_id().unwrap(), &kernel.issuer()).unwrap()
}

/// Times in rising order, and what is read off them.
pub struct Times(Vec<Duration>);

impl Times {
    /// Sorts.
    pub fn new(mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        Times(times)
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// The time that this share of all does not exceed.
    pub fn quantile(&self, q: f64) -> Duration {
        self.0[((self.0.len() - 1) as f64 * q).round() as usize]
    }

    /// Half and 99 in 100.
    pub fn summary(&self) -> String {
        format!("p50 {} p99 {}", ms(self.quantile(0.5)), ms(self.quantile(0.99)))
    }
}

/// Milliseconds, for a table.
pub fn ms(time: Duration) -> String {
    format!("{:8.3} ms", time.as_secs_f64() * 1e3)
}

/// A directory that is removed in the end: below `TALOS_BENCH_DIR`, else below the target directory, so that it lies on
/// a disk and not in memory.
pub struct Scratch(PathBuf);

impl Scratch {
    /// Makes it.
    pub fn new(name: &str) -> Self {
        let base = env::var_os("TALOS_BENCH_DIR")
            .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/bench-scratch"), PathBuf::from);
        let path = base.join(format!("{name}-{}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Scratch(path)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// What the disk itself takes: times of appending 4 KiB to a file and waiting until they are on disk.
pub fn commit_baseline(directory: &Path) -> Times {
    let path = directory.join("baseline");
    let mut file = fs::File::create(&path).unwrap();
    let page = [7; 4096];
    let times = (0..200)
        .map(|_| {
            let begun = Instant::now();
            file.write_all(&page).unwrap();
            file.sync_data().unwrap();
            begun.elapsed()
        })
        .collect();
    fs::remove_file(&path).unwrap();
    black_box(Times::new(times))
}

/// CPU time that this process has used, in ticks of 10 ms; zero where there is no `/proc`. Unlike elapsed time it hardly
/// depends on what else the machine does.
pub fn cpu_time() -> Duration {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks: u64 = fields.iter().skip(11).take(2).filter_map(|f| f.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 10)
}

/// The machine, as far as it matters here.
pub fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(0, |n| n.get());
    let model = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model =
        model.lines().find_map(|l| l.strip_prefix("model name")).unwrap_or("").trim_start_matches(['\t', ' ', ':']);
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load: String = load.split(' ').take(1).collect();
    format!("{} {}, {cores} cores, {model}, load {load}", env::consts::OS, env::consts::ARCH)
}
