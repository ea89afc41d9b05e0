"""The strings of a puppet, as puppet.mjs has them: orders as lines of JSON on stdin, reports on stdout."""
import asyncio
import base64
import hashlib
import json
import os
import sys

MAX_MESSAGE_BYTES = 2 * 1024 * 1024


def say(event, **details):
    sys.stdout.write(json.dumps({"event": event, **details}) + "\n")
    sys.stdout.flush()


def say_message(id, message):
    is_text = isinstance(message, str)
    payload = message.encode() if is_text else message
    digest = hashlib.sha256(payload).hexdigest()
    say("message", id=id, type="text" if is_text else "binary", bytes=len(payload), sha256=digest)


def encoded(payload):
    return base64.b64encode(bytes(payload)).decode()


async def obey(orders):
    """Does what each line says, one after the other, until stdin ends; then the process ends."""
    reader = asyncio.StreamReader(limit=2**26)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        order = json.loads(line)
        payload = base64.b64decode(order.get("base64", ""))
        done = orders[order["order"]](order, payload)
        if asyncio.iscoroutine(done):
            await done
    os._exit(0)
