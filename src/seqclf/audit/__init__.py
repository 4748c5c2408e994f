"""Does padding reach the predictions of a model? For any model, with lengths or without."""

from seqclf.audit._result import InvariantCheck, PaddingAudit
from seqclf.audit._run import assert_padding_invariant, audit_padding

__all__ = ["InvariantCheck", "PaddingAudit", "assert_padding_invariant", "audit_padding"]
