"""
Digits, read row by row
=======================

scikit-learn's handwritten digits as sequences: each image is read from top to bottom, one row of eight pixels per step, and empty rows
at the bottom are left out. So each step has eight features, and lengths differ.
"""

# %%
# From images to sequences
# ------------------------

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits

digits = load_digits()
X = [image[: np.flatnonzero(image.any(axis=1))[-1] + 1] for image in digits.images]
figure, panels = plt.subplots(1, 5, figsize=(9, 2.2), layout="constrained")
for axes, image, digit in zip(panels, X, digits.target, strict=False):
    axes.imshow(image, cmap="Greys")
    axes.set(title=f"{digit}: {len(image)} steps", xticks=[], yticks=[])

# %%
# Fit
# ---
# ``fit`` chooses parameters that are "auto" by the lengths and the number of features: see the second line of the output.

from sklearn.model_selection import train_test_split

from seqclf import GRUClassifier

X_train, X_test, y_train, y_test = train_test_split(
    X, digits.target, test_size=0.25, stratify=digits.target, random_state=0
)
model = GRUClassifier(hidden_size=48, max_epochs=12, random_state=0).fit(X_train, y_train)
print(f"accuracy {model.score(X_test, y_test):.3f}")
print(model.auto_parameters_)

# %%
# Predictions after each row
# --------------------------
# The same model predicts from the first rows of an image. The number of rows that it needs depends on the digit.

rows = np.arange(1, 9)
known = [model.predict_proba([x[:n] for x in X_test]) for n in rows]
figure, axes = plt.subplots(figsize=(6, 3), layout="constrained")
column = {digit: i for i, digit in enumerate(model.classes_)}
for digit in (0, 1, 7):
    chosen = y_test == digit
    axes.plot(rows, [proba[chosen, column[digit]].mean() for proba in known], marker="o", label=str(digit))
axes.set(xlabel="rows read", ylabel="mean probability of the true digit", ylim=(0, 1))
axes.legend(title="digit", frameon=False)
