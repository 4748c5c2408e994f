"""`score_table`: Parquet files in, Parquet files of predictions out."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from multiprocessing import parent_process
from os import PathLike
from pathlib import Path
from typing import Any, Literal

from seqclf._checks import check_boolean, check_integer, check_n_jobs
from seqclf._processes import run_side_by_side
from seqclf.exceptions import SeqclfWarning
from seqclf.persistence import load
from seqclf.scoring._batch_scorer import BatchScorer
from seqclf.scoring._destination import Destination
from seqclf.scoring._identity import identify
from seqclf.scoring._progress import progress_bar
from seqclf.scoring._score_chunk import ChunkScorer
from seqclf.scoring._source import find_files, plan_chunks

Paths = str | PathLike[str] | Iterable[str | PathLike[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredTable:
    """What `score_table` wrote.

    Attributes
    ----------
    files : tuple of pathlib.Path
        The files of results, in the order of the source.
    n_rows : int
        Number of their rows.
    n_null : int
        Number of rows that could not be scored.
    n_reused : int
        Number of files that an earlier run had written.

    Examples
    --------
    >>> from pathlib import Path
    >>> from seqclf.scoring import ScoredTable
    >>> ScoredTable(files=(Path("scores/beats.00000.parquet"),), n_rows=100, n_null=0, n_reused=1).n_rows
    100
    """

    files: tuple[Path, ...]
    n_rows: int
    n_null: int
    n_reused: int


def score_table(
    model: Any,
    source: Paths,
    destination: str | PathLike[str],
    *,
    column: str | Sequence[str],
    id: str | Sequence[str] | None = None,
    static: str | Sequence[str] | None = None,
    missing: Literal["error", "keep"] = "error",
    errors: Literal["raise", "null"] = "raise",
    rows_per_file: int = 262_144,
    n_jobs: int = -1,
    verbose: bool = False,
) -> ScoredTable:
    """Score Parquet files with a sequence in each row, and write Parquet files (extra `arrow`).

    Parameters
    ----------
    model : estimator, Pipeline or path-like
        A fitted classifier with `predict_proba`, or a file of `seqclf.save`.
    source : path-like, or list of these
        A file, a folder (with the folders in it), a pattern such as `"beats/*.parquet"`, or several of these. In folders and patterns, names that start with `.` or `_` are ignored.
    destination : path-like
        The folder of the results.
    column, id, static, missing, errors
        As in `BatchScorer`: which columns hold sequences, ids and static features, and what happens to rows that cannot be scored.
    rows_per_file : int, default=262_144
        Row groups of one file are scored together up to this number of rows; a larger row group is scored alone. Each becomes one file.
    n_jobs : int, default=-1
        Number of processes, each with one thread; at most one per available core, which is what -1 means (in a process of joblib:
        one). Pass 1 for a model on a GPU.
    verbose : bool, default=False
        Whether to show a progress bar (extra `progress`).

    Returns
    -------
    ScoredTable
        The files, and the numbers of their rows. For each row of the source there is one, in the same order; see `BatchScorer` for the
        columns.

    Raises
    ------
    InvalidSequenceError
        If a row cannot be scored; the message names file, row group and row. Files that are finished stay.
    ValueError
        If `destination` holds results of another source, model or other parameters, or anything else; a column is missing; a file is not a
        Parquet file; or files of the source have the same name.
    FileNotFoundError
        If the source does not exist.
    ImportError
        If pyarrow is not installed.

    Warns
    -----
    SeqclfWarning
        If rows could not be scored, and `errors="null"`.

    See Also
    --------
    BatchScorer : Score tables in memory, for example with Dask, Ray or Spark.
    from_long_batches : Read tables with one row per step.

    Notes
    -----
    The same call resumes a run that was interrupted or killed: files of results that are there are kept, and files that were added to the source are scored. Each is written whole, under a hidden name first, and says what it holds: the source file
    with its size and time of change, row groups, a digest of the model, and the parameters. Only one run at a time may write into a folder.

    A process holds one row group as it is stored in the file, and about 32 MB of decoded sequences. Results depend neither on `n_jobs` nor on interruptions.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> import pyarrow as pa, pyarrow.parquet as pq
    >>> import seqclf
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> model = seqclf.GRUClassifier(hidden_size=4, random_state=0).fit([[0.1, 0.9], [0.9, 0.1, 0.0]] * 8, ["up", "down"] * 8)
    >>> pq.write_table(pa.table({"beat": [7, 8], "values": [[0.1, 0.8], [0.9, 0.2]]}), folder / "beats.parquet")
    >>> scored = seqclf.score_table(model, folder / "beats.parquet", folder / "scores", column="values", id="beat", n_jobs=1)
    >>> pq.read_table(scored.files[0])["prediction"].to_pylist()
    ['up', 'down']
    """
    if isinstance(model, str | PathLike):
        model = load(model)
    score = BatchScorer(model, column=column, id=id, static=static, missing=missing, errors=errors)
    rows_per_file, verbose = check_integer("rows_per_file", rows_per_file), check_boolean("verbose", verbose)
    n_processes = _number_of_processes(n_jobs)
    folder = Path(destination)
    chunks = plan_chunks(find_files(source, folder), score.columns, rows_per_file)
    target = Destination(
        folder=folder, model=identify(model), parameters={**score.parameters, "rows_per_file": rows_per_file}
    )
    nulls = target.scored(chunks)
    n_reused = len(nulls)
    remaining = [chunk for chunk in chunks if chunk not in nulls]
    target.remove_leftovers(remaining)
    n_rows, n_done = (sum(chunk.n_rows for chunk in some) for some in (chunks, nulls))
    with progress_bar(n_rows, n_done, shown=verbose) as advance:
        work = ChunkScorer(score=score, destination=target)
        for index, n_null in run_side_by_side(work, remaining, n_processes, stacklevel=3):
            nulls[remaining[index]] = n_null
            advance(remaining[index].n_rows)
    n_null = sum(nulls.values())
    if n_null:
        warnings.warn(
            f"{n_null} of {n_rows} rows could not be scored; their predictions are null.",
            SeqclfWarning,
            stacklevel=2,
        )
    files = tuple(target.path_of(chunk) for chunk in chunks)
    return ScoredTable(files=files, n_rows=n_rows, n_null=n_null, n_reused=n_reused)


def _number_of_processes(n_jobs: int) -> int:
    n_processes = check_n_jobs(n_jobs)
    # In a process of joblib, its siblings keep the other cores busy.
    return 1 if n_jobs == -1 and parent_process() is not None else n_processes
