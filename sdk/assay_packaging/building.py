"""One configured client as files: what generation owns, and what it only begins."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import chdir, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from assay_codegen import GeneratedPackage, OutputUnusable, generate_python
from assay_contracts import Contract, load_contract

from assay_packaging.configuration import ClientConfig
from assay_packaging.fault_tests import write_tests
from assay_packaging.project import describe, write_project
from assay_packaging.renaming import rename_operations
from assay_packaging.vendoring import FOLDER, RUNTIME, reaches, vendor

_LIBRARIES = ("httpx", "pydantic", "websockets")
_DOCUMENTS = (".yaml", ".yml", ".json")
_OWNED = (".py", ".json", ".typed")


@dataclass(frozen=True, slots=True)
class BuiltClient:
    """The files of a client by their path below `place`.

    `owned` are rewritten and compared; files of an earlier generation in `folders` go. `begun` are written where there are none
    yet, since people edit them.
    """

    contract: str
    place: Path
    owned: Mapping[str, str]
    folders: tuple[str, ...]
    begun: Mapping[str, str] = field(default_factory=dict[str, str])
    left_out: tuple[str, ...] = ()

    def write(self) -> int:
        """Write the files and give their number."""
        begun = {name: text for name, text in self.begun.items() if not (self.place / name).exists()}
        try:
            for name in self._present():
                if name not in self.owned:
                    (self.place / name).unlink()
            for name, text in {**self.owned, **begun}.items():
                path = self.place / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8", newline="\n")
        except OSError as error:
            raise OutputUnusable(
                f"output {self.place}", expected="a folder that can be written to", actual=error.strerror or str(error)
            ) from error
        return len(self.owned) + len(begun)

    def drift(self) -> tuple[str, ...]:
        """The owned files that are not what generation gives: changed, missing or superfluous."""
        present = {name: (self.place / name).read_bytes() for name in self._present()}
        given = {name: text.encode() for name, text in self.owned.items()}
        return tuple(name for name in sorted(present.keys() | given.keys()) if present.get(name) != given.get(name))

    def _present(self) -> tuple[str, ...]:
        """The files of this kind that are there."""
        found = (path for folder in self.folders for path in sorted((self.place / folder).rglob("*")))
        own = {self.place / name for name in self.owned}
        return tuple(
            path.relative_to(self.place).as_posix()
            for path in found
            if path.is_file() and (path in own or (path.suffix in _OWNED and "tests" not in path.relative_to(self.place).parts))
        )


def build_client(config: ClientConfig) -> BuiltClient:
    """The client that a configuration asks for.

    Raises what loading and generating do, and `ConfigurationInvalid` for names and choices that the contract does not know.
    """
    contract = load_contract(Path(config.contract) if config.contract.endswith(_DOCUMENTS) else config.contract, asyncapi=config.asyncapi)
    contract = rename_operations(config.selection.apply(contract), config.names)
    with _neutral_folder():
        package = generate_python(contract)
    if not config.package:
        return BuiltClient(
            contract=config.contract,
            place=config.out / (config.name or package.name).replace(".", "/"),
            owned=package.files,
            folders=("",),
            left_out=package.left_out,
        )
    return _project(config, contract, package)


@contextmanager
def _neutral_folder() -> Generator[None]:
    """An empty current folder: the formatter of models reads the settings of the folder that it runs in."""
    with TemporaryDirectory() as folder, chdir(folder):
        yield


def _project(config: ClientConfig, contract: Contract, package: GeneratedPackage) -> BuiltClient:
    name = config.name or f"{contract.id.name.replace('-', '_')}_client"
    libraries = tuple(library for library in _LIBRARIES if library == "httpx" or reaches(package.files, library))
    files = vendor(package.files, name) if config.standalone else dict(package.files)
    folder = f"src/{name.replace('.', '/')}"
    tests = write_tests(contract, package.view, name, f"{name}.{FOLDER}" if config.standalone else RUNTIME)
    project = describe(
        contract, name, own_version=config.version, licence=config.license, libraries=libraries, standalone=config.standalone
    )
    return BuiltClient(
        contract=config.contract,
        place=config.out,
        owned={
            **{f"{folder}/{path}": text for path, text in sorted(files.items())},
            f"{folder}/py.typed": "",
            **{f"tests/{path}": text for path, text in tests.items()},
        },
        folders=(folder, "tests"),
        begun=write_project(project, contract, package.view),
        left_out=package.left_out,
    )
