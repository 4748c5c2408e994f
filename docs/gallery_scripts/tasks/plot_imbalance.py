"""
Imbalanced classes: weights, sampler or threshold?
==================================================

If 4 % of the samples are faults, a network misses some of them. Class weights and a balancing sampler find more, and raise more false alarms. A
threshold on the probability does the same without training again. All of them choose a point on nearly the same curve.
"""

# %%
# The data
# --------
# Simulated windows of a sensor, 20 to 50 steps of noise. In a fault, the mean is higher for eight steps.

import matplotlib.pyplot as plt
import numpy as np

from seqclf import as_sequences

rng = np.random.default_rng(0)


def measure(label):
    """Return one window."""
    x = rng.normal(0, 1, rng.integers(20, 51))
    if label == "fault":
        start = rng.integers(0, len(x) - 8)
        x[start : start + 8] += 1.5
    return x


y = np.where(rng.random(5000) < 0.04, "fault", "ok")
X = as_sequences([measure(label) for label in y])
train, valid, test = slice(0, 1500), slice(1500, 3000), slice(3000, 5000)

# %%
# Three models, and a threshold
# -----------------------------
# Suppose that a missed fault costs ten times as much as a false alarm. The threshold is that of the unchanged model with the lowest cost on
# a validation set.

from sklearn.metrics import precision_recall_curve

from seqclf import GRUClassifier

options = {"unchanged": {}, "class weights": {"class_weight": "balanced"}, "sampler": {"sampler": "balanced"}}
models = {
    name: GRUClassifier(hidden_size=16, max_epochs=8, random_state=0, **given).fit(X[train], y[train])
    for name, given in options.items()
}

fault = 0  # the column of the class: `classes_` are sorted
proba = models["unchanged"].predict_proba(X[valid])[:, fault]
true = y[valid] == "fault"
thresholds = np.linspace(0.01, 0.99, 99)
costs = [10 * (true & (proba < t)).sum() + (~true & (proba >= t)).sum() for t in thresholds]
threshold = thresholds[np.argmin(costs)]

# %%
# New windows
# -----------
# Precision and recall of the faults in the test set: at all thresholds (lines), where the fault is the more probable class (dots), and at
# the chosen threshold (diamond).

figure, axes = plt.subplots(figsize=(6.4, 4), layout="constrained")


def mark(name, found, marker, color):
    """Draw and print precision and recall."""
    true = y[test] == "fault"
    precision, recall = true[found].mean(), found[true].mean()
    axes.plot(recall, precision, marker, color=color, markersize=10, zorder=3)
    cost = 10 * (true & ~found).sum() + (found & ~true).sum()
    print(f"{name}: precision {precision:.2f}, recall {recall:.2f}, cost {cost}")


for i, (name, model) in enumerate(models.items()):
    proba = model.predict_proba(X[test])[:, fault]
    precision, recall, _ = precision_recall_curve(y[test] == "fault", proba)
    axes.plot(recall, precision, color=f"C{i}", linewidth=1.2, label=name)
    mark(name, proba > 0.5, "o", f"C{i}")
mark(
    f"threshold {threshold:.2f}", models["unchanged"].predict_proba(X[test])[:, fault] >= threshold, "D", "C0"
)
axes.set(xlabel="recall: share of the faults found", ylabel="precision: share of the alarms that are right")
axes.legend(frameon=False)
plt.show()

# %%
# Guide: :doc:`/howto/imbalance`, with measurements on heartbeats.

# sphinx_gallery_keywords = "rare faults, threshold, precision, recall"
