//! Stories as one page that needs nothing else: no script, no request, one style sheet under a content security policy
//! that names its hash. Whatever comes from the log is escaped by the templates; only constants of this file are not.

use crate::export::unwritten;
use crate::selection::{RunSteps, Selection};
use crate::shown::Shown;
use crate::story::{Body, Call, Notice, OTHER_POLICY, Proof, Story, Told};
use crate::words;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use std::io::Write;
use talos_shared::audit::checkpoint::Checkpoint;
use talos_shared::contracts::scalar::{Hash, encode_base64};
use talos_shared::contracts::{Error, Verdict};
use talos_shared::crypto::hash::sha256;

/// The whole style; the policy of the page allows no other.
const STYLE: &str = include_str!("story.css");
/// Around what is written run by run.
const HTML: [&str; 2] = ["<html lang=\"en\">", "</html>\n"];
const BODY: [&str; 2] = ["<body>", "</body>"];
const MAIN: [&str; 2] = ["<main>", "</main>"];

/// What the page says beside its runs.
pub struct Page<'a> {
    pub origin: &'a str,
    pub size: u64,
    pub root: Hash,
    pub head: Result<Option<&'a Checkpoint>, &'a Error>,
    pub log_key: String,
    pub issuer: String,
    /// When it was written, in milliseconds since 1970.
    pub written: u64,
    pub selected: String,
    pub redacted: Shown,
    pub bodies: bool,
    pub found: &'a Selection,
}

/// Writes the page, one run at a time; the number of receipts that a check refused.
pub fn write(
    out: &mut dyn Write,
    page: &Page<'_>,
    mut tell: impl FnMut(&RunSteps) -> Result<Story, Error>,
) -> Result<u64, Error> {
    let mut put = |text: &str| out.write_all(text.as_bytes()).map_err(|error| unwritten(&error));
    put(&html! { (DOCTYPE) }.into_string())?;
    put(HTML[0])?;
    put(&head(page).into_string())?;
    put(BODY[0])?;
    put(&html! { (masthead(page)) (filters()) (contents(page.found)) }.into_string())?;
    put(MAIN[0])?;
    let mut broken = page.found.unreadable.len() as u64;
    for run in &page.found.runs {
        let story = tell(run)?;
        broken += story.sums.broken;
        put(&self::story(&story, page.bodies).into_string())?;
    }
    put(MAIN[1])?;
    put(&footer(page).into_string())?;
    put(BODY[1])?;
    put(HTML[1])?;
    out.flush().map_err(|error| unwritten(&error))?;
    Ok(broken)
}

fn head(page: &Page<'_>) -> Markup {
    let hash = encode_base64(&sha256(&[STYLE.as_bytes()]).0);
    let policy = format!("default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'");
    html! {
        head {
            meta charset="utf-8";
            meta http-equiv="Content-Security-Policy" content=(policy);
            meta name="referrer" content="no-referrer";
            meta name="viewport" content="width=device-width, initial-scale=1";
            meta name="color-scheme" content="light dark";
            title { "Talos log " (page.origin) }
            style { (PreEscaped(STYLE)) }
        }
    }
}

fn masthead(page: &Page<'_>) -> Markup {
    html! {
        header {
            h1 { "Talos log " code { (page.origin) } }
            p.alarm role="note" {
                "If a receipt of this page is marked NOT VALID, a check of its signature, of its place or of its log "
                "failed: do not believe it, and run " code { "talos log verify" } "."
            }
            dl.facts {
                (fact("Receipts", html! { (words::count(u128::from(page.size), "receipt")) }))
                (fact("Root", html! { code { (page.root) } }))
                (fact("Checkpoint", checkpoint(page)))
                (fact("Shown", html! { (Shown::new(&page.selected)) }))
                (fact("Redaction", html! { (page.redacted) }))
                (fact("Written", html! { time datetime=(words::time(page.written)) { (words::time(page.written)) } }))
            }
            p {
                "This page is for reading. It was written by whoever sent it, and proves nothing by itself; "
                a href="#verify" { "how to check a receipt" } "."
            }
            @if page.found.cut {
                p { "Older steps are not shown: the export was limited to the newest." }
            }
            @if !page.found.unreadable.is_empty() {
                ul.unreadable {
                    @for (index, code) in &page.found.unreadable {
                        li.p-broken { "NOT VALID: receipt " (index) " cannot be read: " (code.as_str()) ": " (code.public()) }
                    }
                }
            }
        }
    }
}

