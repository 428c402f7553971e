"""A store with 100,000 files that nobody had to upload: its index, written as the store does (services/file-store/index)."""
import hashlib
import pathlib
import sqlite3
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parents[2] / "e2e"))
from wire import field  # noqa: E402

ROOM = "bench"
SCHEMA = """
    CREATE TABLE files (file_id INTEGER PRIMARY KEY AUTOINCREMENT, room TEXT NOT NULL, upload BLOB NOT NULL,
                        content BLOB NOT NULL, info BLOB NOT NULL);
"""


def file_info(file_id, content):
    """As FileInfo of proto/files.proto."""
    values = {1: file_id, 2: f"minutes of meeting {file_id}.pdf", 3: 1, 4: "application/pdf", 5: content, 6: 7, 7: "somebody",
              9: 1, 10: 1_700_000_000_000}
    return b"".join(field(number, value) for number, value in values.items())


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
