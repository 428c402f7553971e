"""Just enough of the protocol to talk to a server by hand (docs/protocol.md): TLS, frames, Protocol Buffers."""
import socket
import ssl
import struct

# Field numbers of ClientMessage and ServerMessage (proto/client.proto).
HELLO, JOIN, LEAVE, SEND_CHAT, RAISE_HAND, GET_ROOM, OPEN_SCREEN = 2, 4, 5, 6, 8, 11, 16
ENTER_SCREEN, START_PRESENTING, SCREEN_UPDATE, WATCH_SCREEN = 60, 61, 64, 67
ERROR, WELCOME, JOINED, DONE, TICKET, SCREEN_ENTERED = 2, 3, 5, 15, 16, 60
# ErrorCode (proto/control.proto).
BAD_REQUEST, NOT_JOINED, RATE_LIMITED, NOT_AVAILABLE_YET, BAD_TOKEN = 1, 2, 8, 10, 13


def varint(number):
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def field(number, value):
    """A number, or anything that has a length: text, bytes, another message."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    data = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(data)) + data


def fields(message):
    """{number: value} of a message; of a repeated field the last value."""
    def read(at):
        number = shift = 0
        while True:
            number |= (message[at] & 0x7F) << shift
            shift += 7
            at += 1
            if not message[at - 1] & 0x80:
                return number, at

    found, at = {}, 0
    while at < len(message):
        key, at = read(at)
        kind = key & 7
        if kind == 0:
            found[key >> 3], at = read(at)
        elif kind == 2:
            size, at = read(at)
            found[key >> 3] = message[at:at + size]
            at += size
        else:
            raise ValueError(f"wire type {kind}")
    return found


def frame(message, data=b""):
    return struct.pack(">II", 4 + len(message) + len(data), len(message)) + message + data


def request(number, arm, message=b""):
    return frame(field(1, number) + field(arm, message))


class Peer:
    """A TLS connection to a TCP plane, without a client's good manners."""

    def __init__(self, port, address="127.0.0.1", timeout=5, connected=None):
        """connected: a socket to connect, whose options the caller has set."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        if connected is None:
            connected = socket.socket()
        connected.settimeout(timeout)
        connected.connect((address, port))
        self.socket = context.wrap_socket(connected)
        self.pending = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def answer(self):
        """The next frame's message as (request, arm, fields of the arm); None when the server has closed."""
        while len(self.pending) < 8 or len(self.pending) < 4 + struct.unpack(">I", self.pending[:4])[0]:
            try:
                data = self.socket.recv(65536)
            except (ConnectionResetError, ssl.SSLError):
                return None
            if not data:
                return None
            self.pending += data
        total, size = struct.unpack(">II", self.pending[:8])
        message = fields(self.pending[8:8 + size])
        self.pending = self.pending[4 + total:]
        arm = next(number for number in message if number != 1)
        return message.get(1, 0), arm, fields(message[arm])

    def ask(self, number, arm, message=b""):
        """The answer to this request; events in between are passed over."""
        self.send(request(number, arm, message))
        while (answer := self.answer()) is not None:
            if answer[0] == number:
                return answer
        return None

    def greet(self):
        return self.ask(1, HELLO, field(1, 1) + field(2, "e2e"))

    def join(self, room, name):
        return self.ask(2, JOIN, field(1, room) + field(2, name))
