"""
ECG: heartbeats of unequal length
=================================

Three classes of simulated heartbeats of unequal length. A small GRU is trained in seconds, and a report shows which classes it
confuses.
"""

# %%
# The data
# --------
# Beats differ in shape *and* in length. A network that reads padded beats may miss the length, or learn it from the padding.

import matplotlib.pyplot as plt

from seqclf.datasets import make_heartbeats

beats = make_heartbeats(600, class_proportions={"N": 3, "S": 1, "V": 1}, random_state=0)
figure, panels = plt.subplots(3, 1, figsize=(6.4, 4.4), sharex=True, sharey=True, layout="constrained")
for axes, name in zip(panels, ("N", "S", "V"), strict=True):
    for beat in beats.sequences[beats.target == name][:5]:
        axes.plot(beat, linewidth=1)
    axes.set_ylabel(f"class {name}")
panels[-1].set_xlabel("step")

# %%
# Fit and report
# --------------

from seqclf import GRUClassifier
from seqclf.evaluation import evaluate, stratified_split

train, test = stratified_split(beats.target, test_size=0.25, random_state=0)
model = GRUClassifier(hidden_size=32, max_epochs=10, random_state=0)
model.fit(beats.sequences[train], beats.target[train])
report = evaluate(beats.target[test], model.predict(beats.sequences[test]))
print(report)

# %%
report.plot()

# %%
# Learning curve
# --------------

figure, axes = plt.subplots(figsize=(6.4, 3), layout="constrained")
axes.plot(range(1, model.n_epochs_ + 1), model.history_["train_loss"], marker="o")
axes.set(xlabel="epoch", ylabel="training loss", ylim=(0, None))
plt.show()

# %%
# Guides: :doc:`/tutorial`, :doc:`/howto/ecg_records` for recorded beats.

# sphinx_gallery_keywords = "ecg, heartbeats, confusion matrix, learning curve"
