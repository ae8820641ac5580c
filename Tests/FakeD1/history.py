"""Time Travel: a kept copy of the database for every write, page by page, so that what did not change is kept once."""

import hashlib
import re

PAGE = 4096
BOOKMARK = re.compile(r"[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{32}")


class Version:
    def __init__(self, bookmark, time, pages):
        self.bookmark, self.time, self.pages = bookmark, time, pages


class History:
    def __init__(self, path, label, time):
        self.path, self.label = path, label
        self.versions, self.restores, self.drift = [], 0, 0
        self.record(time)

    @property
    def present(self):
        return self.versions[-1]

    def record(self, time):
        """Keeps a copy if something was written since the last one."""
        if self.versions and self.counter() == self.present.pages[0][24:28]:
            return
        before = self.present.pages if self.versions else []
        pages = []
        with open(self.path, "rb") as file:
            while page := file.read(PAGE):
                index = len(pages)
                pages.append(before[index] if index < len(before) and before[index] == page else page)
        self.add(time, pages)

    def restore(self, version, time):
        with open(self.path, "wb") as file:
            file.writelines(version.pages)
        self.restores += 1
        self.add(time, version.pages)

    def at(self, time):
        """The last version at or before it; None if there is none."""
        return next((version for version in reversed(self.versions) if version.time <= time), None)

    def find(self, bookmark):
        # The third group may have drifted.
        return next((version for version in self.versions if version.bookmark[:17] == bookmark[:17]), None)

    def bookmark(self, version, drifts=False):
        if not drifts:
            return version.bookmark
        self.drift += 1
        return f"{version.bookmark[:18]}{self.drift:08x}{version.bookmark[26:]}"

    def add(self, time, pages):
        number = len(self.versions) + 1
        digest = hashlib.md5(f"{self.label} {number}".encode()).hexdigest()
        self.versions.append(Version(f"{self.restores:08x}-{number:08x}-{0x4e00:08x}-{digest}", time, pages))

    def counter(self):
        """SQLite counts there, in the file's header, the transactions that wrote."""
        with open(self.path, "rb") as file:
            return file.read(28)[24:28]
