"""A scripted MCP server: writes every line that reaches it to a file, and does what the called tool says.

FIXTURE_RECORD   the file with everything that was received: the side effects
FIXTURE_GATE     after the first line, nothing is read until this file exists
FIXTURE_STUBBORN ignore SIGTERM and the end of stdin
FIXTURE_PAGES    list one tool a page
"""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

Json = Any

TOOLS = ["echo", "write", "silent", "fail", "refuse", "ask", "progress", "spawn", "exit", "signal"]
TOOLS += ["raw", "change"]


def send_bytes(line: bytes) -> None:
    sys.stdout.buffer.write(line + b"\n")
    sys.stdout.buffer.flush()


def send(message: Json) -> None:
    send_bytes(json.dumps({"jsonrpc": "2.0", **message}).encode())


def text(content: str, **more: Json) -> Json:
    return {"content": [{"type": "text", "text": content}], **more}


def spawn_family() -> str:
    """One child in the group, one that has left it, one that has also lost its parent and ignores SIGTERM."""
    stay = subprocess.Popen(["sleep", "1000"])
    leave = subprocess.Popen(["sleep", "1000"], start_new_session=True)
    script = "trap '' TERM; sleep 1000 >/dev/null 2>&1 & echo $!"
    orphan = subprocess.check_output(["setsid", "sh", "-c", script], text=True)
    return f"{os.getpid()} {stay.pid} {leave.pid} {orphan.strip()}"


class Server:
    """One session."""

    def __init__(self) -> None:
        self.revision = 1
        self.asked: dict[Json, Json] = {}

    def handle(self, message: Json) -> None:
        id_, method = message.get("id"), message.get("method")
        if method is None:
            if id_ in self.asked:
                said = json.dumps(message.get("result", message.get("error")))
                send({"id": self.asked.pop(id_), "result": text(said)})
        elif id_ is not None:
            self.request(id_, method, message.get("params", {}))

    def request(self, id_: Json, method: str, params: Json) -> None:
        result: Json = {}
        if method == "tools/call":
            self.call(id_, params["name"], params.get("arguments", {}), params.get("_meta", {}))
            return
        if method == "initialize":
            capabilities: Json = {"tools": {"listChanged": True}, "resources": {}, "prompts": {}}
            info = {"name": "fixture", "version": "1"}
            result = {"protocolVersion": "2025-11-25", "capabilities": capabilities, "serverInfo": info}
        elif method == "tools/list":
            result = self.list_tools(int(params.get("cursor", 0)))
        elif method == "resources/read":
            result = {"contents": [{"uri": params["uri"], "text": "body"}]}
        elif method == "prompts/get":
            result = {"messages": []}
        send({"id": id_, "result": result})

    def list_tools(self, page: int) -> Json:
        tools = [
            {"name": n, "description": f"{n}, revision {self.revision}", "inputSchema": {"type": "object"}}
            for n in TOOLS
        ]
        if "FIXTURE_PAGES" not in os.environ:
            return {"tools": tools}
        more = {"nextCursor": str(page + 1)} if page + 1 < len(tools) else {}
        return {"tools": [tools[page]], **more}

    def call(self, id_: Json, name: str, arguments: Json, meta: Json) -> None:
        result: Json = None
        match name:
            case "silent":
                pass
            case "fail":
                result = text("it failed", isError=True)
            case "refuse":
                send({"id": id_, "error": {"code": -32000, "message": "refused"}})
            case "ask":
                self.asked["from-server"] = id_
                send({"id": "from-server", "method": arguments["method"], "params": {"n": 1}})
            case "progress":
                for step in range(3):
                    params = {"progressToken": meta["progressToken"], "progress": step}
                    send({"method": "notifications/progress", "params": params})
                send({"method": "notifications/message", "params": {"level": "info", "data": "hello"}})
                result = text("done")
            case "spawn":
                result = text(spawn_family())
            case "exit":
                sys.exit(arguments["code"])
            case "signal":
                os.kill(os.getpid(), arguments["number"])
            case "raw":
                # The lines as they are, with ID in the place of this call's id.
                for line in arguments["lines"]:
                    send_bytes(line.replace("ID", json.dumps(id_)).encode())
                if "pad" in arguments:
                    send({"result": {"pad": "x" * arguments["pad"]}, "id": id_})
            case "change":
                self.revision += 1
                send({"method": "notifications/tools/list_changed"})
                result = text("changed")
            case _:
                result = text(json.dumps(arguments))
        if result is not None:
            send({"id": id_, "result": result})


def main() -> None:
    stubborn = "FIXTURE_STUBBORN" in os.environ
    if stubborn:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    server = Server()
    gate = os.environ.get("FIXTURE_GATE")
    with Path(os.environ["FIXTURE_RECORD"]).open("ab", buffering=0) as record:
        for line in sys.stdin.buffer:
            record.write(line)
            server.handle(json.loads(line))
            while gate and not Path(gate).exists():
                time.sleep(0.01)
    while stubborn:
        time.sleep(1)


main()
