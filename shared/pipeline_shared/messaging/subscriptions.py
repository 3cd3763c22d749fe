"""The rows of a service's table of subscriptions: topic, reader, use case.

The type checker compares the topic and the use case of each row: a use case for another topic is a type error. The
parts of a prepared use case must fit as well: the effect must take the items that the preparation returns.
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
    """A use case with slow preparation: the preparation runs before the transaction begins, once for each event.

    `prepare` returns one item for each event, in the same order. `effect` gets the items of the new events.
    """

    def __init__(self, prepare: Prepare[E_contra, Item], effect: Effect[Item]) -> None:
        self.prepare: Prepare[E_contra, Any] = prepare
        self.effect: Effect[Any] = effect


UseCase = Effect[E] | Prepared[E]


class Subscription:
    """One row of a service's table.

    The class has no type parameter of its own: the declared type of a table would set it to Any, and nothing would be
    checked.
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
        """Connect a use case to a topic.

        Every batch waits for `until_ready`, which raises StoppedError at a stop. `afterwards` is called after the
        commit of a batch.
        """
        self.topic: Topic[Any] = topic
        self.reader = reader
        self.use_case: UseCase[Any] = use_case
        self.max_records = max_records
        self.until_ready = until_ready
        self.afterwards = afterwards

    @property
    def stage(self) -> str:
        """Return the name in metrics and readiness: the topic, and the step if there is one."""
        return f"{self.topic.name}:{self.reader.step}" if self.reader.step else self.topic.name
