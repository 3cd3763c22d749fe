"""The plan of kills: drawn from a seed, and tied to the progress of the run, never to the clock."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from types import MappingProxyType


class Step(StrEnum):
    """The kind of progress that is counted before a kill."""

    ACCEPTED = "accepted"
    HANDLED = "handled"


@dataclass(frozen=True, slots=True)
class Blow:
    """One kill: after `wave` submissions are sent, it waits for this many steps."""

    victim: str
    wave: int
    step: Step
    after: int


# The work of each victim: the first stages work while submissions arrive, the last ones while people decide.
BUSY_WITH: Mapping[str, tuple[Step, ...]] = MappingProxyType(
    {
        "intake": (Step.ACCEPTED,),
        "sanitiser": (Step.ACCEPTED,),
        "desk": (Step.HANDLED,),
        "triage": (Step.ACCEPTED, Step.HANDLED),
        "transfer": (Step.HANDLED,),
        "police": (Step.HANDLED,),
        "kafka": tuple(Step),
        "postgres": tuple(Step),
    }
)


@dataclass(frozen=True, slots=True)
class Plan:
    """One run: the number of submissions, and the kills in their order."""

    seed: int
    submissions: int
    blows: tuple[Blow, ...]


def draw_plan(seed: int, submissions: int, kills: Mapping[str, int]) -> Plan:
    """Return the plan of a seed: each victim `kills` times, in random order, with one wave for each kill."""
    dice = random.Random(seed)
    victims = [victim for victim, times in kills.items() for _ in range(times)]
    dice.shuffle(victims)
    cuts = [submissions * n // len(victims) for n in range(len(victims) + 1)]
    waves = [after - before for before, after in pairwise(cuts)]
    blows = tuple(_draw(dice, victim, wave) for victim, wave in zip(victims, waves, strict=True))
    return Plan(seed, submissions, blows)


def _draw(dice: random.Random, victim: str, wave: int) -> Blow:
    step = dice.choice(BUSY_WITH[victim])
    # Held submissions wait for a person, so a wave is never finished before the next one is sent.
    latest = wave - 1 if step is Step.ACCEPTED else wave // 2
    return Blow(victim, wave, step, dice.randint(1, max(latest, 1)))
