"""How Sphinx builds the site: offline, and every warning is an error (`make docs`)."""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Any

from docutils import nodes
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

sys.path.insert(0, str(Path(__file__).parent / "figures"))
from archive import archive
from early import early
from reliability import reliability
from results import figures
from service import service
from sweep_costs import sweep_costs

project = "seqclf"
author = "The seqclf developers"
project_copyright = "2026, The seqclf developers"
version = release = installed_version("seqclf")

extensions = ["myst_parser", "numpydoc", "sphinx.ext.autodoc", "sphinx.ext.autosummary"]
exclude_patterns = ["_build"]
templates_path = ["_templates"]

# Docstrings give the types, with shapes and defaults; signatures need not repeat them.
autodoc_typehints = "none"
autodoc_member_order = "bysource"
autosummary_generate = True
python_maximum_signature_line_length = 88
numpydoc_show_class_members = False  # the class template lists them
default_role = "literal"
smartquotes = False  # "gru" is code
highlight_options = {"python": {"stripnl": True}}  # a blank line ends the expected output of a doctest
toc_object_entries = False

myst_enable_extensions = ["colon_fence", "dollarmath", "substitution"]
myst_substitutions = archive() | figures() | sweep_costs() | reliability() | service() | early()
myst_heading_anchors = 3

# Names that other projects document: the build must not fetch their inventories.
nitpick_ignore_regex = [
    (r"py:.*", r"(torch|numpy|np|sklearn|pyarrow|pa|matplotlib|pandas|collections)\..*"),
]

html_theme = "pydata_sphinx_theme"
html_title = "seqclf"
html_math_renderer = "mathml"  # browsers render it themselves: MathJax would be fetched from the network
html_static_path = ["_static"]
html_css_files = ["seqclf.css"]
html_copy_source = False
html_show_sourcelink = False
html_theme_options = {
    "logo": {"text": "seqclf"},
    "navbar_align": "left",
    "navbar_end": ["theme-switcher"],
    "navigation_with_keys": False,
    "secondary_sidebar_items": {"**": ["page-toc"], "index": []},
    "show_prev_next": False,
    "footer_start": ["copyright"],
    "footer_end": ["sphinx-version"],
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}
html_sidebars: dict[str, list[str]] = {page: [] for page in ("index", "tutorial", "results", "changelog")}

PACKAGES = ("sequences", "transforms", "estimators", "persistence", "scoring", "exceptions")


def resolve_shortcut(
    app: Sphinx, env: BuildEnvironment, node: Any, contnode: nodes.Element
) -> nodes.reference | None:
    """Link a name that `seqclf` re-exports, such as `seqclf.pad`, to its page in the package that defines it."""
    target = str(node.get("reftarget", "")).removeprefix("~")
    name = target.removeprefix("seqclf.")
    if node.get("refdomain") != "py" or not name.isidentifier():
        return None
    for package in PACKAGES:
        if hasattr(import_module(f"seqclf.{package}"), name):
            full = f"seqclf.{package}.{name}"
            return env.domains["py"].resolve_xref(
                env, node["refdoc"], app.builder, "obj", full, node, contnode
            )
    return None


def skip_member(app: Sphinx, what: str, name: str, obj: object, skip: bool, options: object) -> bool | None:
    """Skip the methods that scikit-learn generates for metadata routing, such as `set_fit_request`."""
    return True if name.startswith("set_") and name.endswith("_request") else None


def write_mathml(translator: Any, node: nodes.math | nodes.math_block) -> None:
    """Write an equation as MathML; the lines of a block are aligned at `&`."""
    tex = node.astext()
    if isinstance(node, nodes.math_block):
        aligned = tex2mathml(rf"\begin{{aligned}}{tex}\end{{aligned}}")
        translator.body.append(aligned.replace("<math ", '<math display="block" ', 1))
    else:
        translator.body.append(tex2mathml(tex))
    raise nodes.SkipNode


def setup(app: Sphinx) -> None:
    app.add_html_math_renderer("mathml", (write_mathml, None), (write_mathml, None))
    app.connect("autodoc-skip-member", skip_member)
    app.connect("missing-reference", resolve_shortcut)
