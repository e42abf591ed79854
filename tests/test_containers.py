"""The container files, as far as they can be checked without a container engine."""

import re
from pathlib import Path

import yaml

ROOT = Path(__file__).parent.parent
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))


def test_services_and_volumes_that_are_named_exist():
    for service in COMPOSE["services"].values():
        assert set(service.get("depends_on", [])) <= set(COMPOSE["services"])
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert source == "." or source in COMPOSE["volumes"]


def test_image_is_built_of_what_the_project_pins_and_of_nothing_else():
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    (version,) = re.findall(r"dvc\[[^]]*\]==([\w.]+)", text)
    assert f"dvc=={version} " in (ROOT / "requirements.txt").read_text(encoding="utf-8")
    for copied in re.findall(r"^COPY (\S+)", text, re.MULTILINE):
        assert f"!{copied}" in (ROOT / ".dockerignore").read_text().split()


def test_cron_job_of_the_docs_is_yaml_and_runs_the_retraining():
    docs = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```yaml\n(apiVersion.*?)```", docs, re.DOTALL)
    (container,) = yaml.safe_load(block)["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"]
    assert container["command"] == ["python", "-m", "ops.retrain", "--push", "--promote"]
