"""The kernel: files, records, acts, journal, figures. It knows no humanitarian word and no Qt."""
