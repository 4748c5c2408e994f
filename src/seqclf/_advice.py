"""Advice in error messages that one package writes and another replaces by its own."""

NAN_CURE = '`missing="indicator"` of an estimator, or `FillMissing` before it, fills in NaN.'
"""What to do about NaN; a transformer says where its own cure belongs."""
