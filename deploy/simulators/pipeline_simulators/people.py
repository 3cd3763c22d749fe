"""Plays the people on the real pages: officers acknowledge flags and decide cases, the source desk reviews.

Officers follow the recommendation on each page; where it says only that a person looks, they record the case. The
source desk reads each held submission, answers that each question is about the source's side, deletes the values that
the page still reports, and releases. If a subject could lead to the source, it keeps the submission.
"""

import asyncio
import random
import re
import ssl
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus

from pipeline_simulators.browsing import Browser, LostAnswerError, Page

OFFICERS = ("officer-1", "officer-2")
SOURCE_DESK = "desk-1"
IDLE_SECONDS = 0.2
WORDS_A_MINUTE, SECONDS_A_QUESTION = 230, 1.63  # a person's pace, for the time that the played readers stand for
LEFT_OUT = "[SOURCE]"
MOST_TRIES = 3
RELEASED_BECAUSE = "Took out what named or showed the source; many people could have told this."
TAKEN_OUT = {"name": "source_side", "identifier": "source_side", "telling": "take_out"}
KEPT = {"name": "somebody_else", "identifier": "somebody_else", "telling": "leave"}

REASONS = {
    "record": (
        "Necessary and proportionate to prevent crime; no less intrusive way would do.",
        "Protects a person at risk; limited to what is needed for that.",
        "Adds to what is known of the place and is limited to those involved.",
    ),
    "not_record": ("Nothing in it can be acted on, so keeping it would not be proportionate.",),
    "other_route": ("Those who can act at once should have it first.",),
}
NOT_RECORDED_BECAUSE = "not_proportionate"
OpenBrowser = Callable[[str, str, ssl.SSLContext | None], Browser]  # site, person, whom to trust
HELD_ROW = re.compile(r'data-held="([0-9a-f-]{36})"(.*?)</tr>', re.DOTALL)


@dataclass(slots=True)
class Played:
    """The counts of what the people have done so far; `failures` counts requests without an answer, at the end.

    `words` and `questions` are those of the narratives and pages that the source desk released or kept.
    """

    decided: Counter[str] = field(default_factory=Counter[str])
    acknowledged: int = 0
    released: int = 0
    kept: int = 0
    words: int = 0
    questions: int = 0
    others_were_first: int = 0
    failures: int = 0

    @property
    def reading_seconds(self) -> float:
        """Return how long a person would have needed at the source desk."""
        return self.words * 60 / WORDS_A_MINUTE + self.questions * SECONDS_A_QUESTION


class Desk:
    """Several people who work through the list of one site until they are stopped."""

    def __init__(self, browsers: Sequence[Browser], list_path: str, *, concurrency: int) -> None:
        self._browsers = browsers
        self._list_path = list_path
        self._concurrency = concurrency
        self._done: set[str] = set()

    async def walk(
        self,
        listed: Callable[[str], list[str]],
        handle: Callable[[Browser, str], Awaitable[bool]],
        stop: asyncio.Event,
    ) -> None:
        """Handle every page on the list, again and again. A page is not opened again once `handle` returns True."""
        while not stop.is_set():
            page = await self._browsers[0].read(self._list_path)
            waiting = [found for found in listed(page.text) if found not in self._done]
            if not waiting:
                await asyncio.sleep(IDLE_SECONDS)
            for at in range(0, len(waiting), self._concurrency):
                batch = waiting[at : at + self._concurrency]
                handled = await asyncio.gather(*(self._handle(handle, n, found) for n, found in enumerate(batch)))
                self._done.update(found for found, done in zip(batch, handled, strict=True) if done)

    async def _handle(self, handle: Callable[[Browser, str], Awaitable[bool]], n: int, found: str) -> bool:
        try:
            return await handle(self._browsers[n % len(self._browsers)], found)
        except LostAnswerError:
            return False  # the page will show whether the form had its effect


async def play(
    triage: str,
    desk: str,
    *,
    stop: asyncio.Event,
    played: Played,
    concurrency: int = 4,
    tls: ssl.SSLContext | None = None,
    open_browser: OpenBrowser = Browser,
) -> None:
    """Play officers and source desk until `stop`; `played` counts their acts, `tls` says whom to trust."""
    officers = _Officers(played)
    review = _Reviewer(played)
    async with (
        open_browser(triage, OFFICERS[0], tls) as one,
        open_browser(triage, OFFICERS[1], tls) as two,
        open_browser(desk, SOURCE_DESK, tls) as reviewer,
    ):
        triage_desk = Desk((one, two), "/queue?state=waiting", concurrency=concurrency)
        safety_desk = Desk((one,), "/flags", concurrency=1)
        source_desk = Desk((reviewer,), "/held", concurrency=concurrency)
        await asyncio.gather(
            safety_desk.walk(_open_flags, officers.acknowledge, stop),
            triage_desk.walk(_waiting_cases, officers.decide, stop),
            source_desk.walk(_held_submissions, review.review, stop),
        )
        played.failures += sum(browser.failures for browser in (one, two, reviewer))


def _waiting_cases(text: str) -> list[str]:
    return [marks["data-case"] for marks in Page.read(text).marked if "data-case" in marks]


def _open_flags(text: str) -> list[str]:
    return [
        marks["data-flag"] for marks in Page.read(text).marked if "data-flag" in marks and not marks.get("data-owner")
    ]


def _held_submissions(text: str) -> list[str]:
    return [ref for ref, row in HELD_ROW.findall(text) if "Kept held" not in row]


