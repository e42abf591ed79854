import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from idealcat.photos.near_duplicates import duplicate_groups, near_pairs, perceptual_hash

DISTANCE = 10  # the default of preprocess.near_duplicate_distance when the hash was measured


def scene(seed: int) -> Image.Image:
    """A soft picture with detail at several scales, as photos have."""
    rng = np.random.default_rng(seed)
    layers = [
        Image.fromarray(rng.integers(0, 256, (side, side, 3), dtype=np.uint8)).resize(
            (200, 200), Image.Resampling.BICUBIC
        )
        for side in (5, 12, 30)
    ]
    return Image.blend(Image.blend(layers[0], layers[1], 0.4), layers[2], 0.3)


def reencoded(image: Image.Image) -> Image.Image:
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=70)
    return Image.open(stream).convert("RGB")


def scaled(image: Image.Image) -> Image.Image:
    return image.resize((round(image.width * 0.9), round(image.height * 0.9)))


def differing(first: Image.Image, second: Image.Image) -> int:
    return int(np.bitwise_count(perceptual_hash(first) ^ perceptual_hash(second)).sum())


def hashes(*numbers: int) -> np.ndarray:
    return np.array([[2**63 + int(number), 0, 0, 0] for number in numbers], dtype=np.uint64)


def brute_force(rows: np.ndarray, distance: int) -> np.ndarray:
    bits = np.unpackbits(rows.view(np.uint8), axis=1).astype(int)
    return np.argwhere(np.triu(np.abs(bits[:, None] - bits[None]).sum(axis=2) <= distance, k=1))


@pytest.mark.parametrize("seed", range(5))
def test_a_copy_is_near_and_another_photo_far(seed: int) -> None:
    image = scene(seed)
    for copy in (reencoded(image), scaled(image), reencoded(scaled(image))):
        assert differing(image, copy) <= DISTANCE
    assert differing(image, scene(seed + 100)) > 64


@pytest.mark.parametrize("image", [Image.new("RGB", (50, 40), "red"), Image.linear_gradient("L")])
def test_a_photo_without_detail_has_no_hash(image: Image.Image) -> None:
    assert perceptual_hash(image).tolist() == [0, 0, 0, 0]


@pytest.mark.parametrize("seed", range(3))
def test_the_bits_are_the_cosine_coefficients_above_the_noise(seed: int) -> None:
    pixels = np.random.default_rng(seed).integers(0, 256, (64, 64), dtype=np.uint8)
    places = (2 * np.arange(64) + 1) * np.pi / 128
    for row, column in [(0, 0), (0, 3), (2, 1), (7, 8), (15, 15)]:
        scale = (2 if row and column else 2**0.5 if row or column else 1) / 64
        coefficient = scale * (np.cos(row * places) @ pixels @ np.cos(column * places))
        bits = np.unpackbits(perceptual_hash(Image.fromarray(pixels)).astype("<u8").view(np.uint8))
        assert bits[16 * row + column] == (coefficient > 4)


@pytest.mark.parametrize("distance", [0, 1, 5, 10, 20, 64, 120])
def test_near_pairs_are_those_of_brute_force(distance: int) -> None:
    rng = np.random.default_rng(distance)
    rows = rng.integers(0, 2**64, (120, 4), dtype=np.uint64)
    for row in range(60, 120):
        bits = np.zeros(256, dtype=np.uint8)
        bits[rng.choice(256, rng.integers(0, 2 * distance + 1), replace=False)] = 1
        rows[row] = rows[row - 60] ^ np.packbits(bits).view(np.uint64)
    expected = brute_force(rows, distance)
    assert len(expected)
    assert np.array_equal(near_pairs(rows, distance=distance), expected)


@pytest.mark.parametrize("total", [0, 1])
def test_too_few_hashes_have_no_pairs(total: int) -> None:
    assert near_pairs(np.zeros((total, 4), dtype=np.uint64), distance=10).shape == (0, 2)


def test_groups_join_through_a_third() -> None:
    # 0b000, 0b001 and 0b011 differ in one bit from one to the next; 0b11111 in three from the nearest
    groups = duplicate_groups(["a", "b", "c", "d"], hashes(0b11111, 0b000, 0b011, 0b001), distance=1)
    assert groups.tolist() == [0, 1, 1, 1]


def test_equal_bytes_join_without_a_hash_and_zeros_alone_do_not() -> None:
    groups = duplicate_groups(["a", "b", "a", "c"], np.zeros((4, 4), dtype=np.uint64), distance=64)
    assert groups.tolist() == [0, 1, 0, 3]


def test_equal_hashes_join() -> None:
    assert duplicate_groups(["a", "b", "c"], hashes(5, 9, 5), distance=0).tolist() == [0, 1, 0]


def test_a_long_chain_is_one_group() -> None:
    grey_code = [number ^ (number >> 1) for number in np.random.default_rng(0).permutation(1000)]
    groups = duplicate_groups([str(number) for number in range(1000)], hashes(*grey_code), distance=1)
    assert set(groups.tolist()) == {0}


def test_a_hundred_thousand_hashes_take_seconds() -> None:
    rows = np.random.default_rng(0).integers(0, 2**64, (100_000, 4), dtype=np.uint64)
    rows[-1] = rows[0] ^ np.uint64(0b10011)  # three bits in each of four words
    assert near_pairs(rows, distance=12).tolist() == [[0, 99_999]]


@pytest.mark.slow
def test_real_photos_are_near_to_their_copies_and_to_nothing_else(photos: Path) -> None:
    files = sorted((photos / "cats_and_dogs").glob("*/*"))[::10]
    images = [Image.open(file).convert("RGB") for file in files]
    for image in images:
        assert max(differing(image, copy) for copy in (reencoded(image), scaled(image))) <= DISTANCE
    assert not len(near_pairs(np.stack([perceptual_hash(image) for image in images]), distance=64))
