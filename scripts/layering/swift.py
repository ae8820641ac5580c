"""Reads a Swift file as text: what it declares that other folders could use, and the names that it uses."""

import collections
import re

TYPES = {"struct", "class", "enum", "protocol", "actor", "typealias"}
MEMBERS = {"func", "var", "let", "case"}
MODIFIERS = {
    "package", "public", "internal", "private", "fileprivate", "open", "final", "indirect", "static", "class", "mutating",
    "nonmutating", "nonisolated", "unsafe", "override", "convenience", "required", "lazy", "weak", "unowned", "set",
    "isolated", "consuming", "borrowing", "dynamic", "optional", "distributed", "prefix", "postfix", "infix",
}

# The standard library's and Foundation's: an extension may add to them, and a use does not tell which one is meant.
STANDARD = set(
    "append contains count description dropFirst dropLast filter first flatMap formatted hasPrefix hasSuffix index insert"
    " isEmpty joined last load lines map max min open close prefix read reduce remove replacing send sorted split start"
    " store string suffix text trimmed values write".split()
)


def code_of(text):
    """The text without comments and without what string literals say; the code in their interpolations stays."""
    out = []
    at = 0
    # What ends the code that is being read: one entry per open interpolation, the delimiter of its literal.
    literals = []
    parentheses = []
    opening = re.compile(r'(#*)("""|")')

    def skip_literal(at, hashes, quote):
        """From within a literal to its end, or to the beginning of an interpolation."""
        escape = "\\" + hashes
        while at < len(text):
            if text.startswith(quote + hashes, at):
                return at + len(quote + hashes), False
            if text.startswith(escape + "(", at):
                return at + len(escape) + 1, True
            at += len(escape) + 1 if text.startswith(escape, at) else 1
        return at, False

    while at < len(text):
        if text.startswith("//", at):
            end = text.find("\n", at)
            at = len(text) if end < 0 else end
        elif text.startswith("/*", at):
            depth, at = 1, at + 2
            while depth and at < len(text):
                mark = text[at : at + 2]
                depth += {"/*": 1, "*/": -1}.get(mark, 0)
                at += 2 if mark in ("/*", "*/") else 1
        elif literal := opening.match(text, at):
            at, is_interpolation = skip_literal(literal.end(), *literal.groups())
            out.append(" ( " if is_interpolation else " 0 ")
            if is_interpolation:
                literals.append(literal.groups())
                parentheses.append(0)
        elif literals and text[at] == ")" and parentheses[-1] == 0:
            at, is_interpolation = skip_literal(at + 1, *literals[-1])
            out.append(" , " if is_interpolation else " ) ")
            if not is_interpolation:
                literals.pop()
                parentheses.pop()
        else:
            if literals:
                parentheses[-1] += {"(": 1, ")": -1}.get(text[at], 0)
            out.append(text[at])
            at += 1
    return "".join(out)


TOKEN = re.compile(r"`?[A-Za-z_]\w*`?|[{}()<>:,.=\[\]@]|\S")


