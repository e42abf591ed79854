import hashlib

import pandas as pd

from idealcat.adversarial.sample import attacked_photos, in_turns


def manifest(count, classes=("cat", "dog", "cow")):
    rows = [(hashlib.sha256(bytes([n // 256, n % 256])).hexdigest(), classes[n % len(classes)]) for n in range(count)]
    return pd.DataFrame(rows, columns=["sha256", "label"]).assign(split="test")


def test_classes_share_the_sample_evenly():
    chosen = attacked_photos(manifest(300), 32)
    assert chosen["label"].value_counts().sort_values().tolist() == [10, 11, 11]
    assert chosen["sha256"].is_monotonic_increasing


def test_photos_that_are_added_leave_most_of_the_sample_in_place():
    before = set(attacked_photos(manifest(300), 32)["sha256"])
    after = set(attacked_photos(manifest(360), 32)["sha256"])
    assert 32 > len(before & after) >= 24
    one_more = set(attacked_photos(manifest(301), 32)["sha256"])
    assert len(before & one_more) >= 31


def test_order_of_the_manifest_does_not_matter_and_the_seed_does():
    photos = manifest(60)
    chosen = attacked_photos(photos, 12)
    assert attacked_photos(photos[::-1], 12).equals(chosen)


def test_fewer_photos_than_asked_for_are_all_taken_and_only_of_the_test_split():
    photos = manifest(9)
    photos.loc[0, "split"] = "train"
    assert len(attacked_photos(photos, 32)) == 8


def test_classes_take_turns():
    assert in_turns([0, 0, 0, 1, 2]) == [0, 3, 4, 1, 2]
