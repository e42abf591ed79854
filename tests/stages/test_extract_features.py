import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import threading
from functools import partial
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from idealcat.base.errors import DataError, EngineError
from idealcat.extraction import choice as engine_choice
from idealcat.extraction import committed as committed_features
from idealcat.extraction import fill as extraction
from idealcat.extraction import fitness, keras_model
from idealcat.extraction import store as feature_store
from idealcat.extraction.settings import ExtractFeatures
from idealcat.networks.feature_table import read_features
from idealcat.photos import manifest, on_cluster
from idealcat.photos.in_processes import in_processes
from idealcat.photos.photo import Photo as Scanned
from idealcat.photos.read import Photo
from idealcat.photos.remembered import File
from idealcat.photos.scan_file import scan_file
from stages import extract_features, fetch_backbone

pytestmark = pytest.mark.slow  # a network is exported, which every test here needs

METRICS = Path("metrics/extract_features.json")
# Ray Data warns of deprecated options that it sets itself.
RAY_WARNS = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture(scope="module")
def backbone(tmp_path_factory):
    """A small random backbone, made once, and a store with its exported network."""
    folder = tmp_path_factory.mktemp("backbone")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        text = (Path(__file__).parents[2] / "params.yaml").read_text()
        text = text.replace("weights: pretrained", "weights: random").replace("image_size: null", "image_size: 32")
        Path("params.yaml").write_text(text)
        patch.setenv("IDEALCAT_CACHE", str(folder / "cache"))
        fetch_backbone.main()
        write_photos(range(8))
        extract_features.main()
    for shard in (folder / "cache").glob("features/*/*.shard"):
        shard.unlink()
    return folder


@pytest.fixture
def ready(workspace, backbone):
    """A workspace with eight photos, their manifest and the backbone."""
    Path("data").mkdir()
    Path("data/backbone").symlink_to(backbone / "data/backbone")
    Path("params.yaml").write_text((backbone / "params.yaml").read_text())
    write_photos(range(8))
    shutil.copytree(backbone / "cache", os.environ["IDEALCAT_CACHE"])
    return workspace


def empty_the_store():
    for shard in feature_store.store_root().glob("*/*.shard"):
        shard.unlink()


def write_photos(numbers):
    rows = []
    for number in numbers:
        path = Path(f"data/raw/cat/{number}.png")
        path.parent.mkdir(parents=True, exist_ok=True)
        pixels = np.random.default_rng(number).integers(0, 256, (40, 40, 3), "uint8")
        Image.fromarray(pixels).save(path)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        rows.append((path.as_posix(), "cat", "train", digest, 40, 40, digest))
    manifest.write_manifest(pd.DataFrame(rows, columns=manifest.COLUMNS))


def read_manifest_rows():
    return list(manifest.read_manifest().itertuples())


def collected(batches):
    """The bytes of each photo's vector; none comes twice."""
    pairs = [
        (name, vector.tobytes()) for names, vectors in batches for name, vector in zip(names, vectors, strict=True)
    ]
    assert len({name for name, _ in pairs}) == len(pairs)
    return dict(pairs)


def set_engine(name):
    path = Path("params.yaml")
    path.write_text(re.sub(r"engine: \w+", f"engine: {name}", path.read_text()))


def counts(result):
    return result["computed"], result["reused"]


def content():
    return Path("data/features/features.parquet").read_bytes()


def test_only_new_photos_are_computed(ready):
    assert counts(extract_features.main()) == (8, 0)
    before = METRICS.read_bytes()
    write_photos(range(10))
    assert counts(extract_features.main()) == (2, 8)
    write_photos(range(8))
    assert counts(extract_features.main()) == (0, 8)
    assert METRICS.read_bytes() == before
    metrics = json.loads(before)
    assert 0 < metrics.pop("parity") < 1e-4
    assert metrics == {"photos": 8, "feature_size": 1280, "engine": "litert"}


def test_bytes_do_not_depend_on_how_they_were_computed(ready):
    extract_features.main()
    at_once = content()
    empty_the_store()
    write_photos([5, 1])
    extract_features.main()
    write_photos(range(8))
    extract_features.main()
    assert content() == at_once


def test_nothing_to_compute_starts_no_framework(ready, monkeypatch):
    extract_features.main()
    monkeypatch.setitem(sys.modules, "idealcat.networks.backend", None)  # importing it now fails
    assert counts(extract_features.main()) == (0, 8)


