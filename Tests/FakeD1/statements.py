"""Cuts SQL into statements: rightly, and as /query does."""

import re
import sqlite3

# What a semicolon has no meaning in, and the semicolon.
TOKEN = re.compile(
    r"""'[^']*(?:'|\Z)|"[^"]*(?:"|\Z)|`[^`]*(?:`|\Z)|\[[^\]]*(?:\]|\Z)|--[^\n]*|/\*.*?(?:\*/|\Z)|;""", re.S)
BLANK = re.compile(r"(?:\s|--[^\n]*(?:\n|\Z)|/\*.*?(?:\*/|\Z)|;)*", re.S)
# What may be a trigger: only there may a statement hold semicolons.
MAY_BE_TRIGGER = re.compile(r"(?:create|explain)\b", re.I)


def is_blank(sql):
    return BLANK.fullmatch(sql) is not None


def split(sql):
    """Statements with their semicolons, as SQLite reads them; what is blank is left out."""
    found, start = [], 0
    for token in TOKEN.finditer(sql):
        if token.group() != ";":
            continue
        piece = sql[start:token.end()]
        head = BLANK.match(piece).end()
        if MAY_BE_TRIGGER.match(piece, head) and "\0" not in piece and not sqlite3.complete_statement(piece):
            continue
        found.append(piece)
        start = token.end()
    found.append(sql[start:])
    return [piece for piece in found if not is_blank(piece)]


def split_as_query(sql, cutting):
    """cutting: "never", "known" or "always": see query_cuts_triggers."""
    found = []
    for piece in split(sql):
        found += cut_at_every_semicolon(piece) if is_cut(piece, cutting) else [piece]
    return found


def is_cut(piece, cutting):
    head = BLANK.match(piece).end()
    if cutting == "never" or not re.match(r"create\s+trigger\b", piece[head:], re.I):
        return False
    body = TOKEN.sub(lambda token: ";" if token.group() == ";" else " ", piece)
    if cutting == "always" or "\r" in piece or not re.search(r"\bBEGIN\b", body):
        return True
    return len(re.findall(r"\bEND\s*;", body, re.I)) > 1


def cut_at_every_semicolon(sql):
    found, start = [], 0
    for token in TOKEN.finditer(sql):
        if token.group() == ";":
            found.append(sql[start:token.end()])
            start = token.end()
    found.append(sql[start:])
    return [piece for piece in found if not is_blank(piece)]
