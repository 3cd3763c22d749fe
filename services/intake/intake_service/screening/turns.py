"""Takes items of several senders in turn (round robin), so that a busy sender delays only its own items."""

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
    """Waiting items by sender. The total size of each sender's items is limited."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._queues: dict[UUID, _Queue[T]] = {}  # in the order of their turns

    def add(self, sender: UUID, item: T, size: int) -> bool:
        """Add an item behind its sender's others; return False when too much of that sender waits already."""
        queue = self._queues.setdefault(sender, _Queue[T]())
        if queue.items and queue.size + size > self._most:
            return False
        queue.items.append((item, size))
        queue.size += size
        return True

    def take(self) -> T | None:
        """Return the first item of the next sender, or None. That sender then moves to the back."""
        if not self._queues:
            return None
        sender = next(iter(self._queues))
        queue = self._queues.pop(sender)
        item, size = queue.items.popleft()
        queue.size -= size
        if queue.items:
            self._queues[sender] = queue
        return item