fn fact(name: &str, value: Markup) -> Markup {
    html! { div { dt { (name) } dd { (value) } } }
}

fn checkpoint(page: &Page<'_>) -> Markup {
    match page.head {
        Ok(Some(checkpoint)) => html! {
            "signed over the first " (words::count(u128::from(checkpoint.size), "receipt"))
            ", root " code { (checkpoint.root) }
        },
        Ok(None) => html! { "none is signed yet" },
        Err(error) => html! { strong.p-broken { "NOT VALID: " (Shown::new(&error.to_string())) } },
    }
}

/// Boxes that the style sheet reads; the page is whole without them.
fn filters() -> Markup {
    html! {
        form.filters {
            fieldset {
                legend { "Show" }
                @for verdict in Verdict::ALL {
                    (filter(verdict.as_str(), verdict_words(*verdict)))
                }
                (filter("notice", "run events"))
                (filter("included", "what is proved"))
            }
        }
    }
}

fn filter(name: &str, words: &str) -> Markup {
    let id = format!("show-{name}");
    html! { label for=(id) { input id=(id) type="checkbox" checked; " " (words) } }
}

fn contents(found: &Selection) -> Markup {
    html! {
        @if found.runs.len() > 1 {
            nav aria-label="Runs" {
                ol {
                    @for run in &found.runs {
                        li {
                            a href=(format!("#run-{}", run.run)) { code { (Shown::new(&run.run)) } }
                            " " (words::count(run.steps.len() as u128, "step"))
                        }
                    }
                }
            }
        }
        @if found.runs.is_empty() {
            p { "No receipt of this log is what was asked for." }
        }
    }
}

fn story(story: &Story, bodies: bool) -> Markup {
    let id = format!("run-{}", story.run);
    let heading = format!("heading-{}", story.run);
    html! {
        section.run id=(id) aria-labelledby=(heading) {
            h2 id=(heading) {
                "Run " code { (story.run) } " "
                span.state { (if story.closed { "closed" } else { "open" }) }
            }
            dl.facts {
                (fact("Agent", html! { code { (story.actor) } }))
                @if !story.principals.is_empty() {
                    (fact("For", listed(&story.principals)))
                }
                (fact("When", html! { (moment(story.from, &words::time(story.from))) " to " (moment(story.to, &words::time(story.to))) }))
                @if !story.policies.is_empty() {
                    (fact("Policy", listed(&story.policies)))
                }
                @if story.sums.calls > 0 {
                    (fact("Decided", html! { (story.sums.words()) }))
                }
                @if let Some(cost) = story.sums.cost.words() {
                    (fact("Cost", html! { (cost) }))
                }
            }
            @if story.other_policy { p.note { (OTHER_POLICY) } }
            div.scroll role="region" aria-labelledby=(heading) tabindex="0" {
                table {
                    caption { "Steps of the run; times are UTC" }
                    thead {
                        tr {
                            @for name in ["Receipt", "Time", "Verdict", "What", "Why", "Outcome", "Proof"] {
                                th scope="col" { (name) }
                            }
                        }
                    }
                    @for step in &story.steps {
                        @match step {
                            Told::Call(call) => (self::call(call, bodies, story.principals.len() > 1)),
                            Told::Notice(notice) => (self::notice(notice)),
                        }
                    }
                }
            }
        }
    }
}

fn listed(texts: &[Shown]) -> Markup {
    html! { @for (place, text) in texts.iter().enumerate() { @if place > 0 { ", " } (text) } }
}

fn moment(ms: u64, words: &str) -> Markup {
    html! { time datetime=(words::time(ms)) { (words) } }
}

