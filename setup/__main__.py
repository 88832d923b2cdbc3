import sys
from pathlib import Path

# `python3 setup` puts this folder on the path; its parent makes it a package.
sys.path[0] = str(Path(__file__).resolve().parent.parent)

from setup.cli import main  # noqa: E402

sys.exit(main(sys.argv[1:]))
