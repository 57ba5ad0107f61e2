"""The name of a contract version."""

from __future__ import annotations

import re
from dataclasses import dataclass

from assay_contracts.errors import ContractError


@dataclass(frozen=True, slots=True)
class ContractId:
    """The name and the version of a contract, written `reliability@1.0.0`.

    >>> ContractId.parse("reliability@1.0.0")
    ContractId(name='reliability', version='1.0.0')
    """

    name: str
    version: str

    @classmethod
    def parse(cls, text: str) -> ContractId:
        """Read `NAME@MAJOR.MINOR.PATCH`; raises `ContractError` for another form."""
        found = re.fullmatch(r"([a-z][a-z0-9]*(?:-[a-z0-9]+)*)@((?:0|[1-9]\d{0,8})(?:\.(?:0|[1-9]\d{0,8})){2})", text, re.ASCII)
        if found is None:
            raise ContractError(
                f"contract id {text!r}",
                expected="NAME@MAJOR.MINOR.PATCH such as reliability@1.0.0",
                next_step="see `assay contracts list`",
            )
        return cls(found[1], found[2])

    @property
    def precedence(self) -> tuple[int, ...]:
        """What versions are ordered by."""
        return tuple(int(part) for part in self.version.split("."))

    def __str__(self) -> str:
        return f"{self.name}@{self.version}"
