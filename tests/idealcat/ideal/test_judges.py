import numpy as np
import pandas as pd
from PIL import Image

from idealcat.ideal.judges import taught_judge
from idealcat.networks.backend import keras


def test_judge_tells_the_classes_of_its_training_photos_apart(tmp_path):
    inputs = keras.Input((8, 8, 3))
    network = keras.Model(inputs, keras.layers.GlobalAveragePooling2D(name="features")(inputs))
    rng, rows = np.random.default_rng(0), []
    for number in range(12):
        label = ("cat", "dog")[number % 2]
        pixels = rng.integers(0, 60, (8, 8, 3)) + 150 * (number % 2)
        Image.fromarray(pixels.astype("uint8")).save(tmp_path / f"{number}.png")
        rows.append((str(tmp_path / f"{number}.png"), label, f"{number:02}"))
    judge = taught_judge(network, pd.DataFrame(rows, columns=["path", "label", "sha256"]), ["cat", "dog"])
    images = np.stack([np.full((8, 8, 3), value, "uint8") for value in (20, 190)])
    assert judge(images).argmax(axis=1).tolist() == [0, 1]
