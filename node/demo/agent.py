"""An agent who says something to another, and proves it. Says what happened as JSON, for run.mjs."""

import asyncio
import json
import sys
from pathlib import Path

import talos

directory, policy, mailbox, meeting, said = sys.argv[1:]


async def the_other() -> str:
    """Waits until the other agent has said who it is."""
    while not (path := Path(meeting, "bob.did")).exists():
        await asyncio.sleep(0.05)
    return path.read_text()


async def main() -> None:
    kernel = talos.Kernel(directory, policy=policy)
    client = talos.TalosClient.create("ada", kernel=kernel, mailbox=mailbox, keep_days=1)
    async with client:
        bob = await the_other()
        await client.establish_session(bob)
        sent = await client.send(bob, said.encode())
        try:
            await client.send(bob, b"the password is hunter2")
            denied = "it went"
        except talos.PolicyDenied as error:
            denied = error.to_model_text()
        [answer] = await client.receive(wait=60)
        while (delivered := await client.delivery_receipt(sent.frame_hash)) is None:
            await asyncio.sleep(0.05)
        proof = client.get_merkle_proof(sent.message_hash)
        assert client.verify_proof(proof)
        proof.save(Path(directory, "message.json"))
        Path(directory, "opening.json").write_text(json.dumps(await client.disclose(sent.frame_hash)))
        told: dict[str, object] = {
            "received": answer.data.decode(),
            "denied": denied,
            "frame_hash": sent.frame_hash,
        }
        told |= {"delivered": delivered is not None, "log_key": kernel.log_key, "issuer": kernel.issuer}
    kernel.close()
    print(json.dumps(told))


asyncio.run(main())
