"""Where projects disagree: each family is a policy with a name, a default and a reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from assay_compatibility.classes import Direction, Severity


@dataclass(frozen=True, slots=True)
class Policy:
    """What a family of contested changes counts as, by direction; a direction left out follows the law."""

    name: str
    reason: str
    levels: Mapping[Direction, Severity] = field(default_factory=dict[Direction, Severity])
    messages: Mapping[Direction, Severity] = field(default_factory=dict[Direction, Severity])
    # Whether somebody chose it over the default.
    chosen: bool = False
    # Whether its findings are listed even where their class is none.
    listed: bool = False

    def level(self, direction: Direction, law: Severity, *, messages: bool = False) -> Severity:
        """The class of a change of this family."""
        told = {**self.levels, **self.messages} if messages else self.levels
        return told.get(direction, told.get(Direction.BOTH, law))


REQUEST, RESPONSE, BOTH = Direction.REQUEST, Direction.RESPONSE, Direction.BOTH

POLICIES: Mapping[str, Policy] = {
    policy.name: policy
    for policy in (
        Policy("enum-value-in-response", "A client that switches over the listed values meets one it does not know, so the law stands."),
        Policy("response-member-removed", "A client had to cope without an optional member before.", {RESPONSE: Severity.MINOR}),
        Policy(
            "request-member-removed",
            "A member that an open object no longer names is still valid; but nobody answers a message, so there it is lost unseen.",
            {REQUEST: Severity.MINOR},
            {REQUEST: Severity.MAJOR},
        ),
        Policy(
            "required-with-default",
            "A default is an annotation, so an HTTP request without the member is refused; the receiver of a message fills it in.",
            {},
            {REQUEST: Severity.MINOR},
        ),
        Policy("operation-id", "An operation's name is never sent; generated source is another axis.", {BOTH: Severity.PATCH}),
        Policy("security", "What a client must present is part of what it sends, so the law stands."),
        Policy("security-scheme", "A scheme that works in another way, or elsewhere, refuses clients that were let in."),
        Policy(
            "alternative-in-response",
            "A client that tells the alternatives apart meets one it does not know, so the law stands.",
        ),
        Policy(
            "overlapping-alternatives",
            "Many documents list open objects that only their properties tell apart; a strict validator rejects what fits several.",
            {BOTH: Severity.UNDECIDED},
        ),
        Policy(
            "all-of-split",
            "Schemas that hold at once are compared by what they demand together; into how many they are split changes no value.",
            {BOTH: Severity.NONE},
        ),
        Policy(
            "same-on-the-wire",
            "Only the document is written in another way: no value and no request changes.",
            {BOTH: Severity.NONE},
            listed=True,
        ),
        Policy(
            "server-base-path",
            "Clients configure an address whole; where the old base path goes away with the new one, choose `major`.",
            {BOTH: Severity.PATCH},
        ),
        Policy(
            "discriminator",
            "It says how to read a value and forbids none.",
            {BOTH: Severity.MINOR, REQUEST: Severity.MINOR, RESPONSE: Severity.MINOR},
        ),
        Policy(
            "unchecked-format",
            "A format that no standard defines, `password`, or one that takes every value of its type is a note to readers.",
            {BOTH: Severity.PATCH},
        ),
        Policy("format", "A format is held to be asserted, as most servers and clients do, so the law stands."),
        Policy(
            "read-only",
            "It says who may set a member and forbids no value.",
            {REQUEST: Severity.MINOR, RESPONSE: Severity.MINOR},
            {REQUEST: Severity.MAJOR},
        ),
        Policy("write-only", "It says who may see a member and forbids no value.", {REQUEST: Severity.MINOR, RESPONSE: Severity.MINOR}),
        Policy(
            "parameter-default",
            "A client that leaves a parameter out gets another behaviour without having changed anything.",
            {REQUEST: Severity.MAJOR, RESPONSE: Severity.MINOR},
        ),
        Policy(
            "response-pattern",
            "A client reads an answer's texts and seldom matches them; a message is often validated on arrival, so there the law stands.",
            {RESPONSE: Severity.MINOR},
            {RESPONSE: Severity.MAJOR},
        ),
        Policy(
            "member-default", "A default of a member is a note to whoever fills it in.", {REQUEST: Severity.MINOR, RESPONSE: Severity.MINOR}
        ),
        Policy(
            "server-address",
            "Addresses of an HTTP API move with deployments and are configured by clients; those of a broker are where everyone meets.",
            {BOTH: Severity.PATCH},
            {BOTH: Severity.MAJOR},
        ),
        Policy(
            "stated-version",
            "A payload states the version of its contract, which a new version raises; readers compare the major.",
            {RESPONSE: Severity.MINOR},
        ),
        Policy(
            "shared-error-body",
            "A body that operations share lists the codes of all of them; what one of them answers is in its own list.",
            {RESPONSE: Severity.MINOR},
        ),
        Policy("deprecation", "What is deprecated still works.", {BOTH: Severity.MINOR, REQUEST: Severity.MINOR, RESPONSE: Severity.MINOR}),
        Policy(
            "optional-response-header-removed",
            "Few documents say which headers always come, so clients rely on those described; the law stands.",
        ),
        Policy("non-success-status", "Any other status may be answered at any time.", {RESPONSE: Severity.MINOR}),
        Policy(
            "untyped-content",
            "A media type whose schema is gone promises nothing that could be broken at sight.",
            {RESPONSE: Severity.MINOR},
        ),
    )
}
