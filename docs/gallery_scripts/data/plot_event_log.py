"""
Event logs: how will a case end?
================================

An event log has one row per event: a case, a time, an activity. Which orders will be cancelled, and how early can a model say so? The log is
simulated.
"""

# %%
# The log
# -------
# The last event of an order is left out, because it would reveal how the order ended. In orders that will be cancelled, delays and
# questions are more frequent, and questions are answered later.

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

ACTIVITIES = ("placed", "check", "delay", "ask", "answer")
SHARES = {"shipped": (0.6, 0.25, 0.15), "cancelled": (0.25, 0.4, 0.35)}  # of check, delay, ask
rng = np.random.default_rng(0)
rows = []
for number in range(1200):
    end = rng.choice(["shipped", "cancelled"], p=[0.6, 0.4])
    activity, hours = "placed", 0.0
    for _ in range(rng.integers(5, 15)):
        rows.append((number, hours, activity, end))
        slow = activity == "ask" and end == "cancelled"
        activity = "answer" if activity == "ask" else rng.choice(ACTIVITIES[1:4], p=SHARES[end])
        hours += rng.exponential(30 if slow else 10)
log = pd.DataFrame(rows, columns=["order", "hours", "activity", "end"])
log["since_last"] = np.log1p(log.groupby("order").hours.diff().fillna(0))

figure, axes = plt.subplots(figsize=(6.4, 3.6), layout="constrained")
first = log[log.order < 10]
for activity in ACTIVITIES:
    events = first[first.activity == activity]
    axes.plot(events.hours, events.order, "o", label=activity)
axes.set_yticks(range(10), first.groupby("order").end.first())
axes.set(xlabel="hours", title="ten orders")
figure.legend(loc="outside upper center", ncols=5, frameon=False)
plt.show()

# %%
# Fit to prefixes
# ---------------
# The activity is a token, and the logarithm of the time since the last event is a number. With ``augmentation="prefix"``, the model also
# learns from orders of which it reads only the first events.

from seqclf import GRUClassifier, from_long
from seqclf.evaluation import earliness

cases = from_long(log, id="order", time="hours", tokens="activity", values="since_last", target="end")
X, y = cases.sequences, cases.labels
train, valid, test = slice(0, 600), slice(600, 900), slice(900, 1200)
model = GRUClassifier(hidden_size=24, augmentation="prefix", max_epochs=15, random_state=0)
model.fit(X[train], y[train])

# %%
# How early?
# ----------
# ``earliness`` predicts orders of a validation set after each tenth of their events, and also as soon as a probability reaches a threshold.

found = earliness(model, X[valid], y[valid], [0.7, 0.8, 0.9, 0.95], shares=10)
found.plot()

# %%
# Choose the threshold that decides earliest and costs at most 0.02 of accuracy, and score it once on new orders:

whole = found.at_shares[-1]
enough = [rule for rule in found.at_thresholds if rule.accuracy >= whole.accuracy - 0.02] or [whole]
chosen = min(enough, key=lambda rule: rule.share_read)
tested = earliness(model, X[test], y[test], [chosen.value], shares=10)
(early,), late = tested.at_thresholds, tested.at_shares[-1]
print(f"threshold {chosen.value}: accuracy {early.accuracy:.2f} after {early.share_read:.0%} of the events")
print(f"all events: accuracy {late.accuracy:.2f}; most frequent class {(y[test] == 'shipped').mean():.2f}")

# %%
# Guides: :doc:`/howto/tokens`, :doc:`/howto/early_decisions`.

# sphinx_gallery_keywords = "event log, process mining, tokens, early classification"
