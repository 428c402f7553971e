"""A store with 100,000 files that nobody had to upload: its index, written as the store does (services/file-store/index)."""
import hashlib
import sqlite3

ROOM = "bench"
SCHEMA = """
    CREATE TABLE files (file_id INTEGER PRIMARY KEY AUTOINCREMENT, room TEXT NOT NULL, upload BLOB NOT NULL,
                        content BLOB NOT NULL, info BLOB NOT NULL);
"""


def varint(value):
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def number(field, value):
    return varint(field << 3) + varint(value)


def text(field, value):
    return varint(field << 3 | 2) + varint(len(value)) + value


def file_info(file_id, content):
    """As FileInfo of proto/files.proto."""
    name = f"minutes of meeting {file_id}.pdf".encode()
    return (number(1, file_id) + text(2, name) + number(3, 1) + text(4, b"application/pdf") + text(5, content) + number(6, 7) +
            text(7, b"somebody") + number(9, 1) + number(10, 1_700_000_000_000))


def prepare(folder, count=100_000):
    """All of them have the same content, one byte."""
    content = hashlib.sha256(b"x").digest()
    blobs = folder / "state" / "files" / "blobs" / content.hex()[:2]
    blobs.mkdir(parents=True)
    (blobs / content.hex()).write_bytes(b"x")
    with sqlite3.connect(folder / "state" / "files" / "index.db") as index:
        index.executescript(SCHEMA)
        index.executemany("INSERT INTO files VALUES (?, ?, ?, ?, ?)",
                          ((i, ROOM, hashlib.sha256(str(i).encode()).digest(), content, file_info(i, content))
                           for i in range(1, count + 1)))
    index.close()
