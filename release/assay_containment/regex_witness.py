"""Texts that match some patterns and not others: found, or proved not to exist."""

from __future__ import annotations

from collections import deque
from functools import lru_cache
from itertools import pairwise

from assay_containment.patterns import Automaton, automaton

MOST_STATES = 6_000
LONGEST_COUNTED = 400
PLEASANT = [ord(letter) for letter in "axbyz0195AZ_-. @"]


class TooLarge(ValueError):
    """More states than are looked at."""


@lru_cache(maxsize=16_384)
def text(musts: frozenset[str], nots: frozenset[str] = frozenset(), least: int = 0, most: int | None = None) -> str | None:
    """The shortest text that every pattern of the first matches and none of the second, of such a length; None when there is none.

    Raises Unread for a pattern that is not read here and TooLarge when the search was given up.
    """
    if most is not None and least > most:
        return None
    wanted = [automaton(pattern) for pattern in sorted(musts)]
    refused = [automaton(pattern) for pattern in sorted(nots)]
    everyone = wanted + refused
    letters = _letters(everyone)
    begin = tuple(machine.begin() for machine in everyone)
    if most is not None and most > LONGEST_COUNTED:
        most = None  # More texts than asked about: a None stays a proof, and whoever takes a text checks it.
    seen = {(begin, 0)}
    waiting: deque[tuple[tuple[frozenset[int], ...], int, str]] = deque([(begin, 0, "")])
    steps: dict[tuple[tuple[frozenset[int], ...], int], tuple[frozenset[int], ...]] = {}
    while waiting:
        states, length, so_far = waiting.popleft()
        if length >= least and _right(states, wanted, refused):
            return so_far
        if most is not None and length >= most:
            continue
        for letter in letters:
            key = (states, letter)
            if key not in steps:
                steps[key] = tuple(machine.step(state, letter) for machine, state in zip(everyone, states, strict=True))
            following = steps[key]
            if any(not state for state in following[: len(wanted)]):
                continue
            # Past the least length only the states matter, unless there is a greatest one.
            counted = length + 1 if most is not None else min(length + 1, least)
            if (following, counted) not in seen:
                if len(seen) > MOST_STATES:
                    raise TooLarge("the patterns have too many states")
                seen.add((following, counted))
                waiting.append((following, counted if most is None else length + 1, so_far + chr(letter)))
    return None


def _right(states: tuple[frozenset[int], ...], wanted: list[Automaton], refused: list[Automaton]) -> bool:
    count = len(wanted)
    return all(machine.accepts(state) for machine, state in zip(wanted, states[:count], strict=True)) and not any(
        machine.accepts(state) for machine, state in zip(refused, states[count:], strict=True)
    )


def _letters(everyone: list[Automaton]) -> list[int]:
    """One letter of each kind that the automata tell apart."""
    cuts = {0, 0xD800, 0xE000, 0x110000}
    for machine in everyone:
        for edges in machine.edges:
            for ranges, _ in edges:
                for low, high in ranges:
                    cuts.update((low, high + 1))
    ordered = sorted(cut for cut in cuts if cut <= 0x110000)
    found: list[int] = []
    for low, following in pairwise(ordered):
        if low == 0xD800:
            continue
        found.append(
            next(
                (letter for letter in PLEASANT if low <= letter < following),
                next((letter for letter in range(33, 127) if low <= letter < following), low),
            )
        )
    kinds: dict[tuple[bool, ...], int] = {}
    spans = [ranges for machine in everyone for edges in machine.edges for ranges, _ in edges]
    for letter in sorted(found, key=lambda letter: (PLEASANT.index(letter) if letter in PLEASANT else 99, letter)):
        kinds.setdefault(tuple(any(low <= letter <= high for low, high in ranges) for ranges in spans), letter)
    return list(kinds.values())
