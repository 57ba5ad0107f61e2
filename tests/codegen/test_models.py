"""Models put together from what the generator makes of each distinct property."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any, get_args

import pytest
from assay_codegen.models import NAMING, generator_document, write_models
from assay_codegen.schema_parts import Parts, take_apart
from assay_codegen.structure import UnknownVariant
from pydantic import ValidationError

Schemas = dict[str, Any]
STRING = {"type": "string"}


def reference(name: str) -> Schemas:
    """A reference to a schema of the document."""
    return {"$ref": f"#/components/schemas/{name}"}


def document(schemas: Schemas) -> dict[str, Any]:
    """A document of components."""
    return {"openapi": "3.1.0", "info": {"title": "models", "version": "1"}, "paths": {}, "components": {"schemas": schemas}}


def loaded(schemas: Schemas) -> ModuleType:
    """The module of the models of some schemas."""
    module = ModuleType("models_of_a_test")
    sys.modules[module.__name__] = module
    exec(compile(write_models(document(schemas), (), "# models")["models.py"], "models.py", "exec"), module.__dict__)
    return module


def test_a_property_keeps_its_own_words_where_another_object_declares_the_same() -> None:
    """It is typed once, and described twice."""
    one = {"type": "object", "properties": {"id": {**STRING, "description": "Of a cat."}}}
    other = {"type": "object", "properties": {"id": {**STRING, "description": 'Of a "dog".\nOr not.'}}, "required": ["id"]}

    source = write_models(document({"Cat": one, "Dog": other}), (), "# models")["models.py"]

    assert source.partition("class Cat")[2] == (
        '(Model):\n    id: str | None = None\n    """Of a cat."""\n\n\n'
        'class Dog(Model):\n    id: str\n    """\n    Of a "dog".\n    Or not.\n    """\n'
    )


def test_further_properties_may_have_a_type_that_comes_later() -> None:
    """The names of types stand behind the classes."""
    links = {"type": "array", "minItems": 1, "items": reference("Über")}
    owner = {"type": "object", "properties": {"anchor": STRING}, "additionalProperties": reference("Links")}
    models = loaded({"Catalog": owner, "Links": links, "Über": {"type": "object", "properties": {"href": STRING}}})

    found = models.Catalog.model_validate({"anchor": "/", "next": [{"href": "a"}]})

    assert found.next[0].href == "a"
    with pytest.raises(ValueError, match="next"):
        models.Catalog.model_validate({"next": 1})


def test_inline_objects_are_named_after_their_owner_and_property() -> None:
    """Another schema with an object of that property changes no name."""
    inline = {"type": "object", "properties": {"street": STRING}}
    nullable = {"type": ["object", "null"], "properties": {"note": STRING}}
    person = {"type": "object", "properties": {"home": inline, "notes": {"type": "array", "items": nullable}}}
    models = loaded({"Firm": {"type": "object", "properties": {"home": inline}}, "Person": person, "PersonHome": STRING})

    found = models.Person.model_validate({"home": {"street": "High Street"}, "notes": [None, {"note": "late"}]})

    assert type(found.home).__name__ == "PersonHome2"
    assert [type(note).__name__ for note in found.notes] == ["NoneType", "PersonNotesItem"]
    assert models.Firm.model_validate({"home": {}}).home == models.FirmHome()


def test_objects_that_refer_to_each_other_are_read() -> None:
    """In circles, through aliases and through bases."""
    node = {"type": "object", "properties": {"next": reference("Node"), "either": reference("Either"), "leaf": reference("Leaf")}}
    leaf = {"allOf": [reference("Named"), {"type": "object", "properties": {"node": reference("Node")}}]}
    named = {"type": "object", "properties": {"name": STRING}, "required": ["name"]}
    either = {"anyOf": [reference("Node"), {"type": "array", "items": reference("Leaf")}]}
    models = loaded({"Node": node, "Leaf": leaf, "Named": named, "Either": either})

    found = models.Node.model_validate({"next": {"leaf": {"name": "a", "node": {}}}, "either": [{"name": "b"}]})

    assert found.next.leaf.node == models.Node()
    assert isinstance(found.either[0], models.Named)


def test_no_made_up_name_is_that_of_an_object() -> None:
    """The type of a property gets a name where it needs one; an object of that name keeps it."""
    limited = {"anyOf": [{"type": "string", "maxLength": 3}, {"type": "integer"}]}
    models = loaded(
        {"Icon": {"type": "object", "properties": {"url": STRING}}, "Page": {"type": "object", "properties": {"icon": limited}}}
    )

    assert models.Icon.model_validate({"url": "x"}).url == "x"
    assert models.Page.model_validate({"icon": "abc"}).icon == "abc"


@pytest.mark.parametrize("names", [("date", "day"), ("fooBar", "foo_bar"), ("str", "text"), ("field1", "1")])
def test_fields_that_stand_in_each_others_way_are_read(names: tuple[str, str]) -> None:
    """One of the name of a type, and two that would be one."""
    day = {"type": "string", "format": "date"}
    models = loaded({"Row": {"type": "object", "properties": dict.fromkeys(names, day), "required": [*names]}})

    found = models.Row.model_validate_json(f'{{"{names[0]}": "2026-01-31", "{names[1]}": "2026-02-28"}}')

    assert [str(value) for _, value in found] == ["2026-01-31", "2026-02-28"]


def test_a_schema_that_is_referred_to_inside_stays_whole() -> None:
    """A reference may lead to a property of another schema."""
    outer = {"type": "object", "properties": {"inner": {"type": "object", "properties": {"id": STRING}}}}
    other = {"type": "object", "properties": {"same": {"$ref": "#/components/schemas/Outer/properties/inner"}}}
    models = loaded({"Outer": outer, "Other": other})

    assert models.Other.model_validate({"same": {"id": "a"}}).same.id == "a"


def test_equal_properties_are_given_to_the_generator_once() -> None:
    """A document of a thousand objects with strings of a hundred names and references costs two properties."""
    schemas: Schemas = {
        f"Row{number}": {"type": "object", "properties": {f"name_{number % 100}": STRING, "next": reference(f"Row{number // 2}")}}
        for number in range(1000)
    }

    parts = take_apart(schemas, "stand_in")

    assert (len(parts.plain), len(parts.whole), [len(pack) for pack in parts.packs()]) == (1000, 0, [2])


def test_names_of_simple_types_are_given_to_the_generator_as_their_types() -> None:
    """Two hundred lists of objects cost one property; what is an object, null or narrowed elsewhere stays whole."""
    row = {"type": "object", "properties": {"id": STRING}}
    rows = {f"Row{number}": row for number in range(200)}
    lists = {f"Rows{number}": {"type": "array", "items": reference(f"Row{number}")} for number in range(200)}
    narrowed = {"Short": {"type": "object", "properties": {"id": {**reference("Name"), "maxLength": 8}}}}
    whole: Schemas = {"Name": STRING, "Map": {"type": "object"}, "Maybe": {"type": ["string", "null"]}}

    parts = take_apart({**rows, **lists, **narrowed, **whole}, "stand_in")

    assert (parts.aliases.keys(), parts.whole.keys()) == (lists.keys(), whole.keys())
    assert [len(pack) for pack in parts.packs()] == [3]


def test_objects_that_may_be_null_are_given_to_the_generator_as_their_properties() -> None:
    """What refers to them may be null; a reference that cannot say so keeps its object whole."""
    types = ["object", "null"]
    maybe: Schemas = {name: {"type": types, "properties": {"id": STRING}, "required": ["id"]} for name in ("Cat", "Dog", "Bird")}
    owner = {"type": "object", "properties": {"cat": reference("Cat"), "cats": {"type": "array", "items": reference("Cat")}}}
    heir = {"allOf": [reference("Dog"), {"type": "object", "properties": {"tail": STRING}}]}
    cage = {"type": "object", "additionalProperties": reference("Bird")}

    parts = take_apart({**maybe, "Owner": owner, "Heir": heir, "Cage": cage}, "stand_in")
    models = loaded({**maybe, "Owner": owner, "Heir": heir, "Cage": cage})

    assert (set(parts.plain), set(parts.whole)) == ({"Cat", "Owner"}, {"Dog", "Bird", "Heir", "Cage"})
    assert models.Owner.model_validate_json('{"cat": null, "cats": [null, {"id": "a"}]}').cats[1].id == "a"
    assert models.Owner.model_validate_json('{"cat": {"id": "a"}}').cat.id == "a"
    with pytest.raises(ValidationError):
        models.Owner.model_validate_json('{"cat": {}}')


def test_any_number_of_schemas_is_given_to_the_generator_as_a_whole() -> None:
    """Python reads no choice among some thousand types."""
    parts = Parts({}, {}, {f"Map{number}": {"type": "object"} for number in range(4000)})

    naming = generator_document(parts, {}, ())["components"]["schemas"][NAMING]["properties"]

    assert [len(choice["anyOf"]) for choice in naming.values()] == [1000] * 4


def test_names_of_types_stand_behind_what_they_need() -> None:
    """Whichever comes first by name, and also where one needs itself or an object that another one extends."""
    tree = {"anyOf": [STRING, {"type": "array", "items": reference("Tree")}]}
    schemas = {
        "Base": {"type": "object", "properties": {"ids": reference("Ids")}},
        "Sub": {"allOf": [reference("Base"), {"type": "object", "properties": {"trees": reference("Deep")}}]},
        "Bases": {"type": "array", "items": reference("Zoo")},
        "Deep": {"type": "array", "items": reference("Tree")},
        "Ids": {"type": "array", "items": reference("Name"), "maxItems": 2},
        "Name": {**STRING, "title": "The name", "description": "Of one.\nOr two."},
        "Tree": tree,
        "Zoo": {"anyOf": [reference("Sub"), reference("Base")]},
    }

    models = loaded({**schemas, "Page": {"type": "object", "properties": {"rows": reference("Bases")}}})
    page = models.Page.model_validate({"rows": [{"ids": ["a"], "trees": ["b", ["c"]]}]})

    assert page.rows[0].trees == ["b", ["c"]]
    assert page.model_dump() == {"rows": [{"ids": ["a"], "trees": ["b", ["c"]]}]}


def test_models_are_the_same_for_every_hash_seed(tmp_path: Path) -> None:
    """Sets have no say in the order."""
    program = (
        "import sys; sys.path.insert(0, sys.argv[1]); import test_models as t; r = t.reference; s = t.STRING\n"
        "rows = {f'Row{n}': {'type': 'object', 'properties': {f'p{k}': r(f'Row{(n * k) % 30}') for k in range(9)}} for n in range(30)}\n"
        "rows |= {f'Any{n}': {'anyOf': [r(f'Row{n}'), r(f'Any{(n * 7) % 9}')]} for n in range(9)}\n"
        "rows |= {f'Sub{n}': {'allOf': [r(f'Row{n}'), {'properties': {'x': s}}]} for n in range(9)}\n"
        "print(t.write_models(t.document(rows), (), '# models'))"
    )

    def source(seed: str) -> bytes:
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        return subprocess.run(
            [sys.executable, "-c", program, str(Path(__file__).parent)], env=environment, capture_output=True, check=True, cwd=tmp_path
        ).stdout

    assert source("1") == source("2")


def written(schemas: Schemas, folder: Path) -> tuple[str, ...]:
    """A package of models in a folder, and its modules."""
    package = folder / "many_models"
    package.mkdir()
    files = write_models(document(schemas), (), "# models")
    for name, text in {**files, "__init__.py": ""}.items():
        (package / name).write_text(text, encoding="utf-8")
    return tuple(files)


def test_models_of_a_large_document_load_when_they_are_used(tmp_path: Path) -> None:
    """A chain of two hundred needs its rest, a schema beside it nothing; circles share a module."""
    chain: Schemas = {f"Row{n}": {"type": "object", "properties": {"next": reference(f"Row{n + 1}")}} for n in range(200)}
    circle: Schemas = {f"Ring{n}": {"type": "object", "properties": {"next": reference(f"Ring{(n + 1) % 50}")}} for n in range(50)}
    files = written({**chain, **circle, "Row200": STRING, "Lone": {"type": "object", "properties": {"id": STRING}}}, tmp_path)
    program = (
        "import sys; from many_models.models import Lone, Ring7; Lone(id='a')\n"
        "ring = Ring7.model_validate({'next': {'next': {}}}); assert type(ring.next.next).__name__ == 'Ring9'\n"
        "print(sum('class Row' in open(m.__file__).read() for n, m in list(sys.modules.items()) if n.startswith('many_models.models_')))\n"
        "from many_models.models import Row3, Row180; assert Row180.model_validate({'next': {'next': {}}}).next.next is not None"
    )

    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False)

    assert (done.stdout, done.stderr) == ("0\n", "")
    assert len(files) > 5


def test_a_choice_with_an_unknown_variant_is_read_by_its_tag() -> None:
    """Wherever it stands: alone, in a list, nullable, or as a type with a name of its own."""
    tagged = {name: {"type": "object", "properties": {"kind": {"const": name}}, "required": ["kind"]} for name in ("Cat", "Dog")}
    unknown = {"type": "object", "properties": {"kind": STRING}, "required": ["kind"]}
    options = [{"oneOf": [reference("Cat"), reference("Dog")]}, reference("UnknownPet")]
    row = {
        "one": {"anyOf": [*options, {"type": "null"}]},
        "many": {"type": "array", "items": {"anyOf": options}},
        "named": reference("Pet"),
    }
    schemas = {**tagged, "UnknownPet": unknown, "Pet": {"anyOf": options}, "Row": {"type": "object", "properties": row}}

    source = write_models(document(schemas), (UnknownVariant("UnknownPet", "kind", ("Cat", "Dog"), ""),), "# models")["models.py"]

    chosen = "Annotated[Cat | Dog | UnknownPet, BY_TAG]"
    assert f"one: {chosen} | None = None" in source
    assert f"many: list[{chosen}] | None = None" in source
    assert source.count(chosen) == source.count("| UnknownPet") == 3


def test_enumerations_and_constants_keep_their_values() -> None:
    """Those of one shape are typed once; values that need quoting are as they were."""
    awkward = ["it's", 'say "no"', "back\\slash", "line\nbreak", "é", ""]
    names = {"plain": ["open", "closed"], "other": ["a b", "c-d"], "awkward": awkward}
    properties: Schemas = {
        name: {"anyOf": [{"type": "string", "enum": values}, {"type": "string"}, *({"type": "null"} for _ in range(name == "other"))]}
        for name, values in names.items()
    }
    properties |= {"fixed": {"type": "string", "const": "cat"}, "quoted": {"type": "string", "const": "c'at"}, "number": {"const": 3}}
    source = write_models(document({"Thing": {"type": "object", "properties": properties}}), (), "# models")["models.py"]
    thing = loaded({"Thing": {"type": "object", "properties": properties, "required": sorted(properties)}}).Thing

    assert "    plain: Literal['open', 'closed'] | str | None = None\n" in source
    assert "    other: Literal['a b', 'c-d'] | str | None = None\n" in source
    assert "    fixed: Literal['cat'] | None = None\n" in source
    assert get_args(get_args(thing.model_fields["awkward"].annotation)[0]) == tuple(awkward)
    assert get_args(thing.model_fields["quoted"].annotation) == ("c'at",)


def test_a_choice_without_a_choice_is_what_can_be_chosen() -> None:
    """However deep it is wrapped, beside null and with words of its own."""
    pet = reference("Pet")
    properties = {
        "alone": {"oneOf": [pet], "description": "The only one."},
        "nullable": {"anyOf": [{"type": "null"}, {"anyOf": [pet]}]},
        "nested": {"anyOf": [{"anyOf": [pet, {"oneOf": [reference("Toy")]}]}, STRING]},
    }
    schemas: Schemas = {name: {"type": "object", "properties": {"id": STRING}, "required": ["id"]} for name in ("Pet", "Toy")}
    schemas["Row"] = {"type": "object", "properties": properties, "required": ["alone", "nullable", "nested"]}

    source = write_models(document(schemas), (), "# models")["models.py"]

    assert source.partition("class Row(Model):\n")[2] == (
        '    alone: Pet\n    """The only one."""\n    nullable: Pet | None\n    nested: Pet | Toy | str\n'
    )
