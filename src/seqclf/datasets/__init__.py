"""Heartbeats: simulated, from ECG records or CSV files, and a fitted classifier of them. Files of the time series archive."""

from seqclf.datasets._aami import AAMI_CLASS_OF_SYMBOL, AAMI_CLASSES, DS1, DS2, MITBIH_RECORDS, PACED_RECORDS
from seqclf.datasets._beat_cut import BeatCut
from seqclf.datasets._csv import read_heartbeat_csv
from seqclf.datasets._cut_beats import cut_beats
from seqclf.datasets._download import data_folder
from seqclf.datasets._heartbeats import Heartbeats
from seqclf.datasets._mitbih import load_mitbih
from seqclf.datasets._pretrained import describe_pretrained, load_pretrained
from seqclf.datasets._read_arff import read_arff
from seqclf.datasets._read_ts import read_ts
from seqclf.datasets._read_tsv import read_tsv
from seqclf.datasets._rhythm import RR_FEATURES, rr_features
from seqclf.datasets._synthetic import make_heartbeats
from seqclf.datasets.records import WFDBRecord, read_wfdb

__all__ = [
    "AAMI_CLASSES",
    "AAMI_CLASS_OF_SYMBOL",
    "BeatCut",
    "DS1",
    "DS2",
    "Heartbeats",
    "MITBIH_RECORDS",
    "PACED_RECORDS",
    "RR_FEATURES",
    "WFDBRecord",
    "cut_beats",
    "data_folder",
    "describe_pretrained",
    "load_mitbih",
    "load_pretrained",
    "make_heartbeats",
    "read_arff",
    "read_heartbeat_csv",
    "read_ts",
    "read_tsv",
    "read_wfdb",
    "rr_features",
]
