"""A progress bar over the trials of a sweep, whichever process runs them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

from seqclf.tuning._trial_status import is_replaced

if TYPE_CHECKING:
    import optuna

_INTERVAL_SECONDS = 1.0


@contextmanager
def progress_bar(study: optuna.Study, n_trials: int) -> Iterator[Any]:
    """Show how many of the trials have ended and the best score, from a thread; yield the bar."""
    from tqdm.auto import tqdm  # a dependency of Optuna

    bar, done = tqdm(total=n_trials, unit="trial", desc=study.study_name), Event()

    def follow() -> None:
        while not done.wait(_INTERVAL_SECONDS):
            _update(bar, study)

    _update(bar, study)
    thread = Thread(target=follow, daemon=True)
    thread.start()
    try:
        yield bar
    finally:
        done.set()
        thread.join()
        _update(bar, study)
        bar.close()


def _update(bar: Any, study: optuna.Study) -> None:
    ended = [t for t in study.get_trials(deepcopy=False) if t.state.is_finished() and not is_replaced(t)]
    scores = [t.value for t in ended if t.state.name == "COMPLETE" and t.value is not None]
    if scores:
        bar.set_postfix(best=f"{max(scores):.4f}", refresh=False)
    bar.update(len(ended) - bar.n)
    bar.refresh()  # updates the clock even if no trial has ended
