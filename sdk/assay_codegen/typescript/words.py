"""The few words of TypeScript that code is put together from: strings, names of properties, comments, identifiers."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

from assay_codegen.naming import Allocator, pascal

# Strings and comments, in which signs mean nothing.
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"|/\*.*?\*/', re.DOTALL)
_IDENTIFIER = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*")
# Words that no constant of a module may have as its name; `arguments` and `eval` are those of strict code.
_KEYWORDS = frozenset(
    {
        *("arguments", "await", "break", "case", "catch", "class", "const", "continue", "debugger", "default", "delete", "do", "else"),
        *("enum", "eval", "export", "extends", "false", "finally", "for", "function", "if", "implements", "import", "in", "instanceof"),
        *("interface", "let", "new", "null", "package", "private", "protected", "public", "return", "static", "super", "switch", "this"),
        *("throw", "true", "try", "typeof", "undefined", "var", "void", "while", "with", "yield"),
    }
)
# What a client has itself, what an object of JavaScript has, and the name of the module of types.
_CLIENT = frozenset({"call", "constructor", "contract", "options", "raw", "t", "then", "toString", "valueOf", "withResponse"})


class MethodNames(Allocator):
    """The names of a client's methods, which are those of the operations' constants as well."""

    def method(self, operation_id: str) -> str:
        """`list_widgets` and `ListWidgets` as `listWidgets`; a word of the language or of the client with an underscore behind it."""
        words = pascal(operation_id)
        name = operation_id if re.fullmatch(r"[a-z][A-Za-z0-9]*", operation_id) else words[:1].lower() + words[1:]
        if not _IDENTIFIER.fullmatch(name):
            name = f"operation{words if re.fullmatch(r'[A-Za-z0-9]*', words) else ''}"
        return self.take(f"{name}_" if name in _KEYWORDS | _CLIENT else name)


def literal(value: object) -> str:
    """A value of JSON as TypeScript writes it."""
    # JSON is a part of JavaScript since 2019, but editors take these two for the end of a line.
    return json.dumps(value, ensure_ascii=False).replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def property_name(name: str) -> str:
    """The name of a property, in quotes where it is no identifier; `__proto__` would not be one of its own."""
    if name == "__proto__":
        return '["__proto__"]'
    return name if _IDENTIFIER.fullmatch(name) else literal(name)


def comment(text: str, indent: str = "") -> str:
    """A documentation comment with the line break behind it, empty for no words."""
    words = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", " ").replace("\u2029", " ").replace("*/", "*\\/").strip()
    if not words:
        return ""
    if "\n" not in words:
        return f"{indent}/** {words} */\n"
    lines = "".join(f"{indent} * {line}".rstrip() + "\n" for line in words.split("\n"))
    return f"{indent}/**\n{lines}{indent} */\n"


def union(types: Iterable[str]) -> str:
    """The types as one, each of them once; `unknown` takes in all others."""
    found = list(dict.fromkeys(types))
    return "unknown" if not found or "unknown" in found else " | ".join(found)


def signs(source: str) -> str:
    """Code with nothing in its strings and without its comments."""
    return _QUOTED.sub('""', source)
