"""Pin what is installed: write requirements/runtime.txt and dev.txt from pyproject.toml and this environment.

`make lock` runs it. Every package that a declared dependency needs, to the last one, gets a line
`name==version`. torch is left to requirements/torch.txt: it is installed first and from an index of its own.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from importlib.metadata import distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
HEADER = "# Written by `make lock`; every package pinned. Change pyproject.toml, install, then lock again.\n"
TORCH = "torch"


def closure(requirements: Iterable[str]) -> dict[str, str]:
    """Return canonical name → pin for these requirements and all they need on this machine, torch left out.

    Raises PackageNotFoundError when something declared is not installed.
    """
    pins: dict[str, str] = {}
    seen: set[tuple[str, frozenset[str]]] = set()
    waiting = [Requirement(text) for text in requirements]
    while waiting:
        wanted = waiting.pop()
        name, extras = canonicalize_name(wanted.name), frozenset(wanted.extras)
        if (name, extras) in seen:
            continue
        seen.add((name, extras))
        found = distribution(name)
        if name != TORCH:
            pins[name] = f"{found.metadata['Name']}=={found.version}"
        waiting += [r for text in found.requires or [] if applies(r := Requirement(text), extras)]
    return pins


def applies(requirement: Requirement, extras: frozenset[str]) -> bool:
    """Whether a requirement counts here, with these extras of its owner asked for."""
    marker = requirement.marker
    return marker is None or any(marker.evaluate({"extra": extra}) for extra in extras | {""})


def lock_texts(pyproject: Path) -> dict[str, str]:
    """Return file name → text for the two lock files that pyproject.toml and this environment ask for."""
    project = tomllib.loads(pyproject.read_text(encoding="utf-8"))["project"]
    runtime = closure(project["dependencies"])
    everything = closure([*project["dependencies"], *project["optional-dependencies"]["dev"]])
    dev = {name: pin for name, pin in everything.items() if name not in runtime}
    return {
        "runtime.txt": HEADER + lines(runtime),
        "dev.txt": HEADER + "-r runtime.txt\n" + lines(dev),
    }


def lines(pins: dict[str, str]) -> str:
    """One pin a line, in the order of their names."""
    return "".join(f"{pins[name]}\n" for name in sorted(pins))


def main() -> None:
    """Write both files."""
    for name, text in lock_texts(ROOT / "pyproject.toml").items():
        (ROOT / "requirements" / name).write_text(text, encoding="utf-8")
        print(f"requirements/{name}: {text.count('==')} packages")


if __name__ == "__main__":
    main()
