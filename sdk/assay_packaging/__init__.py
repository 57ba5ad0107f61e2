"""From a contract to a Python package that one can publish: code, project file, first call and tests."""

from assay_packaging.building import BuiltClient, build_client
from assay_packaging.configuration import ClientConfig, find_configuration, read_configuration
from assay_packaging.errors import ConfigurationInvalid
from assay_packaging.selection import Selection

__all__ = [
    "BuiltClient",
    "ClientConfig",
    "ConfigurationInvalid",
    "Selection",
    "build_client",
    "find_configuration",
    "read_configuration",
]
