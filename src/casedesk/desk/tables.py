"""Lists of records: the one door to them, whatever file they lie in."""

from __future__ import annotations

from casedesk.desk.tables_candidates import Candidate, CandidateList
from casedesk.desk.tables_model import PAGES, RecordModel
from casedesk.desk.tables_view import RecordTable

__all__ = ["PAGES", "Candidate", "CandidateList", "RecordModel", "RecordTable"]
