"""One training on several processes: the group, what each computes of a step, and how they agree."""
