"""A fitted model in, an ONNX file out."""

from seqclf.export._to_onnx import to_onnx

__all__ = ["to_onnx"]
