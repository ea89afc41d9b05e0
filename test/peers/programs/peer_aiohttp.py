"""aiohttp, as a server and as a client. It shows pongs only to programs that answer pings themselves."""
import asyncio
import sys

import aiohttp
from aiohttp import WSMsgType, web

from puppet import MAX_MESSAGE_BYTES, encoded, obey, say, say_message

role = sys.argv[1]
connections = 0
socket = None
transport = None
closing = None
session = None


async def follow(opened, subprotocol, below):
    global connections, socket, transport, closing
    connections += 1
    id, socket, transport, closing = connections, opened, below, None
    say("open", id=id, subprotocol=subprotocol or "", extensions="permessage-deflate" if opened.compress else "")
    reason = ""
    while (message := await opened.receive()).type in HANDLERS:
        await HANDLERS[message.type](id, opened, message.data)
    if message.type == WSMsgType.CLOSE:
        reason = message.extra
    if message.type == WSMsgType.ERROR:
        say("error", id=id, error=str(message.data))
    await (closing or opened.close())
    say("close", id=id, code=opened.close_code, reason=reason)


async def on_data(id, _, data):
    say_message(id, data)


async def on_ping(_, opened, data):
    await opened.pong(data)


async def on_pong(id, _, data):
    say("pong", id=id, base64=encoded(data))


HANDLERS = {WSMsgType.TEXT: on_data, WSMsgType.BINARY: on_data, WSMsgType.PING: on_ping, WSMsgType.PONG: on_pong}


def close(order, _):
    global closing
    code, reason = order.get("code", 1000), order.get("reason", "")
    closing = asyncio.create_task(socket.close(code=code, message=reason.encode()))


async def connect(order, _):
    global connections
    try:
        opened = await session.ws_connect(
            order["url"],
            protocols=order.get("subprotocols", ()),
            origin=order.get("origin"),
            compress=15 if order.get("compress") else 0,
            autoping=False,
            max_msg_size=MAX_MESSAGE_BYTES,
        )
    except aiohttp.WSServerHandshakeError as error:
        connections += 1
        say("refused", id=connections, status=error.status)
        return
    asyncio.create_task(follow(opened, opened.protocol, opened._response.connection.transport))


async def serve(request):
    if request.path == "/refused":
        return web.Response(status=403)
    opened = web.WebSocketResponse(protocols=["chat"], autoping=False, max_msg_size=MAX_MESSAGE_BYTES)
    await opened.prepare(request)
    await follow(opened, opened.ws_protocol, request.transport)
    return opened


orders = {
    "connect": connect,
    "text": lambda _, payload: socket.send_str(payload.decode()),
    "binary": lambda _, payload: socket.send_bytes(payload),
    "ping": lambda _, payload: socket.ping(payload),
    "close": close,
    "drop": lambda *_: transport.abort(),
    "violate": lambda *_: close({"code": 1006}, b""),
}


async def main():
    global session
    version = aiohttp.__version__
    if role == "client":
        async with aiohttp.ClientSession() as session:
            say("ready", version=version)
            return await obey(orders)
    app = web.Application()
    app.router.add_get("/{path:.*}", serve)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    say("ready", version=version, port=runner.addresses[0][1])
    await obey(orders)


asyncio.run(main())
