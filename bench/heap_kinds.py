"""What a page's heap consists of, from a snapshot of it: what a page keeps is told from what its browser compiles."""

from __future__ import annotations

from collections import Counter

from svodka.domain.codec import decode

_KINDS = {
    "code": "compiled code",
    "native": "the browser's own",
    "string": "text",
    "concatenated string": "text",
    "sliced string": "text",
}
_OTHER = "objects"


def read_kinds(snapshot: bytes) -> dict[str, int]:
    """Return bytes by kind.

    Args:
        snapshot: As `HeapProfiler.takeHeapSnapshot` gives it, JSON.

    Source: the snapshot's own `meta`: nodes are flat lists of numbers, `node_fields` says which is which.
    """
    told = decode(snapshot)
    meta, nodes = told["snapshot"]["meta"], told["nodes"]
    fields, names = meta["node_fields"], meta["node_types"][0]
    step, size_at = len(fields), fields.index("self_size")
    sizes: Counter[str] = Counter()
    for kind, size in zip(nodes[fields.index("type") :: step], nodes[size_at::step], strict=True):
        sizes[_KINDS.get(names[kind], _OTHER)] += size
    return dict(sizes)
