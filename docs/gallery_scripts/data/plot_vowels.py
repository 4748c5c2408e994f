"""
Multivariate sequences: spoken vowels
=====================================

How do you classify sequences with several features per step, such as the spectrum of speech? Pass a list of arrays of shape (steps,
features), without padding. The vowels here are simulated: 12 to 40 frames with the energy of ten frequency bands.
"""

# %%
# The data
# --------
# A vowel has three resonances, its formants. Here they move from those of the first letter to those of the last: "ai" and "ia" consist of
# the same spectra in opposite order. Each of 40 speakers has a vocal tract of a different size, which shifts all formants.

import matplotlib.pyplot as plt
import numpy as np

VOWELS = ("a", "i", "u", "ai", "ia", "au", "ua")
FORMANTS = {"a": (730, 1090, 2440), "i": (270, 2290, 3010), "u": (300, 870, 2240)}  # in Hz
BANDS = np.geomspace(200, 4000, 10)
rng = np.random.default_rng(0)


def speak(vowel, size):
    """Return the energy of each band in each frame: (n_frames, 10)."""
    time = np.linspace(0, 1, rng.integers(12, 41)) ** rng.uniform(0.5, 2)
    first, last = np.array(FORMANTS[vowel[0]]), np.array(FORMANTS[vowel[-1]])
    formants = size * (first + time[:, None] * (last - first))
    octaves = np.log2(BANDS / formants[:, :, None])
    return np.exp(-((octaves / 0.4) ** 2)).sum(axis=1) + rng.normal(0, 0.3, (len(time), 10))


y = np.tile(VOWELS, 80)
speaker = np.repeat(np.arange(40), 14)
sizes = rng.uniform(0.85, 1.2, 40)
spoken = [speak(vowel, sizes[i]) for vowel, i in zip(y, speaker, strict=True)]

figure, panels = plt.subplots(2, 2, figsize=(6.4, 4.2), sharex=True, sharey=True, layout="constrained")
for axes, vowel in zip(panels.flat, ("a", "i", "ai", "ia"), strict=True):
    frames = spoken[list(y).index(vowel)]
    axes.pcolormesh(frames.T, cmap="YlOrBr")
    axes.set_title(f"{vowel}, {len(frames)} frames")
figure.supxlabel("frame")
figure.supylabel("frequency band")

# %%
# New speakers
# ------------
# The models are trained on 28 speakers and scored on the other 12. A GRU reads the frames in their order. The means over all frames,
# which a logistic regression reads, do not depend on the order.

from sklearn.linear_model import LogisticRegression

from seqclf import GRUClassifier, as_sequences
from seqclf.evaluation import evaluate

X = as_sequences(spoken)
means = np.array([frames.mean(axis=0) for frames in spoken])
new = speaker >= 28
model = GRUClassifier(hidden_size=32, max_epochs=12, random_state=0).fit(X[~new], y[~new])
baseline = LogisticRegression(max_iter=1000).fit(means[~new], y[~new])

figure, axes = plt.subplots(figsize=(6.4, 3.2), layout="constrained")
for shift, name, predicted in (
    (-0.2, "mean of all frames", baseline.predict(means[new])),
    (0.2, "GRU", model.predict(X[new])),
):
    report = evaluate(y[new], predicted)
    print(f"{name}: accuracy {report.accuracy:.2f}")
    recalls = [report.per_class[vowel].recall for vowel in VOWELS]
    axes.bar(np.arange(7) + shift, recalls, 0.38, label=name)
axes.set_xticks(range(7), VOWELS)
axes.set(xlabel="vowel", ylabel="recall, new speakers", ylim=(0, 1.25))
axes.legend(loc="upper center", ncols=2, frameon=False)
plt.show()

# %%
# Guide: :doc:`/howto/unequal_lists`.

# sphinx_gallery_keywords = "speech, vowels, audio features, spectrogram"
