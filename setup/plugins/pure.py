"""Run the pure tests without Odoo.

`odoo.addons.<add-on>` and its `tests` become bare packages: they have a path, so
that what is below can be imported, but their ``__init__`` is not executed.
"""

from __future__ import annotations

import ast
import sys
import types
from pathlib import Path

from _pytest import pathlib as pytest_paths

CHECKOUT = Path(__file__).resolve().parents[2]


def _bare(name: str, path: Path) -> None:
    module = types.ModuleType(name, "A bare package: there is no Odoo here.")
    module.__path__ = [str(path)]
    init = path / "__init__.py"
    if init.exists():
        # pytest compares it with the file that it collects
        module.__file__ = str(init)
    sys.modules[name] = module
    parent, _, child = name.rpartition(".")
    if parent:
        setattr(sys.modules[parent], child, module)


def _make_packages() -> None:
    _bare("odoo", CHECKOUT / "no-odoo-here")
    _bare("odoo.addons", CHECKOUT)
    repository = ast.literal_eval((CHECKOUT / "__manifest__.py").read_text())
    for name in repository["addons"]:
        folder = CHECKOUT / name
        if folder.is_dir():
            _bare(f"odoo.addons.{name}", folder)
            _bare(f"odoo.addons.{name}.tests", folder / "tests")


_resolve = pytest_paths.resolve_pkg_root_and_module_name


def _resolve_as_odoo(path: Path, **options) -> tuple[Path, str]:
    """Give test modules the name that they have in Odoo."""
    root, name = _resolve(path, **options)
    if f"odoo.addons.{name.partition('.')[0]}" in sys.modules:
        name = f"odoo.addons.{name}"
    return root, name


_make_packages()
pytest_paths.resolve_pkg_root_and_module_name = _resolve_as_odoo
