"""How long others wait: one program reads and another writes one row every 10 ms, while a column is added by the engine's own
client, and by belay. Called by scripts/bench waits."""

import datetime
import multiprocessing
import os
import platform
import re
import shutil
import sqlite3
import statistics
import subprocess
import sys
import time

import postgresql

SIZES = [float(size) for size in os.environ.get("SIZES", "0.1 0.6 2").split()]
ROUNDS = int(os.environ.get("ROUNDS", "3"))
CHANGE = "ALTER TABLE events ADD COLUMN note TEXT"
BACK = "ALTER TABLE events DROP COLUMN note"
# Bytes of a row with its share of the key, on both engines about.
ROW = 420
GOAL = "at most 1.5 times the plain client's, plus 50 ms"


class SQLite:
    def __init__(self, size, journal):
        self.name = f"SQLite, {journal}"
        self.rows = int(size * 1e9 / ROW)
        self.journal, self.path = journal, f"waits-{journal}-{size:g}.db"
        self.target = f"sqlite:{self.path}"

    def prepare(self):
        if os.path.exists(self.path):
            return
        database = sqlite3.connect(self.path + ".partial")
        database.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; CREATE TABLE events (id INTEGER PRIMARY KEY, weight REAL, data TEXT);")
        rows = ((number, 0.5, f"{number:08x}" * 48) for number in range(self.rows))
        database.executemany("INSERT INTO events VALUES (?, ?, ?)", rows)
        database.commit()
        database.execute(f"PRAGMA journal_mode={self.journal}")
        database.close()
        os.rename(self.path + ".partial", self.path)

    def client(self, sql):
        return ["sqlite3", "-cmd", ".timeout 60000", self.path, sql + ";"]

    def connect(self):
        database = sqlite3.connect(self.path, timeout=120, isolation_level=None)
        return lambda sql: database.execute(sql).fetchall()

    def forget(self):
        database = sqlite3.connect(self.path, timeout=120, isolation_level=None)
        database.execute("DROP TABLE IF EXISTS belay_migrations")
        database.close()

    def bytes(self):
        return os.path.getsize(self.path)


class PostgreSQL:
    def __init__(self, size):
        self.name, self.database = "PostgreSQL", f"waits_{size:g}".replace(".", "_")
        self.rows = int(size * 1e9 / ROW)
        self.target = postgresql.url(self.database)

    def prepare(self):
        if postgresql.ask("postgres", f"SELECT count(*) FROM pg_database WHERE datname = '{self.database}'") != "0":
            return
        postgresql.psql("postgres", f"DROP DATABASE IF EXISTS {self.database}_partial")
        postgresql.psql("postgres", f"CREATE DATABASE {self.database}_partial")
        partial = f"{self.database}_partial"
        postgresql.psql(partial, "CREATE TABLE events (id integer PRIMARY KEY, weight double precision, data text)")
        postgresql.psql(partial, "INSERT INTO events SELECT n, 0.5, repeat(lpad(to_hex(n), 8, '0'), 48) "
                        f"FROM generate_series(0, {self.rows - 1}) n")
        postgresql.psql(partial, "VACUUM ANALYZE")
        postgresql.psql("postgres", f"ALTER DATABASE {partial} RENAME TO {self.database}")

    def client(self, sql):
        return [f"{postgresql.programs}/psql", "-X", "-q", "-d", self.target, "-c", sql]

    def connect(self):
        command = [f"{postgresql.programs}/psql", "-X", "-q", "-A", "-t", "-d", self.target]
        client = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

        def run(sql):
            client.stdin.write(f"{sql};\n\\echo done\n")
            client.stdin.flush()
            for line in client.stdout:
                if line == "done\n":
                    return
            raise SystemExit("psql ended")

        return run

    def forget(self):
        postgresql.psql(self.database, "DROP TABLE IF EXISTS belay_migrations")

    def bytes(self):
        return int(postgresql.ask("postgres", f"SELECT pg_database_size('{self.database}')"))


