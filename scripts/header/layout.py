"""What is frozen of the header, and what a new header changes."""

import pathlib
import re

from read import read


def unfrozen(header, layout):
    """What of the header no line of layout.c holds."""
    lines = set(re.findall(r"^(?:VALUE|SIZE|FIELD)\((.*?)\);", pathlib.Path(layout).read_text(), re.M))
    found = []
    for group in read(header):
        if group.is_draft:
            continue
        if group.kind == "enum":
            wanted = [member.declaration.replace(" = ", ", ") for member in group.members]
            found += [f"VALUE({line})" for line in wanted if line not in lines]
        if group.kind == "struct":
            starts = {line.rpartition(", ")[0] for line in lines}
            wanted = [group.name] + [f"{group.name}, {member.name}" for member in group.members]
            found += [f"SIZE or FIELD({line})" for line in wanted if line not in starts]
    return [f"no line {line} in {pathlib.Path(layout).name}" for line in found]


def changes(old, new):
    """What a driver built with the header old would take for something else in new."""
    found = []
    groups = {group.name: group for group in read(new) if group.name}
    constants = {member.name: member for group in read(new) if group.kind == "enum" for member in group.members}
    for group in read(old):
        if group.is_draft:
            continue
        if group.kind == "enum":
            for member in group.members:
                now = constants.get(member.name)
                if not now:
                    found.append(f"{member.name} is gone")
                elif now.declaration != member.declaration:
                    found.append(f"{member.declaration} is now {now.declaration}")
            continue
        now = groups.get(group.name)
        if not now:
            found.append(f"{group.name} is gone")
            continue
        for index, member in enumerate(group.members):
            there = now.members[index].declaration if index < len(now.members) else "nothing"
            if there != member.declaration:
                found.append(f"{group.name}: where `{member.declaration}` was, there is now `{there}`")
        if not group.grows and len(now.members) > len(group.members):
            found.append(f"{group.name} must not grow: it has no struct_size, and stands in arrays or in other structs")
    majors = [re.search(r"BELAY_ABI_MAJOR (\d+)", pathlib.Path(path).read_text()).group(1) for path in (old, new)]
    if majors[0] != majors[1]:
        found.append(f"major version {majors[0]} is now {majors[1]}")
    return found
