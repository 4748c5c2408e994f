"""
Text as sequences of characters: names
======================================

Which language does a surname come from? A list of strings is a list of sequences, and ``TokenEncoder`` learns which characters there are. The
pictures show how the prediction changes with each character.
"""

# %%
# The data
# --------
# Forty common surnames from each of six languages, written without accents. A fifth of them is held out.

import matplotlib.pyplot as plt
import numpy as np

NAMES = {
    "Finnish": """Korhonen Virtanen Makinen Nieminen Makela Hamalainen Laine Heikkinen Koskinen Jarvinen Lehtonen Lehtinen Saarinen
        Salminen Heinonen Niemi Heikkila Kinnunen Salonen Turunen Salo Laitinen Tuominen Rantanen Karjalainen Jokinen Mattila
        Savolainen Lahtinen Ahonen Ojala Leppanen Hiltunen Kallio Miettinen Vaisanen Pitkanen Aaltonen Manninen Koivisto""",
    "Greek": """Papadopoulos Papadakis Georgiou Dimitriou Nikolaidis Vasileiou Ioannou Pappas Karagiannis Makris Konstantinou Galanis
        Christodoulou Papageorgiou Alexiou Antoniou Oikonomou Petrou Angelopoulos Vlachos Samaras Theodorou Panagopoulos Lambrou
        Kyriakou Michailidis Stavropoulos Athanasiou Kostopoulos Zervas Markou Spanos Xenakis Doukas Mavridis Raptis Sideris
        Kalogeropoulos Anagnostou Tsakiris""",
    "Italian": """Rossi Russo Ferrari Esposito Bianchi Romano Colombo Ricci Marino Greco Bruno Gallo Conti Costa Giordano Mancini
        Rizzo Lombardi Moretti Barbieri Fontana Santoro Mariani Rinaldi Caruso Ferrara Galli Martini Leone Longo Gentile
        Martinelli Vitale Lombardo Serra Coppola Marchetti Parisi Villa Conte""",
    "Japanese": """Sato Suzuki Takahashi Tanaka Watanabe Ito Yamamoto Nakamura Kobayashi Kato Yoshida Yamada Sasaki Yamaguchi
        Matsumoto Inoue Kimura Hayashi Shimizu Yamazaki Mori Abe Ikeda Hashimoto Yamashita Ishikawa Nakajima Maeda Fujita Ogawa
        Goto Okada Hasegawa Murakami Kondo Ishii Saito Sakamoto Endo Aoki""",
    "Polish": """Nowak Kowalski Wisniewski Wojcik Kowalczyk Kaminski Lewandowski Zielinski Szymanski Wozniak Dabrowski Kozlowski
        Jankowski Mazur Kwiatkowski Krawczyk Kaczmarek Piotrowski Grabowski Pawlowski Michalski Krol Wieczorek Jablonski Wrobel
        Nowakowski Majewski Olszewski Stepien Malinowski Jaworski Adamczyk Dudek Nowicki Pawlak Gorski Witkowski Walczak Sikora
        Baran""",
    "Spanish": """Garcia Rodriguez Gonzalez Fernandez Lopez Martinez Sanchez Perez Gomez Jimenez Hernandez Ruiz Diaz Moreno Munoz
        Alvarez Romero Gutierrez Alonso Navarro Torres Dominguez Ramos Vazquez Ramirez Gil Serrano Morales Molina Suarez Castro
        Ortega Delgado Ortiz Rubio Sanz Iglesias Medina Cortes Herrera""",
}
names = np.array([name for group in NAMES.values() for name in group.split()], dtype=object)
languages = np.repeat([*NAMES], [len(group.split()) for group in NAMES.values()])

# %%
# Fit and report
# --------------

from sklearn.pipeline import make_pipeline

from seqclf import GRUClassifier, TokenEncoder
from seqclf.evaluation import evaluate, stratified_split

train, test = stratified_split(languages, test_size=0.2, random_state=0)
model = make_pipeline(TokenEncoder(), GRUClassifier(bidirectional=True, hidden_size=32, random_state=0))
model.fit(names[train], languages[train])
report = evaluate(languages[test], model.predict(names[test]))
print(f"accuracy on {len(test)} new names: {report.accuracy:.2f}, by chance {1 / len(NAMES):.2f}")
report.plot()

# %%
# Character by character
# ----------------------
# The probability of each language after each character, for the first new name of each language.

figure, panels = plt.subplots(3, 2, figsize=(6.4, 6), sharey=True, layout="constrained")
for axes, language in zip(panels.flat, NAMES, strict=True):
    name = next(name for name in names[test] if name in NAMES[language].split())
    proba = model.predict_proba([name[: n + 1] for n in range(len(name))])
    image = axes.imshow(proba.T, cmap="Greens", vmin=0, vmax=1, aspect="auto")
    axes.set_xticks(range(len(name)), list(name))
    axes.set_yticks(range(len(NAMES)), model.classes_)
    axes.set_title(language)
figure.colorbar(image, ax=panels, label="probability", shrink=0.5)
plt.show()

# %%
# Guide: :doc:`/howto/tokens`, with scores on 20,000 names of 18 languages.

# sphinx_gallery_keywords = "names, nationality, text classification, characters"
# sphinx_gallery_thumbnail_number = 2
