"""SQLite: a database of about 0.6 GB, the usual script of dumps, and belay."""

import os
import random
import sqlite3
import subprocess

import rows

NAME = "sqlite"
TITLE = "SQLite"
DRIVER = "belay-driver-sqlite"
GOALS = {"usual": 5.0}
DATABASE = "sqlite:source.db"

# What a careful person without belay has in cron.
USUAL = """set -eu
sqlite3 source.db ".backup 'usual/full_backup.db'"
sqlite3 source.db .dump | gzip > usual/full_backup.sql.gz
for table in community_members embeddings events; do
  sqlite3 -csv -header source.db "SELECT * FROM $table" > "usual/$table.csv"
done
sqlite3 usual/full_backup.db 'PRAGMA integrity_check'
cd usual && sha256sum ./* > SHA256SUMS
"""

ABOUT = """The database is {size}: 1,000,000 members with text and JSON, 200,000 embeddings of 512 bytes, 3,000,000 events and two
indexes. Its content is the same in every run.

The usual script runs these steps one after the other: `.backup`, `.dump` piped to `gzip`, three CSV exports, `PRAGMA
integrity_check`, `sha256sum`. belay runs `belay backup --formats native,sql,csv --verify read`. This produces the same
formats in one archive, all from the same instant, computes a digest of every table, and decodes every member again to check
it. (The usual script's CSV cuts blobs at their first zero byte and does not distinguish NULL from an empty text. belay's CSV
can be restored without loss.)"""


def version():
    return "sqlite3 " + subprocess.run(["sqlite3", "--version"], capture_output=True, text=True).stdout.split()[0]


def prepare():
    """Makes the database where it is not there yet, and reads it once: no side pays for a cold cache."""
    if not os.path.exists("source.db"):
        if os.path.exists("source.db.partial"):
            os.remove("source.db.partial")
        make("source.db.partial")
        os.rename("source.db.partial", "source.db")
    with open("source.db", "rb") as file:
        while file.read(1 << 20):
            pass


def make(path):
    database = sqlite3.connect(path)
    database.executescript(
        """
        PRAGMA journal_mode = OFF;
        PRAGMA synchronous = OFF;
        CREATE TABLE community_members (
          id INTEGER PRIMARY KEY, mail TEXT NOT NULL, name TEXT NOT NULL, bio TEXT, about TEXT);
        CREATE TABLE embeddings (
          id INTEGER PRIMARY KEY, member_id INTEGER NOT NULL REFERENCES community_members(id), vector BLOB NOT NULL);
        CREATE TABLE events (
          id INTEGER PRIMARY KEY, member_id INTEGER NOT NULL REFERENCES community_members(id), kind TEXT NOT NULL,
          at INTEGER NOT NULL, weight REAL);
        """
    )
    source = random.Random(rows.SEED)
    database.executemany("INSERT INTO community_members VALUES (?, ?, ?, ?, ?)", rows.members(source))
    database.executemany("INSERT INTO embeddings VALUES (?, ?, ?)", rows.blobs(source))
    database.executemany("INSERT INTO events VALUES (?, ?, ?, ?, ?)", rows.events(source))
    database.execute("CREATE INDEX members_by_mail ON community_members(mail)")
    database.execute("CREATE INDEX events_by_member ON events(member_id)")
    database.commit()
    database.execute("PRAGMA journal_mode = DELETE")
    database.close()


def size():
    return os.path.getsize("source.db")


def sides(_url):
    return {"usual": ("the usual script", ["sh", "-c", USUAL])}


def start():
    return DATABASE


def stop():
    pass
