"""Does padding reach the predictions of a model, any model?"""

from seqclf.audit._audit import assert_padding_invariant, audit_padding
from seqclf.audit._padding_audit import InvariantCheck, PaddingAudit

__all__ = ["InvariantCheck", "PaddingAudit", "assert_padding_invariant", "audit_padding"]
