import pandas as pd

from idealcat.photos.kinds import kinds_of


def test_photos_are_told_apart_by_label_size_and_columns_of_few_values():
    photos = pd.DataFrame(
        {
            "path": list("abcdef"),
            "label": ["cat", "dog"] * 3,
            "split": "test",
            "sha256": list("abcdef"),
            "width": [10, 20, 30, 40, 50, 60],
            "height": 10,
            "group": list("abcdef"),
            "camera": ["x", "y", "y", "", "x", "y"],
            "city": "Rome",
        }
    )
    kinds = {name: values.tolist() for name, values in kinds_of(photos).items()}
    assert kinds == {
        "label": ["cat", "dog"] * 3,
        "size": ["small", "small", "medium", "medium", "large", "large"],
        "column camera": ["x", "y", "y", "", "x", "y"],
    }
    photos["camera"] = list("abcdef")
    photos["width"] = 10
    assert list(kinds_of(pd.concat([photos] * 2).assign(camera=[f"{n}" for n in range(12)]))) == ["label"]
