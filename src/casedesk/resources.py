"""The only door to files that travel with the program: fonts, pictograms, styles, texts."""

from pathlib import Path, PurePosixPath

_PACKAGE = Path(__file__).resolve().parent


def resource(relative: str) -> Path:
    """Path of a shipped file; in a build it lies inside the package, in a checkout beside `src`."""
    wanted = PurePosixPath(relative)
    if wanted.is_absolute() or ".." in wanted.parts or "\\" in relative:
        raise ValueError(f"not a resource name: {relative!r}")
    inside = _PACKAGE / "resources"
    root = inside if inside.is_dir() else _PACKAGE.parents[1] / "resources"
    return root.joinpath(*wanted.parts)
