"""What a client must present to be let in."""

from __future__ import annotations

from assay_compatibility.classes import Effect
from assay_compatibility.rules.model import rule

for _id, _effect, _sentence, _policy in (
    ("security-tightened", Effect.NARROWS, "What let a client in no longer does.", "security"),
    ("security-loosened", Effect.ADDS, "There is one more way in, or less is asked for.", "security"),
    ("security-scheme-changed", Effect.REPLACES, "A scheme in use works in another way.", "security-scheme"),
    ("security-scheme-removed", Effect.ANNOTATES, "A scheme is gone that no operation asks for.", "security-scheme"),
    ("security-scheme-added", Effect.ADDS, "A scheme is defined.", "security-scheme"),
):
    rule(_id, "security", _effect, policy=_policy, sentence=_sentence)(lambda _: ())
