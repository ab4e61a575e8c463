"""That the package holds no security logic: it does not hash, verify, match or decide."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
import talos

PACKAGE = Path(talos.__file__).parent

# Digests, signatures, their encodings, secrets and the matching of patterns.
MODULES = {
    "base64", "binascii", "codecs", "crypt", "cryptography", "ctypes", "fnmatch", "glob", "hashlib", "hmac",
    "jwt", "nacl", "re", "regex", "secrets", "ssl", "struct", "zlib",
}  # fmt: skip
METHODS = {
    "compare_digest", "digest", "endswith", "fnmatch", "fullmatch", "hexdigest", "match", "search",
    "startswith",
}  # fmt: skip
CODINGS = {"base64", "base64_codec", "hex", "hex_codec", "rot13", "zlib", "zlib_codec"}
# What nobody but the kernel compares, however the name goes on.
SUBJECTS = {
    "allowed", "code", "digest", "hash", "hmac", "issuer", "key", "mac", "nonce", "secret", "sig",
    "signature", "token", "verdict",
}  # fmt: skip
VERDICTS = {"allow", "deny", "needs_approval", "transform"}

# Everything of that kind that is none of it.
ALLOWED = {
    # The package and its native module belong together.
    ("__init__.py", "(_native.MANIFEST_HASH, _native.ABI) != (MANIFEST_HASH, _ABI)"),
    # Lines of a stream.
    ("__main__.py", "line.endswith(b'\\n')"),
    ("__main__.py", "rest.endswith(b'\\n')"),
    # The name of an HTTP header.
    ("_asgi.py", "key.lower() == name"),
    # Whether a function was written inside of another one.
    ("_guard.py", "scope.endswith('<locals>')"),
    # That a gate is told one way to tell callers apart.
    ("fastapi.py", "sum((way is not None for way in (keys, proxy_header, identify))) != 1"),
    # A run is closed: what was asked for.
    ("_kernel.py", "failure.code == 'run.closed'"),
    # That a code is one at all.
    ("errors.py", "code not in REGISTRY"),
}


def words(name: str) -> set[str]:
    return {
        part.removesuffix("es") if part == "hashes" else part.removesuffix("s")
        for part in name.lower().split("_")
    }


def is_subject(node: ast.AST) -> bool:
    """Whether something in this expression has the name of what only the kernel compares."""
    names = [inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)]
    names += [inner.attr for inner in ast.walk(node) if isinstance(inner, ast.Attribute)]
    texts = {
        inner.value
        for inner in ast.walk(node)
        if isinstance(inner, ast.Constant) and isinstance(inner.value, str)
    }
    return bool(texts & (VERDICTS | SUBJECTS) or any(words(name) & SUBJECTS for name in names))


def texts_of(node: ast.Call) -> Iterator[str]:
    for argument in [*node.args, *(keyword.value for keyword in node.keywords)]:
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
            yield argument.value


def of_call(node: ast.Call) -> bool:
    function = node.func
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    texts = set(texts_of(node))
    if name in ("__import__", "import_module"):
        return any(text.partition(".")[0] in MODULES for text in texts)
    codes = name in ("encode", "decode", "str", "bytes") and bool(texts & CODINGS)
    return codes or name in METHODS or (name in ("__eq__", "eq", "contains") and is_subject(node))


def is_logic(node: ast.AST) -> bool:
    if isinstance(node, ast.Import):
        return any(alias.name.partition(".")[0] in MODULES for alias in node.names)
    if isinstance(node, ast.ImportFrom):
        return (node.module or "").partition(".")[0] in MODULES
    if isinstance(node, ast.Compare):
        compares = any(isinstance(operator, ast.Eq | ast.NotEq | ast.In | ast.NotIn) for operator in node.ops)
        return compares and is_subject(node)
    if isinstance(node, ast.Match):
        return is_subject(node.subject) or any(is_subject(case.pattern) for case in node.cases)
    return isinstance(node, ast.Call) and of_call(node)


def logic(text: str) -> list[str]:
    """The parts of this program that are security logic."""
    return [ast.unparse(node) for node in ast.walk(ast.parse(text)) if is_logic(node)]


def test_there_is_no_security_logic_in_python() -> None:
    paths = [path for path in PACKAGE.rglob("*.py") if path.name != "registry.py"]
    assert len(paths) > 10
    assert {(path.name, found) for path in paths for found in logic(path.read_text())} == ALLOWED


@pytest.mark.parametrize(
    "program",
    [
        "import hashlib",
        "import hmac as other",
        "from base64 import b64encode",
        "import cryptography.hazmat",
        "def late():\n    import re",
        "__import__('binascii')",
        "importlib.import_module('secrets')",
        "key == expected",
        "expected != self.api_key",
        "request.headers['token'] == expected",
        "given in keys",
        "key not in self._keys.values()",
        "hash(a) == hash(b)",
        "receipt.signature == other",
        "found['digest'] == other",
        "verdict == 'deny'",
        "decision.verdict in ('allow', 'transform')",
        "answer == 'needs_approval'",
        "decision['verdict'] != other",
        "error.code == 'policy.tool_not_allowed'",
        "match decision.verdict:\n    case other: pass",
        "match answer:\n    case 'deny': pass",
        "operator.eq(key, expected)",
        "key.__eq__(expected)",
        "codecs.encode(data, 'base64')",
        "data.decode('hex')",
        "data.encode(encoding='rot13')",
        "tool.startswith('files.')",
        "path.endswith('.txt')",
        "compare_digest(a, b)",
        "hashed.hexdigest()",
        "pattern.search(text)",
    ],
)
def test_each_form_of_it_is_found(program: str) -> None:
    assert logic(program)


@pytest.mark.parametrize(
    "program",
    [
        "import asyncio",
        "run.kernel is kernel",
        "name == other",
        "text.encode('utf-8')",
        "keys is None",
        "for key in keys: pass",
    ],
)
def test_what_is_none_of_it_is_not(program: str) -> None:
    assert not logic(program)