class _Officers:
    """Acknowledges safety flags, and decides cases as their pages recommend."""

    def __init__(self, played: Played) -> None:
        self._played = played
        self._dice = random.Random(1)  # noqa: S311 - which of a few reasons is typed

    async def acknowledge(self, browser: Browser, flag_id: str) -> bool:
        """Read a flag and acknowledge it; return whether it has an owner now."""
        page = Page.read((await browser.read(f"/flags/{flag_id}")).text)
        if page.first("data-owner").get("data-owner"):
            return True
        sent = await browser.send(f"/flags/{flag_id}/acknowledge", {"csrf": page.fields["csrf"]})
        self._played.acknowledged += sent.status == HTTPStatus.SEE_OTHER
        return sent.status in {HTTPStatus.SEE_OTHER, HTTPStatus.CONFLICT}

    async def decide(self, browser: Browser, case_id: str) -> bool:
        """Read a case and decide it; return whether it is decided now."""
        answer = await browser.read(f"/cases/{case_id}")
        page = Page.read(answer.text)
        case = page.first("data-recommended")
        if answer.status != HTTPStatus.OK or case.get("data-state") != "waiting":
            return answer.status == HTTPStatus.OK
        outcome = case["data-recommended"]
        outcome = outcome if outcome in REASONS else "record"
        sent = await browser.send(
            f"/cases/{case_id}/decision", self._verdict(page, outcome, case.get("data-route", ""))
        )
        if sent.status == HTTPStatus.SEE_OTHER:
            self._played.decided[outcome] += 1
        self._played.others_were_first += sent.status == HTTPStatus.CONFLICT
        return sent.status in {HTTPStatus.SEE_OTHER, HTTPStatus.CONFLICT}

    def _verdict(self, page: Page, outcome: str, route: str) -> dict[str, str]:
        fields = {"csrf": page.fields["csrf"], "version": page.fields["version"], "outcome": outcome}
        fields |= {"route": route} if outcome == "other_route" else {}
        fields |= {"reason_code": NOT_RECORDED_BECAUSE} if outcome == "not_record" else {}
        return {**fields, "reason": self._dice.choice(REASONS[outcome])}


class _Reviewer:
    """Reviews held submissions."""

    def __init__(self, played: Played) -> None:
        self._played = played
        self._tries: Counter[str] = Counter()

    async def review(self, browser: Browser, submission_ref: str) -> bool:
        """Read a held submission and release it without its leaks, or keep it; return whether that is done."""
        answer = await browser.read(f"/held/{submission_ref}")
        if answer.status != HTTPStatus.OK:
            return answer.status == HTTPStatus.NOT_FOUND
        page = Page.read(answer.text)
        words, decisions = len(page.fields["narrative"].split()), answers_on(page)
        if not await self._end(browser, submission_ref, page, decisions):
            return False
        self._played.words += words
        self._played.questions += len(decisions)
        return True

    async def _end(self, browser: Browser, submission_ref: str, page: Page, decisions: dict[str, str]) -> bool:
        """Release what the answers leave; take out what the page then still reports, and release that, or keep it."""
        fields = page.fields
        for _ in range(2):
            fields |= decisions | {"reason": RELEASED_BECAUSE}
            sent = await browser.send(f"/held/{submission_ref}/release", fields)
            if sent.status == HTTPStatus.SEE_OTHER:
                self._played.released += 1
                return True
            page = Page.read(sent.text)
            if any(_names_a_subject(path) for path, _ in _left_over(page)):
                return await self._keep(browser, submission_ref, page)
            fields = _without_left_over(page)
        self._tries[submission_ref] += 1  # on a busy machine the software may not have read it in time: try again
        return self._tries[submission_ref] == MOST_TRIES and await self._keep(browser, submission_ref, page)

    async def _keep(self, browser: Browser, submission_ref: str, page: Page) -> bool:
        fields = {"csrf": page.fields["csrf"], "version": page.fields["version"]}
        fields["reason"] = "A subject could lead to the source; it needs the source's consent first."
        sent = await browser.send(f"/held/{submission_ref}/hold", fields)
        self._played.kept += sent.status == HTTPStatus.SEE_OTHER
        return sent.status in {HTTPStatus.SEE_OTHER, HTTPStatus.CONFLICT}


def answers_on(page: Page, *, keep: bool = False) -> dict[str, str]:
    """Return the fields that answer each question on a review page: everything is taken out, or everything is kept."""
    answers = KEPT if keep else TAKEN_OUT
    return {
        f"decide.{marks['data-question']}": answers[marks["data-kind"]]
        for marks in page.marked
        if "data-question" in marks
    }


def _left_over(page: Page) -> list[tuple[str, str]]:
    return [(marks["data-left-over"], marks["data-value"]) for marks in page.marked if "data-left-over" in marks]


def _without_left_over(page: Page) -> dict[str, str]:
    """Return the fields of a page, without the values that it reports as still in them."""
    fields = dict(page.fields)
    for path, value in _left_over(page):
        fields[path] = _without(fields.get(path, ""), value)
    return fields


def _names_a_subject(path: str) -> bool:
    return path.startswith("subjects.") and path.endswith((".name", ".also_known_as", ".registration", ".number"))


def _without(text: str, value: str) -> str:
    """Return the text without the word that contains a value, even inside a longer word."""
    letters = r"[\W_]*".join(map(re.escape, filter(str.isalnum, value)))
    return re.sub(rf"\w*{letters}\w*", LEFT_OUT, text, flags=re.IGNORECASE)
