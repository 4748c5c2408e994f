"""
Missing values: sensors that fail
=================================

Two sensors are read at each step. One of them fails for a while in every sequence, which leaves NaN. With ``missing="indicator"``, the
model learns from the values and from *when* a value is missing.
"""

# %%
# The data
# --------
# A slow wave (class "slow") or a fast one (class "fast"). The second sensor has gaps, which are NaN.

import matplotlib.pyplot as plt
import numpy as np

rng = np.random.default_rng(0)


def measure(label):
    """Return one sequence of 40 to 80 steps and two features."""
    steps = np.arange(rng.integers(40, 80))
    wave = np.sin(steps * (0.2 if label == "slow" else 0.24) + rng.uniform(0, 6))
    x = np.column_stack([wave, np.roll(wave, 5)]) + rng.normal(0, 0.8, (len(steps), 2))
    start = rng.integers(0, len(steps) - 20)
    x[start : start + rng.integers(5, 20), 1] = np.nan
    return x


y = rng.choice(["slow", "fast"], 400)
X = [measure(label) for label in y]
figure, panels = plt.subplots(2, 1, figsize=(6.4, 4), sharex=True, layout="constrained")
for axes, label in zip(panels, ("slow", "fast"), strict=True):
    axes.plot(X[int(np.flatnonzero(y == label)[0])], label=["sensor 1", "sensor 2"])
    axes.set(title=label)
panels[0].legend(frameon=False, ncols=2)
panels[1].set_xlabel("step")

# %%
# Fit with NaN
# ------------
# The model is trained on the first 300 sequences, and tested on the others. For comparison, a second model gets the first sensor only.

from seqclf import GRUClassifier

scores = {}
model = GRUClassifier(hidden_size=24, max_epochs=12, missing="indicator", random_state=0)
scores["both, with gaps"] = model.fit(X[:300], y[:300]).score(X[300:], y[300:])
first = [x[:, :1] for x in X]
model = GRUClassifier(hidden_size=24, max_epochs=12, random_state=0)
scores["first sensor only"] = model.fit(first[:300], y[:300]).score(first[300:], y[300:])

figure, axes = plt.subplots(figsize=(6.4, 2), layout="constrained")
bars = axes.barh([*scores], [*scores.values()], height=0.6)
axes.bar_label(bars, fmt="%.2f", padding=4)
axes.set(xlim=(0, 1.1), xlabel="accuracy on the test sequences")
plt.show()

# %%
# Guide: :doc:`/howto/representations`.

# sphinx_gallery_keywords = "gaps, NaN in sequences, sensor failure"
