"""Waiting in turn: whoever sends much waits behind its own, never in front of everybody else's (round robin)."""

from collections import deque
from dataclasses import dataclass, field
from typing import Generic, TypeVar
from uuid import UUID

T = TypeVar("T")


@dataclass(slots=True)
class _Queue(Generic[T]):
    items: deque[tuple[T, int]] = field(default_factory=deque[tuple[T, int]])
    size: int = 0


class Turns(Generic[T]):
    """What waits, by sender; of each sender things of a bounded size together."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._queues: dict[UUID, _Queue[T]] = {}  # in the order of their turns

    def add(self, sender: UUID, item: T, size: int) -> bool:
        """Let an item wait behind its sender's others; return False when too much of that sender waits already."""
        queue = self._queues.setdefault(sender, _Queue[T]())
        if queue.items and queue.size + size > self._most:
            return False
        queue.items.append((item, size))
        queue.size += size
        return True

    def take(self) -> T | None:
        """Return the first item of the sender whose turn it is, or None; its next turn is behind all others'."""
        if not self._queues:
            return None
        sender = next(iter(self._queues))
        queue = self._queues.pop(sender)
        item, size = queue.items.popleft()
        queue.size -= size
        if queue.items:
            self._queues[sender] = queue
        return item
