"""The wrong implementations that the checks must kill; file names as in `checks` and `drivers`.

A mutant is one sentence that breaks one promise. It is written once, as what it does to answers (and, live, to requests), and run
twice: over recorded evidence, in milliseconds, and live in a proxy between the kit and a correct server.
"""

from assay_mutants.model import (
    FeedMutant,
    HttpMutant,
    Mutant,
    feed_mutant,
    http_mutant,
)

__all__ = ["FeedMutant", "HttpMutant", "Mutant", "feed_mutant", "http_mutant"]
