"""For whoever runs the server: health, metrics, and outside production the hook that switches faults."""

from .hook import Activities, Hook
from .routes import OperationalRoutes

__all__ = ["Activities", "Hook", "OperationalRoutes"]
