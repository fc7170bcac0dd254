"""CaseDesk: the hotline, the missing-person cases and the published figures of one delegation.

`kernel` knows no humanitarian word; `people` is the one person register; `hotline` and `tracing`
are features that never import each other; `reports` turns records into sheets.
"""

__version__ = "0.2.0"
