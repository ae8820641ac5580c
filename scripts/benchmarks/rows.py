"""The rows that the benchmarks measure, the same each time: members with text and JSON, embeddings, events."""

import json
import random

MEMBERS, EMBEDDINGS, EVENTS = 1_000_000, 200_000, 3_000_000
TABLES = ("community_members", "embeddings", "events")
SEED = 20261120
WORDS = (
    "river lantern copper meadow orbit thistle harbor velvet ember granite willow cipher anchor saffron tundra "
    "mosaic quarry beacon juniper cobalt drift fathom hollow ledger marble nectar opal prairie relic summit"
).split()


def members(source: random.Random):
    for i in range(1, MEMBERS + 1):
        words = source.choices(WORDS, k=26)
        about = json.dumps({"tags": words[:3], "score": source.randrange(10_000), "city": words[3].title()})
        yield i, f"{words[4]}.{words[5]}{i}@example.com", " ".join(words[6:8]).title(), " ".join(words), about


def blobs(source: random.Random):
    """Embeddings of 512 bytes."""
    for i in range(1, EMBEDDINGS + 1):
        yield i, i * 5, source.randbytes(512)


def vectors(source: random.Random):
    """Embeddings of 128 reals, in PostgreSQL's text form."""
    for i in range(1, EMBEDDINGS + 1):
        yield i, i * 5, "{" + ",".join("%.7g" % source.uniform(-1, 1) for _ in range(128)) + "}"


def events(source: random.Random):
    kinds = ("login", "view", "post", "like", "logout")
    for i in range(1, EVENTS + 1):
        yield i, source.randrange(1, MEMBERS + 1), kinds[i % 5], 1_700_000_000 + i * 7, source.random() * 100
