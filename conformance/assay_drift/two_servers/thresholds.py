"""How far two answers may be apart: by the class of a metric, or for one metric."""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from assay_contracts.json_types import is_mapping

from assay_drift.errors import ThresholdRefused

IGNORE = "ignore"
_NOISE = 1e-12
"""Next to zero no share of a number is more than noise."""


@dataclass(frozen=True, slots=True)
class Threshold:
    """A distance: absolute, or relative to the value of the first server."""

    limit: float
    relative: bool = False

    def exceeded(self, reference: float, value: float) -> bool:
        """Whether a value is further from the reference than it may be, the noise of floating point aside."""
        allowed = max(self.limit * abs(reference), _NOISE) if self.relative else self.limit
        return abs(value - reference) > allowed * (1 + 1e-9)

    def __str__(self) -> str:
        if math.isinf(self.limit):
            return IGNORE
        return f"{self.limit * 100:.10g}%" if self.relative else f"{self.limit:.10g}"


IGNORED = Threshold(math.inf)

DEFAULTS: Mapping[str, Threshold] = {
    "count": Threshold(0.0),
    "rate": Threshold(0.001),
    "latency": Threshold(0.05, relative=True),
    "amount": Threshold(1e-9, relative=True),
    "time": Threshold(0.0),
    "text": Threshold(0.0),
    "status": Threshold(0.0),
    "member": Threshold(0.0),
    "item": Threshold(0.0),
    "response-time": IGNORED,
}
"""What holds where nobody says otherwise.

Counts, times, texts, statuses, members and items agree exactly; rates within 0.001; latencies within 5 %, which two sketches of 1.6 %
error each stay below; other numbers up to the noise of floating point. How long the servers take to answer is told and not judged.
"""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Every threshold of one comparison, and the classes that metrics were given by hand.

    Metrics are named by their pointer, or by `operation:pointer` for one operation alone.
    """

    classes: Mapping[str, Threshold] = field(default_factory=lambda: dict(DEFAULTS))
    metrics: Mapping[str, Threshold] = field(default_factory=dict[str, Threshold])
    class_of: Mapping[str, str] = field(default_factory=dict[str, str])

    def of(self, operation: str, pointer: str, kind: str) -> Threshold:
        """The threshold of one metric: its own, else that of an outer member, else that of its class."""
        place = pointer
        while place:
            for name in (f"{operation}:{place}", place):
                if name in self.metrics:
                    return self.metrics[name]
            place = place.rpartition("/")[0]
        return self.classes[kind]

    def given_class(self, operation: str, pointer: str) -> str | None:
        """The class that a metric was given by hand."""
        return self.class_of.get(f"{operation}:{pointer}", self.class_of.get(pointer))


def read_thresholds(file: Path | None, options: Iterable[str], ignored: Iterable[str] = ()) -> Thresholds:
    """The defaults, changed by a file and then by options such as `latency=10%`. Raises `ThresholdRefused`."""
    classes, metrics, class_of = dict(DEFAULTS), dict[str, Threshold](), dict[str, str]()
    if file is not None:
        _read_file(file, classes, metrics, class_of)
    for option in options:
        name, sign, value = option.rpartition("=")
        if not sign:
            raise ThresholdRefused(f"--threshold {option!r}", expected="CLASS=VALUE or POINTER=VALUE such as latency=10%")
        _put(name.strip(), _threshold(value.strip(), f"--threshold {name}"), classes, metrics, f"--threshold {name}")
    for pointer in ignored:
        _put(pointer, IGNORED, {}, metrics, f"--ignore {pointer}")
    return Thresholds(classes, metrics, class_of)


def _read_file(file: Path, classes: dict[str, Threshold], metrics: dict[str, Threshold], class_of: dict[str, str]) -> None:
    try:
        data = tomllib.loads(file.read_text("utf-8"))
    except OSError as error:
        raise ThresholdRefused(str(file), expected="a TOML file", actual=error.strerror or "nothing") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ThresholdRefused(str(file), expected="TOML", actual=str(error)) from None
    for section, entries in data.items():
        if section not in ("classes", "metrics", "class-of") or not is_mapping(entries):
            raise ThresholdRefused(f"{file}: {section}", expected="one of the tables [classes], [metrics] and [class-of]")
        for name, value in entries.items():
            where = f"{file}: {section}.{name}"
            if section == "class-of":
                if value not in DEFAULTS:
                    raise ThresholdRefused(where, expected=f"one of {', '.join(DEFAULTS)}", actual=repr(value))
                class_of[_metric(name, where)] = str(value)
            else:
                _put(name, _threshold(value, where), classes if section == "classes" else {}, metrics, where)


def _put(name: str, value: Threshold, classes: dict[str, Threshold], metrics: dict[str, Threshold], where: str) -> None:
    if name in classes:
        classes[name] = value
    else:
        metrics[_metric(name, where)] = value


def _metric(name: str, where: str) -> str:
    if re.fullmatch(r"([A-Za-z0-9_.-]+:)?(/[^/]*)+", name) is None:
        raise ThresholdRefused(where, expected=f"a class ({', '.join(DEFAULTS)}), a pointer or operation:pointer", actual=repr(name))
    return name


def _threshold(value: Any, where: str) -> Threshold:
    """`0.01` is absolute, `5%` relative, `ignore` never exceeded."""
    if value == IGNORE:
        return IGNORED
    text = str(value).strip()
    found = re.fullmatch(r"(\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)\s*(%?)", text)
    if found is None or isinstance(value, bool):
        raise ThresholdRefused(where, expected="a number such as 0.01, a share such as 5%, or ignore", actual=repr(value))
    return Threshold(float(found[1]) / (100.0 if found[2] else 1.0), relative=bool(found[2]))
