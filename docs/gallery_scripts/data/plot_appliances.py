"""
Long sequences: power traces of appliances
==========================================

Which appliance is running? A meter records its power, for a minute or for an hour, so sequences are long and differ widely in length.
Most of a padded table would be padding. The traces are simulated: one value every 15 seconds.
"""

# %%
# The data
# --------
# Each appliance runs a program of phases: the watts of each, and its smallest and largest number of steps. Brands differ by up to 40 %. The
# recording starts while the program is running.

import matplotlib.pyplot as plt
import numpy as np

PROGRAMS = {
    "dishwasher": [(60, 20, 40), (1900, 30, 60), (60, 40, 90), (1900, 20, 50), (20, 30, 60)],
    "fridge": [(90, 30, 70), (3, 30, 70)] * 3,
    "kettle": [(2000, 8, 25)],
    "microwave": [(1100, 3, 8), (60, 2, 5)] * 6,
    "washing machine": [(150, 10, 20), (1900, 40, 80), (150, 80, 200), (400, 15, 40)],
}
rng = np.random.default_rng(0)


def measure(appliance):
    """Return a trace in watts."""
    watts = [np.full(rng.integers(low, high), power) for power, low, high in PROGRAMS[appliance]]
    trace = np.concatenate(watts) * rng.uniform(0.6, 1.4)
    trace *= rng.normal(1, 0.08, len(trace))
    return trace[rng.integers(0, len(trace) * 3 // 4) :]


y = rng.choice([*PROGRAMS], 400)
traces = [measure(appliance) for appliance in y]

figure, panels = plt.subplots(5, 1, figsize=(6.4, 5.4), sharex=True, layout="constrained")
for axes, appliance in zip(panels, PROGRAMS, strict=True):
    trace = traces[list(y).index(appliance)]
    axes.fill_between(np.arange(len(trace)) / 4, trace, step="post")
    axes.set_title(appliance, loc="right", y=0.55)
    axes.set_ylim(0)
figure.supylabel("power in W")
panels[-1].set_xlabel("minutes")

# %%
# How much would be padding?
# --------------------------
# Converted to ``Sequences``, the traces hold real steps only.

from seqclf import GRUClassifier, as_sequences

X = as_sequences(traces)
lengths = np.sort(X.lengths.numpy())[::-1]
share = 1 - lengths.mean() / lengths.max()
figure, axes = plt.subplots(figsize=(6.4, 2.6), layout="constrained")
axes.fill_between(range(len(lengths)), lengths, label="real steps")
axes.fill_between(range(len(lengths)), lengths, lengths.max(), color="0.85", label="padding")
axes.set(xlabel="trace", ylabel="steps", title=f"{share:.0%} of a padded table would be padding")
axes.legend(loc="upper right")
plt.show()

# %%
# Fit and report
# --------------
# For sequences of this length, ``fit`` puts a convolutional stem before the recurrence, which then reads a quarter of the steps.

from seqclf.evaluation import evaluate, stratified_split

train, test = stratified_split(y, test_size=0.25, random_state=0)
model = GRUClassifier(hidden_size=32, max_epochs=12, random_state=0).fit(X[train], y[train])
print({name: model.auto_parameters_[name] for name in ("stem", "scale", "augmentation")})
report = evaluate(y[test], model.predict(X[test]))
print(report)
report.plot()

# %%
# Guide: :doc:`/howto/stronger_networks`. Why ``fit`` chooses this: :doc:`/explanation/defaults`.

# sphinx_gallery_keywords = "appliances, power, smart meter, energy"
