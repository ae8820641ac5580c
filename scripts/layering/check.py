"""Checks that the folders of each Swift target use each other one way only; see scripts/layers.

It reads text, not a compiler's index, so it sees what can be told from names:
- types, functions and constants declared at the top level, used by name in another folder;
- members of extensions, used in another folder, where the target and the modules that it imports declare that name once.
A member in an extension that conforms to a protocol of another module is not counted: many types have one of that name.
"""

import argparse
import collections
import pathlib
import re
import sys

sys.dont_write_bytecode = True

from swift import STANDARD, Source

class Target:
    """A target's files, and which of its folders uses which."""

    def __init__(self, name, root, others):
        self.name = name
        self.root = root
        self.sources = []
        # What a header declares: every word of it, but those of its comments.
        self.header_words = set()
        for path in root.rglob("*.h"):
            text = path.read_text(encoding="utf-8", errors="replace")
            code = re.sub(r"/\*.*?\*/|//[^\n]*", " ", text, flags=re.S)
            self.header_words |= set(re.findall(r"[A-Za-z_]\w*", code))
        for path in sorted(root.rglob("*.swift")):
            if any(other != root and other in path.parents and root in other.parents for other in others):
                continue  # another target's, within this one's folder
            inner = path.relative_to(root).parts
            self.sources.append(Source(path, inner[0] if len(inner) > 1 else "."))

    def uses(self, targets):
        """folder -> folder -> name -> files"""
        imported = set().union(*(source.imports for source in self.sources)) if self.sources else set()
        near = [target for name, target in targets.items() if name in imported and target is not self]
        named = collections.Counter()
        for target in [self] + near:
            named.update(target.header_words)
            for source in target.sources:
                named.update(source.named)
        found = collections.defaultdict(lambda: collections.defaultdict(lambda: collections.defaultdict(set)))

        def note(user, folder, name):
            if user.folder != folder:
                found[user.folder][folder][name].add(user.path.relative_to(self.root).as_posix())

        homes = collections.defaultdict(set)
        for source in self.sources:
            for name in source.top:
                homes[name].add(source.folder)
        for user in self.sources:
            for name in user.words - user.own:
                for folder in homes.get(name, set()) - {user.folder} if user.folder not in homes.get(name, ()) else ():
                    note(user, folder, name)
        for owner in self.sources:
            for extended, name, protocols in owner.members:
                if named[name] != 1 or name in STANDARD or any(protocol not in homes for protocol in protocols):
                    continue
                for user in self.sources:
                    if name in user.dotted or (name in user.words and extended in user.extended):
                        note(user, owner.folder, f"{extended}.{name}")
        labels = collections.Counter()
        for source in self.sources:
            labels.update((extended, label) for extended, label, _ in source.initializers)
        for owner in self.sources:
            for extended, label, is_extension in owner.initializers:
                if not is_extension or label == "_" or labels[extended, label] != 1:
                    continue
                for user in self.sources:
                    if (extended, label) in user.calls:
                        note(user, owner.folder, f"{extended}({label}:)")
        return found

    def folders(self):
        return sorted({source.folder for source in self.sources})


def knots(uses, folders):
    """Sets of folders that reach each other: Tarjan's strongly connected components of more than one."""
    order, low, stack, found = {}, {}, [], []

    def visit(folder):
        order[folder] = low[folder] = len(order)
        stack.append(folder)
        for other in sorted(uses.get(folder, {})):
            if other not in order:
                visit(other)
                low[folder] = min(low[folder], low[other])
            elif other in stack:
                low[folder] = min(low[folder], order[other])
        if low[folder] == order[folder]:
            knot = {folder}
            while (other := stack.pop()) != folder:
                knot.add(other)
            if len(knot) > 1:
                found.append(knot)

    for folder in folders:
        if folder not in order:
            visit(folder)
    return found


def describe(uses, pairs):
    for user, used in pairs:
        print(f"  {user} uses {used}:")
        names = uses[user][used]
        for name in sorted(names)[:8]:
            files = sorted(names[name])
            rest = f" and {len(files) - 3} more" if len(files) > 3 else ""
            print(f"    {name} in {', '.join(files[:3])}{rest}")
        if len(names) > 8:
            print(f"    and {len(names) - 8} other names")


