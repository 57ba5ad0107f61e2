"""The TypeScript client of a contract, from the same reading of it as the Python client."""

from assay_codegen.typescript.package import TypeScriptPackage, generate_typescript

__all__ = ["TypeScriptPackage", "generate_typescript"]
