#!/usr/bin/env python3
"""Runs a command at a terminal of its own, types answers, and prints what a person has seen on the screen.

    screens.py COLUMNS TYPING COMMAND [ARGUMENT ...]

TYPING is JSON: a list of [words, keys]; the keys are typed when the words are on the screen, below where the last ones were.
Prints one JSON object:

    status     the exit status; 128 + N after signal N
    raw        all that the command has written, as text
    asked      the screen at the moment of each typing
    seen       each line that was ever on the screen
    final      the screen at the end
    overlong   lines that the command wrote wider than the terminal

The screen has so many rows that nothing scrolls away. Needs pyte, which is a terminal without a window.
"""

import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time

import pyte
import wcwidth

ROWS = 400
LIMIT_SECONDS = 240


def shown(screen):
    """The lines of the screen, without blanks behind them."""
    lines = [line.rstrip() for line in screen.display]
    while lines and not lines[-1]:
        lines.pop()
    return lines


def overlong(raw, columns):
    """Lines as they were written, each from one movement of the cursor to the next."""
    pieces = re.split(r"[\r\n]+", re.sub(r"\x1b\[[0-9]*[AJ]", "\n", raw))
    plain = [re.sub(r"\x1b\[[0-9;]*m", "", piece) for piece in pieces]
    return [line for line in plain if max(0, wcwidth.wcswidth(line)) > columns]


def main():
    columns, typing, command = int(sys.argv[1]), json.loads(sys.argv[2]), sys.argv[3:]
    pid, terminal = pty.fork()
    if pid == 0:
        # Before the first line: what a program asks of its terminal must be true from the beginning.
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, columns, 0, 0))
        os.execvp(command[0], command)
    screen = pyte.Screen(columns, ROWS)
    stream = pyte.ByteStream(screen)
    raw, seen, asked = b"", {}, []
    below = 0
    deadline = time.monotonic() + LIMIT_SECONDS
    while True:
        if time.monotonic() > deadline:
            os.kill(pid, signal.SIGKILL)
            break
        ready, _, _ = select.select([terminal], [], [], 0.5)
        if not ready:
            continue
        try:
            data = os.read(terminal, 65536)
        except OSError:
            break  # a terminal without a program says so by an error
        if not data:
            break
        raw += data
        # What is drawn and drawn over within one reading was seen too.
        for piece in re.split(rb"(?=\r)", data):
            stream.feed(piece)
            for line in shown(screen)[-8:]:
                seen.setdefault(line)
        if typing and any(typing[0][0] in line for line in shown(screen)[below:]):
            asked.append(shown(screen))
            below = len(shown(screen))
            os.write(terminal, typing.pop(0)[1].encode())
    _, status = os.waitpid(pid, 0)
    text = raw.decode("utf-8", "replace")
    print(
        json.dumps(
            {
                "status": os.waitstatus_to_exitcode(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status),
                "raw": text,
                "asked": asked,
                "seen": list(seen),
                "final": shown(screen),
                "overlong": overlong(text, columns),
            }
        )
    )


main()