class Source:
    """One file: what it declares that other folders could use, and the words that it uses."""

    def __init__(self, path, folder):
        self.path = path
        self.folder = folder
        text = path.read_text(encoding="utf-8")
        self.tokens = [token.strip("`") for token in TOKEN.findall(code_of(text))]
        self.imports = set(re.findall(r"^(?:@\w+ )*import (?:\w+ )?(\w+)", text, re.MULTILINE))
        self.top = set()  # names at the top level
        self.members = []  # (extended type, name, the protocols that the extension adds)
        self.initializers = []  # (extended type, first label)
        self.named = collections.Counter()  # every name that is declared anywhere in the file
        self.own = set()  # names that mean something of this file's own: nested types, generic parameters
        self.extended = set()
        self.read_declarations()
        self.read_uses()

    def is_private(self, index):
        """Whether the modifiers before a keyword make what it declares this file's own."""
        index -= 1
        while index >= 0 and (self.tokens[index] in MODIFIERS or self.tokens[index] in "()"):
            if self.tokens[index] in ("private", "fileprivate") and self.tokens[index + 1] != "(":
                return True
            index -= 1
        return False

    def read_declarations(self):
        tokens = self.tokens
        scopes = []  # what each open brace belongs to: None, or (kind, name, protocols)
        pending = None
        round_depth = 0
        for index, token in enumerate(tokens):
            before = tokens[index - 1] if index else ""
            after = tokens[index + 1] if index + 1 < len(tokens) else ""
            if token == "{":
                scopes.append(pending)
                pending = None
            elif token == "}":
                if scopes:
                    scopes.pop()
            elif token in "()":
                round_depth += 1 if token == "(" else -1
            elif before == "." or not re.match(r"[A-Za-z_]", after):
                if token == "init" and before != "." and after in ("(", "<", "?"):
                    self.read_initializer(index, scopes)
            elif token == "extension":
                pending = self.read_extension(index)
            elif token in TYPES and after not in TYPES | MEMBERS and after not in MODIFIERS:
                self.declare(after, index, scopes, is_type=True)
                self.read_generics(index + 2)
                if token != "typealias":
                    pending = ("type", after, ())
            elif token == "associatedtype":
                self.own.add(after)
            elif token in MEMBERS:
                for name in self.cases(index, scopes) if token == "case" else [after]:
                    self.declare(name, index, scopes, is_type=False)
                if token == "func":
                    self.read_generics(index + 2)

    def declare(self, name, index, scopes, is_type):
        self.named[name] += 1
        if not scopes:
            if self.is_private(index):
                self.own.add(name)
            else:
                self.top.add(name)
            return
        if is_type:
            self.own.add(name)
        scope = scopes[-1]
        if len(scopes) == 1 and scope and scope[0] == "extension" and not self.is_private(index):
            self.members.append((scope[1], name, scope[2]))

    def cases(self, index, scopes):
        """The names after `case`: several in an enum, where commas part them."""
        names = [self.tokens[index + 1]]
        if not scopes or scopes[-1] is None:
            return names
        depth = 0
        for at in range(index + 2, len(self.tokens) - 1):
            token = self.tokens[at]
            depth += {"(": 1, ")": -1}.get(token, 0)
            if depth == 0 and token == ",":
                names.append(self.tokens[at + 1])
            elif depth == 0 and token not in ("(", ")") and self.tokens[at - 1] != ",":
                break
        return names

    def read_extension(self, index):
        name = self.tokens[index + 1]
        at = index + 2
        while at + 1 < len(self.tokens) and self.tokens[at] == ".":
            name = self.tokens[at + 1]
            at += 2
        protocols = []
        while at < len(self.tokens) and self.tokens[at] not in ("{", "where"):
            if re.match(r"[A-Z]", self.tokens[at]):
                protocols.append(self.tokens[at])
            at += 1
        self.extended.add(name)
        return None if self.is_private(index) else ("extension", name, tuple(protocols))

    def read_initializer(self, index, scopes):
        scope = scopes[-1] if scopes else None
        if len(scopes) != 1 or not scope:
            return
        at = self.tokens.index("(", index)
        label = self.tokens[at + 1] if at + 1 < len(self.tokens) else ")"
        own = scope[0] == "extension" and not self.is_private(index)
        self.initializers.append((scope[1], label, own))

    def read_generics(self, at):
        if at >= len(self.tokens) or self.tokens[at] != "<":
            return
        while at < len(self.tokens) and self.tokens[at] != ">":
            if self.tokens[at] in ("<", ",") and at + 1 < len(self.tokens):
                self.own.add(self.tokens[at + 1])
            at += 1

    def read_uses(self):
        self.words = set()  # used by themselves
        self.dotted = set()  # used after a dot
        self.calls = set()  # (type, first label)
        for index, token in enumerate(self.tokens):
            if not re.match(r"[A-Za-z_]", token):
                continue
            before = self.tokens[index - 1] if index else ""
            after = self.tokens[index + 1 : index + 4]
            if before == ".":
                self.dotted.add(token)
            elif before not in TYPES | MEMBERS and (not after or after[0] != ":" or token[0].isupper()):
                self.words.add(token)
            if len(after) == 3 and after[0] == "(" and after[2] == ":":
                self.calls.add((token, after[1]))
            elif len(after) == 3 and after[0] == "(":
                self.calls.add((token, "_"))
            # `Module.Type`
            if before == "." and index > 1 and self.tokens[index - 2] in self.imports:
                self.words.add(token)
