#!/usr/bin/env python3
"""A fake of Cloudflare's D1 REST API for tests, over real SQLite databases.

Prints its port on the first line of stdout and serves on 127.0.0.1 until its stdin ends. With the files of a certificate
and its key as arguments it prints a second port, where the same is to be had by TLS. Paths:
  /client/v4/…  the API
  /_r2/…        signed URLs: they refuse credentials, and record whoever sends them
  /_fake/…      the control interface (control.py)

Each account is a world of its own, with its settings (settings.py), clock, counters and faults (faults.py), so that
tests that run at the same time share one server and do not see each other.
"""

import sys

sys.dont_write_bytecode = True
if sys.version_info < (3, 11):
    sys.exit("fake D1: Python 3.11 or newer is needed, for SQLite's limits")

import os
import shutil
import tempfile
import threading

from wire import Server
from world import World


def main():
    folder = tempfile.mkdtemp(prefix="belay-fake-d1-")
    world = World(folder)
    servers = [Server(world)] + ([Server(world, sys.argv[1:3])] if len(sys.argv) == 3 else [])
    world.origin = f"http://127.0.0.1:{servers[0].server_address[1]}"
    for server in servers:
        threading.Thread(target=server.serve_forever, daemon=True).start()
    # In one piece, also where Python is told not to buffer.
    print(" ".join(str(server.server_address[1]) for server in servers) + "\n", end="", flush=True)
    try:
        # The other end is closed by whoever started us, or with it.
        while sys.stdin.buffer.read1(4096):
            pass
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        # Calls that are still being answered must not keep the process.
        os._exit(0)


if __name__ == "__main__":
    main()
