"""
Streaming: alarms while steps arrive
====================================

When can a monitor raise an alarm? A stream reads each step once and returns the probabilities so far, here for 150 valves at once. The curves of
the valves are simulated.
"""

# %%
# The data
# --------
# The flow through a valve that closes, in 30 to 60 steps. A stuck valve stops half-way, a leaking one shortly before the end.

import matplotlib.pyplot as plt
import numpy as np

LEAST = {"good": (0, 0), "leaking": (0.15, 0.3), "stuck": (0.4, 0.7)}  # flow at the end
rng = np.random.default_rng(0)


def close(state):
    """Return the flow at each step."""
    time = np.linspace(0, 1, rng.integers(30, 61))
    flow = 1 / (1 + np.exp(12 * (time - rng.uniform(0.4, 0.55))))
    return np.maximum(flow, rng.uniform(*LEAST[state])) + rng.normal(0, 0.07, len(time))


y = rng.choice([*LEAST], 750)
X = [close(state) for state in y]
X_train, y_train, X_test, y_test = X[:600], y[:600], X[600:], y[600:]

# %%
# Push steps as they arrive
# -------------------------
# In training, half of the sequences are cut to a random number of first steps, so the model learns what an unfinished curve looks like. An
# alarm is raised when the probability of "good" falls below 0.1; for a good valve, it is a false alarm.

from seqclf import GRUClassifier
from seqclf.transforms import RandomApply, RandomPrefix

prefixes = RandomApply(RandomPrefix(shortest=2), probability=0.5)
model = GRUClassifier(hidden_size=24, augmentation=prefixes, max_epochs=15, random_state=0)
model.fit(X_train, y_train)

lengths = np.array([len(x) for x in X_test])
proba = np.full((len(X_test), lengths.max(), 3), np.nan)
streams = model.stream(n_streams=len(X_test))
for step in range(lengths.max()):
    running = np.flatnonzero(step < lengths)
    chunks = [X_test[i][step : step + 1] for i in running]
    proba[running, step] = streams.push(chunks, streams=running)

alarms = proba[:, :, 0] < 0.1  # `classes_` are sorted: good, leaking, stuck
for state in LEAST:
    rows = (y_test == state) & alarms.any(axis=1)
    early = alarms[rows].argmax(axis=1) / lengths[rows]
    share = rows.sum() / (y_test == state).sum()
    print(
        f"{state}: alarm for {share:.0%}" + (f", after {early.mean():.0%} of the steps" if rows.any() else "")
    )

# %%
# The first test valve of each kind
# ---------------------------------

figure, panels = plt.subplots(2, 3, figsize=(6.4, 4.2), sharex=True, sharey="row", layout="constrained")
for column, state in enumerate(LEAST):
    valve = list(y_test).index(state)
    panels[0, column].plot(X_test[valve], color="0.3")
    panels[0, column].set_title(state)
    lines = panels[1, column].plot(proba[valve])
    if alarms[valve].any():
        for axes in panels[:, column]:
            axes.axvline(alarms[valve].argmax(), color="0.5", linestyle="--")
    panels[1, column].set_xlabel("step")
panels[0, 0].set_ylabel("flow")
panels[1, 0].set_ylabel("probability")
figure.legend(lines, model.classes_, loc="outside upper center", ncols=3, frameon=False)
plt.show()

# %%
# Guides: :doc:`/howto/streaming`, :doc:`/howto/early_decisions`.

# sphinx_gallery_keywords = "alarm, online monitoring, valves"
