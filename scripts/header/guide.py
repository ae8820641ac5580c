"""The reference of docs/driver-guide.md: the header's contracts as Markdown."""

import re
import textwrap

from read import HEADER, ROOT, read

GUIDE = ROOT / "docs/driver-guide.md"
BEGIN, END = "<!-- reference: begin, written by scripts/abi guide -->\n", "<!-- reference: end -->\n"


def fill(text):
    shown = text.replace("*", r"\*").replace("<", r"\<").replace(r"\*\*", "**")
    indent = "  " if text.startswith("- ") else ""
    return textwrap.fill(shown, 120, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def items(group):
    """One line for each member; fields without a comment share theirs."""
    lines, plain_fields = [], []
    for member in group.members:
        if member.name in ("reserved", "ctx") or (member.name == "struct_size" and not member.doc):
            continue
        value = member.declaration.partition(" = ")[2] if group.kind == "enum" else ""
        name = f"**`{member.name}`**" if member.is_function else f"`{member.name}`" + (f" = {value}" if value else "")
        if member.doc or member.is_function:
            if plain_fields:
                lines.append("- " + ", ".join(plain_fields))
            plain_fields = []
            lines.append(f"- {name}" + (f": {member.doc}" if member.doc else ""))
        else:
            plain_fields.append(name)
    if plain_fields:
        lines.append("- " + ", ".join(plain_fields))
    return [fill(line) for line in lines]


def reference(groups):
    """The header's contracts as Markdown, in the header's order."""
    parts = []
    for group in groups:
        title, doc = f"`{group.name}`", group.doc
        extension = re.match(r'"(belay\.[\w.]+/\d+)": (.*)', doc)
        place = re.match(r"(belay_\w+)\.", doc) if group.kind == "enum" else None
        if extension:
            title, doc = f"`{extension.group(1)}`: `{group.name}`", extension.group(2)
        elif place:
            title = f"Constants of `{place.group(1)}`"
        elif group.kind == "enum":
            title = f"Constants `{group.members[0].name}` …"
        parts.append(f"### {title}")
        if doc:
            parts.append(fill(doc[0].upper() + doc[1:] if extension or group.kind == "opaque" else doc))
        if group.kind in ("struct", "enum"):
            parts.append("\n".join(items(group)))
    return "\n\n".join(part for part in parts if part) + "\n"


def write(check):
    """The reference in its place in the guide."""
    text = GUIDE.read_text()
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    if not after and END not in rest:
        return [f"{GUIDE.name} has no place for the reference: {BEGIN.strip()} … {END.strip()}"]
    written = before + BEGIN + "\n" + reference(read(HEADER)) + "\n" + END + after
    if written == text:
        return []
    if check:
        return [f"{GUIDE.name} does not say what the header says: run scripts/abi guide"]
    GUIDE.write_text(written)
    return []
