"""Patterns read as automata: the part of ECMA 262 that names a regular language.

A text is read between two marks, one before it and one after it. Then `^` and `$` are letters as any other, and searching
is matching anything, the pattern, anything. Look-around, back references and word boundaries are not read: Unread.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

START, END = 0x110000, 0x110001
ANY_TEXT = ((0, 0xD7FF), (0xE000, 0x10FFFF))
DIGIT = ((48, 57),)
WORD = ((48, 57), (65, 90), (95, 95), (97, 122))
SPACE = (
    (9, 13),
    (32, 32),
    (160, 160),
    (5760, 5760),
    (8192, 8202),
    (8232, 8233),
    (8239, 8239),
    (8287, 8287),
    (12288, 12288),
    (65279, 65279),
)
LINE_ENDS = ((10, 10), (13, 13), (8232, 8233))
ESCAPED = {"t": 9, "n": 10, "v": 11, "f": 12, "r": 13, "0": 0}
MOST_COPIES = 300

Ranges = tuple[tuple[int, int], ...]


class Unread(ValueError):
    """A pattern outside of the part that is read here."""


@dataclass(slots=True)
class Automaton:
    """States with edges on ranges of characters, and edges on nothing."""

    edges: list[list[tuple[Ranges, int]]] = field(default_factory=list[list[tuple[Ranges, int]]])
    free: list[list[int]] = field(default_factory=list[list[int]])
    start: int = 0
    end: int = 0

    def state(self) -> int:
        """One more state."""
        self.edges.append([])
        self.free.append([])
        return len(self.edges) - 1

    def closure(self, states: frozenset[int]) -> frozenset[int]:
        """All states reached on nothing."""
        reached, waiting = set(states), list(states)
        while waiting:
            for state in self.free[waiting.pop()]:
                if state not in reached:
                    reached.add(state)
                    waiting.append(state)
        return frozenset(reached)

    def step(self, states: frozenset[int], character: int) -> frozenset[int]:
        """All states after a character."""
        reached = {to for state in states for ranges, to in self.edges[state] if any(low <= character <= high for low, high in ranges)}
        return self.closure(frozenset(reached))

    def begin(self) -> frozenset[int]:
        """The states before the text, its opening mark read."""
        return self.step(self.closure(frozenset({self.start})), START)

    def accepts(self, states: frozenset[int]) -> bool:
        """Whether the text may end in these states."""
        return self.end in self.step(states, END)


@lru_cache(maxsize=4096)
def automaton(pattern: str) -> Automaton:
    """The automaton of a pattern, searched for in a text between marks."""
    built = Automaton()
    reader = _Reader(pattern, built)
    inner = reader.alternatives()
    if reader.at < len(pattern):
        raise Unread(f"{pattern} has a parenthesis too many")
    built.start, built.end = built.state(), built.state()
    everything = (*ANY_TEXT, (START, END))
    for state in (built.start, built.end):
        built.edges[state].append((everything, state))
    built.free[built.start].append(inner[0])
    built.free[inner[1]].append(built.end)
    return built


@lru_cache(maxsize=4096)
def matches(pattern: str, text: str) -> bool:
    """Whether a pattern is found in a text."""
    built = automaton(pattern)
    states = built.begin()
    for character in text:
        states = built.step(states, ord(character))
    return built.accepts(states)


class _Reader:
    """Reads a pattern from left to right into pieces of an automaton, each from a first to a last state."""

    def __init__(self, pattern: str, automaton: Automaton) -> None:
        self.pattern, self.automaton, self.at = pattern, automaton, 0

    def peek(self) -> str:
        return self.pattern[self.at] if self.at < len(self.pattern) else ""

    def take(self) -> str:
        character = self.peek()
        if not character:
            raise Unread(f"{self.pattern} ends too early")
        self.at += 1
        return character

    def alternatives(self) -> tuple[int, int]:
        first, last = self.automaton.state(), self.automaton.state()
        while True:
            begin, end = self.sequence()
            self.automaton.free[first].append(begin)
            self.automaton.free[end].append(last)
            if self.peek() != "|":
                return first, last
            self.take()

    def sequence(self) -> tuple[int, int]:
        first = last = self.automaton.state()
        previous = ""
        while self.peek() not in ("", "|", ")"):
            begin_at = self.at
            piece = self.pattern[self.at]
            if piece in "^$" and previous == piece:
                self.take()  # The same mark twice is the same place.
                continue
            previous = piece if piece in "^$" else ""
            begin, end = self.atom()
            begin, end = self.repeated(begin, end, begin_at)
            self.automaton.free[last].append(begin)
            last = end
        return first, last

    def repeated(self, begin: int, end: int, begin_at: int) -> tuple[int, int]:
        text_end = self.at
        sign = self.peek()
        if not sign or sign not in "*+?{":
            return begin, end
        if sign == "{":
            bounds = self.counted()
            if bounds is None:
                return begin, end
            least, most = bounds
        else:
            self.take()
            least, most = {"*": (0, None), "+": (1, None), "?": (0, 1)}[sign]
        if self.peek() == "?":
            self.take()
        if self.peek() in ("*", "+", "{"):
            raise Unread(f"{self.pattern} repeats a repetition")
        if self.pattern[begin_at] in "^$" or (most or least) > MOST_COPIES:
            raise Unread(f"{self.pattern} repeats a mark, or too often")
        after = self.at
        first = last = self.automaton.state()
        copies = least if most is None else most
        for copy in range(copies):
            before = last
            self.at = begin_at
            inner_begin, inner_end = self.atom()
            self.automaton.free[last].append(inner_begin)
            joint = self.automaton.state()
            self.automaton.free[inner_end].append(joint)
            if copy >= least:
                self.automaton.free[before].append(joint)
            last = joint
        if most is None:
            self.at = begin_at
            inner_begin, inner_end = self.atom()
            loop = self.automaton.state()
            self.automaton.free[last].append(loop)
            self.automaton.free[loop].append(inner_begin)
            self.automaton.free[inner_end].append(loop)
            last = loop
        assert text_end <= after
        self.at = after
        return first, last

    def counted(self) -> tuple[int, int | None] | None:
        close = self.pattern.find("}", self.at)
        inside = self.pattern[self.at + 1 : close] if close > 0 else "?"
        least, comma, most = inside.partition(",")
        if not least.isdecimal() or (most and not most.isdecimal()):
            raise Unread(f"{self.pattern} has a brace that counts nothing")
        self.at = close + 1
        return int(least), (int(most) if most else None) if comma else int(least)

    def atom(self) -> tuple[int, int]:
        character = self.take()
        if character == "(":
            if self.peek() == "?":
                if self.pattern.startswith("?:", self.at):
                    self.at += 2
                elif self.pattern.startswith("?<", self.at) and self.pattern[self.at + 2 : self.at + 3] not in ("=", "!"):
                    self.at = self.pattern.index(">", self.at) + 1
                else:
                    raise Unread(f"{self.pattern} looks around")
            inner = self.alternatives()
            if self.peek() != ")":
                raise Unread(f"{self.pattern} opens a parenthesis for good")
            self.take()
            return inner
        return self.letter(self.ranges(character))

    def letter(self, ranges: Ranges) -> tuple[int, int]:
        first, last = self.automaton.state(), self.automaton.state()
        self.automaton.edges[first].append((ranges, last))
        return first, last

    def ranges(self, character: str) -> Ranges:
        if character == "^":
            return ((START, START),)
        if character == "$":
            return ((END, END),)
        if character == ".":
            return _without(LINE_ENDS)
        if character == "[":
            return self.bracket()
        if character == "\\":
            return self.escape()
        if character in "*+?{":
            raise Unread(f"{self.pattern} repeats nothing")
        return ((ord(character), ord(character)),)

    def escape(self) -> Ranges:
        character = self.take()
        classes = {"d": DIGIT, "w": WORD, "s": SPACE}
        if character.lower() in classes:
            named = classes[character.lower()]
            return named if character.islower() else _without(named)
        if character in ESCAPED and not (character == "0" and self.peek().isdecimal()):
            return ((ESCAPED[character], ESCAPED[character]),)
        if character in "xu":
            digits = self.pattern[self.at : self.at + (2 if character == "x" else 4)]
            if len(digits) < (2 if character == "x" else 4) or not all(digit in "0123456789abcdefABCDEF" for digit in digits):
                raise Unread(f"{self.pattern} has an escape that is not read here")
            self.at += len(digits)
            return ((int(digits, 16), int(digits, 16)),)
        if character.isalnum():
            raise Unread(f"{self.pattern} has the escape \\{character}")
        return ((ord(character), ord(character)),)

    def bracket(self) -> Ranges:
        inverted = self.peek() == "^"
        if inverted:
            self.take()
        found: list[tuple[int, int]] = []
        while self.peek() != "]":
            low = self.member()
            if self.peek() == "-" and self.pattern[self.at + 1 : self.at + 2] not in ("]", ""):
                self.take()
                high = self.member()
                if len(low) != 1 or len(high) != 1 or low[0][0] != low[0][1] or high[0][0] != high[0][1] or low[0][0] > high[0][0]:
                    raise Unread(f"{self.pattern} has a range without ends")
                found.append((low[0][0], high[0][0]))
            else:
                found.extend(low)
        self.take()
        return _without(tuple(found)) if inverted else tuple(found)

    def member(self) -> Ranges:
        character = self.take()
        if character == "\\":
            if self.peek() == "b":
                self.take()
                return ((8, 8),)
            return self.escape()
        if character == "[" or (character == "&" and self.peek() == "&"):
            raise Unread(f"{self.pattern} has brackets in brackets, which engines read in different ways")
        return ((ord(character), ord(character)),)


def _without(taken: Ranges) -> Ranges:
    left: list[tuple[int, int]] = []
    for low, high in ANY_TEXT:
        for begin, end in sorted(taken):
            if end < low or begin > high:
                continue
            if begin > low:
                left.append((low, begin - 1))
            low = max(low, end + 1)
        if low <= high:
            left.append((low, high))
    return tuple(left)
