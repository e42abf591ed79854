"""params.yaml: train_classifier."""

from typing import Annotated, Literal

from pydantic import Field

from idealcat.base.sections import Count, Fraction, Rate, Section

Initializer = Literal[
    "glorot_uniform", "glorot_normal", "he_uniform", "he_normal", "lecun_normal", "orthogonal", "zeros"
]


class FineTune(Section):
    layers: Annotated[int, Field(ge=0)] | Literal["all"]
    learning_rate: Rate
    layer_decay: Annotated[float, Field(gt=0, le=1)]
    weight_decay: Annotated[float, Field(ge=0, allow_inf_nan=False)]
    warm_up: Annotated[float, Field(ge=0, lt=1)]
    averaging: Annotated[float, Field(ge=0, le=1)]
    epochs: Count
    batch_size: Count
    horizontal_flip: bool
    crop: Annotated[float, Field(gt=0, le=1)]
    color: Annotated[float, Field(ge=0, lt=1)]
    rand_augment: Annotated[float, Field(ge=0, le=1)]
    mixup: Annotated[float, Field(ge=0, le=10)]
    cutmix: Annotated[float, Field(ge=0, le=1)]
    test_time_mirror: bool


class TrainClassifier(Section):
    head: Literal["auto", "linear", "mlp"]
    class_weight: Literal["none", "balanced"]
    temperature_scaling: bool
    hidden_units: list[Count]
    activation: Literal["relu", "gelu", "silu", "tanh"]
    initializer: Initializer
    output_initializer: Initializer
    batch_normalization: bool
    dropout: Annotated[float, Field(ge=0, lt=1)]
    weight_decay: Annotated[float, Field(ge=0, allow_inf_nan=False)]
    label_smoothing: Annotated[float, Field(ge=0, lt=1)]
    optimizer: Literal["sgd", "adam", "adamw", "rmsprop", "adagrad"]
    momentum: Annotated[float, Field(ge=0, lt=1)]
    learning_rate: Rate
    schedule: Literal["constant", "exponential", "cosine", "plateau"]
    schedule_decay: Fraction
    schedule_patience: Count
    clip_norm: Rate | None
    batch_size: Count
    steps: Count
    patience: Count
    members: Annotated[int, Field(ge=1, le=32)]
    fine_tune: FineTune


class CrossValidate(Section):
    folds: Annotated[int, Field(ge=3, le=20)]


SECTIONS = {"train_classifier": TrainClassifier, "cross_validate": CrossValidate}
