"""Modules do not import each other in circles, and a private module serves its own package only.

Which package may import which is a contract of import-linter, in pyproject.toml.
"""

from __future__ import annotations

import grimp
import numpy as np
import pytest
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components


def top_package(module: str) -> str:
    """Return the package below `seqclf` that holds a module: `seqclf.nn` for `seqclf.nn._pooling`."""
    return ".".join(module.split(".")[:2])


def cycles(graph: grimp.ImportGraph) -> set[tuple[str, ...]]:
    """Return each group of modules that import each other in a circle, sorted; the first with its package."""
    modules = sorted(graph.modules)
    edges = np.array(
        [
            [other in graph.find_modules_directly_imported_by(module) for other in modules]
            for module in modules
        ]
    )
    n_groups, group = connected_components(csr_array(edges), connection="strong")
    found = set()
    for i in range(n_groups):
        first, *others = (modules[j] for j in np.flatnonzero(group == i))
        if others:
            found.add((first, *(other.removeprefix(first.rpartition(".")[0] + ".") for other in others)))
    return found


def private_imports(graph: grimp.ImportGraph) -> set[tuple[str, str]]:
    """Return the imports of a package's private module by another package; `seqclf._checks` is no package's."""
    return {
        (importer, imported)
        for imported in graph.modules
        for importer in graph.find_modules_that_directly_import(imported)
        if top_package(importer) != top_package(imported)
        and any(part.startswith("_") for part in imported.split(".")[2:])
    }


@pytest.fixture(scope="module")
def imports() -> grimp.ImportGraph:
    """Return every import in the package, those inside functions and under TYPE_CHECKING included."""
    return grimp.build_graph("seqclf", exclude_type_checking_imports=False, cache_dir=None)


def test_no_modules_import_each_other_in_a_circle(imports: grimp.ImportGraph) -> None:
    assert cycles(imports) == set()


def test_no_private_module_is_imported_from_another_package(imports: grimp.ImportGraph) -> None:
    assert private_imports(imports) == set()


def test_a_cycle_and_a_private_import_are_found() -> None:
    graph = grimp.ImportGraph()
    for importer, imported in (
        ("p.a._x", "p.a._y"),
        ("p.a._y", "p.a._z"),
        ("p.a._z", "p.a._x"),
        ("p.a._x", "p._checks"),  # at the root: everyone's
        ("p.b", "p.a._z"),
        ("p.b", "p.a"),
    ):
        graph.add_import(importer=importer, imported=imported)
    assert cycles(graph) == {("p.a._x", "_y", "_z")}
    assert private_imports(graph) == {("p.b", "p.a._z")}
