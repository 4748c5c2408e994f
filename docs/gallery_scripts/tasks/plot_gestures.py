"""
Which steps matter? Gestures from an accelerometer
==================================================

A recording holds a short gesture somewhere. Which of its steps does a prediction depend on? ``occlusion`` hides a few steps at a time and
measures how much less certain the model becomes. The recordings are simulated, so we know where the gesture is and can compare.
"""

# %%
# The data
# --------
# Acceleration along three axes while the hand sways. A gesture of 20 steps accelerates the hand along x or z in one direction, then in the
# other: "left" and "right" differ only in which comes first.

import matplotlib.pyplot as plt
import numpy as np

from seqclf import GRUClassifier, as_sequences

MOVES = {"down": (2, -1), "left": (0, -1), "right": (0, 1), "up": (2, 1)}  # axis, sign of the first half
rng = np.random.default_rng(0)


def record(gesture):
    """Return 70 to 120 steps of three axes, and the step at which the gesture starts."""
    steps = np.arange(rng.integers(70, 121))[:, None]
    x = 0.3 * np.sin(steps * rng.uniform(0.05, 0.15, 3) + rng.uniform(0, 6, 3)) + rng.normal(
        0, 0.2, (len(steps), 3)
    )
    start = rng.integers(0, len(steps) - 20)
    axis, sign = MOVES[gesture]
    x[start : start + 20, axis] += sign * 3 * np.sin(np.linspace(0, 2 * np.pi, 20))
    return x, start


y = rng.choice([*MOVES], 360)
recordings, starts = zip(*map(record, y), strict=True)
X, starts = as_sequences([*recordings]), np.array(starts)

figure, panels = plt.subplots(2, 2, figsize=(6.4, 4), sharex=True, sharey=True, layout="constrained")
for axes, gesture in zip(panels.flat, MOVES, strict=True):
    lines = axes.plot(X[list(y).index(gesture)], linewidth=1)
    axes.set_title(gesture)
figure.supxlabel("step")
figure.supylabel("acceleration")
figure.legend(lines, "xyz", loc="outside right upper", frameon=False)

# %%
# Fit, and explain one prediction
# -------------------------------
# Copies of the model with random weights (grey) react to the gesture, too, because nothing else moves as much. But some of their drops are
# negative: hiding the gesture makes these copies more certain.

from seqclf.evaluation import occlusion, stratified_split

train, test = stratified_split(y, test_size=0.2, random_state=0)
model = GRUClassifier(hidden_size=24, max_epochs=24, random_state=0).fit(X[train], y[train])
print(f"accuracy on {len(test)} new recordings: {model.score(X[test], y[test]):.2f}")

i = test[0]
found = occlusion(model, X[i : i + 1], window=10, feature_names=["x", "y", "z"], random_state=0)
print(found)
print(f"gesture: {y[i]}, steps {starts[i]} to {starts[i] + 19}")
found.plot()

# %%
# All new recordings
# ------------------
# Is the step with the largest drop in the gesture? The grey band shows the gestures.

largest = np.array(
    [occlusion(model, X[i : i + 1], window=10, stride=2, controls=0).drops.argmax() for i in test]
)
inside = (largest >= starts[test]) & (largest < starts[test] + 20)
print(
    f"in the gesture: {inside.mean():.0%}; a gesture lasts {np.mean(20 / X[test].lengths.numpy()):.0%} of a recording"
)
figure, axes = plt.subplots(figsize=(6.4, 3.6), layout="constrained")
axes.fill_between([0, 100], [0, 100], [20, 120], color="0.88")
axes.plot(starts[test], largest, "o", markersize=5)
axes.set(xlabel="first step of the gesture", ylabel="step with the largest drop")
plt.show()

# %%
# Guide: :doc:`/howto/occlusion`, with what it cannot show.

# sphinx_gallery_keywords = "gestures, accelerometer, explain predictions, explainability"
# sphinx_gallery_thumbnail_number = 2
