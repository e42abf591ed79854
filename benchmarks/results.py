"""benchmarks/RESULTS.md: one section a benchmark, each replaced as a whole by its next run."""

import os
import platform
import re
import statistics
from importlib.metadata import version
from pathlib import Path

PATH = Path("benchmarks/RESULTS.md")
HEAD = "# Measured speed\n\nWritten by the benchmarks; medians, and ranges in brackets.\n"


def write_section(title: str, body: str, path: Path = PATH) -> None:
    """Prints a section, and replaces that of the same title in `path` by it or adds it at the end."""
    print(f"\n## {title}\n\n{body}", flush=True)
    text = path.read_text(encoding="utf-8") if path.exists() else HEAD
    section = f"\n## {title}\n\n{body.strip()}\n"
    found = re.search(rf"\n## {re.escape(title)}\n.*?(?=\n## |\Z)", text, re.DOTALL)
    text = text[: found.start()] + section + text[found.end() :] if found else text.rstrip("\n") + "\n" + section
    path.write_text(text, encoding="utf-8")


def machine(*packages: str) -> str:
    """A line on what was measured on: processor, cores, memory, versions."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        named = re.search(r"model name\s*: (.*)", cpuinfo.read_text())
        model = named[1] if named else model
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    versions = ", ".join(f"{package} {version(package)}" for package in packages)
    return f"{model}, {os.cpu_count()} cores, {memory:.0f} GiB, Python {platform.python_version()}; {versions}."


def markdown(rows: list[dict[str, object]]) -> str:
    """A Markdown table of rows; a column where any row has it."""
    keys = list(dict.fromkeys(key for row in rows for key in row))
    lines = [keys, ["---"] * len(keys), *([str(row.get(key, "")) for key in keys] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def spread(values: list[float]) -> str:
    """The median, and the range in brackets."""
    return f"{statistics.median(values):.1f} [{min(values):.1f}-{max(values):.1f}]"


def photo_files(folder: Path) -> list[Path]:
    """The JPEG and PNG files below a folder, absolute and sorted."""
    return sorted(path for path in folder.absolute().rglob("*") if path.suffix.lower() in (".jpg", ".jpeg", ".png"))
