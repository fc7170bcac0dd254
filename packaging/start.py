"""Where the frozen program begins: the command line, or a process that the program starts itself.

A frozen program has no `python -m`. What asks for a process of its own, because it may crash or
eat memory, starts `sys.executable -m casedesk.…` as in a checkout, and that is understood here.
"""

import contextlib
import multiprocessing
import os
import runpy
import sys

FLAGS = {"-I", "-E", "-s", "-S", "-B", "-u"}
RUNNING = "/proc/self/exe"
"""The program that runs, also when an upgrade has put another in its place."""


def stay() -> None:
    """Load modules from the program that was started, whatever is installed meanwhile.

    The archive in the program is opened by its path for every module, at places noted in the
    beginning: after an upgrade beside a window that is open these lie in another program.
    """
    with contextlib.suppress(ImportError, AttributeError):
        import pyimod02_importers  # of PyInstaller, in frozen programs alone

        archive = pyimod02_importers.pyz_archive
        if os.path.exists(RUNNING) and os.path.samefile(RUNNING, archive._filename):
            archive._filename = RUNNING


def main() -> None:
    """Find out what this process is for."""
    stay()
    multiprocessing.freeze_support()  # a child of multiprocessing goes no further
    words = sys.argv[1:]
    if words == ["--trial-window"]:
        from PySide6.QtWidgets import QApplication

        print(QApplication([]).platformName())
        return
    while len(words) > 2 and words[0] in FLAGS:
        words = words[1:]
    if len(words) > 1 and words[0] == "-m" and words[1].startswith("casedesk."):
        sys.argv = words[1:]
        runpy.run_module(words[1], run_name="__main__", alter_sys=True)
        return
    from casedesk.cli import main

    raise SystemExit(main())


if __name__ == "__main__":
    main()
