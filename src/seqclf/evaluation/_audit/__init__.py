"""Any model and padded sequences in, a verdict on its padding out.

The one part of this room that knows `Sequences` and, where it is handed a module, torch: a model must be run to be
audited. Everything else of the room gets labels and probabilities only.
"""
