"""benchmarks/RESULTS.md: one section a benchmark, each replaced as a whole by its next run."""

import os
import platform
import re
from importlib.metadata import version
from pathlib import Path

PATH = Path("benchmarks/RESULTS.md")
HEAD = "# Measured speed\n\nWritten by the benchmarks; medians, and ranges in brackets.\n"


def write_section(title: str, body: str, path: Path = PATH) -> None:
    """Replaces the section `## title`, or adds it at the end."""
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
