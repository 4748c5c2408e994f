"""
Images as sequences: digits
===========================

scikit-learn's handwritten digits as sequences: each image is read from left to right, one column of eight pixels per step, and empty
columns are left out. So each step has eight features, and lengths differ.
"""

# %%
# From images to sequences
# ------------------------

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits

digits = load_digits()
X = [image.T[image.any(axis=0)] for image in digits.images]
figure, panels = plt.subplots(1, 5, figsize=(6.4, 1.9), layout="constrained")
for axes, image in zip(panels, X, strict=False):
    axes.imshow(image.T, cmap="Greys")
    axes.set(title=f"{len(image)} steps", xticks=[], yticks=[])

# %%
# Fit
# ---
# ``fit`` chooses parameters that are "auto" from the lengths and the number of features: see the second line of the output.

from sklearn.model_selection import train_test_split

from seqclf import GRUClassifier

X_train, X_test, y_train, y_test = train_test_split(
    X, digits.target, test_size=0.25, stratify=digits.target, random_state=0
)
model = GRUClassifier(hidden_size=48, max_epochs=12, random_state=0).fit(X_train, y_train)
print(f"accuracy {model.score(X_test, y_test):.3f}")
print(model.auto_parameters_)

# %%
# Predictions after each column
# -----------------------------
# The same model predicts from the first columns of an image. The number of columns that it needs depends on the digit.

steps = np.arange(1, 9)
known = [model.predict_proba([x[:n] for x in X_test]) for n in steps]
figure, axes = plt.subplots(figsize=(6.4, 3.2), layout="constrained")
column = {digit: i for i, digit in enumerate(model.classes_)}
for digit in (0, 1, 7):
    chosen = y_test == digit
    axes.plot(steps, [proba[chosen, column[digit]].mean() for proba in known], marker="o", label=str(digit))
axes.set(xlabel="columns read", ylabel="mean probability of the true digit", ylim=(0, 1))
axes.legend(title="digit", frameon=False)
plt.show()

# %%
# Guide: :doc:`/howto/early_decisions`.

# sphinx_gallery_keywords = "images, digits, handwriting"
