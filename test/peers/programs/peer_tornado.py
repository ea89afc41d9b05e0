"""tornado, as a server and as a client."""
import asyncio
import sys

import tornado
from tornado import httpclient, web, websocket
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets

from puppet import MAX_MESSAGE_BYTES, encoded, obey, say, say_message

role = sys.argv[1]
connections = 0
socket = None


def follow(opened):
    global connections, socket
    connections += 1
    opened.id, socket = connections, opened
    say("open", id=opened.id, subprotocol=opened.selected_subprotocol or "", extensions="")
    return opened.id


class Handler(websocket.WebSocketHandler):
    def check_origin(self, origin):
        return True

    def prepare(self):
        if self.request.path == "/refused":
            raise web.HTTPError(403)

    def select_subprotocol(self, offered):
        return "chat" if "chat" in offered else None

    def get_compression_options(self):
        return {}

    def open(self, *_):
        follow(self)

    def on_message(self, message):
        say_message(self.id, message)

    def on_pong(self, payload):
        say("pong", id=self.id, base64=encoded(payload))

    def on_close(self):
        say("close", id=self.id, code=self.close_code, reason=self.close_reason or "")


async def connect(order, _):
    global connections
    headers = {"Origin": order["origin"]} if "origin" in order else {}
    try:
        opened = await websocket.websocket_connect(
            httpclient.HTTPRequest(order["url"], headers=headers),
            subprotocols=order.get("subprotocols"),
            compression_options={} if order.get("compress") else None,
            max_message_size=MAX_MESSAGE_BYTES,
        )
    except httpclient.HTTPError as error:
        connections += 1
        say("refused", id=connections, status=error.code)
        return
    id = follow(opened)
    opened.on_pong = lambda payload: say("pong", id=id, base64=encoded(payload))
    asyncio.create_task(read(opened, id))


async def read(opened, id):
    while (message := await opened.read_message()) is not None:
        say_message(id, message)
    say("close", id=id, code=opened.close_code, reason=opened.close_reason or "")


def drop(*_):
    (socket.ws_connection if role == "server" else socket.protocol).stream.close()


orders = {
    "connect": connect,
    "text": lambda _, payload: socket.write_message(payload),
    "binary": lambda _, payload: socket.write_message(payload, binary=True),
    "ping": lambda _, payload: socket.ping(payload),
    "close": lambda order, _: socket.close(order.get("code"), order.get("reason")),
    "drop": drop,
    "violate": lambda *_: socket.write_message(b"a\xff"),
}


async def main():
    if role == "client":
        say("ready", version=tornado.version)
        return await obey(orders)
    app = web.Application([(r"/.*", Handler)], websocket_max_message_size=MAX_MESSAGE_BYTES)
    [listening] = bind_sockets(0, "127.0.0.1")
    HTTPServer(app).add_sockets([listening])
    say("ready", version=tornado.version, port=listening.getsockname()[1])
    await obey(orders)


asyncio.run(main())
