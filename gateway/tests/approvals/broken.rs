//! Damaged requests, and notices that are configured wrong: neither keeps people from answering the rest.

use crate::place::*;
use rusqlite::Connection;
use std::fs;
use talos_shared::Home;
use talos_shared::contracts::json::Value;
use talos_shared::contracts::scalar::{B64, Hash};
use talos_shared::contracts::{ErrorCode, Verdict};

const PAY: &str = r#"{"to":"shop"}"#;

/// Sets a member of the request's row; ?2 stands for the request with another signature.
fn damage(place: &Place, id: &Hash, member: &str) {
    let database = Connection::open(place.path().join("talos.db")).unwrap();
    let request = "SELECT request FROM approvals WHERE id = ?1";
    let mut request: Vec<u8> = database.query_row(request, [id.0], |row| row.get(0)).unwrap();
    let sig = request.windows(7).position(|window| window == br#""sig":""#).unwrap() + 7;
    request[sig] = if request[sig] == b'A' { b'B' } else { b'A' };
    let sql = format!("UPDATE approvals SET {member} WHERE id = ?1 AND ?2 IS NOT NULL");
    assert_eq!(database.execute(&sql, rusqlite::params![id.0, request]).unwrap(), 1);
}

/// Id and code of each damaged request that a list tells of.
fn damaged(place: &Place) -> Vec<(Option<String>, String)> {
    let listed = place.json(&["list", "--state", "all"]);
    let of = |one: &Value, member| one.get(member).and_then(Value::as_str).map(str::to_owned);
    let all = listed.get("damaged").and_then(Value::as_array).unwrap_or_default();
    all.iter().map(|one| (of(one, "approval"), of(one, "code").unwrap())).collect()
}

#[test]
fn a_damaged_request_hides_no_other_and_nothing_answers_or_redeems_it() {
    for (member, code) in [
        ("request = zeroblob(9)", ErrorCode::MalformedSyntax),
        ("request = ?2", ErrorCode::SignatureInvalid),
        ("request = 7", ErrorCode::StoreCorrupt),
        ("args = CAST('{}' AS BLOB)", ErrorCode::StoreCorrupt),
        ("args = 'text'", ErrorCode::StoreCorrupt),
        ("args = x''", ErrorCode::StoreCorrupt),
        ("run = '01890a5d-ac96-774b-bcce-b302099a8057'", ErrorCode::StoreCorrupt),
        ("redeemed = 'no'", ErrorCode::StoreCorrupt),
    ] {
        let place = Place::new("");
        let sound = place.ask("c1", "pay", "{}").to_b64();
        let id = place.ask("c2", "pay", PAY);
        assert!(place.approvals(&["grant", &id.to_b64(), "--as", "ada", "--yes"]).status.success());
        assert_eq!(damaged(&place), []);
        damage(&place, &id, member);

        assert_eq!(damaged(&place), [(Some(id.to_b64()), code.as_str().to_owned())], "{member}");
        let page = out(&place.approvals(&["list"]));
        assert!(page.contains(&sound[..10]), "{member}: {page}");
        assert!(page.contains(&format!("damaged  {id}  {}", code.as_str())), "{member}: {page}");
        for verb in [&["show"] as &[&str], &["grant", "--as", "ada", "--yes"], &["deny", "--as", "ada"]] {
            for name in [&id.to_b64(), &id.to_b64()[..12]] {
                let answer = place.approvals(&[verb, &[name]].concat());
                assert!(!answer.status.success(), "{member}: {verb:?}");
                assert!(err(&answer).contains(code.as_str()), "{member}: {verb:?}: {}", err(&answer));
            }
        }
        assert_eq!(place.decide("c2", "pay", PAY).verdict, Verdict::Deny, "{member}");
        assert_ne!(place.decide("c3", "pay", PAY).verdict, Verdict::Allow, "{member}");
        assert!(place.approvals(&["grant", &sound, "--as", "ada", "--yes"]).status.success());
        assert_eq!(place.decide("c1", "pay", "{}").verdict, Verdict::Allow, "{member}");
    }
}

#[test]
fn a_request_that_lost_its_id_is_told_of_all_the_same() {
    for (member, told) in [("id = x'00'", None), ("id = zeroblob(32)", Some(B64([0; 32]).to_b64()))] {
        let place = Place::new("");
        let id = place.ask("c1", "pay", PAY);
        assert!(place.approvals(&["grant", &id.to_b64(), "--as", "ada", "--yes"]).status.success());
        damage(&place, &id, member);
        assert_eq!(damaged(&place), [(told, "store.corrupt".to_owned())]);
        assert!(err(&place.approvals(&["show", &id.to_b64()])).contains("approval.unknown"));
        assert_eq!(place.decide("c1", "pay", PAY).verdict, Verdict::Deny);
    }
}

#[test]
fn a_run_with_a_damaged_request_opens_and_asks_anew() {
    let mut place = Place::new("");
    let id = place.ask("c1", "pay", PAY);
    assert!(place.approvals(&["grant", &id.to_b64(), "--as", "ada", "--yes"]).status.success());
    damage(&place, &id, "request = zeroblob(9)");
    let name = place.run.id().to_owned();
    place.run.close().unwrap();
    let home = Home::open(place.path()).unwrap();
    let kernel = home.kernel(home.policy().unwrap()).unwrap();
    place.run = kernel.open_run(&name, &kernel.issuer()).unwrap();
    let anew = place.ask("c2", "pay", PAY);
    assert_ne!(anew, id);
    assert!(place.approvals(&["grant", &anew.to_b64(), "--as", "ada", "--yes"]).status.success());
    assert_eq!(place.decide("c2", "pay", PAY).verdict, Verdict::Allow);
}

#[test]
fn a_damaged_request_hides_none_that_is_older_than_the_first_look() {
    let place = Place::new("");
    let old = place.ask("old", "pay", "{}").to_b64();
    let id = place.ask("c", "pay", PAY);
    for n in 0..255 {
        place.ask(&format!("c{n}"), "write_file", &format!(r#"{{"n":{n}}}"#));
    }
    damage(&place, &id, "redeemed = 'no'");
    assert_eq!(damaged(&place).len(), 1);
    assert!(out(&place.approvals(&["list"])).contains(&old[..10]));
    assert!(place.approvals(&["show", &old[..10]]).status.success());
}

#[test]
fn watch_tells_of_a_damaged_request_once_and_of_the_others() {
    let place = Place::new("");
    let (first, id) = (place.ask("c1", "pay", "{}").to_b64(), place.ask("c2", "pay", PAY));
    damage(&place, &id, "request = zeroblob(9)");
    let mut watch = crate::watch::Watch::start(&place, &["--as", "ada"]);
    assert!(watch.wait_for("damaged").contains(&id.to_b64()));
    watch.wait_for(&first[..10]);
    // One that was shown before is told of, too, and never again.
    let known = place.ask("c3", "pay", r#"{"to":"other"}"#);
    watch.wait_for(&known.to_b64()[..10]);
    damage(&place, &known, "redeemed = 'no'");
    assert!(watch.wait_for("damaged").contains(&known.to_b64()));
    assert!(place.approvals(&["deny", &first, "--as", "ada"]).status.success());
    assert!(watch.wait_for("d").contains(&first[..10]), "nothing is told twice");
    watch.type_line("g 1");
    watch.wait_for("look at all of 1 first");
}

#[test]
fn notices_that_are_configured_wrong_stop_the_connector_and_nobody_who_answers() {
    for wrong in [
        "\n[notify]\ncommand = 3\n",
        "\n[notify]\ncommand = [\"\"]\n",
        "\n[notify]\nnobody = true\n",
        "\n[notify.webhook]\nurl = \"nowhere\"\n",
        "\n[notify.webhook]\nurl = \"https://example.com/\"\nsecret_file = \"missing\"\n",
    ] {
        let place = Place::new("");
        let (first, second) = (place.ask("c1", "pay", "{}").to_b64(), place.ask("c2", "pay", PAY).to_b64());
        let toml = place.path().join("talos.toml");
        fs::write(&toml, fs::read_to_string(&toml).unwrap() + wrong).unwrap();
        for args in [
            &["approvals", "list"] as &[&str],
            &["approvals", "show", &first],
            &["approvals", "grant", &first, "--as", "ada", "--yes"],
            &["approvals", "deny", &second, "--as", "ada"],
            &["lockdown", "on"],
            &["lockdown", "off"],
        ] {
            let done = talos(place.path(), args);
            assert!(done.status.success(), "{wrong}: {args:?}: {}", err(&done));
        }
        assert_eq!(place.decide("c1", "pay", "{}").verdict, Verdict::Allow);

        let started = place.path().join("started");
        let connector = talos(place.path(), &["mcp", "--", "touch", started.to_str().unwrap()]);
        assert_eq!(connector.status.code(), Some(1), "{wrong}");
        assert!(err(&connector).contains("notify"), "{wrong}: {}", err(&connector));
        assert!(!started.exists(), "{wrong}");
    }
}
