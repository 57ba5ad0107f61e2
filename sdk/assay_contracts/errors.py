"""Everything that can go wrong, as one tree.

AssayError                      anything the project raises on purpose; the command line prints it as one line
    ContractError               a contract, or a document it is made of, cannot be used
        UnknownContract         no contract of that name and version is found
        DocumentMissing         a file that was asked for, or referred to, is not there
        DocumentUnreadable      a file is there and is not the YAML or JSON it should be
        DocumentMalformed       a document was read and does not have the shape its kind demands
        ReferenceBroken         a `$ref` leads nowhere, out of reach, or round in a circle
        VocabularyBroken        a file of the annotation vocabulary does not define what it should
    LockBroken                  a released contract version is not what its lock says
    ReleaseRefused              a contract version is not ready to be released
    UsageError                  the command was asked for something it does not do
    ExtraMissing                the command exists and the packages it needs are not installed
"""

# Named for what is wrong, as in httpx: the tree says that they are errors.

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

# A document can hold names of any length; a line that nobody reads to its end explains nothing.
LONGEST = 560


class AssayError(Exception):
    """Something the project can explain: what was expected, what came instead, what to do next.

    `details` are sentences that the command line prints below the error, one a line: several problems of one input.
    """

    exit_code: ClassVar[int] = 2

    def __init__(self, subject: str, *, expected: str = "", actual: str = "", next_step: str = "", details: Iterable[str] = ()) -> None:
        self.subject = subject
        self.details = tuple(details)
        for detail in self.details:
            self.add_note(detail)
        self.expected = expected
        self.actual = actual
        self.next_step = next_step
        super().__init__(subject)

    def __str__(self) -> str:
        """One line: the subject, then expected, actual and the next step as far as they are known."""
        facts = [f"expected {self.expected}"] if self.expected else []
        if self.actual:
            facts.append(f"got {self.actual}")
        line = self.subject
        if facts:
            line += f": {', '.join(facts)}"
        if self.next_step:
            line += f"; {self.next_step}"
        line = " ".join(line.split())
        return line if len(line) <= LONGEST else f"{line[: LONGEST - 200]} ... {line[-190:]}"


class ContractError(AssayError):
    """A contract, or a document of it, cannot be used.

    The message has file, line and column where they are known.
    """


class UnknownContract(ContractError):
    """No contract with that name and version exists in the folder of documents.

    The message lists the existing ones.
    """


class DocumentMissing(ContractError):
    """A file does not exist that was named or referred to.

    The message has the path, and where the reference is.
    """


class DocumentUnreadable(ContractError):
    """A file is not YAML or JSON.

    The message has file, line and column of the first syntax error.
    """


class DocumentMalformed(ContractError):
    """A document was read, and does not have the structure of its kind.

    The message says where: a JSON Pointer, and file, line and column where they are known.
    """


class ReferenceBroken(ContractError):
    """A `$ref` has no target, leads to a place that is not allowed, or never ends.

    The message has the file and the line of the reference where they are known.
    """


class VocabularyBroken(ContractError):
    """A file of the annotation vocabulary is invalid.

    The message has the file and the property.
    """


class LockBroken(AssayError):
    """A released contract version differs from its lock.

    The exit code is 1.
    """

    exit_code = 1


class ReleaseRefused(AssayError):
    """A contract version is not ready to be released.

    The exit code is 1, and the message says what is missing.
    """

    exit_code = 1


class UsageError(AssayError):
    """A command was called with arguments that it does not accept.

    The exit code is 2.
    """


class ExtraMissing(AssayError):
    """A command needs a package that is not installed.

    The message has the command that installs it. The exit code is 3.
    """

    exit_code = 3
