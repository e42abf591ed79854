"""Fills the report's templates. Labels and file names are untrusted text: whatever is put in is escaped by default."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from idealcat.report.sections.interface import Section

TEMPLATES = Path(__file__).parent / "templates"
SECTIONS = Path(__file__).parent / "sections"
LONGEST = 80  # characters of a label that are shown


def render_html(head: dict[str, Any], sections: Sequence[Section], values: dict[str, dict[str, Any]]) -> str:
    """The page, self-contained: `head` is what its top names, `values` what the fragments of those sections name that
    can be shown."""
    environment = _environment(autoescape=True)
    fragments = {name: environment.get_template(f"{name}.html.j2").render(values[name]) for name in values}
    content = head | {"sections": sections, "fragments": fragments}
    return environment.get_template("report.html.j2").render(content)


def render_markdown(sections: Sequence[Section], values: dict[str, dict[str, Any]]) -> str:
    """The same in short. Every text that is put in becomes a code span, in which Markdown has no power."""
    environment = _environment(autoescape=False)
    environment.finalize = lambda value: value if isinstance(value, Markup) else code_span(str(value))
    names = [f"{section.id}.md.j2" for section in sections if section.id in values]
    short = [name for name in names if (SECTIONS / name).exists()]
    fragments = [environment.get_template(name).render(values[name.removesuffix(".md.j2")]) for name in short]
    return environment.get_template("report.md.j2").render(fragments=fragments)


def or_none(estimate: dict[str, Any] | None) -> dict[str, Any]:
    """An estimate, or where there is none (a median of no photos) one of dashes."""
    return estimate or {"value": None, "low": None, "high": None, "n": 0}


def legible(text: Any) -> str:
    """A text on one line, not too long: characters that don't print or that turn others around are escaped."""
    shown = "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode("ascii")
        for character in str(text)
    )
    return shown if len(shown) <= LONGEST else shown[: LONGEST - 25] + "…" + shown[-24:]


def code_span(text: str) -> str:
    """Markdown that shows `text` as it is, in a table's cell too (GitHub Flavored Markdown, 6.1 and 4.10)."""
    text = legible(text)
    fence = "`" * (max(map(len, re.findall(r"`+", text)), default=0) + 1)
    space = " " if text[:1] == "`" or text[-1:] == "`" or not text.strip() else ""
    return f"{fence}{space}{text}{space}{fence}".replace("|", "\\|")


def percent(share: float | None, digits: int = 1) -> Markup:
    """A share in [0, 1] in per cent, never rounded to none or all of what is nearly so; a dash where there is none."""
    if share is None:
        return Markup("–")
    text = f"{100 * share:.{0 if share in (0, 1) else digits}f}"
    if 0 < share < 1 and float(text) in (0, 100):
        text = f"{100 * share:.{digits + 2}f}"
        least = 10.0 ** -(digits + 2)
        if float(text) in (0, 100):
            text = f"< {least:g}" if share < 0.5 else f"> {100 - least:.{digits + 2}f}"
    return Markup("{}\u00a0%").format(text)


def number(value: float | None) -> Markup:
    """A number with four significant digits at most and none that say nothing; a dash where there is none."""
    if value is None:
        return Markup("–")
    return Markup("{}").format(f"{value:,}" if isinstance(value, int) else f"{value:.4g}")


def _environment(*, autoescape: bool) -> Environment:
    environment = Environment(
        loader=FileSystemLoader([TEMPLATES, SECTIONS]),
        autoescape=autoescape,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"or_none": or_none, "percent": percent, "number": number, "legible": legible}
    return environment
