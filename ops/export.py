"""Hands on what the stage export wrote: `python -m ops.export --push TARGET`.

The target is a folder, or hf:OWNER/NAME: a repository on Hugging Face's hub.
The golden photos stay here unless `--with-photos` says that their licence lets them go.
"""

import argparse
import shutil
from pathlib import Path

from idealcat.base.artifacts import EXPORT
from idealcat.base.errors import IdealcatError, one_line
from idealcat.base.files import replacing_folder
from idealcat.export.formats.registry import FORMATS

HUB = "hf:"
PHOTOS = "golden"
PRIVATE = [f"{PHOTOS}/*", f"{PHOTOS}.json"]


class PushError(IdealcatError):
    """The export can't be handed on."""


def main() -> None:
    """Pushes; exit code 1 with one line where it can't."""
    parser = argparse.ArgumentParser(prog="python -m ops.export", description=(__doc__ or "").split(":", 1)[0])
    parser.add_argument("--push", required=True, metavar="TARGET", help="a folder, or hf:OWNER/NAME on the hub")
    parser.add_argument("--with-photos", action="store_true", help="with the golden photos")
    arguments = parser.parse_args()
    with one_line("export"):
        if not (EXPORT.path / "README.md").exists():
            raise EXPORT.absent("run `dvc repro export`")
        if not any((EXPORT.path / name).is_dir() for name in FORMATS):
            raise PushError(f"{EXPORT.path} has no model: name some in export.formats, then run `dvc repro export`")
        if arguments.push.startswith(HUB):
            place = to_hub(arguments.push.removeprefix(HUB), with_photos=arguments.with_photos)
        else:
            place = str(to_folder(Path(arguments.push), with_photos=arguments.with_photos))
    print(f"export: {place}{'' if arguments.with_photos else ', without the golden photos'}")


def to_folder(folder: Path, *, with_photos: bool) -> Path:
    """Copies into a new folder, or in place of an earlier push.

    Raises:
        PushError: anything else is there, the folder is the export's own, or it can't be written.
    """
    own, target = EXPORT.path.resolve(), folder.resolve()
    if target.is_relative_to(own) or own.is_relative_to(target):
        raise PushError(f"expected a folder apart from {EXPORT.path}, received {folder}")
    try:
        if folder.exists() and any(folder.iterdir()) and not (folder / "labels.json").exists():
            raise PushError(f"expected a new folder or an earlier push, found other files in {folder}")
        with replacing_folder(folder) as beside:
            shutil.copytree(EXPORT.path, beside, dirs_exist_ok=True, ignore=None if with_photos else _private)
    except OSError as error:
        raise PushError(f"{folder} can't be written ({error.strerror or error})") from error
    return folder


def to_hub(name: str, *, with_photos: bool) -> str:
    """Uploads to a model repository, which is made, private, where there is none; returns its address.

    The login is that of `hf auth login` or HF_TOKEN. Raises PushError where the hub refuses or can't be reached.
    """
    try:
        from httpx2 import HTTPError  # noqa: PLC0415 huggingface_hub speaks through it
        from huggingface_hub import HfApi  # noqa: PLC0415 optional
        from huggingface_hub.errors import HFValidationError  # noqa: PLC0415
    except ImportError as error:
        raise PushError("the hub needs huggingface_hub: pip install -r requirements-export.txt") from error
    api = HfApi()
    try:
        api.create_repo(name, private=True, exist_ok=True)
        api.upload_folder(
            repo_id=name,
            folder_path=EXPORT.path,
            commit_message="Idealcat: a new version",
            ignore_patterns=None if with_photos else PRIVATE,
        )
    except (HTTPError, HFValidationError, OSError) as error:
        raise PushError(f"hf:{name}: {' '.join(str(error).split())[:300]}") from error
    return f"{api.endpoint}/{name}"


def _private(folder: str, names: list[str]) -> set[str]:
    return {PHOTOS, f"{PHOTOS}.json"} & set(names) if Path(folder) == EXPORT.path else set()


if __name__ == "__main__":
    main()
