//! The page, read by an HTML parser, and the file.

use crate::place::{HOSTILE, Place, call, json, ok, tool, two_runs};
use scraper::{Html, Selector};
use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use talos_shared::contracts::scalar::encode_base64;
use talos_shared::crypto::hash::sha256;
use talos_shared::verify::{self, Trust};

/// Every element, with the attributes that it may have. Nothing here runs, fetches, or sends.
const KNOWN: [(&str, &[&str]); 41] = [
    ("html", &["lang"]),
    ("head", &[]),
    ("meta", &["charset", "http-equiv", "content", "name"]),
    ("title", &[]),
    ("style", &[]),
    ("body", &[]),
    ("header", &[]),
    ("h1", &[]),
    ("h2", &["id"]),
    ("p", &["class", "role"]),
    ("a", &["href"]),
    ("ul", &["class"]),
    ("ol", &[]),
    ("li", &["class"]),
    ("dl", &["class"]),
    ("dt", &[]),
    ("dd", &[]),
    ("div", &["class", "role", "aria-labelledby", "tabindex"]),
    ("time", &["datetime"]),
    ("code", &[]),
    ("pre", &[]),
    ("bdi", &[]),
    ("strong", &["class"]),
    ("span", &["class"]),
    ("form", &["class"]),
    ("fieldset", &[]),
    ("legend", &[]),
    ("label", &["for"]),
    ("input", &["id", "type", "checked"]),
    ("nav", &["aria-label"]),
    ("main", &[]),
    ("section", &["class", "id", "aria-labelledby"]),
    ("table", &[]),
    ("caption", &[]),
    ("thead", &[]),
    ("tbody", &["class"]),
    ("tr", &["class"]),
    ("th", &["scope"]),
    ("td", &["class", "colspan"]),
    ("details", &[]),
    ("summary", &[]),
];

/// The values of an attribute, of all elements that match.
fn values(page: &Html, selector: &str, attribute: &str) -> Vec<String> {
    let selector = Selector::parse(selector).unwrap();
    page.select(&selector).map(|element| element.value().attr(attribute).unwrap().to_owned()).collect()
}

fn texts(page: &Html, selector: &str) -> Vec<String> {
    page.select(&Selector::parse(selector).unwrap()).map(|element| element.text().collect()).collect()
}

/// All elements with their attributes are the templates' own.
fn assert_only_known(page: &Html) {
    let known = |name: &str| KNOWN.iter().find(|(known, _)| *known == name).map(|(_, attributes)| *attributes);
    for element in page.select(&Selector::parse("*").unwrap()) {
        let name = element.value().name();
        let attributes = known(name).or((name == "footer").then_some(&["id"][..]));
        let attributes = attributes.unwrap_or_else(|| panic!("an element <{name}>: {}", element.html()));
        for (attribute, value) in element.value().attrs() {
            assert!(attributes.contains(&attribute), "<{name} {attribute}={value:?}>");
            assert!(attribute != "href" || value.starts_with('#'), "a reference to {value:?}");
        }
    }
}

#[test]
fn no_element_and_no_attribute_of_the_page_comes_from_the_log() {
    let place = Place::new();
    let [ada, bob] = two_runs(&place);
    let text = place.page(&["--bodies"]);
    let page = Html::parse_document(&text);
    assert!(page.errors.is_empty(), "{:?}", page.errors);
    assert_only_known(&page);
    let runs = values(&page, "section.run", "id");
    assert_eq!(runs, [format!("run-{ada}"), format!("run-{bob}")]);
    // It is all there, as text.
    let targets = texts(&page, "tbody td > strong");
    assert_eq!(targets[..4], ["read_file", "erase", "pay", "write_file"]);
    assert!(targets[5].starts_with("<img src=x onerror=alert(1)>"), "{targets:?}");
    assert_eq!(targets[6], "<script>alert(1)</script>");
    let hidden = |c: char| (c.is_control() && c != '\n') || matches!(c, '\u{200b}'..='\u{202e}' | '\u{2066}');
    assert!(!text.contains(hidden), "{text:?}");
    assert!(!text.contains(HOSTILE));
}

#[test]
fn the_page_has_one_style_which_its_policy_names_and_nothing_else_is_allowed() {
    let place = Place::new();
    two_runs(&place);
    let page = Html::parse_document(&place.page(&[]));
    let styles = texts(&page, "style");
    let [style] = &styles[..] else { panic!("{} styles", styles.len()) };
    let expected = format!(
        "default-src 'none'; style-src 'sha256-{}'; base-uri 'none'; form-action 'none'",
        encode_base64(&sha256(&[style.as_bytes()]).0)
    );
    let policies = values(&page, "meta[http-equiv='Content-Security-Policy']", "content");
    assert_eq!(policies, [expected]);
    assert!(!style.contains("url(") && !style.contains("@import"));
}

