"""A binary heap, for kernels: which candidate comes next."""

from __future__ import annotations

from typing import NamedTuple

from walkshed.compiled import Floats, Indices, kernel


class Heap(NamedTuple):
    """Items by key; of equal keys the lower item comes first."""

    keys: Floats
    items: Indices


@kernel
def push(heap: Heap, size: int, key: float, item: int) -> int:
    """Put `item` on the heap, which must have room; tell its new size."""
    keys, items = heap.keys, heap.items
    i = size
    while i > 0:
        parent = (i - 1) >> 1
        if keys[parent] < key or (keys[parent] == key and items[parent] <= item):
            break
        keys[i], items[i] = keys[parent], items[parent]
        i = parent
    keys[i], items[i] = key, item
    return size + 1


@kernel
def pop(heap: Heap, size: int) -> tuple[float, int, int]:
    """Take the first of the heap off: its key, its item and the new size."""
    keys, items = heap.keys, heap.items
    key, item = keys[0], items[0]
    size -= 1
    last_key, last_item = keys[size], items[size]
    i = 0
    while True:
        child = 2 * i + 1
        if child >= size:
            break
        other = child + 1
        if other < size and (keys[other] < keys[child] or (keys[other] == keys[child] and items[other] < items[child])):
            child = other
        if last_key < keys[child] or (last_key == keys[child] and last_item <= items[child]):
            break
        keys[i], items[i] = keys[child], items[child]
        i = child
    keys[i], items[i] = last_key, last_item
    return key, item, size
