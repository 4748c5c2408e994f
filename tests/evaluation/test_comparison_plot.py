"""The plot of a comparison has a bar for each score, and a mark where it is unknown."""

from __future__ import annotations

import pytest
from matplotlib.figure import Figure

from seqclf.evaluation import Comparison, PublishedFigures, compare


def paper(f1: float, classes: str = "NSVFQ") -> PublishedFigures:
    return PublishedFigures(
        accuracy=0.98, macro={"f1": 0.9}, per_class={name: {"f1": f1} for name in classes}
    )


def drawn(comparison: Comparison) -> Figure:
    figure = comparison.plot()
    figure.draw_without_rendering()
    return figure


def test_heights_are_the_scores_and_unknown_scores_are_marked() -> None:
    axes = drawn(compare({"a": paper(0.5), "b": PublishedFigures(accuracy=0.25)})).axes[0]
    heights = [[bar.get_height() for bar in bars] for bars in axes.containers]
    assert heights == [[0.98, 0, 0, 0.9, 0, *[0.5] * 5], [0.25, *[0] * 9]]
    texts = [text.get_text() for text in axes.texts]
    assert texts.count("n/a") == 3 + 9
    assert texts.count("0.50") == 5


@pytest.mark.parametrize(("n_models", "n_rows"), [(1, 1), (2, 1), (9, 2), (18, 2), (40, 5)])
def test_many_bars_are_drawn_in_several_rows(n_models: int, n_rows: int) -> None:
    figure = drawn(compare({f"model {i}": paper(0.5) for i in range(n_models)}))
    assert len(figure.axes) == n_rows
    assert sum(len(axes.get_xticks()) for axes in figure.axes) == 10
    assert len(figure.legends[0].get_texts()) == n_models


def test_a_shared_reference_is_grey() -> None:
    axes = drawn(compare({"a": paper(0.5), "paper": paper(0.6), "b": paper(0.7)}, reference="paper")).axes[0]
    red, green, blue, _ = axes.containers[1].patches[0].get_facecolor()  # type: ignore[attr-defined]
    assert red == green == blue


def test_the_reference_of_one_model_is_a_paler_shade_of_its_colour() -> None:
    models = {"a": paper(0.5), "paper a": paper(0.6), "b": paper(0.5), "paper b": paper(0.6)}
    axes = drawn(compare(models, reference={"a": "paper a", "b": "paper b"})).axes[0]
    colors = [bars.patches[0].get_facecolor() for bars in axes.containers]  # type: ignore[attr-defined]
    assert colors[0][:3] == colors[1][:3] != colors[2][:3] == colors[3][:3]
    assert [color[3] for color in colors] == [1.0, 0.4, 1.0, 0.4]


def test_a_chain_of_references_can_be_drawn() -> None:
    models = {"a": paper(0.5), "b": paper(0.6), "c": paper(0.5)}
    drawn(compare(models, reference={"a": "b", "b": "c"}))


def test_models_after_the_last_colour_are_hatched() -> None:
    axes = drawn(compare({f"model {i}": paper(0.5) for i in range(12)})).axes[0]
    hatches = [bars.patches[0].get_hatch() for bars in axes.containers]  # type: ignore[attr-defined]
    assert hatches[0] != hatches[11]


def test_long_names_stay_inside_the_plot() -> None:
    figure = drawn(compare({f"a rather long name of a model, number {i}": paper(0.5) for i in range(8)}))
    box = figure.legends[0].get_window_extent()
    assert box.x0 >= 0
    assert box.x1 <= figure.bbox.width
