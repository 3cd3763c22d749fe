"""Group commit: while one transaction commits, new submissions queue and share the next one.

A lone submission is stored at once. Under load, one commit serves all submissions that arrived during the last one.
"""

import asyncio

from intake_service.submissions.domain import Accepted, OtherBodyError
from intake_service.submissions.usecases import SealedSubmission, accept_submissions
from pipeline_shared.runtime.work import Database, begin

MOST_TOGETHER = 100

Waiting = tuple[SealedSubmission, "asyncio.Future[Accepted | OtherBodyError]"]


class GroupCommit:
    """Stores submissions in order of arrival, several in one transaction when several wait."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: asyncio.Queue[Waiting] = asyncio.Queue()

    async def accept(self, submission: SealedSubmission) -> Accepted:
        """Return when the submission is durable; raise OtherBodyError or a database error."""
        answer: asyncio.Future[Accepted | OtherBodyError] = asyncio.get_running_loop().create_future()
        self._waiting.put_nowait((submission, answer))
        result = await answer
        if isinstance(result, OtherBodyError):
            raise result
        return result

    async def run(self, stop: asyncio.Event) -> None:
        """Store waiting submissions until `stop`. A service answers all its requests before it stops."""
        stopping = asyncio.create_task(stop.wait())
        while not stop.is_set():
            arriving = asyncio.create_task(self._waiting.get())
            await asyncio.wait((arriving, stopping), return_when=asyncio.FIRST_COMPLETED)
            if arriving.done():
                await self._store([arriving.result(), *self._rest()])
            else:
                arriving.cancel()
        stopping.cancel()

    def _rest(self) -> list[Waiting]:
        return [self._waiting.get_nowait() for _ in range(min(self._waiting.qsize(), MOST_TOGETHER - 1))]

    async def _store(self, batch: list[Waiting]) -> None:
        try:
            async with begin(self._database) as work:
                results = await accept_submissions(work, [submission for submission, _ in batch])
        except Exception as error:  # noqa: BLE001 - each request answers for itself
            for _, answer in batch:
                if not answer.done():
                    answer.set_exception(error)
            return
        for (_, answer), result in zip(batch, results, strict=True):
            if not answer.done():  # done if the client has disconnected: its retry will find the stored submission
                answer.set_result(result)
