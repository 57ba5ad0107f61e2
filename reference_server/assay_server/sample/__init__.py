"""Synthetic traffic: seeded, so that the same plan always gives the same facts."""

from .small import EMPTY, OTHER, PRIMARY, SmallSample, load_small, small
from .traffic import Traffic

__all__ = ["EMPTY", "OTHER", "PRIMARY", "SmallSample", "Traffic", "load_small", "small"]
