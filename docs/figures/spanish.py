"""What the Spanish pages show of the committed results: the same figures, tables and drawing, with their words translated."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from results import RESULTS
from spanish_words import UNCHANGED, WORDS

DOCS = Path(__file__).parents[1]
DRAWING = DOCS / "explanation" / "data-flow.svg"
TABLES = ("models", "classes", "sizes", "sweeps", "best", "ablation", "inter_patient")
MARKUP = re.compile(
    r"(<style>.*?</style>|<[^<>]+>|\[[^\]]*\]\([^)]*\))", flags=re.DOTALL
)  # tags, and links of Markdown
READ_ALOUD = re.compile(r'\b(alt|aria-label|title)="([^"]*)"')
# The longest first: of "macro F1 of N, S, V", not only "macro F1" is translated.
KNOWN = re.compile(
    "|".join(rf"(?<!\w){re.escape(words)}(?!\w)" for words in sorted(WORDS, key=len, reverse=True))
)
WORD = re.compile(r"(?<!\w)[^\W\d_]{2,}(?!\w)")  # not in names of code, such as `as_sequences`


def spanish(english: Mapping[str, str]) -> dict[str, str]:
    """Return what Spanish pages show: the figures that they name, the tables of results as `table_...`, and the drawing."""
    tables = {f"table_{name}": read_table(name) for name in TABLES}
    pages = "".join(path.read_text(encoding="utf-8") for path in sorted((DOCS / "es").glob("*.md")))
    named = set(re.findall(r"\{\{ es\.(\w+) \}\}", pages)) - {*tables, "data_flow"}
    given = {name: english[name] for name in sorted(named)} | tables
    drawing = translate(DRAWING.read_text(encoding="utf-8"))
    return {name: translate(text) for name, text in given.items()} | {
        "data_flow": f"```{{raw}} html\n{drawing}\n```"
    }


def read_table(name: str) -> str:
    """Return a table of results with its headings two levels lower, as on the page."""
    text = (RESULTS / "mitbih" / f"{name}.md").read_text(encoding="utf-8")
    return re.sub(r"^#", "###", text, flags=re.MULTILINE)


def translate(text: str) -> str:
    """Translate the words of Markdown or HTML, and write its numbers as Spanish does. Links of Markdown stay as they are.

    Raises
    ------
    ValueError
        If a word is neither in `WORDS` nor in `UNCHANGED`.
    """
    pieces = MARKUP.split(text)  # text and markup, in turn
    pieces[::2] = [translate_words(piece) for piece in pieces[::2]]
    pieces[1::2] = [
        READ_ALOUD.sub(lambda found: f'{found[1]}="{translate_words(found[2])}"', piece)
        for piece in pieces[1::2]
    ]
    return "".join(pieces)


def translate_words(text: str) -> str:
    """Translate text without markup."""
    unknown = sorted({word for word in WORD.findall(KNOWN.sub(" ", text)) if word not in UNCHANGED})
    if unknown:
        raise ValueError(
            f"Words of the Spanish pages must be in docs/figures/spanish_words.py; got {', '.join(unknown)} in "
            f"{text.strip()[:200]!r}. Add them to `WORDS` with their translation, or to `UNCHANGED`."
        )
    translated = KNOWN.sub(lambda found: WORDS[found[0]], text)
    translated = re.sub(
        r"\bexactitud (\d\S*) y F1 macro (?=\d)", r"exactitud de \1 y F1 macro de ", translated
    )
    # No separator in four digits, a narrow space in more; a space before the percent sign. The decimal point stays, as in code.
    translated = re.sub(r"(?<![\d.,])(\d),(\d{3})(?![\d,])", r"\1\2", translated)
    translated = re.sub(r"(?<=\d),(?=\d{3}(?!\d))", "\N{NARROW NO-BREAK SPACE}", translated)
    return re.sub(r"(?<=\d) ?%", "\N{NO-BREAK SPACE}%", translated)
