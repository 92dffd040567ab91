"""``read_blocks``: the blocks of an OSM PBF file, unpacked and taken apart, on all cores."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from walkshed.network.pbf_blobs import NotPlainError, each_block
from walkshed.network.pbf_kernels import (
    NAME_SLOT,
    RELATION_REFS,
    WAY_REFS,
    Listed,
    Nodes,
    dense_nodes,
    listed,
    members,
    parts,
)
from walkshed.network.surroundings import NODE_TAGS, WAY_KEYS
from walkshed.network.tagged import FILTER_KEYS, NAME_KEYS

KEYS = tuple(dict.fromkeys((*FILTER_KEYS, *WAY_KEYS, "bridge", "tunnel", "place", "type")))
"""All that is looked at of an object, besides its names."""
_SLOTS = {key.encode(): i for i, key in enumerate(KEYS)} | {
    key.encode(): NAME_SLOT + i for i, key in enumerate(NAME_KEYS)
}
KEY_OF = {slot: key.decode() for key, slot in _SLOTS.items()}
_TELLING = frozenset(value.encode() for _, value in NODE_TAGS)
_NODES, _DENSE, _WAYS, _RELATIONS = 1, 2, 3, 4


@dataclass
class Block:
    """What one block holds.

    Attributes
    ----------
    texts
        All texts in it; tags refer to them.
    time_s
        Seconds in a unit of time.
    nodes, ways, relations
        As read; a block may hold several lists of each.
    """

    texts: list[bytes]
    time_s: float
    nodes: list[Nodes] = field(default_factory=list)
    ways: list[Listed] = field(default_factory=list)
    relations: list[Listed] = field(default_factory=list)


def read_blocks(path: Path) -> Iterator[Block]:
    """Hand out the blocks of a file, in its order.

    Raises
    ------
    NotPlainError
        If it should be left to osmium.
    """
    return each_block(path, _block)


def _block(content: bytes) -> Block:
    data = np.frombuffer(content, dtype=np.uint8)
    plain, texts_at, groups, scale = parts(data)
    if not plain:
        raise NotPlainError
    texts = [content[begin:end] for begin, end in texts_at.tolist()]
    if any(0 in text for text in texts):
        raise NotPlainError
    slot = np.array([_SLOTS.get(text, -1) for text in texts], dtype=np.int32)
    telling = np.array([text in _TELLING for text in texts], dtype=np.bool_)
    block = Block(texts, scale[3] / 1000)
    for begin, end in groups.tolist():
        plain, found = members(data, begin, end)
        number = found[:, 0]
        if not plain or (number == _NODES).any():
            raise NotPlainError
        for at, stop in found[number == _DENSE, 1:].tolist():
            block.nodes.append(dense_nodes(data, at, stop, scale, slot, telling))
            if not block.nodes[-1].plain:
                raise NotPlainError
        for kind, refs, into in ((_WAYS, WAY_REFS, block.ways), (_RELATIONS, RELATION_REFS, block.relations)):
            if (number == kind).any():
                into.append(listed(data, found[number == kind, 1:], slot, refs))
                if not into[-1].plain:
                    raise NotPlainError
    return block
