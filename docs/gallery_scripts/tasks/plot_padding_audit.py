"""
Padding bugs: a network that reads padding, and one that does not
=================================================================

Two torch networks with the same weights differ in one line. Adding zeros at the end changes the predictions of the first one. The audit
finds this by predicting, without reading the code.
"""

# %%
# Two networks
# ------------

import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import nn

from seqclf.audit import audit_padding
from seqclf.datasets import make_heartbeats
from seqclf.sequences import pad


class LastColumn(nn.Module):
    """The common mistake: the last column is not the last step."""

    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(1, 16, batch_first=True)
        self.head = nn.Linear(16, 3)

    def forward(self, x, lengths):
        return self.head(self.gru(x)[0][:, -1])


class LastStep(LastColumn):
    """The state after the last real step."""

    def forward(self, x, lengths):
        return self.head(self.gru(x)[0][torch.arange(len(x)), lengths - 1])


torch.manual_seed(0)
wrong = LastColumn()
right = LastStep()
right.load_state_dict(wrong.state_dict())

# %%
# Pad more, predict again
# -----------------------
# One beat, followed by more and more zeros. A network that ignores padding predicts the same each time.

sequences = make_heartbeats(40, random_state=0).sequences
beat = sequences[:1]
widths = np.arange(int(beat.lengths[0]), 200, 3)
figure, axes = plt.subplots(figsize=(6.4, 3.4), layout="constrained")
for network, name in ((wrong, "last column"), (right, "last real step")):
    with torch.no_grad():
        proba = [network(*pad(beat, total_length=int(width))).softmax(dim=1)[0, 0] for width in widths]
    axes.plot(widths, proba, marker=".", label=name)
axes.set(xlabel="columns of the padded array", ylabel="probability of the first class")
axes.legend(frameon=False)
plt.show()

# %%
# Audit both
# ----------

X, lengths = pad(sequences, total_length=187)
print(audit_padding(wrong, X.numpy(), lengths))

# %%
print(audit_padding(right, X.numpy(), lengths))

# %%
# Guide: :doc:`/howto/packing`.

# sphinx_gallery_keywords = "padding bug, audit"
