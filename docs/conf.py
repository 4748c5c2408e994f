"""How Sphinx builds the site: offline, and every warning is an error (`make docs`)."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Any

from docutils import nodes
from docutils.utils.math.latex2mathml import tex2mathml
from numpy.typing import ArrayLike
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.typing import stringify_annotation

sys.path.insert(0, str(Path(__file__).parent / "figures"))
sys.path.insert(0, str(Path(__file__).parent / "extensions"))
from archive import archive
from comparison import comparison
from early import early
from pages import pages
from reliability import reliability
from results import figures
from scaling import scaling
from service import service
from spanish import spanish
from speed import speed
from sweep_costs import sweep_costs
from which import which

project = "seqclf"
author = "The seqclf developers"
project_copyright = "2026, The seqclf developers"
version = release = installed_version("seqclf")

extensions = [
    *("myst_parser", "numpydoc", "sphinx.ext.autodoc", "sphinx.ext.autosummary", "sphinx.ext.viewcode"),
    *(
        "sphinx_copybutton",
        "sphinx_design",
        "sphinx_gallery.gen_gallery",
        "inherited_parameters",
        "languages",
        "page_metadata",
    ),
]
exclude_patterns = ["_build", "gallery_scripts", "gallery/**/*.ipynb", "gallery/**/*.py"]
templates_path = ["_templates"]

autodoc_typehints = "signature"
autodoc_typehints_format = "short"
autodoc_type_aliases = {"Precision": "seqclf.kernels.Precision"}  # seqclf.nn names it, too
python_use_unqualified_type_names = True
autodoc_member_order = "bysource"
autosummary_generate = True
python_maximum_signature_line_length = 88
numpydoc_show_class_members = False  # the class template lists them
default_role = "literal"
smartquotes = False  # "gru" is code
highlight_options = {"python": {"stripnl": True}}  # a blank line ends the expected output of a doctest
toc_object_entries_show_parents = "hide"

sphinx_gallery_conf = {
    "examples_dirs": "gallery_scripts",
    "gallery_dirs": "gallery",
    "nested_sections": False,
    "within_subsection_order": "ExampleTitleSortKey",
    "image_scrapers": ("gallery_pictures.save_pictures",),
    "reset_modules": ("matplotlib", "gallery_pictures.set_style"),
    "abort_on_example_error": True,
    "show_memory": False,
    "show_signature": False,
    "min_reported_time": 3600,  # none: a time differs in each build
    "write_computation_times": False,
    "remove_config_comments": True,
    "capture_repr": (),
    "plot_gallery": "True",
    "parallel": True,  # as many scripts at once as `sphinx-build --jobs`
}

myst_enable_extensions = ["colon_fence", "deflist", "dollarmath", "substitution"]
myst_substitutions = (
    archive()
    | comparison()
    | figures()
    | sweep_costs()
    | reliability()
    | service()
    | early()
    | scaling()
    | speed()
    | which()
    | pages()
)
myst_substitutions |= {"es": spanish(myst_substitutions)}
myst_heading_anchors = 3

# Names that other projects document: the build must not fetch their inventories.
nitpick_ignore_regex = [
    (
        r"py:.*",
        r"(torch|nn|numpy|np|sklearn|pyarrow|pa|matplotlib|pandas|pd|optuna|collections|os|pathlib)\..*",
    ),
    # In signatures: types of other projects by their short name, and private aliases.
    (
        r"py:class",
        r"Tensor|ArrayLike|NDArray|IntArray|Figure|Path|Scoring|ClassWeight|\w+Choice|seqclf\.\w+\._.*",
    ),
]

html_theme = "pydata_sphinx_theme"
html_title = "seqclf"
html_context = {"default_mode": "auto"}
html_math_renderer = "mathml"  # browsers render it themselves: MathJax would be fetched from the network
html_static_path = ["_static"]
html_css_files = ["seqclf.css"]
html_domain_indices = False  # the reference lists the packages
html_favicon = "_static/favicon.svg"
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True
copybutton_only_copy_prompt_lines = True
html_theme_options = {
    "logo": {"text": "seqclf"},
    "navbar_align": "left",
    "header_links_before_dropdown": 6,
    "navbar_persistent": ["search-button-field", "language-switch"],
    "navbar_end": ["theme-switcher"],
    "navigation_with_keys": False,
    "secondary_sidebar_items": {
        "**": ["page-toc", "edit-this-page", "sourcelink"],
        "index": [],
        "es/index": [],
    },
    "footer_start": ["copyright"],
    "footer_end": ["sphinx-version"],
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}

# Known where the site is published: the repository whose pages can be edited.
if repository := os.environ.get("GITHUB_REPOSITORY"):
    owner, _, name = repository.partition("/")
    html_context |= {"github_user": owner, "github_repo": name, "github_version": "main", "doc_path": "docs"}
    html_theme_options["use_edit_page_button"] = True

html_sidebars: dict[str, list[str]] = {
    page: []
    for page in (
        *(
            "index",
            "tutorial",
            "from_your_notebook",
            "results",
            "new_patients",
            "model_card",
            "beyond_heartbeats",
            "faq",
            "glossary",
            "changelog",
            "es/*",
        ),
    )
}

PACKAGES = ("sequences", "transforms", "training", "estimators", "persistence", "scoring", "exceptions")


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
    """Skip what estimators inherit from scikit-learn, and its generated methods, such as `set_fit_request`."""
    of_sklearn = str(getattr(obj, "__module__", "")).startswith("sklearn.")
    return True if of_sklearn or (name.startswith("set_") and name.endswith("_request")) else None


def name_array_like(
    app: Sphinx, what: str, name: str, obj: object, options: object, signature: str | None, result: str | None
) -> tuple[str | None, str | None]:
    """Write `ArrayLike` instead of the private names of NumPy that it stands for.

    `autodoc_type_aliases` cannot: it would show `TypeAliasForwardRef` for `ArrayLike | None`.
    """
    expanded = stringify_annotation(ArrayLike, "smart")
    return signature and signature.replace(expanded, "~numpy.typing.ArrayLike"), result


def write_mathml(translator: Any, node: nodes.math | nodes.math_block) -> None:
    """Write an equation as MathML; the lines of a block are aligned at `&`."""
    tex = node.astext()
    if isinstance(node, nodes.math_block):
        block = tex2mathml(rf"\begin{{aligned}}{tex}\end{{aligned}}" if "&" in tex else tex)
        translator.body.append(block.replace("<math ", '<math display="block" ', 1))
    else:
        translator.body.append(tex2mathml(tex))
    raise nodes.SkipNode


def forget_builtins(app: Sphinx) -> list[Any]:
    """Keep the index of sources from linking a page of `builtins`, which has no source."""
    vars(app.env).get("_viewcode_modules", {}).pop("builtins", None)
    return []


def hide_source_links(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: object
) -> None:
    """Link no source of a page that the build writes: there is nothing to read, and nothing to edit."""
    if page.startswith(("reference/generated/", "gallery/")):
        context["theme_use_edit_page_button"] = context["show_source"] = False


def setup(app: Sphinx) -> None:
    app.connect("html-page-context", hide_source_links, priority=400)  # before the theme fills its sidebars
    app.add_html_math_renderer("mathml", (write_mathml, None), (write_mathml, None))
    app.connect("autodoc-skip-member", skip_member)
    app.connect("autodoc-process-signature", name_array_like)
    app.connect("missing-reference", resolve_shortcut)
    app.connect("html-collect-pages", forget_builtins, priority=100)  # before viewcode