def test_engines_agree(ready):
    vectors = {}
    for engine in ("auto", "keras", "mnn"):
        set_engine(engine)
        extract_features.main()
        table = read_features()
        vectors[table.extractor.engine] = table.of(table.sha256)
    assert list(vectors) == ["litert", "keras", "mnn"]
    largest = np.abs(vectors["keras"]).max()
    for name in ("litert", "mnn"):
        np.testing.assert_allclose(vectors[name] / largest, vectors["keras"] / largest, atol=1e-4)


@pytest.fixture
def failing_parity(ready, monkeypatch):
    """No engine but the reference gives its features, and none has been tried yet."""
    shutil.rmtree(feature_store.store_root())
    monkeypatch.setattr(fitness, "relative_error", lambda received, expected: 0.5)


def test_keras_takes_over_where_parity_fails_and_says_so(failing_parity, capsys):
    extract_features.main()
    assert json.loads(METRICS.read_text())["engine"] == "keras"
    said = "LiteRT's features differ from Keras's by 5.0e-01, more than 0.0001; Keras computes the features instead"
    assert said in capsys.readouterr().err
    assert counts(extract_features.main()) == (0, 8)


@pytest.mark.parametrize(("engine", "title"), [("litert", "LiteRT"), ("mnn", "MNN")])
def test_an_engine_that_was_asked_for_is_never_replaced(failing_parity, engine, title):
    set_engine(engine)
    for _ in range(2):  # found out, and remembered
        with pytest.raises(EngineError, match=rf"engine: {engine} can't .* {title}'s features differ"):
            extract_features.main()
    assert not METRICS.exists()


@pytest.fixture
def as_on_a_gpu(ready, monkeypatch):
    """The choice that a machine with a GPU makes; the network runs on this one's processor."""
    from idealcat.networks import backend

    monkeypatch.setattr(engine_choice, "may_have_accelerator", lambda: True)
    monkeypatch.setattr(backend, "device_class", lambda: "gpu")


def test_a_gpu_computes_in_half_precision(as_on_a_gpu):
    extract_features.main()
    metrics, extractor = json.loads(METRICS.read_text()), read_features().extractor
    assert (extractor.engine, extractor.device) == ("keras", "gpu")
    assert extractor.software.startswith("mixed_float16, batch 32, keras ")
    assert 1e-4 < metrics["parity"] < 2e-2
    assert counts(extract_features.main()) == (0, 8)


def test_a_gpu_computes_in_float32_where_half_precision_does_not_fit(as_on_a_gpu, monkeypatch, capsys):
    monkeypatch.setattr(fitness, "relative_error", lambda received, expected: 0.5)
    extract_features.main()
    assert read_features().extractor.software.startswith("float32, batch 32, keras ")
    assert "Keras in half precision's features differ" in capsys.readouterr().err


def test_a_lack_of_memory_is_no_verdict_on_the_network(ready, monkeypatch):
    def full(*_, **__):
        raise EngineError("no memory")

    shutil.rmtree(feature_store.store_root())
    with monkeypatch.context() as patch, pytest.raises(EngineError, match="no memory"):
        patch.setattr(keras_model, "export_litert", full)
        extract_features.main()
    extract_features.main()
    assert json.loads(METRICS.read_text())["engine"] == "litert"


def test_keras_keys_its_features_by_the_batch(ready):
    set_engine("keras")
    assert counts(extract_features.main()) == (8, 0)
    path = Path("params.yaml")
    path.write_text(path.read_text().replace("batch_size: 32 ", "batch_size: 4 "))
    assert counts(extract_features.main()) == (8, 0)


@RAY_WARNS
def test_a_missing_package_is_named(ready, monkeypatch):
    set_engine("ray")
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(EngineError, match=r"package ray; pip install -r requirements-ray\.txt"):
        extract_features.main()


def test_a_damaged_shard_is_computed_anew(ready, capsys):
    extract_features.main()
    before = content()
    shard = next(feature_store.store_root().glob("*/*.shard"))
    damaged = bytearray(shard.read_bytes())
    damaged[-1] ^= 1
    shard.write_bytes(damaged)
    assert counts(extract_features.main()) == (8, 0)
    assert content() == before
    assert "damaged" in capsys.readouterr().err


def test_a_vanished_photo_is_named_and_the_rest_is_kept(ready):
    extract_features.main()
    write_photos(range(30))
    last = manifest.read_manifest().sort_values("sha256")["path"].iloc[-1]
    Path(last).unlink()
    old = content()
    with pytest.raises(DataError, match=last):
        extract_features.main()
    assert content() == old
    write_photos(range(30))
    assert extract_features.main()["computed"] < 10


