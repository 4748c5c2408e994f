"""WFDB records, the files of PhysioNet: header, signals and annotations -> `WFDBRecord`."""

from seqclf.datasets.records._read_record import read_record
from seqclf.datasets.records._read_wfdb import read_wfdb
from seqclf.datasets.records._record import WFDBRecord
from seqclf.datasets.records._record_files import RecordFiles
from seqclf.datasets.records._resampling import resample

__all__ = ["RecordFiles", "WFDBRecord", "read_record", "read_wfdb", "resample"]
