"""It ends, and leaves nothing behind, when whoever started it does."""

import os
import signal
import subprocess
import sys
import time
import unittest

from client import HERE, http, start

STARTER = "import sys; sys.path.insert(0, sys.argv[1]); import client, time; print(client.start()[1], flush=True); time.sleep(60)"


def is_answering(origin):
    try:
        http("GET", origin + "/")
        return True
    except OSError:
        return False


def wait_until(condition):
    end = time.monotonic() + 10
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.02)
    return False


class LifeTests(unittest.TestCase):
    def test_its_input_ends(self):
        process, origin = start()
        folder = http("POST", origin + "/_fake/accounts", {}).json["folder"]
        self.assertTrue(os.path.isdir(folder))
        process.stdin.close()
        self.assertEqual(process.wait(10), 0)
        process.stdout.close()
        self.assertFalse(os.path.exists(os.path.dirname(folder)))

    def test_its_starter_is_killed(self):
        starter = subprocess.Popen([sys.executable, "-B", "-c", STARTER, HERE], stdout=subprocess.PIPE, text=True)
        origin = starter.stdout.readline().strip()
        self.assertTrue(is_answering(origin))
        starter.send_signal(signal.SIGKILL)
        starter.wait()
        starter.stdout.close()
        self.assertTrue(wait_until(lambda: not is_answering(origin)))


if __name__ == "__main__":
    unittest.main()