fn call(call: &Call, bodies: bool, principals: bool) -> Markup {
    let receipts: Vec<String> = call.receipts.iter().map(u64::to_string).collect();
    html! {
        tbody.step.(verdict_class(call.verdict)).(proof_class(call.proof)) {
            tr {
                th scope="row" { (receipts.join(", ")) }
                td.time { (moment(call.at, &words::clock(call.at))) }
                td { span.verdict { (verdict_words(call.verdict)) } }
                td {
                    strong { (call.target) }
                    div.minor { (call.kind.as_str()) ", " (call.effect.as_str()) }
                    @if let Some(principal) = call.principal.as_ref().filter(|_| principals) {
                        div.minor { "for " (principal) }
                    }
                    div.minor { "call " code { (call.call) } }
                }
                td {
                    @for reason in &call.reasons { div { code { (reason.code) } " " (reason.says) } }
                    @for rule in &call.rules { div.minor { "rule " (rule) } }
                    @for would in &call.would {
                        div {
                            (would.who) " would say " (would.verdict.as_str())
                            @for reason in &would.reasons { div { code { (reason.code) } " " (reason.says) } }
                        }
                    }
                    @if let Some((word, approval)) = call.approval_words() {
                        div { (word) " approval " code { (approval.id) } }
                        @for answer in &approval.answers { div.minor { (answer) } }
                    }
                }
                td {
                    (call.ending.words())
                    @if let Some(cost) = &call.cost { div { (call.ending.cost_word()) " " (cost) } }
                }
                (proof(call.proof))
            }
            @if bodies {
                tr.bodies {
                    td {}
                    td colspan="6" {
                        @if let Some(args) = &call.args { (body("Arguments", args)) }
                        @if let Some(result) = &call.result { (body("Result", result)) }
                    }
                }
            }
        }
    }
}

fn body(what: &str, body: &Body) -> Markup {
    match body {
        Body::NotKept => html! { p.minor { (what) ": not kept" } },
        Body::Broken(code) => {
            html! { p.p-broken { (what) ": not shown: " (code.as_str()) ": " (code.public()) } }
        }
        Body::Lines(lines) => html! {
            details {
                summary { (what) }
                pre { code { @for line in lines { (line) "\n" } } }
            }
        },
    }
}

fn notice(notice: &Notice) -> Markup {
    html! {
        tbody.step.v-notice.(proof_class(notice.proof)) {
            tr {
                th scope="row" { (notice.index) }
                td.time { (moment(notice.at, &words::clock(notice.at))) }
                td { span.verdict { (notice.kind.as_str()) } }
                td colspan="3" { (Shown::new(&notice.says)) }
                (proof(notice.proof))
            }
        }
    }
}

fn proof(proof: Proof) -> Markup {
    html! { td.proof { (proof.words()) } }
}

fn verdict_class(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Allow => "v-allow",
        Verdict::Transform => "v-transform",
        Verdict::NeedsApproval => "v-needs_approval",
        Verdict::Deny => "v-deny",
    }
}

fn verdict_words(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Allow => "allowed",
        Verdict::Transform => "transformed",
        Verdict::NeedsApproval => "needs approval",
        Verdict::Deny => "denied",
    }
}

fn proof_class(proof: Proof) -> &'static str {
    match proof {
        Proof::Included(_) => "p-included",
        Proof::Pending => "p-pending",
        Proof::Broken(_) => "p-broken",
    }
}

fn footer(page: &Page<'_>) -> Markup {
    html! {
        footer id="verify" {
            h2 { "How to check a receipt" }
            p {
                "Ask whoever holds the log for the bundle of a receipt, by its number in the first column. They write it with"
            }
            pre { code { "talos log prove --index NUMBER --out bundle.json" } }
            p {
                "and you check it offline, with keys that reached you by a way that you trust. These are the keys that this "
                "page claims; compare them with yours:"
            }
            pre { code {
                "talos log verify bundle.json \\\n  --log-key '" (page.log_key) "' \\\n  --issuer '" (page.issuer) "'"
            } }
            p {
                "It answers " code { "valid" } " and says what the receipt is evidence of, or it says what is wrong. Proofs here were "
                "checked by the program that wrote the page: receipts by their signature and issuer, their place by an "
                "inclusion proof under the checkpoint above."
            }
        }
    }
}
