"""One chunk -> one file of results, whole or not at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from seqclf._files import replacing
from seqclf.scoring._arrow import import_arrow
from seqclf.scoring._batch_scorer import BatchScorer
from seqclf.scoring._columns import PREDICTION
from seqclf.scoring._destination import Destination
from seqclf.scoring._source import Chunk, open_parquet

_BATCH_BYTES = 1 << 25
"""Bytes of sequences that are read at once."""

_MOST_ROWS = 1 << 16


@dataclass(frozen=True, slots=True, kw_only=True)
class ChunkScorer:
    """What a process needs to score chunks."""

    score: BatchScorer
    destination: Destination

    def __call__(self, chunk: Chunk) -> int:
        """Write the results of a chunk; return the number of rows without a prediction."""
        path = self.destination.path_of(chunk)
        path.parent.mkdir(parents=True, exist_ok=True)
        n_null = 0
        with replacing(path) as output:
            writer = None
            try:
                for result in self._results(chunk):
                    if writer is None:
                        schema = result.schema.with_metadata(self.destination.metadata(chunk))
                        writer = import_arrow("pyarrow.parquet").ParquetWriter(output, schema)
                    writer.write_table(result.cast(schema))
                    n_null += result[PREDICTION].null_count
            finally:
                if writer is not None:
                    writer.close()
            _refuse_change(chunk)
        return n_null

    def _results(self, chunk: Chunk) -> Any:
        """Yield the results of a chunk batch by batch."""
        pa, names = import_arrow(), list(self.score.columns.all)
        with open_parquet(chunk.path) as file:
            for group in range(chunk.first, chunk.stop):
                row = 0
                batches = file.iter_batches(
                    batch_size=_batch_size(file.metadata.row_group(group), names),
                    row_groups=[group],
                    columns=names,
                    use_threads=False,
                )
                for batch in batches:
                    table = pa.Table.from_batches([batch])
                    yield self.score(table, place=f"{chunk.path}, row group {group}", first_row=row)
                    row += table.num_rows


def _batch_size(group: Any, names: list[str]) -> int:
    """Return how many rows of a row group take about `_BATCH_BYTES`."""
    columns = (group.column(i) for i in range(group.num_columns))
    n_bytes = sum(one.total_uncompressed_size for one in columns if one.path_in_schema.split(".")[0] in names)
    return max(1, min(_MOST_ROWS, _BATCH_BYTES * int(group.num_rows) // max(1, int(n_bytes))))


def _refuse_change(chunk: Chunk) -> None:
    about = chunk.path.stat()
    if (about.st_size, about.st_mtime_ns) != (chunk.size, chunk.modified):
        raise RuntimeError(
            f"{chunk.path} must not change while it is scored; its size or time of change differs. Score it again when it is complete."
        )
