"""Where projects disagree: each family is a policy with a name, a default and a reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from assay_compatibility.classes import Direction, Severity


@dataclass(frozen=True, slots=True)
class Policy:
    """A named decision about a kind of change that projects judge differently.

    `levels` has a class for each direction; a direction without one has the class that follows from the effect. `messages` overrides
    `levels` for AsyncAPI messages.
    """

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
        levels = {**self.levels, **self.messages} if messages else self.levels
        return levels.get(direction, levels.get(Direction.BOTH, law))


# Decides for every rule about a keyword, so no rule names it.
OTHER_TYPE = "keyword-of-another-type"
REQUEST, RESPONSE, BOTH = Direction.REQUEST, Direction.RESPONSE, Direction.BOTH

POLICIES: Mapping[str, Policy] = {
    policy.name: policy
    for policy in (
        Policy(
            "enum-value-in-response", "A client with a case for each listed value receives one that it does not know, so the law applies."
        ),
        Policy(
            "response-member-removed",
            "An optional property could be absent before, so clients already handle its absence.",
            {RESPONSE: Severity.MINOR},
        ),
        Policy(
            "request-member-removed",
            "An open object still accepts the removed property. A message has no response, so there the receiver silently drops it.",
            {REQUEST: Severity.MINOR},
            {REQUEST: Severity.MAJOR},
        ),
        Policy(
            "member-of-closed-object",
            "The old schema says that an object has no other properties. A client that validates by it rejects a new one, so the law "
            "applies.",
        ),
        Policy(
            "required-with-default",
            "A default is only an annotation, so a server rejects a request without the property. The receiver of a message fills it in.",
            {},
            {REQUEST: Severity.MINOR},
        ),
        Policy(
            "operation-id",
            "An operation's name is never sent. The client axis reports its effect on generated code.",
            {BOTH: Severity.PATCH},
        ),
        Policy("security", "A credential is part of what a client sends, so the law applies."),
        Policy("security-scheme", "A changed security scheme rejects credentials that it accepted before."),
        Policy(
            "alternative-in-response",
            "A client with a case for each alternative receives one that it does not know, so the law applies.",
        ),
        Policy(
            "overlapping-alternatives",
            "Many documents use `oneOf` for open objects that overlap. A strict validator rejects a value that matches several.",
            {BOTH: Severity.UNDECIDED},
        ),
        Policy(
            "alternatives-by-name",
            "The old `oneOf` overlapped already: read strictly it rejects every value that an alternative describes. Whoever works with it "
            "goes by the names, and by the names nothing is lost.",
            {BOTH: Severity.PATCH},
        ),
        Policy(
            "all-of-split",
            "The schemas of `allOf` are compared as one. Their number changes no value.",
            {BOTH: Severity.NONE},
        ),
        Policy(
            "same-on-the-wire",
            "Only the document is written differently: no value and no request changes.",
            {BOTH: Severity.NONE},
            listed=True,
        ),
        Policy(
            "server-base-path",
            "Clients configure the whole address. If the old base path stops working, choose `major`.",
            {BOTH: Severity.PATCH},
        ),
        Policy(
            "discriminator",
            "A discriminator says how to read a value and rejects none.",
            {BOTH: Severity.MINOR, REQUEST: Severity.MINOR, RESPONSE: Severity.MINOR},
        ),
        Policy(
            "unchecked-format",
            "A format that no standard defines, `password`, or one that every value of its type has is only a note.",
            {BOTH: Severity.PATCH},
        ),
        Policy(
            OTHER_TYPE,
            "`maximum` of a string rejects no value, so a message ignores it. In an HTTP contract it means something, and a string, an "
            "array or an object can hold what it means, so there the law applies. A number, boolean or null cannot.",
            {},
            {BOTH: Severity.PATCH},
        ),
        Policy("format", "Most servers and clients validate formats, so the law applies."),
        Policy(
            "read-only",
            "`readOnly` says who sets a property and rejects no value.",
            {REQUEST: Severity.MINOR, RESPONSE: Severity.MINOR},
            {REQUEST: Severity.MAJOR},
        ),
        Policy(
            "write-only", "`writeOnly` says who reads a property and rejects no value.", {REQUEST: Severity.MINOR, RESPONSE: Severity.MINOR}
        ),
        Policy(
            "parameter-removed",
            "A strict server rejects a parameter that it does not declare, and a lenient one silently stops doing what it asks for, so the "
            "law applies.",
        ),
        Policy(
            "parameter-default",
            "An unchanged request without the parameter now has another result.",
            {REQUEST: Severity.MAJOR, RESPONSE: Severity.MINOR},
        ),
        Policy(
            "response-pattern",
            "Clients rarely validate the strings of a response. A message is often validated on arrival, so there the law applies.",
            {RESPONSE: Severity.MINOR},
            {RESPONSE: Severity.MAJOR},
        ),
        Policy(
            "member-default",
            "The default of a property is a note to the code that fills it in.",
            {REQUEST: Severity.MINOR, RESPONSE: Severity.MINOR},
        ),
        Policy(
            "server-address",
            "Clients configure the address of an HTTP API for each deployment. The address of a broker is shared by everyone.",
            {BOTH: Severity.PATCH},
            {BOTH: Severity.MAJOR},
        ),
        Policy(
            "stated-version",
            "A payload states the version of its contract. Clients compare only the major version.",
            {RESPONSE: Severity.MINOR},
        ),
        Policy(
            "shared-error-body",
            "A shared error schema lists the codes of all operations. The codes of one operation are in its own list.",
            {RESPONSE: Severity.MINOR},
        ),
        Policy(
            "deprecation",
            "A deprecated operation, parameter or value still works.",
            {BOTH: Severity.MINOR, REQUEST: Severity.MINOR, RESPONSE: Severity.MINOR},
        ),
        Policy(
            "optional-response-header-removed",
            "Few documents mark headers as required, so clients rely on those that are described, and the law applies.",
        ),
        Policy("non-success-status", "A server can return any other status at any time.", {RESPONSE: Severity.MINOR}),
        Policy(
            "untyped-content",
            "A media type without a schema promises nothing about its content.",
            {RESPONSE: Severity.MINOR},
        ),
    )
}

PROFILES: Mapping[str, Mapping[str, Mapping[Direction, Severity]]] = {
    "default": {},
    # What most other tools, and those who labelled public cases, call breaking though the law does not.
    "strict": {
        "response-member-removed": {RESPONSE: Severity.MAJOR},
        "request-member-removed": {REQUEST: Severity.MAJOR},
        "response-pattern": {RESPONSE: Severity.MAJOR},
    },
}
"""Sets of policies by name: the levels that a profile chooses, by policy and direction."""
