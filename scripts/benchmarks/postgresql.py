"""PostgreSQL: a database of about 0.9 GB on a server of its own, `pg_dump -Fc` alone, the usual script, and belay."""

import glob
import os
import random
import subprocess
import tempfile

import rows

NAME = "postgresql"
TITLE = "PostgreSQL"
DRIVER = "belay-driver-postgresql"
GOALS = {"usual": 5.0, "pg_dump": 2.0}

ABOUT = """The database is {size}: 1,000,000 members with text and jsonb, 200,000 embeddings of 128 reals, 3,000,000 events and two
indexes. Its content is the same in every run. The server runs on the same machine with its default settings and 512 MB of
shared_buffers, and is reached through its socket.

The usual script runs these steps one after the other: `pg_dump -Fc`, `pg_dump` piped to `gzip`, three `\\copy … csv header`,
`pg_restore --list`, `sha256sum`. belay runs `belay backup --formats native,sql,csv --verify read`. This produces the same
formats in one archive, all from the same instant, computes a digest of every table, and decodes every member again to check
it."""

USUAL = """set -eu
pg_dump -Fc -f usual/full_backup.dump "$0"
pg_dump "$0" | gzip > usual/full_backup.sql.gz
for table in community_members embeddings events; do
  psql -X -q -d "$0" -c "\\\\copy $table to 'usual/$table.csv' csv header"
done
pg_restore --list usual/full_backup.dump > usual/list.txt
cd usual && sha256sum ./* > SHA256SUMS
"""

SCHEMA = """
CREATE TABLE community_members (id integer PRIMARY KEY, mail text NOT NULL, name text NOT NULL, bio text, about jsonb);
CREATE TABLE embeddings (
  id integer PRIMARY KEY, member_id integer NOT NULL REFERENCES community_members(id), vector real[] NOT NULL);
CREATE TABLE events (
  id integer PRIMARY KEY, member_id integer NOT NULL REFERENCES community_members(id), kind text NOT NULL,
  at integer NOT NULL, weight double precision);
"""
INDEXES = """
CREATE INDEX members_by_mail ON community_members(mail);
CREATE INDEX events_by_member ON events(member_id);
"""

programs = max(
    glob.glob("/usr/lib/postgresql/*/bin"), key=lambda path: float(path.split("/")[4]), default="/usr/local/pgsql/bin"
)
# A socket's path has room for 107 bytes: it does not lie beside the data.
socket = None


def version():
    words = subprocess.run([f"{programs}/postgres", "--version"], capture_output=True, text=True).stdout.split()
    return "PostgreSQL " + words[2]


def run(program, *arguments, **more):
    """One of the server's programs, not as root."""
    become = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.geteuid() == 0 else []
    return subprocess.run([*become, f"{programs}/{program}", *arguments], check=True, **more)


def url(database):
    return f"postgres://postgres@/{database}?host={socket.name}"


def start():
    global socket
    socket = tempfile.TemporaryDirectory(prefix="belay-bench-")
    os.chmod(socket.name, 0o777)
    os.makedirs("postgresql", exist_ok=True)
    os.chmod("postgresql", 0o777)
    if not os.path.exists("postgresql/data"):
        run("initdb", "-D", "postgresql/data", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8",
            stdout=subprocess.DEVNULL)
    options = f"-c listen_addresses='' -c unix_socket_directories={socket.name} -c shared_buffers=512MB"
    run("pg_ctl", "-D", "postgresql/data", "-l", "postgresql/log", "-o", options, "-w", "start",
        stdout=subprocess.DEVNULL)
    return url("bench")


def stop():
    if socket is not None:
        run("pg_ctl", "-D", "postgresql/data", "-m", "fast", "-w", "stop", stdout=subprocess.DEVNULL)
        socket.cleanup()


def psql(database, sql, **more):
    return run("psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", url(database), "-c", sql, **more)


def ask(database, sql):
    return psql(database, sql, stdout=subprocess.PIPE, text=True).stdout.strip()


def prepare():
    """Makes the database where it is not there yet, and reads it once: no side pays for a cold cache."""
    if ask("postgres", "SELECT count(*) FROM pg_database WHERE datname = 'bench'") == "0":
        psql("postgres", "DROP DATABASE IF EXISTS bench_partial")
        psql("postgres", "CREATE DATABASE bench_partial")
        psql("bench_partial", SCHEMA)
        source = random.Random(rows.SEED)
        fill("community_members", rows.members(source))
        fill("embeddings", rows.vectors(source))
        fill("events", rows.events(source))
        psql("bench_partial", INDEXES)
        psql("bench_partial", "VACUUM ANALYZE")
        psql("bench_partial", "CHECKPOINT")
        psql("postgres", "ALTER DATABASE bench_partial RENAME TO bench")
    for table in rows.TABLES:
        ask("bench", f"SELECT count(*) FROM {table} t WHERE t IS NULL")


def fill(table, source):
    command = [f"{programs}/psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", url("bench_partial"), "-c",
               f"COPY {table} FROM STDIN"]
    copy = subprocess.Popen(command, stdin=subprocess.PIPE)
    for row in source:
        # No value of these rows holds a backslash, a tab or a line end.
        copy.stdin.write("\t".join(map(str, row)).encode() + b"\n")
    copy.stdin.close()
    if copy.wait() != 0:
        raise SystemExit(f"{table} could not be filled")


def size():
    return int(ask("postgres", "SELECT pg_database_size('bench')"))


def sides(target):
    return {
        "pg_dump": ("`pg_dump -Fc` alone", [f"{programs}/pg_dump", "-Fc", "-f", "pg_dump/full_backup.dump", target]),
        "usual": ("the usual script", ["sh", "-c", USUAL, target]),
    }
