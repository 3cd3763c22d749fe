"""The rows of a service's table of subscriptions: topic, reader, use case.

The type checker compares each row's topic and use case: another topic's use case is a type error. So is a prepared use
case whose parts do not fit: the effect must take the items that the preparation returns.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Generic, TypeVar

from pipeline_shared.language.events import Event
from pipeline_shared.messaging.topics import Reader, Topic
from pipeline_shared.runtime.work import Work

E = TypeVar("E", bound=Event)
E_contra = TypeVar("E_contra", bound=Event, contravariant=True)
Item = TypeVar("Item")

Prepare = Callable[[Sequence[E_contra]], Awaitable[Sequence[Item]]]
Effect = Callable[[Work, Sequence[Item]], Awaitable[None]]
Gate = Callable[[asyncio.Event], Awaitable[None]]


class Prepared(Generic[E_contra]):
    """A use case that has to wait for something: it does so before its transaction begins, once for each event.

    `prepare` returns one item for each event, in the same order; `effect` gets the items of the events that are new.
    """

    def __init__(self, prepare: Prepare[E_contra, Item], effect: Effect[Item]) -> None:
        self.prepare: Prepare[E_contra, Any] = prepare
        self.effect: Effect[Any] = effect


UseCase = Effect[E] | Prepared[E]


class Subscription:
    """One row of a service's table.

    It has no type parameter of its own: a table's declared type would fill one with Any, and nothing would be checked.
    """

    def __init__(
        self,
        topic: Topic[E],
        reader: Reader,
        use_case: UseCase[E],
        *,
        max_records: int = 500,
        until_ready: Gate | None = None,
        afterwards: Callable[[], None] | None = None,
    ) -> None:
        """Tie a use case to a topic.

        Every batch waits for `until_ready`, which raises StoppedError at a stop; `afterwards` is called when a batch
        has been committed.
        """
        self.topic: Topic[Any] = topic
        self.reader = reader
        self.use_case: UseCase[Any] = use_case
        self.max_records = max_records
        self.until_ready = until_ready
        self.afterwards = afterwards

    @property
    def stage(self) -> str:
        """Return how metrics and readiness call it: by its topic, and by its step if it has one."""
        return f"{self.topic.name}:{self.reader.step}" if self.reader.step else self.topic.name
