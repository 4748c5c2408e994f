"""pytest imports each module to look for examples; this one must never be imported."""

collect_ignore = ["canary.py"]
