"""
Missing values: sensors that fail
=================================

Two sensors are read at each step, and one of them fails for a while in every sequence: its values are then NaN. Pass the sequences as they
are. With ``missing="indicator"``, the model also knows which values are missing, and for how long.
"""

# %%
# The data
# --------
# Two simulated sensors at a wheel that turns left or right: the first sensor shows the same wave in both cases, the second one is a
# quarter turn ahead or behind. It fails for up to half of the time.

import matplotlib.pyplot as plt
import numpy as np

rng = np.random.default_rng(0)


def measure(label):
    """Return one sequence of 40 to 80 steps and two features."""
    steps = np.arange(rng.integers(40, 80))
    angle = steps * rng.uniform(0.15, 0.4) + rng.uniform(0, 6)
    turn = np.pi / 2 if label == "right" else -np.pi / 2
    x = np.sin(np.column_stack([angle, angle + turn])) + rng.normal(0, 0.6, (len(steps), 2))
    start = rng.integers(0, len(steps) // 2)
    x[start : start + rng.integers(10, len(steps) // 2), 1] = np.nan
    return x


y = rng.choice(["left", "right"], 400)
X = [measure(label) for label in y]
figure, panels = plt.subplots(2, 1, figsize=(6.4, 4), sharex=True, layout="constrained")
for axes, label in zip(panels, ("left", "right"), strict=True):
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
