"""What a sheet says, before anybody decides where it stands on paper: plain frozen values."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

MOST_BARS = 12


@dataclass(frozen=True)
class Run:
    """A stretch of plain text in one weight; never markup. `figure` is whose words these are."""

    text: str
    bold: bool = False
    figure: str = ""


Runs = tuple[Run, ...]


def phrase(template: str, **values: object) -> Runs:
    """Runs from a catalogue sentence such as `over **{calls} calls**`.

    The stars are read before the values are filled in, so no value can turn bold or light.
    """
    pieces = template.split("**")
    if len(pieces) % 2 == 0:
        raise ValueError(f"bold is opened but not closed: {template!r}")
    runs = (Run(piece.format(**values), bool(n % 2)) for n, piece in enumerate(pieces) if piece)
    return tuple(runs)


class Kind(StrEnum):
    HEAD = "head"
    SUB = "sub"
    RUN = "run"
    P = "p"
    B = "b"
    CHART = "chart"


@dataclass(frozen=True)
class Bar:
    """`shown` is the label printed above the column, rounded by the sentence's own rule."""

    label: str
    value: float
    shown: str


@dataclass(frozen=True)
class Block:
    kind: Kind
    runs: Runs = ()
    pictogram: str = ""
    bars: tuple[Bar, ...] = ()

    def __post_init__(self) -> None:
        if (self.kind is Kind.CHART) != bool(self.bars):
            raise ValueError("a chart has bars and nothing else has")
        if len(self.bars) > MOST_BARS:
            raise ValueError(f"a chart holds at most {MOST_BARS} columns")


def sub(text: str) -> Block:
    """A bold sub-head; also the title of the chart that follows it."""
    return Block(Kind.SUB, (Run(text),))


def run_in(text: str) -> Block:
    """A line such as `Since 2022:` that belongs to what follows."""
    return Block(Kind.RUN, (Run(text),))


def paragraph(*runs: Run) -> Block:
    return Block(Kind.P, runs)


def bullet(*runs: Run) -> Block:
    return Block(Kind.B, runs)


def chart(bars: Sequence[Bar], *, note: str = "") -> Block:
    """Columns over a zero base line; `note` is the small print under them."""
    return Block(Kind.CHART, (Run(note),) if note else (), bars=tuple(bars))


@dataclass(frozen=True)
class Section:
    """A head with its pictogram (a file name in resources/pictograms, or none) and its matter."""

    title: str
    blocks: tuple[Block, ...]
    pictogram: str = ""

    def all_blocks(self) -> tuple[Block, ...]:
        return (Block(Kind.HEAD, (Run(self.title),), self.pictogram), *self.blocks)


@dataclass(frozen=True)
class SheetDocument:
    """A public two-column sheet. `tag` marks trial data and is None for real figures."""

    title: str
    delegation: tuple[str, ...]
    period: str
    sections: tuple[Section, ...]
    lang: str
    highlights_label: str = ""
    highlights: tuple[Runs, ...] = ()
    tag: str | None = None
    boilerplate: Runs = ()
    address: tuple[str, ...] = ()
    foot: str = ""
    meta_title: str = ""
    meta_subject: str = ""


@dataclass(frozen=True)
class CountedRow:
    """One printed figure and everything needed to count it again."""

    printed: str
    rule: str
    period: str
    records: str
    exact: str
    rounding: str
    name: str = ""
    figure: str = ""


@dataclass(frozen=True)
class CountedTable:
    """The internal page that explains every figure of a public sheet."""

    title: str
    delegation: tuple[str, ...]
    reference: str
    heads: tuple[str, str, str, str, str, str]
    rows: tuple[CountedRow, ...]
    lang: str
    lead: Runs = ()
    name_head: str = ""
    caveats_label: str = ""
    caveats: tuple[Runs, ...] = ()
    fingerprint_label: str = ""
    fingerprint: str = ""
    fingerprint_note: str = ""
    tag: str | None = None
    foot: str = ""
    meta_title: str = ""
    meta_subject: str = ""


@dataclass(frozen=True)
class Spot:
    """Where the words of a figure stand on paper: points, y counted from the head of the page."""

    figure: str
    words: str
    page: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Heading:
    """Where a section begins: its page and the height of its head, in points from above."""

    title: str
    page: int
    y: float


@dataclass(frozen=True)
class Drawn:
    """A finished PDF, and where its figures and its sections stand."""

    data: bytes
    spots: tuple[Spot, ...] = ()
    headings: tuple[Heading, ...] = ()
    pages: int = 0