def test_committed_features_warm_a_cold_store(ready, monkeypatch):
    extract_features.main()
    kept = ready / "kept.parquet"
    kept.write_bytes(content())
    empty_the_store()
    monkeypatch.setattr(committed_features, "_locked", lambda: True)
    monkeypatch.setattr(committed_features, "_fetch", lambda copy: copy.write_bytes(kept.read_bytes()))
    assert counts(extract_features.main()) == (0, 8)
    assert content() == kept.read_bytes()


def git_and_dvc(*commands):
    names = {f"GIT_{who}_{what}": "a" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    for command in commands:
        words = [sys.executable, "-m", *command.split()] if command.startswith("dvc") else command.split()
        subprocess.run(words, check=True, capture_output=True, env=os.environ | names)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("s3://bucket/x", "Error"),  # a package is missing, or credentials are
        ("http://127.0.0.1:1/x", "Error"),  # nobody answers
        ("ssh://user@127.0.0.1/x", "Error"),
        ("/nowhere/x", "Error"),
    ],
)
def test_a_remote_that_gives_nothing_ends_no_run(ready, capsys, url, said):
    extract_features.main()
    Path(".gitignore").write_text("data/raw\n")
    Path("dvc.yaml").write_text("stages:\n  extract_features:\n    cmd: echo\n    outs: [data/features]\n")
    git_and_dvc("git init -q", "dvc init -q", f"dvc remote add -d r {url}", "dvc commit -f extract_features")
    git_and_dvc("git add dvc.yaml dvc.lock .dvc", "git commit -qm one")
    shutil.rmtree(".dvc/cache")
    empty_the_store()
    assert counts(extract_features.main()) == (8, 0)
    assert re.search(rf"DVC can't get the last committed .*{said}.*; they are computed anew", capsys.readouterr().err)


@RAY_WARNS
@pytest.mark.parametrize("address", ["nowhere", "127.0.0.1:1", "ray://127.0.0.1:1"])
def test_an_unreachable_cluster_is_named_at_once(ready, address):
    pytest.importorskip("ray", reason="pip install -r requirements-ray.txt")
    set_engine("ray")
    path = Path("params.yaml")
    path.write_text(path.read_text().replace("address: null", f"address: {address}"))
    with pytest.raises(EngineError, match=rf"ray\.address.* {address}[ ;]") as caught:
        extract_features.main()
    assert " /" not in str(caught.value)


@RAY_WARNS
def test_what_is_no_head_is_named(ready):
    pytest.importorskip("ray", reason="pip install -r requirements-ray.txt")
    with HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:
        threading.Thread(target=server.serve_forever, args=[0.01], daemon=True).start()
        address = f"127.0.0.1:{server.server_port}"
        path = Path("params.yaml")
        path.write_text(path.read_text().replace("address: null", f"address: {address}"))
        set_engine("ray")
        with pytest.raises(EngineError, match=f"{address} .*is no Ray head"):  # Ray itself would try for minutes
            extract_features.main()
        server.shutdown()


@RAY_WARNS
@pytest.mark.slow
def test_ray_gives_the_same_bytes(ready):
    pytest.importorskip("ray", reason="pip install -r requirements-ray.txt")
    extract_features.main()
    local = content()
    empty_the_store()
    set_engine("ray")
    assert counts(extract_features.main()) == (8, 0)
    assert content() == local


@RAY_WARNS
@pytest.mark.slow
def test_a_cluster_that_loses_workers_gives_the_same_bytes(ready, monkeypatch):
    pytest.importorskip("ray", reason="pip install -r requirements-ray.txt")
    from benchmarks.ray_cluster import kill_raylet, ray_cluster

    write_photos(range(600))
    rows = list(read_manifest_rows())
    photos = [Photo(Path(row.path).absolute().as_uri(), row.sha256) for row in rows]
    files = [File(Scanned(row.path, row.label), row.path, None) for row in rows]
    set_engine("ray")
    settings = extract_features.load_params().section(ExtractFeatures)
    choice = engine_choice.choose(settings, extract_features.read_description(), photos)
    expected = collected(extraction.run(choice, photos, settings.model_copy(update={"engine": "litert"})))
    read = partial(scan_file, max_pixels=10**8, rules="none")
    monkeypatch.setattr(on_cluster, "TASK", 64)
    with ray_cluster(workers=3) as (address, workers):
        ray = settings.ray.model_copy(update={"address": address, "actors": 2})
        scanned = on_cluster.on_cluster(read, files, ray)
        begun = [next(scanned)]
        kill_raylet(workers[0])
        begun += scanned
        batches = extraction.run(choice, photos, settings.model_copy(update={"ray": ray}))
        first = next(batches)
        kill_raylet(workers[1])
        received = collected([first, *batches])
    assert received == expected
    assert repr(begun) == repr(list(in_processes(read, files)))
