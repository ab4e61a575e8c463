//! Clients of the SDKs at a real mailbox: it goes and comes back, they close and open again, and nothing is lost.

use crate::place::{OPEN, Server, command};
use std::path::Path;
use std::time::{Duration, Instant};
use talos_shared::client::Client;
use talos_shared::contracts::{ClientOpenInput, KernelOpenInput};
use talos_shared::sdk::Kernel;
use tempfile::TempDir;

const WAIT: Duration = Duration::from_secs(60);

fn kernel(directory: &Path) -> Kernel {
    let input = KernelOpenInput {
        directory: Some(directory.to_str().unwrap().to_owned()),
        policy: Some("id: talk\nallowed_peers: ['*']\n".to_owned()),
        ..KernelOpenInput::default()
    };
    Kernel::open(&input).unwrap()
}

fn client(kernel: &Kernel, agent: &str, url: &str) -> Client {
    let mailbox = Some(url.to_owned());
    let input = ClientOpenInput { agent: agent.to_owned(), mailbox, rules: None, keep_days: None };
    kernel.open_client(&input).unwrap()
}

fn hear(client: &Client) -> String {
    let messages = client.receive(1, WAIT).unwrap();
    String::from_utf8(messages.first().unwrap_or_else(|| panic!("nothing came")).data.to_vec()).unwrap()
}

#[test]
fn clients_talk_while_the_mailbox_goes_and_comes_back_and_while_they_close_and_open_again() {
    let [data, here, there] = [(); 3].map(|()| TempDir::new().unwrap());
    let mut server = Server::start(data.path(), OPEN);
    let (url, listen) = (server.url.clone(), server.address.to_string());
    let (home, away) = (kernel(here.path()), kernel(there.path()));
    let (alice, bob) = (client(&home, "alice", &url), client(&away, "bob", &url));
    let bob_is = bob.did();

    alice.establish(&bob_is, None, None).unwrap();
    alice.send(&bob_is, b"one", WAIT).unwrap();
    assert_eq!(hear(&bob), "one");
    bob.send(&alice.did(), b"two", WAIT).unwrap();
    assert_eq!(hear(&alice), "two");

    // The mailbox is away: what is said meanwhile waits, and goes when it is back, at the same place with what it had.
    server.kill();
    alice.send(&bob_is, b"three", WAIT).unwrap();
    std::thread::sleep(Duration::from_millis(300));
    drop(server);
    let server = Server::run(command(data.path()).args(["--listen", &listen]).args(OPEN));
    assert_eq!(hear(&bob), "three");

    // Bob goes, without waiting for anything, and comes back at once.
    bob.close(Duration::ZERO).unwrap();
    drop(bob);
    alice.send(&bob_is, b"four", WAIT).unwrap();
    let begin = Instant::now();
    let bob = client(&away, "bob", &url);
    assert!(begin.elapsed() < Duration::from_secs(15), "the courier of the closed client is not waited for");
    assert_eq!(hear(&bob), "four");

    // A message has arrived for good: the receipt of the other side comes back, and the mailbox keeps no frame for anybody.
    let sent = alice.send(&bob_is, b"five", WAIT).unwrap().sent;
    assert_eq!(hear(&bob), "five");
    let begin = Instant::now();
    while alice.known(&sent.frame_hash).unwrap().delivery.is_none() {
        assert!(begin.elapsed() < WAIT, "no receipt came back");
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(alice.close(WAIT).unwrap(), 0);
    drop(server);
}
