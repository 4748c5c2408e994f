"""Heartbeats: simulated, from the MIT-BIH records, from records of any ECG database, or from the published CSV files."""

from seqclf.datasets._aami import AAMI_CLASS_OF_SYMBOL, AAMI_CLASSES, DS1, DS2, MITBIH_RECORDS, PACED_RECORDS
from seqclf.datasets._csv import read_heartbeat_csv
from seqclf.datasets._cut_beats import cut_beats
from seqclf.datasets._heartbeats import Heartbeats
from seqclf.datasets._mitbih import load_mitbih
from seqclf.datasets._synthetic import make_heartbeats
from seqclf.datasets.records import WFDBRecord, read_wfdb

__all__ = [
    "AAMI_CLASSES",
    "AAMI_CLASS_OF_SYMBOL",
    "DS1",
    "DS2",
    "Heartbeats",
    "MITBIH_RECORDS",
    "PACED_RECORDS",
    "WFDBRecord",
    "cut_beats",
    "load_mitbih",
    "make_heartbeats",
    "read_heartbeat_csv",
    "read_wfdb",
]
