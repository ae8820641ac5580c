#!/usr/bin/env python3
"""Measures whether past runs cost anything: `belay status`, `belay backup` of a small SQLite database and `belay recover` on a
store without runs and on one with many that have ended, in turn, and once more while the index is made anew.

    scripts/benchmarks/past_runs.py BELAY [RUNS] [ROUNDS]

BELAY is the executable, with the SQLite driver where it finds it. The runs are copies of a real one, each under its own id."""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time


def belay(executable, folder, *arguments):
    began = time.monotonic()
    run = subprocess.run([executable, *arguments], cwd=folder, capture_output=True, text=True)
    if run.returncode != 0:
        sys.exit(f"belay {' '.join(arguments)}: exit {run.returncode}\n{run.stdout}{run.stderr}")
    return time.monotonic() - began


def database(executable, folder):
    os.makedirs(folder)
    subprocess.run(
        ["sqlite3", os.path.join(folder, "app.db")], check=True, text=True,
        input="CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO t VALUES (1, 'a'), (2, 'b');")


def fill(folder, count):
    """Copies the one run of a store until there are `count`, and takes its index away."""
    runs = os.path.join(folder, "backups", "runs")
    (model,) = [name for name in os.listdir(runs) if not name.startswith(".")]
    for number in range(count - 1):
        name = f"20200101T{number // 3600:02}{number // 60 % 60:02}{number % 60:02}Z-past"
        shutil.copytree(os.path.join(runs, model), os.path.join(runs, name))
        path = os.path.join(runs, name, "journal.ndjson")
        with open(path) as journal:
            text = journal.read()
        with open(path, "w") as journal:
            journal.write(text.replace(model, name))
    shutil.rmtree(os.path.join(folder, "backups", "index"))


def main():
    executable = os.path.abspath(sys.argv[1])
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 10_000
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 5
    commands = {"status": ["status"], "backup": ["backup", "sqlite:app.db"], "recover": ["recover"]}
    with tempfile.TemporaryDirectory() as place:
        full, empty = os.path.join(place, "full"), os.path.join(place, "empty")
        database(executable, full)
        belay(executable, full, "backup", "sqlite:app.db")
        fill(full, count)
        anew = belay(executable, full, "status")
        times = {(name, side): [] for name in commands for side in ("empty", "full")}
        for _ in range(rounds):
            database(executable, empty)
            for name, arguments in commands.items():
                for side, folder in (("empty", empty), ("full", full)):
                    # Each command of the empty side finds a store without a run.
                    if side == "empty":
                        shutil.rmtree(os.path.join(empty, "backups"), ignore_errors=True)
                    times[name, side].append(belay(executable, folder, *arguments))
            shutil.rmtree(empty)
        print(f"{count} runs that have ended, median of {rounds}, in milliseconds")
        for name in commands:
            before, after = (statistics.median(times[name, side]) * 1000 for side in ("empty", "full"))
            print(f"{name:8}  without runs {before:7.1f}   with them {after:7.1f}")
        print(f"status that makes the index anew {anew * 1000:.1f}")


main()
