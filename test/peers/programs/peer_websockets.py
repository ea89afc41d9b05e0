"""websockets, as a server and as a client."""
import asyncio
import base64
import http
import sys

import websockets

from puppet import MAX_MESSAGE_BYTES, encoded, obey, say, say_message

role = sys.argv[1]
connections = 0
socket = None


async def follow(opened):
    global connections, socket
    connections += 1
    id, socket = connections, opened
    extensions = ", ".join(extension.name for extension in opened.extensions)
    say("open", id=id, subprotocol=opened.subprotocol or "", extensions=extensions)
    try:
        async for message in opened:
            say_message(id, message)
    except websockets.ConnectionClosed as error:
        say("error", id=id, error=str(error))
    await opened.wait_closed()
    say("close", id=id, code=opened.close_code, reason=opened.close_reason)


async def connect(order, _):
    global connections
    try:
        opened = await websockets.connect(
            order["url"],
            subprotocols=order.get("subprotocols") or None,
            origin=order.get("origin"),
            compression="deflate" if order.get("compress") else None,
            max_size=MAX_MESSAGE_BYTES,
            ping_interval=None,
        )
    except websockets.InvalidStatusCode as error:
        connections += 1
        say("refused", id=connections, status=error.status_code)
        return
    asyncio.create_task(follow(opened))


async def ping(_, payload):
    id = connections
    pong = await socket.ping(payload)
    pong.add_done_callback(lambda done: done.cancelled() or done.exception() or say("pong", id=id, base64=encoded(payload)))


def refuse(path, _):
    return (http.HTTPStatus.FORBIDDEN, [], b"") if path == "/refused" else None


def close(order, _):
    asyncio.create_task(socket.close(order.get("code", 1000), order.get("reason", "")))


orders = {
    "connect": connect,
    "text": lambda _, payload: socket.send(payload.decode()),
    "binary": lambda _, payload: socket.send(payload),
    "fragments": lambda order, _: socket.send([base64.b64decode(part).decode() for part in order["parts"]]),
    "ping": ping,
    "close": close,
    "drop": lambda *_: socket.transport.abort(),
    "violate": lambda *_: socket.write_frame(True, 1, b"a\xff"),
}


async def main():
    version = websockets.__version__
    if role == "client":
        say("ready", version=version)
        return await obey(orders)
    settings = {"max_size": MAX_MESSAGE_BYTES, "ping_interval": None}
    async with websockets.serve(
        follow, "127.0.0.1", 0, subprotocols=["chat"], process_request=refuse, **settings
    ) as server:
        say("ready", version=version, port=server.sockets[0].getsockname()[1])
        await obey(orders)


asyncio.run(main())