#[test]
fn the_page_says_what_log_it_is_of_and_how_to_check_it() {
    let place = Place::new();
    two_runs(&place);
    let page = Html::parse_document(&place.page(&[]));
    let about = place.kernel.describe().unwrap();
    assert_eq!(texts(&page, "h1"), [format!("Talos log {}", about.origin)]);
    let report = place.kernel.verify_log().unwrap();
    let facts = texts(&page, "header dd");
    assert_eq!(facts[..2], ["15 receipts".to_owned(), report.root.to_b64()]);
    assert_eq!(facts[2], format!("signed over the first 15 receipts, root {}", report.root));
    // The commands work, with what they have to be given.
    let commands = texts(&page, "footer pre");
    assert_eq!(commands[0], "talos log prove --index NUMBER --out bundle.json");
    let quoted: Vec<&str> = commands[1].split('\'').collect();
    assert_eq!([quoted[1], quoted[3]], [about.log_key.as_str(), about.issuer.as_str()]);
    let bundle = place.told(&["log", "prove", "--index", "4"]);
    let trust = Trust::parse(&[quoted[1]], &[quoted[3]]).unwrap();
    assert_eq!(verify::bundle(bundle.trim_end().as_bytes(), &trust).unwrap().index, 4);
}

#[test]
fn tables_have_captions_headers_of_columns_and_rows_and_boxes_have_labels() {
    let place = Place::new();
    two_runs(&place);
    let page = Html::parse_document(&place.page(&[]));
    let count = |selector: &str| page.select(&Selector::parse(selector).unwrap()).count();
    assert_eq!((count("table"), count("table > caption"), count("thead th[scope=col]")), (2, 2, 14));
    assert_eq!(count("tbody.step"), count("tbody.step > tr:first-child > th[scope=row]"));
    assert_eq!(values(&page, "input", "id"), values(&page, "label", "for"));
    let all = values(&page, "[id]", "id");
    assert_eq!(all.len(), all.iter().collect::<BTreeSet<_>>().len(), "an id is there twice");
    // Each box is in the style sheet, or it would do nothing.
    let style = texts(&page, "style").concat();
    for id in values(&page, "input", "id") {
        assert!(style.contains(&format!("body:has(#{id}:not(:checked))")), "{id}");
    }
}

#[test]
fn filters_hold_for_the_page_and_the_page_says_so() {
    let place = Place::new();
    two_runs(&place);
    let page = Html::parse_document(&place.page(&["--verdict", "deny"]));
    assert_eq!(texts(&page, "tbody.step > tr > th"), ["3", "6", "11"]);
    assert_eq!(texts(&page, "header dd")[3], "verdict deny");
    let none = Html::parse_document(&place.page(&["--tool", "<b>nothing</b>"]));
    assert_only_known(&none);
    assert!(texts(&none, "body").concat().contains("No receipt of this log is what was asked for."));
    assert!(texts(&none, "header dd")[3].contains("tool <b>nothing</b>"));
}

#[test]
fn a_file_is_never_replaced_unless_that_is_said_and_then_whole() {
    let place = Place::new();
    two_runs(&place);
    let file = place.path("log.html");
    let name = file.display().to_string();
    let export = ["log", "export", "--html", "--out", &name];
    place.told(&export);
    let first = fs::read_to_string(&file).unwrap();
    assert!(first.ends_with("</html>\n"));
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    fs::write(&file, "mine").unwrap();
    let refused = place.talos(&export);
    assert_eq!(refused.status.code(), Some(1), "{refused:?}");
    assert!(String::from_utf8_lossy(&refused.stderr).contains("--force"), "{refused:?}");
    assert_eq!(fs::read_to_string(&file).unwrap(), "mine");
    // An export that fails on its way leaves what was there, and nothing beside it.
    let before = fs::read_dir(place.dir.path()).unwrap().count();
    fs::write(place.path("policy.yaml"), "id: [\n").unwrap();
    assert!(!place.talos(&[&export[..], &["--force"]].concat()).status.success());
    assert_eq!(fs::read_to_string(&file).unwrap(), "mine");
    assert_eq!(fs::read_dir(place.dir.path()).unwrap().count(), before);
    fs::write(place.path("policy.yaml"), crate::place::POLICY).unwrap();
    place.told(&[&export[..], &["--force"]].concat());
    assert!(fs::read_to_string(&file).unwrap().ends_with("</html>\n"));
}

#[test]
fn a_link_in_the_place_of_the_file_is_not_written_through() {
    let place = Place::new();
    let (link, target) = (place.path("link.html"), place.path("target.html"));
    std::os::unix::fs::symlink(&target, &link).unwrap();
    let name = link.display().to_string();
    assert!(!place.talos(&["log", "export", "--html", "--out", &name]).status.success());
    place.told(&["log", "export", "--html", "--force", "--out", &name]);
    assert!(!target.exists() && link.symlink_metadata().unwrap().is_file());
}

#[test]
fn json_is_a_receipt_a_line() {
    let place = Place::new();
    let run = place.open("ada");
    call(&run, tool("read_file", r#"{"text":"bronze"}"#), &ok("\"hunter2\""));
    run.close().unwrap();
    let told = place.told(&["--json", "log", "export", "--out", "-", "--bodies"]);
    let lines: Vec<_> = told.lines().map(json).collect();
    let indexes: Vec<_> = lines.iter().map(|line| line.get("index").unwrap().as_i64().unwrap()).collect();
    assert_eq!(indexes, [0, 1, 2, 3]);
    let value = |line: usize| lines[line].get("body").unwrap().get("value").unwrap();
    assert_eq!(*value(1), json(r#"{"text":"bronze"}"#));
    assert_eq!(*value(2), json(r#""[redacted: blocked_patterns 2]""#));
    assert_eq!(place.talos(&["log", "export", "--out", "-"]).status.code(), Some(2), "neither --html nor --json");
}
