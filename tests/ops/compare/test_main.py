import re

import pytest

from idealcat.base.files import read_json
from ops.compare import cell
from ops.compare.__main__ import main
from ops.compare.networks import networks_here


def test_a_misspelt_network_is_one_line_with_the_nearest_name(workspace):
    with pytest.raises(
        SystemExit, match=r"compare: --networks: 'efficientnet_lit0': .*did you mean efficientnet_lite0"
    ):
        main(["--networks", "efficientnet_lit0"])


def test_no_network_is_one_line(workspace):
    with pytest.raises(SystemExit, match="expected at least one network"):
        main(["--networks", ","])


def test_networks_without_a_download_are_the_default():
    assert networks_here() == ["efficientnet_lite0", "efficientnet_lite1", "efficientnet_lite2"]


@pytest.mark.slow
def test_networks_are_compared_and_what_was_measured_is_kept(dataset, monkeypatch, capsys):
    asked = ["--networks", "efficientnet_lite0@random, mobilenet_v2@random", "--out", "there"]
    main(asked)
    shown = capsys.readouterr()
    assert len(re.findall(r"^\| (?:efficientnet_lite0|mobilenet_v2)@random \|", shown.out, re.MULTILINE)) == 2
    found = read_json("there/compare.json")["data_sets"]["this project"]["networks"]
    assert {entry["computed"] for entry in found.values()} == {16}
    assert all(entry["photos_per_second"] > 0 for entry in found.values())

    def nothing(*_: object) -> None:
        raise AssertionError("measured again")

    monkeypatch.setattr(cell, "cross_validated", nothing)
    monkeypatch.setattr(cell, "vectors_of", nothing)
    main(asked)
    assert read_json("there/compare.json")["data_sets"]["this project"]["networks"] == found


@pytest.mark.slow
def test_a_network_that_can_not_be_had_is_named_and_the_others_go_on(dataset, capsys):
    main(["--networks", "efficientnet_lite0@random,inception_v3@random", "--sources", "set=data/raw"])
    assert "inception_v3@random could not be had" in capsys.readouterr().err
    found = read_json("runs/compare/compare.json")
    assert list(found["missing"]) == ["inception_v3@random"]
    assert list(found["data_sets"]["set"]["networks"]) == ["efficientnet_lite0@random"]


def test_a_source_that_is_not_there_is_one_line(workspace, monkeypatch):
    monkeypatch.setattr("ops.compare.__main__.had", lambda *_: None)
    with pytest.raises(SystemExit, match="--sources: there is no folder and no source sketchs; did you mean sketches"):
        main(["--networks", "efficientnet_lite0", "--sources", "sketchs"])
