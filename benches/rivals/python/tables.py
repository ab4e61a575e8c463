"""Which rows the tables have, and what each of them is compared with."""

from __future__ import annotations

from figures import Key, Row, Table
from rules import COUNTS, Rules

LINES = {"rival-5.0": "toolkit-core 5.0.0", "rival-4.1": "toolkit-core 4.1.0", "rival-3.7": "3.7.0"}
PYTHON = {
    "guard-memory-read": "Talos, in memory, read, each receipt signed",
    "guard-memory-write": "Talos, in memory, write, waits for the commit",
    "guard-disk-log-signed-read": "Talos, on disk, read, signed by the log alone",
    "guard-disk-read": "Talos, on disk, read, each receipt signed",
    "guard-disk-write": "Talos, on disk, write, waits for the disk",
}
RIVAL_PYTHON = {
    "lite": "agent_os.lite.govern, list in memory",
    "govern-unlogged": "agentmesh govern(), audit=False",
    "govern": "agentmesh govern(), hash chain in memory",
    "govern-file": "agentmesh govern(), HMAC file, no fsync",
}
RIVAL_NODE = {
    "evaluate": "PolicyEngine.evaluate, no log",
    "execute": "executeWithGovernance, hash chain in memory",
    "adapter": "GenericFrameworkAdapter.run, chain and trace",
}
# The policies alone, in Rust.
RULES = {
    "policy": "Talos, policy",
    "cedar-stage": "Talos, Cedar stage",
    "cedar-stage-team": "Talos, Cedar stage, agent in a team",
    "cedar-policy": "cedar-policy, all policies in one set",
    "regorus": "regorus, a rule a limit",
    "regorus-table": "regorus, one rule over a table",
}
# What a user of the SDKs calls for one decision.
DECISIONS = {
    ("talos-py", "rules-disk-log-signed"): "Talos, decide, with a receipt signed by the log, on disk",
    ("talos-py", "rules-memory"): "Talos, decide, with a signed receipt, in memory",
    ("rival-5.0", "engine"): "agentmesh PolicyEngine.evaluate, toolkit-core 5.0.0",
}
# Those look at no arguments.
NAMES = {
    ("rival-5.0", "names"): "agent_os.lite.govern, log=False, toolkit-core 5.0.0",
    ("rival-js", "evaluate"): "PolicyEngine.evaluate, npm 4.0.0",
}


def overhead() -> list[Table]:
    """What a language costs beyond Rust."""
    tables = []
    for case, title in (
        ("decide/small", "decide, one small argument (goal beyond Rust: 1.5 us Python, 3 us Node)"),
        ("decide/256B", "decide, 256 B of arguments"),
        ("decide/denied", "decide, denied"),
        ("call/1KiB", "call: 1 KiB in and out, json.canonicalize"),
    ):
        native = Key("native", case)
        rows = [Row("Rust", native)]
        for participant, language in (("talos-py", "Python"), ("talos-js", "Node")):
            rows.append(Row(f"{language}, and beyond Rust", Key(participant, case), beyond=native))
        tables.append(Table(title, rows))
    return tables


def guards_in_python(load: str) -> Table:
    """The empty function behind every guard; ratios are to the guard of Talos that does least."""
    least = Key("talos-py", f"guard-memory-read/{load}")
    rows = [Row(label, Key("talos-py", f"{case}/{load}"), against=least) for case, label in PYTHON.items()]
    for participant, version in LINES.items():
        for case, label in RIVAL_PYTHON.items():
            rows.append(Row(f"{label}, {version}", Key(participant, f"{case}/{load}"), against=least))
    return Table(f"Python: guard around an empty function, {in_words(load)}", rows)


def guards_in_node(load: str) -> Table:
    least = Key("talos-js", f"guard-memory-read/{load}")
    rows = [Row(label, Key("talos-js", f"{case}/{load}"), against=least) for case, label in PYTHON.items()]
    for case, label in RIVAL_NODE.items():
        rows.append(Row(f"{label}, 4.0.0", Key("rival-js", f"{case}/{load}"), against=least))
    if load == "10":
        rows.append(
            Row(
                "executeWithGovernance, 4.0.0, after 10,000 calls",
                Key("rival-js", "execute/full-log"),
                against=least,
            )
        )
    return Table(f"Node: guard around an empty function, {in_words(load)}", rows)


def decisions(count: int) -> Table:
    """One decision, nothing executed; ratios are to the first row of Talos in each language."""
    rules = Rules.of(count)

    def key(participant: str, case: str) -> Key:
        return Key(participant, f"{case}/{count}")

    rust, python = key("rules", "policy"), key("talos-py", "rules-disk-log-signed")
    rows = [Row(f"Rust: {label}", key("rules", case), against=rust) for case, label in RULES.items()]
    rows += [Row(f"Python: {label}", key(*whose), against=python) for whose, label in DECISIONS.items()]
    rows += [Row(f"names alone: {label}", key(*whose)) for whose, label in NAMES.items()]
    tools = f"{rules.tools} tool{'s' if rules.tools != 1 else ''}"
    return Table(f"one decision, {count} rules on {tools}", rows)


def in_words(load: str) -> str:
    return "denied, 10 rules" if load == "denied" else f"allowed, {load} rule{'s' if load != '1' else ''}"


def call_tables() -> list[Table]:
    """All tables of calls."""
    loads = ("1", "10", "100", "denied")
    bare = Table(
        "the empty function, without a guard",
        [Row("Python", Key("talos-py", "function")), Row("Node", Key("talos-js", "function"))],
    )
    guards = [*map(guards_in_python, loads), *map(guards_in_node, loads)]
    return [bare, *overhead(), *guards, *map(decisions, COUNTS)]


def wanted(tables: list[Table]) -> list[Key]:
    """Every case that a row needs, in the order of the rows: who is compared takes turns."""
    rows = [row for table in tables for row in table.rows]
    return list(dict.fromkeys(key for row in rows for key in (row.key, row.beyond, row.against) if key))