def work(subject, writes, ready, stop, longest):
    run, number, most = subject.connect(), 0, 0.0
    run("SELECT 1")
    ready.set()
    while not stop.is_set():
        number = (number * 7919 + 1) % subject.rows
        sql = (f"UPDATE events SET weight = weight + 1 WHERE id = {number}" if writes
               else f"SELECT weight FROM events WHERE id = {number}")
        began = time.monotonic()
        run(sql)
        most = max(most, time.monotonic() - began)
        time.sleep(0.01)
    longest.value = most


def measure(subject, command):
    """Seconds: the longest wait of a reader and of a writer, and the whole time of the command."""
    # What was written to prepare it is on the disk: nobody is to wait for that.
    os.sync()
    stop = multiprocessing.Event()
    others = []
    for writes in (False, True):
        longest, ready = multiprocessing.Value("d", 0.0), multiprocessing.Event()
        other = multiprocessing.Process(target=work, args=(subject, writes, ready, stop, longest))
        other.start()
        ready.wait()
        others.append((other, longest))
    time.sleep(0.3)
    began = time.monotonic()
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    whole = time.monotonic() - began
    time.sleep(0.3)
    stop.set()
    for other, _ in others:
        other.join()
    if done.returncode != 0:
        raise SystemExit(f"{subject.name}: {' '.join(command)} failed:\n{done.stdout}")
    return [longest.value for _, longest in others] + [whole]


def compare(subject, belay):
    subject.prepare()
    os.makedirs("migrations", exist_ok=True)
    with open("migrations/1_note.sql", "w") as file:
        file.write(CHANGE + ";\n")
    plain, ours = [], []
    for _ in range(ROUNDS):
        plain.append(measure(subject, subject.client(CHANGE)))
        subprocess.run(subject.client(BACK), check=True)
        shutil.rmtree("waits-store", ignore_errors=True)
        ours.append(measure(subject, [belay, "migrate", subject.target, "--store", "waits-store", "--yes", "-q"]))
        subprocess.run(subject.client(BACK), check=True)
        subject.forget()
    shutil.rmtree("waits-store", ignore_errors=True)
    return [[statistics.median(side) for side in zip(*rounds)] for rounds in (plain, ours)]


def main(belay, root):
    postgresql.start()
    lines, missed = [], []
    try:
        for size in SIZES:
            for subject in [SQLite(size, "wal"), SQLite(size, "delete"), PostgreSQL(size)]:
                plain, ours = compare(subject, belay)
                reached = all(b <= 1.5 * p + 0.05 for p, b in zip(plain[:2], ours[:2]))
                if not reached:
                    missed.append(f"{subject.name} at {size:g} GB")
                cells = [subject.name, f"{subject.bytes() / 1e6:,.0f} MB"]
                cells += [f"{one * 1000:.0f} ms" for one in (plain[0], ours[0], plain[1], ours[1])]
                cells += [f"{plain[2]:.2f} s", f"{ours[2]:.1f} s"]
                lines.append("| " + " | ".join(cells) + " |")
                print(lines[-1], file=sys.stderr)
    finally:
        postgresql.stop()
    cpu = re.search(r"model name\s*: (.*)", open("/proc/cpuinfo").read())
    settings = "" if (ROUNDS, SIZES) == (3, [0.1, 0.6, 2]) else f"ROUNDS={ROUNDS} SIZES='{' '.join(f'{s:g}' for s in SIZES)}' "
    text = f"""# Benchmarks: how long others wait

Measured with `{settings}scripts/bench waits` on {datetime.date.today()} ({os.cpu_count()} x {cpu[1].strip() if cpu else platform.machine()},
Linux {platform.release()}): one program reads and another writes one row every 10 ms, while `{CHANGE}` is run
by the engine's own client, and then by `belay migrate` with backup, proof, rehearsal and checks. The longest waits that the two
saw, medians of {ROUNDS} round(s). They include what others wait for a disk on which a backup is being written. In a SQLite
database with a rollback journal (`delete`) nobody can commit while belay compares the file with its copy.

| database | size | reader, plain | reader, belay | writer, plain | writer, belay | whole, plain | whole, belay |
| --- | --- | --- | --- | --- | --- | --- | --- |
{chr(10).join(lines)}

Goal: {GOAL}; {'reached' if not missed else 'not reached by ' + ', '.join(missed)}.
"""
    with open(os.path.join(root, "docs", "benchmarks-waits.md"), "w") as file:
        file.write(text)
    print(text)
