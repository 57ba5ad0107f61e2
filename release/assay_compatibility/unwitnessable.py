"""Which findings an instance can show, and what each rule about a keyword speaks of.

A rule about a schema is shown by an instance that one side accepts and the other refuses. Some rules are about what
refuses no value: a default, an encoding, a note. They are told apart, so that a missing witness is never mistaken for one.
"""

from __future__ import annotations

from collections.abc import Mapping

_ANNOTATES = "the content of a string is an annotation in JSON Schema 2020-12, so it rejects no value"
_DEFAULT = "a default rejects no value"
_WHOSE = "it says who sets or reads a property and rejects no value"

UNSHOWN: Mapping[str, str] = {
    "choice-in-a-circle": "the values of the schema are undefined, so no validator can decide",
    "content-encoding-changed": _ANNOTATES,
    "content-media-type-changed": _ANNOTATES,
    "content-schema-constrained": _ANNOTATES,
    "content-schema-unconstrained": _ANNOTATES,
    "default-changed": _DEFAULT,
    "discriminator-changed": "it says how to read a value and rejects none",
    "discriminator-member-changed": "it says how to read a value and rejects none",
    "extensible-enum-value-removed": "an extensible list of values rejects none",
    "member-became-read-only": _WHOSE,
    "member-became-write-only": _WHOSE,
    "parameter-default-changed": _DEFAULT,
    "request-member-removed": "an open object still accepts the property, so it rejects no value",
    "xml-changed": "XML is another way to write the same values",
}

# The type that the keyword of a rule speaks of, by how the rule's name begins.
_SPEAKS_OF: Mapping[str, str] = {
    "additional-members": "object",
    "contains": "array",
    "dependent": "object",
    "format": "string",
    "items": "array",
    "max-contains": "array",
    "max-items": "array",
    "max-length": "string",
    "max-properties": "object",
    "maximum": "number",
    "member": "object",
    "min-contains": "array",
    "min-items": "array",
    "min-length": "string",
    "min-properties": "object",
    "minimum": "number",
    "multiple-of": "number",
    "pattern-members": "object",
    "pattern": "string",
    "prefix-items": "array",
    "required-member": "object",
    "unevaluated-items": "array",
    "unevaluated-members": "object",
    "unique-items": "array",
}


def speaks_of(rule: str) -> str | None:
    """The only type that the keyword of a rule constrains, if there is one."""
    begun = [name for name in _SPEAKS_OF if rule == name or rule.startswith(f"{name}-")]
    return _SPEAKS_OF[max(begun, key=len)] if begun else None
