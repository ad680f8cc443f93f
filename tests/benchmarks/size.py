"""What weighs what in the bundle in dist, and its archive where there is one."""

from collections import Counter
from pathlib import Path

from bench import ROOT, Options, main, table

BUNDLE = ROOT / "dist" / "covid-desktop"
LISTED = 16


def run(options: Options) -> str:
    if not BUNDLE.exists():
        return "No bundle is built: `python3 dev.py bundle`."
    sizes: Counter[str] = Counter()
    for file in BUNDLE.rglob("*"):
        if file.is_file() and not file.is_symlink():
            sizes[_part(file.relative_to(BUNDLE))] += file.stat().st_size
    largest = sizes.most_common(LISTED)
    others = sizes.total() - sum(size for _, size in largest)
    rows = [*largest, ("others", others), ("**all**", sizes.total()), *_archives()]
    return table(("part", "MB (1,000,000 bytes)"), [(name, f"{size / 1e6:.1f}") for name, size in rows])


def _part(file: Path) -> str:
    """A package with the libraries it brought; TensorFlow by its two large libraries."""
    if len(file.parts) == 1:
        return "the executable, with all Python modules"
    if file.name.startswith("libtensorflow_"):
        return file.name
    top = file.parts[1]
    return top.removesuffix(".libs") if len(file.parts) > 2 else _loose(top)


def _loose(name: str) -> str:
    return "Python" if name.startswith(("libpython", "base_library")) else "libraries of the system"


def _archives() -> list[tuple[str, int]]:
    found = sorted(BUNDLE.parent.glob("covid-desktop.*"))
    return [(f"`{file.name}`", file.stat().st_size) for file in found if file.is_file()]


if __name__ == "__main__":
    main(run)
