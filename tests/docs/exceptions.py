"""Blocks that do not run in `make test`, each with its reason. Python and TypeScript are never among them."""

from __future__ import annotations

BINARY = "a release build of minutes; the tests run the debug build"
PACKAGES = "release builds of minutes; the test of `make dist` installs these packages where there are none"

#: (page, first line of the block): why. An entry that no page has is an error.
NOT_RUN: dict[tuple[str, str], str] = {
    ("README.md", "cargo install --locked --path gateway      # puts `talos` on the PATH"): BINARY,
    ("README.md", "make help"): "`make test` is one of its lines",
    ("docs/quickstart/mcp.md", "cargo install --locked --path gateway"): BINARY,
    ("docs/quickstart/python.md", "make dist"): PACKAGES,
    ("docs/quickstart/typescript.md", "make dist"): PACKAGES,
    ("docs/quickstart/fastapi.md", "make dist"): PACKAGES,
    ("docs/quickstart/express.md", "make dist"): PACKAGES,
    ("bindings/uniffi/README.md", "import dev.talos.Door"): "`make interop` compiles and runs it on the JVM",
}

#: What a page takes for granted that its reader has: what makes it, before the block of this first line.
GIVEN: dict[tuple[str, str], str] = {
    (
        "README.md",
        'talos log verify bundle.json --log-key "$(cat log.vkey)" --issuer "$(cat identity.did)"',
    ): "cp ~/.local/share/talos/log.vkey ~/.local/share/talos/identity.did .",
}
