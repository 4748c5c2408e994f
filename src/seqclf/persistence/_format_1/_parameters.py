"""The parameters of estimators in files of format version 1."""

from __future__ import annotations

TRAINING = (
    *("max_epochs", "batch_size", "optimizer", "lr", "schedule", "weight_decay", "gradient_clip"),
    *(
        "early_stopping",
        "monitor",
        "validation_fraction",
        "n_iter_no_change",
        "tol",
        "class_weight",
        "sampler",
    ),
    *("loss", "label_smoothing", "prior_correction", "augmentation", "scale", "missing", "padding_value"),
    *("device", "callbacks", "warm_start", "verbose", "random_state"),
)
RECURRENT = (
    *("hidden_size", "num_layers", "bidirectional", "dropout", "residual", "layer_norm", "init", "engine"),
    *("precision", "embedding", "stem", "pooling", "head", "head_dropout", "static"),
)
ESTIMATORS = {
    "estimators.GRUClassifier": (*TRAINING, *RECURRENT),
    "estimators.LSTMClassifier": (*TRAINING, *RECURRENT),
    "estimators.RNNClassifier": (*TRAINING, *RECURRENT, "nonlinearity"),
    "estimators.RecurrentClassifier": (*TRAINING, *RECURRENT, "cell", "encoder", "nonlinearity"),
    "estimators.SequenceClassifier": (*TRAINING, "network"),
    "estimators.SequenceEnsemble": (
        *("estimators", "n_members", "n_jobs", "missing", "padding_value", "random_state"),
    ),
}
TRANSFORMERS: dict[str, tuple[str, ...]] = {
    "transforms.ZScore": ("append_statistics", "missing", "padding_value", "per"),
    "transforms.MinMax": ("feature_range", "missing", "padding_value", "per"),
    "transforms.FillMissing": ("indicators", "padding_value", "times"),
    "transforms.Views": ("missing", "padding_value", "views"),
    "transforms.TokenEncoder": ("columns", "max_tokens", "min_count"),
    "transforms.Differences": ("append", "padding_value"),
    "transforms.Downsample": ("aggregation", "factor", "max_length", "padding_value"),
    "transforms.RemoveBaseline": ("padding_value", "windows"),
    "transforms.TimeDeltas": ("column", "keep", "log", "padding_value"),
}
