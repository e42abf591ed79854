"""Verdicts and aliases on a real registry, by processes that die before any of their writes."""

import pytest

from ops.shared.registry import finish_moves, record, rollback, version_called
from ops.shared.tracking import ANCHOR, CHAMPION, MODEL, PREVIOUS, connect
from tests.ops.mortal import DiedError, Mortal

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]  # MLflow's own warnings
WRITES = 9  # of a promotion


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    folder = tmp_path_factory.mktemp("registry")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for name in ("MLFLOW_TRACKING_URI", "MLFLOW_REGISTRY_URI"):  # MLflow itself sets both, for good
            patch.setenv(name, f"sqlite:///{folder / 'mlflow.db'}")
        yield connect()


def versions(client) -> list:
    """Three new versions, of which the second is the champion, the first the one before and the anchor."""
    if client.search_registered_models():
        client.delete_registered_model(MODEL)
    client.create_registered_model(MODEL)
    made = [client.create_model_version(MODEL, f"file:///{number}") for number in range(3)]
    for alias, number in {PREVIOUS: 0, CHAMPION: 1, ANCHOR: 0}.items():
        client.set_registered_model_alias(MODEL, alias, made[number].version)
    return made


def state(client) -> tuple:
    (model,) = client.search_registered_models()
    found = sorted(client.search_model_versions(), key=lambda version: int(version.version))
    aliases = {alias: int(number) for alias, number in model.aliases.items()}
    return aliases, model.tags, [(version.description, version.tags) for version in found]


def died(step, client, moment: int) -> bool:
    try:
        step(Mortal(client, lambda number, *_: number == moment))
    except DiedError:
        return True
    return False


def test_promotion_that_dies_at_any_write_ends_as_one_that_does_not(client):
    def step(client) -> None:
        """As ops.promote: what an earlier process began is finished, and then decided on."""
        finish_moves(client)
        champion = version_called(client, CHAMPION)
        if champion.version != new.version:
            record(client, new, champion, held_against=old, best=new, promoted=True, lines=["why"])

    expected, deaths = None, 0
    for moment in range(WRITES, -1, -1):  # at first it lives
        old, _, new = versions(client)
        deaths += died(step, client, moment)
        step(client)
        expected = expected or state(client)
        assert state(client) == expected, f"died before write {moment}"
    assert expected[0] == {PREVIOUS: 2, CHAMPION: 3, ANCHOR: 3}
    assert deaths == WRITES


def test_rollback_that_dies_at_any_write_ends_as_one_that_does_not(client):
    for moment in range(5):
        versions(client)
        if not died(rollback, client, moment):
            assert moment == 4
            continue
        if moment > 0:  # it had noted what it was about to do
            assert "as an earlier run began" in rollback(client)
        else:
            rollback(client)
        assert state(client)[:2] == ({PREVIOUS: 2, CHAMPION: 1, ANCHOR: 1}, {})
