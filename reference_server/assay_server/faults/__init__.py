"""Faults that are switched on for practice, in every environment but production."""

from .activities import Activities
from .hook import Hook
from .switchboard import Switchboard
from .tampering import tamper

__all__ = ["Activities", "Hook", "Switchboard", "tamper"]
