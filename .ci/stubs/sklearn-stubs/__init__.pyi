"""For `make types`; see base.pyi."""
