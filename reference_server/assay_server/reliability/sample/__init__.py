"""Synthetic traffic: seeded, so that the same plan always gives the same facts."""

from assay_server.reliability.tenants import EMPTY, OTHER, PRIMARY

from .small import SmallSample, load_small, small
from .traffic import Traffic

__all__ = ["EMPTY", "OTHER", "PRIMARY", "SmallSample", "Traffic", "load_small", "small"]
