"""
Long sensor tables: one row per measurement
===========================================

Sensors usually write one long table with a row for each time. ``from_long`` converts it to sequences. If several sequences come from the same
machine, score on machines that the model has not seen. The table here is simulated.
"""

# %%
# The table
# ---------
# Twenty machines, twenty runs of each, 20 to 60 minutes long. With a bad bearing, the vibration rises during the run; with bad cooling, the
# temperature rises. But machines differ more from each other, and most are in the same state in most runs.

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

STATES = ("good", "bearing", "cooling")
SENSORS = ["temperature", "vibration"]
rng = np.random.default_rng(0)
rows = []
for machine in range(20):
    level = rng.normal([60, 5], [12, 1.5])
    often = rng.dirichlet([0.4, 0.4, 0.4])
    for run in range(20):
        state = rng.choice(STATES, p=often)
        minute = np.arange(rng.integers(20, 61))
        rise = {"good": [0, 0], "bearing": [0, 1], "cooling": [6, 0]}[state]
        noise = rng.normal(0, [3, 0.5], (len(minute), 2))
        values = level + np.outer(minute / len(minute), rise) + noise
        steps = pd.DataFrame(values, columns=SENSORS)
        rows.append(steps.assign(minute=minute, run=20 * machine + run, machine=machine, state=state))
table = pd.concat(rows).sample(frac=1, random_state=0)  # in any order
print(table.head(3).round(1).to_string(index=False))

# %%

figure, panels = plt.subplots(2, 3, figsize=(6.4, 4), sharex=True, sharey="row", layout="constrained")
for column, state in enumerate(STATES):
    runs = table[table.state == state].sort_values("minute").groupby("run")
    for _, run in [*runs][:60:15]:
        for axes, sensor in zip(panels[:, column], SENSORS, strict=True):
            axes.plot(run.minute, run[sensor], linewidth=1)
    panels[0, column].set_title(state)
    panels[1, column].set_xlabel("minute")
for axes, sensor in zip(panels[:, 0], SENSORS, strict=True):
    axes.set_ylabel(sensor)

# %%
# Random runs, or new machines?
# -----------------------------
# With random folds, a model can recognise a machine by its level, and guess its usual state. On new machines this does not work. Scaling
# each run by its own mean removes the level, so that only the rise is left.

from sklearn.model_selection import GroupKFold, StratifiedKFold, cross_val_score

from seqclf import GRUClassifier, ZScore, from_long

runs = from_long(table, id="run", time="minute", values=SENSORS, target="state")
machine = table.groupby("run").machine.first().loc[runs.ids]
folds = {
    "random runs": StratifiedKFold(3, shuffle=True, random_state=0),
    "new machines": [*GroupKFold(3).split(machine, groups=machine)],
}
scales = {"over all runs": "standard", "run by run": ZScore(per="sequence")}

figure, axes = plt.subplots(figsize=(6.4, 3), layout="constrained")
for shift, (name, scale) in zip((-0.2, 0.2), scales.items(), strict=True):
    model = GRUClassifier(hidden_size=16, batch_size=32, scale=scale, max_epochs=10, random_state=0)
    scores = [cross_val_score(model, runs.sequences, runs.labels, cv=cv).mean() for cv in folds.values()]
    bars = axes.bar(np.arange(2) + shift, scores, 0.38, label=f"scaled {name}")
    axes.bar_label(bars, fmt="%.2f")
axes.set_xticks(range(2), folds)
axes.set(ylabel="accuracy", ylim=(0, 1.25))
axes.legend(loc="upper center", ncols=2, frameon=False)
plt.show()

# %%
# Guides: :doc:`/howto/long_tables`, :doc:`/howto/meta_estimators`.

# sphinx_gallery_keywords = "sensor table, from_long, long format, predictive maintenance, machine faults, groups"
