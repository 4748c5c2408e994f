"""Does padding affect the predictions of a model? For any model, with or without lengths."""

from seqclf.audit._result import InvariantCheck, PaddingAudit
from seqclf.audit._run import assert_padding_invariant, audit_padding

__all__ = ["InvariantCheck", "PaddingAudit", "assert_padding_invariant", "audit_padding"]
