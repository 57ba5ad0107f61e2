"""Faults that are switched on for practice, in every environment but production."""

from .switchboard import Switchboard
from .tampering import tamper

__all__ = ["Switchboard", "tamper"]
