"""The declarations of the ABI's header, with the comments beside them."""

import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
HEADER = ROOT / "Sources/CBelayDriver/include/belay_driver.h"
LAYOUT = ROOT / "Sources/CBelayDriver/layout.c"

# A comment, or one of the marks at which declarations end.
PIECES = re.compile(r"/\*(.*?)\*/|([{}();,])", re.S)


class Member:
    """A field, function pointer or constant: its declaration in one line, and the comment beside it."""

    def __init__(self, name, declaration, doc):
        self.name, self.declaration, self.doc = name, declaration, doc

    @property
    def is_function(self):
        return f"(*{self.name})" in self.declaration


class Group:
    """A struct, an enum (whose name is empty) or a function."""

    def __init__(self, kind, name, doc, members):
        self.kind, self.name, self.doc, self.members = kind, name, doc, members

    @property
    def grows(self):
        return self.kind == "struct" and self.members[0].name == "struct_size"

    @property
    def is_draft(self):
        """Promises nothing, so that nothing of it is frozen."""
        return self.doc.startswith('"belay.draft.')


def plain(comment):
    """A comment's text, its line ends and stars gone."""
    lines = [re.sub(r"^\s*\* ?", "", line) for line in comment.strip().splitlines()]
    return re.sub(r"\s+", " ", " ".join(lines)).strip()


def members(body, mark):
    """The declarations of a body, each ended by the mark, with the comment before it or behind it in its line."""
    found, before, start, depth = [], "", 0, 0
    text, line_of = "", []

    def declare(end):
        declaration = re.sub(r"\s+", " ", text + body[start:end]).strip()
        if declaration:
            line_of.append(body.count("\n", 0, end))
            found.append((declaration, [before] if before else []))
        return declaration

    for piece in PIECES.finditer(body):
        if piece.group(1) is None:
            sign = piece.group(2)
            depth += (sign in "({") - (sign in ")}")
            if sign == mark and depth == 0:
                if declare(piece.start()):
                    before = ""
                text, start = "", piece.end()
            continue
        text += body[start : piece.start()]
        start = piece.end()
        line = body.count("\n", 0, piece.start())
        own_line = not body[: piece.start()].rpartition("\n")[2].strip()
        if own_line or not found:
            before = plain(piece.group(1))
        elif not text.strip():
            # Behind declarations: of all that end in this line.
            for (_, docs), at in zip(found, line_of):
                if at == line:
                    docs.append(plain(piece.group(1)))
            text = ""
        else:
            # Behind the last one, which no mark ends.
            before = plain(piece.group(1))
            for (_, docs), at in zip(found, line_of):
                if at == line:
                    docs.append(before)
    declare(len(body))
    return found


def split(declaration):
    """One member for each name of a declaration such as `uint32_t struct_size, flags`."""
    function = re.search(r"\(\*(\w+)\)", declaration)
    if function:
        return [(function.group(1), declaration)]
    if declaration.startswith("union"):
        return [(declaration.split()[-1], declaration)]
    kind, first, rest = re.match(r"(.*?[\s*])(\w+(?:\[\d+\])?)((?:, ?\w+(?:\[\d+\])?)*)$", declaration).groups()
    names = [first] + [name.strip() for name in rest.split(",") if name.strip()]
    return [(re.sub(r"\[.*", "", name), f"{kind.strip()} {name}") for name in names]


def read(path):
    """The groups of a header, in its order."""
    source = pathlib.Path(path).read_text()
    head = re.search(r"#define BELAY_EXT_HEAD(.*?[^\\])\n", source, re.S).group(1).replace("\\\n", "\n")
    source = source.replace("  BELAY_EXT_HEAD;", head + ";")
    # The preprocessor's lines, with those that they go on in.
    code = re.sub(r"^#(?:.*\\\n)*.*$", "", source, flags=re.M).replace('extern "C" {', "")
    groups, doc = [], ""
    pattern = re.compile(
        r"/\*(?P<doc>.*?)\*/|enum \{(?P<enum>.*?)\};|typedef struct \{(?P<struct>.*?)\n?\} (?P<name>belay_\w+);"
        r"|typedef struct (?P<opaque>\w+) \w+;|(?P<function>const belay_driver \*\w+\([^;]*);", re.S)
    for found in pattern.finditer(code):
        if found.group("doc") is not None:
            behind = code[: found.start()].rpartition("\n")[2].strip()
            if behind and groups and groups[-1].members:
                groups[-1].members[-1].doc = plain(found.group("doc"))
            elif behind and groups:
                groups[-1].doc = plain(found.group("doc"))
            else:
                doc = plain(found.group("doc"))
            continue
        if found.group("enum") is not None:
            all_members = [Member(d.split(" = ")[0], d, " ".join(c)) for d, c in members(found.group("enum"), ",")]
            groups.append(Group("enum", "", doc, all_members))
        elif found.group("struct") is not None:
            all_members = [
                Member(name, declaration, " ".join(comments))
                for whole, comments in members(found.group("struct"), ";")
                for name, declaration in split(whole)
            ]
            groups.append(Group("struct", found.group("name"), doc, all_members))
        elif found.group("opaque"):
            groups.append(Group("opaque", found.group("opaque"), "", []))
        else:
            declaration = re.sub(r"\s+", " ", found.group("function"))
            name = re.search(r"(\w+)\(", declaration).group(1)
            groups.append(Group("function", name, doc, [Member(name, declaration, doc)]))
        doc = ""
    return groups
