"""`read_wfdb`: read one record of an ECG database."""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import Literal

from seqclf._checks import check_boolean, check_choice, check_positive, check_sequence
from seqclf.datasets.records._read_record import read_record
from seqclf.datasets.records._record import WFDBRecord
from seqclf.datasets.records._record_files import RecordFiles
from seqclf.datasets.records._signal_line import FILE_NAME


def read_wfdb(
    path: str | PathLike[str],
    *,
    channels: Sequence[str | int] | None = None,
    annotator: str | None = None,
    resample_to: float | None = None,
    missing: Literal["error", "keep"] = "error",
    verify: bool = True,
) -> WFDBRecord:
    r"""Read a record in the WFDB format, that of PhysioNet's databases.

    Parameters
    ----------
    path : str or path-like
        Header of the record, with or without `.hea`, such as `incartdb/I01`.
    channels : sequence of str or int, default=None
        Channels to read, in this order, by their name, such as `II`, or their number from 0. None: all.
    annotator : str, default=None
        Suffix of the annotation file: most often `"atr"`. None: no annotations.
    resample_to : float, default=None
        Sampling rate in Hz to which the signal is resampled, after a low-pass filter below half of the lower rate
        (`scipy.signal.resample_poly`). None: that of the record.
    missing : {"error", "keep"}, default="error"
        What to do with missing samples, those of gaps and those that the file marks as invalid: raise an error that says
        where they are, or keep them as NaN. Resampling spreads NaN by up to 11 steps of the lower rate.
    verify : bool, default=True
        Whether to compare the sum of the samples with the checksum in the header, if there is one.

    Returns
    -------
    WFDBRecord
        Signal in physical units, with channels, units, annotations and comments.

    Raises
    ------
    FileNotFoundError
        If a file of the record is missing.
    InvalidSequenceError
        If a file is damaged, or is no regular file of the record's folder; or if a sample is missing and `missing="error"`.
    ValueError
        If the record has no such channel, or channels have several rates and `resample_to` is None.
    TypeError
        If a parameter has another type.
    ImportError
        If a file has one of the formats 508, 516 and 524 (FLAC) and soundfile is not installed: `seqclf[flac]`.

    See Also
    --------
    cut_beats : Cut records into beats.
    load_mitbih : The MIT-BIH Arrhythmia Database.

    Notes
    -----
    Signals of all formats are read (8, 16, 24, 32, 61, 80, 160, 212, 310, 311, FLAC), with several files, segments, or
    samples in a frame. Records of several segments are joined; gaps, and channels that a segment does not have, are
    missing samples.

    A record is read from its own folder only: a header that names a file elsewhere is an error. A wrong digit in a gain, a
    name or a file without a checksum cannot be noticed.

    Examples
    --------
    A record of two channels in format 16, with two beats, as its files define it:

    >>> import tempfile
    >>> from pathlib import Path
    >>> import numpy as np
    >>> from seqclf.datasets import read_wfdb
    >>> folder = Path(tempfile.mkdtemp())
    >>> lines = ["r1 2 250 500", "r1.dat 16 200/mV 12 0 0 0 0 I", "r1.dat 16 200/mV 12 0 0 200 0 II"]
    >>> _ = (folder / "r1.hea").write_text("\n".join(lines))
    >>> samples = np.zeros((500, 2), dtype="<i2")
    >>> samples[250, 1] = 200
    >>> samples.tofile(folder / "r1.dat")
    >>> np.array([1 << 10 | 10, 1 << 10 | 240, 0], dtype="<u2").tofile(folder / "r1.atr")
    >>> record = read_wfdb(folder / "r1", channels=["II"], annotator="atr")
    >>> record
    WFDBRecord(r1: 500 steps at 250 Hz of II; 2 annotations)
    >>> record.samples.tolist(), record.symbols.tolist(), record.signal[250].tolist(), record.units
    ([10, 250], ['N', 'N'], [1.0], ('mV',))
    """
    header = Path(path)
    if channels is not None:
        channels = check_sequence("channels", channels, "names or numbers of channels")
        if not channels:
            raise ValueError("`channels` must have at least one channel; got none. Pass None for all.")
    if annotator is not None and not (isinstance(annotator, str) and FILE_NAME.fullmatch(annotator)):
        raise ValueError(
            f'`annotator` must be the suffix of an annotation file, such as "atr"; got {annotator!r:.60}.'
        )
    if resample_to is not None:
        resample_to = check_positive("resample_to", resample_to)
    check_choice("missing", missing, ("error", "keep"))
    return read_record(
        RecordFiles(header.parent),
        header.name.removesuffix(".hea"),
        channels=channels,
        annotator=annotator,
        resample_to=resample_to,
        missing=missing,
        verify=check_boolean("verify", verify),
    )
