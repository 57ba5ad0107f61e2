"""From a contract to the code of its client."""

from assay_codegen.errors import NotGeneratable, OutputUnusable
from assay_codegen.package import GeneratedPackage, generate_python

__all__ = ["GeneratedPackage", "NotGeneratable", "OutputUnusable", "generate_python"]