class Rules:
    """What scripts/layering/known.txt says: `order FOLDER: A B C`, lowest first; `knot FOLDER: A B C -- REASON`."""

    def __init__(self, path):
        self.orders = {}
        self.knots = collections.defaultdict(list)
        for number, line in enumerate(path.read_text().splitlines() if path.exists() else [], 1):
            line = line.strip()
            if not line or line.startswith("#"):
                continue
            match = re.fullmatch(r"(order|knot) ([^:]+): (.+?)(?: -- (.+))?", line)
            if not match or (match[1] == "knot") != bool(match[4]):
                sys.exit(f"layers: {path}:{number}: neither `order FOLDER: A B` nor `knot FOLDER: A B -- REASON`")
            if match[1] == "order":
                self.orders[match[2]] = match[3].split()
            else:
                self.knots[match[2]].append(set(match[3].split()))


def check(target, folder, targets, rules):
    """Prints what is wrong; returns how many things are."""
    uses, folders = target.uses(targets), target.folders()
    wrong = 0
    allowed = list(rules.knots.get(folder, []))
    for knot in knots(uses, folders):
        fitting = [known for known in allowed if knot <= known]
        for known in fitting:
            allowed.remove(known)
            if unused := known - knot:
                wrong += 1
                print(f"{folder}: {' '.join(sorted(unused))} left the knot that scripts/layering/known.txt lists: shorten it there")
        if fitting:
            continue
        wrong += 1
        print(f"{folder}: these folders use each other in a circle: {' '.join(sorted(knot))}")
        describe(uses, [(user, used) for user in sorted(knot) for used in sorted(set(uses[user]) & knot)])
    for known in allowed:
        wrong += 1
        print(f"{folder}: there is no knot of {' '.join(sorted(known))} any more: remove it from scripts/layering/known.txt")
    if order := rules.orders.get(folder):
        height = {name: index for index, name in enumerate(order)}
        if missing := [name for name in folders if name not in height]:
            wrong += 1
            print(f"{folder}: scripts/layering/known.txt does not place {' '.join(missing)} in its order")
        if gone := [name for name in order if name not in folders]:
            wrong += 1
            print(f"{folder}: scripts/layering/known.txt places {' '.join(gone)}, which are not there")
        up = [
            (user, used)
            for user in folders
            for used in sorted(uses.get(user, {}))
            if user in height and used in height and height[used] > height[user]
        ]
        if up:
            wrong += 1
            print(f"{folder}: uses that go up:")
            describe(uses, up)
    return wrong


def targets_of(package):
    """name -> folder, for each target that Package.swift declares, tests aside, and that has sources here."""
    pieces = re.split(r"\.(target|executableTarget|testTarget|systemLibrary)\(", (package / "Package.swift").read_text())
    found = {}
    for kind, piece in zip(pieces[1::2], pieces[2::2]):
        name = re.match(r'\s*name: "([^"]+)"', piece)
        if kind not in ("target", "executableTarget") or not name:
            continue
        path = re.search(r'\bpath: "([^"]+)"', piece)
        folder = path[1] if path else f"Sources/{name[1]}"
        if any(path.suffix in (".swift", ".h") for path in (package / folder).rglob("*")):
            found[name[1]] = folder
    return found


def main():
    arguments = argparse.ArgumentParser(description="Checks that the folders of each Swift target use each other one way.")
    arguments.add_argument("package", nargs="?", default=pathlib.Path(__file__).resolve().parents[2], type=pathlib.Path)
    arguments.add_argument("--only", metavar="TARGET-FOLDER", help="check this target alone, e.g. Sources/BelayDrivers")
    chosen = arguments.parse_args()
    package = chosen.package.resolve()
    folders = targets_of(package)
    if not folders:
        sys.exit(f"layers: {package / 'Package.swift'} declares no target with Swift files")
    roots = [package / folder for folder in folders.values()]
    targets = {name: Target(name, package / folder, roots) for name, folder in folders.items()}
    rules = Rules(package / "scripts" / "layering" / "known.txt")
    wrong = checked = 0
    for folder in sorted(set(rules.orders) | set(rules.knots)):
        if folder not in folders.values():
            wrong += 1
            print(f"{folder}: scripts/layering/known.txt lists it, and it is no target's folder")
    for name, folder in folders.items():
        if chosen.only in (None, folder) and targets[name].sources:
            checked += 1
            wrong += check(targets[name], folder, targets, rules)
    if not checked:
        sys.exit(f"layers: {chosen.only} is no target's folder")
    if wrong:
        sys.exit(1)
    print(f"layers: the folders of {checked} targets use each other one way" + (
        f", {len(rules.knots)} known exceptions aside" if rules.knots and not chosen.only else ""))


main()
