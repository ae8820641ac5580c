"""Runs the benchmarks in rounds, all sides in turn, and writes what was seen. Called by scripts/bench."""

import datetime
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
ROUNDS = int(os.environ.get("ROUNDS", "3"))
WORK = os.environ.get("BENCH_DIR", os.path.join(ROOT, ".build", "bench"))
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import postgresql  # noqa: E402
import sqlite  # noqa: E402
import waits  # noqa: E402

SUBJECTS = {"sqlite": sqlite, "postgresql": postgresql}


def build(product):
    command = ["swift", "build", "-c", "release", "--product", product]
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


def release_folder():
    command = ["swift", "build", "-c", "release", "--show-bin-path"]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()


class Side:
    """One of those that are compared: its times, the memory of its largest process, what it wrote."""

    def __init__(self, name, title, command):
        self.name, self.title, self.command = name, title, command
        self.seconds, self.peak = [], 0.0

    def measure(self):
        shutil.rmtree(self.name, ignore_errors=True)
        os.mkdir(self.name)
        os.sync()
        timed = ["/usr/bin/time", "-o", "time.txt", "-v", *self.command]
        with open(f"{self.name}.log", "w") as log:
            if subprocess.run(timed, stdout=log, stderr=subprocess.STDOUT).returncode != 0:
                raise SystemExit(f"{self.title} failed:\n" + open(f"{self.name}.log").read())
        text = open("time.txt").read()
        seconds = 0.0
        for part in re.search(r"Elapsed.*\): ([\d:.]+)", text)[1].split(":"):
            seconds = seconds * 60 + float(part)
        self.seconds.append(seconds)
        self.peak = max(self.peak, int(re.search(r"Maximum resident set size.*: (\d+)", text)[1]) / 1024)
        print(f"{self.title}: {seconds:.1f} s", file=sys.stderr)

    @property
    def bytes(self):
        found = [os.path.join(folder, name) for folder, _, names in os.walk(self.name) for name in names]
        return sum(os.path.getsize(path) for path in found if "/runs/" not in path)

    def listed(self):
        return ", ".join(f"{second:.1f}" for second in self.seconds)


def compare(subject, belay):
    url = subject.start()
    try:
        print(f"{subject.TITLE}: the database …", file=sys.stderr)
        subject.prepare()
        sides = [Side(name, *rest) for name, rest in subject.sides(url).items()]
        ours = [belay, "backup", url, "--store", "belay", "--formats", "native,sql,csv", "--verify", "read", "--quiet"]
        sides.append(Side("belay", "belay", ours))
        for number in range(ROUNDS):
            print(f"round {number + 1} of {ROUNDS}", file=sys.stderr)
            for side in sides:
                side.measure()
        return report(subject, sides, subject.size(), belay)
    finally:
        subject.stop()


def megabytes(count):
    return f"{count / 1e6:,.0f} MB"


def report(subject, sides, size, belay):
    ours = sides[-1]
    others = sides[:-1]
    faster = {side.name: statistics.median(o / b for o, b in zip(side.seconds, ours.seconds)) for side in others}
    cpu = re.search(r"model name\s*: (.*)", open("/proc/cpuinfo").read())
    memory = int(re.search(r"MemTotal:\s*(\d+)", open("/proc/meminfo").read())[1]) / 1024 / 1024
    version = subprocess.run([belay, "--version"], capture_output=True, text=True).stdout.strip()
    command = ("" if ROUNDS == 3 else f"ROUNDS={ROUNDS} ") + f"scripts/bench {subject.NAME}"

    def row(title, cells):
        return f"| {title} | " + " | ".join(cells) + " |"

    table = [
        row("", [side.title for side in sides]),
        row("---", ["---"] * len(sides)),
        row("seconds, median", [f"{statistics.median(side.seconds):.1f}" for side in sides]),
        row("seconds, each round", [side.listed() for side in sides]),
        row("belay is faster by", [f"**{faster[side.name]:.1f}x**" for side in others] + [""]),
        row("bytes written", [megabytes(side.bytes) for side in sides]),
        row("peak memory, largest process", [f"{side.peak:.0f} MiB" for side in sides]),
    ]
    reached = lambda truth: "reached" if truth else "not reached yet"
    usual = next(side for side in others if side.name == "usual")
    goals = [
        f"{goal:g}x faster than {side.title} ({reached(faster[side.name] >= goal)})"
        for side in others for goal in [subject.GOALS[side.name]]
    ]
    goals.append(f"no larger than what the usual script writes ({reached(ours.bytes <= usual.bytes)})")
    goals.append(f"under 200 MB of memory ({reached(ours.peak * 1.048576 < 200)})")
    return f"""# Benchmarks: {subject.TITLE}

Measured with `{command}` on {datetime.date.today()}: {ROUNDS} round(s), all programs in turn in each round, on one machine
({os.cpu_count()} x {cpu[1].strip() if cpu else platform.machine()}, {memory:.0f} GiB, Linux {platform.release()},
{subject.version()}, belay {version}). Absolute times differ between machines; the ratios differ less.

{subject.ABOUT.format(size=megabytes(size))}

{chr(10).join(table)}

Goals: {'; '.join(goals)}.
"""


def main(names):
    names = names or [*SUBJECTS, "waits"]
    for name in names:
        if name not in SUBJECTS and name != "waits":
            raise SystemExit(f"bench: no benchmark {name}: {' '.join(SUBJECTS)} waits")
    chosen = [SUBJECTS[name] for name in names if name != "waits"]
    build("belay")
    for subject in SUBJECTS.values() if "waits" in names else chosen:
        build(subject.DRIVER)
    belay = os.path.join(release_folder(), "belay")
    os.makedirs(WORK, exist_ok=True)
    os.chdir(WORK)
    for subject in chosen:
        text = compare(subject, belay)
        with open(os.path.join(ROOT, "docs", f"benchmarks-{subject.NAME}.md"), "w") as file:
            file.write(text)
        print(text)
    if "waits" in names:
        waits.main(belay, ROOT)


main(sys.argv[1:])
