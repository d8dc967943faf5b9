"""relgraph: political documents as a knowledge graph in which every statement has a footnote.

`relgraph.open` opens a release, a file of RDF or an endpoint. What `import relgraph` gives is what relgraph.api lists. It is
loaded when it is first used, since the processes that answer queries import the package, too.
"""

from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from relgraph.api import *  # noqa: F403 – the names stand there, and nowhere else

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """What relgraph.api lists, at its first use. A module is none of it: Python asks here before it imports one."""
    if name == "__all__":
        return [*import_module("relgraph.api").__all__, "__version__"]
    if not name.startswith("_") and find_spec(f"relgraph.{name}") is None:
        api = import_module("relgraph.api")
        if name in api.__all__:
            return getattr(api, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    """What is public, the modules that are loaded, and what Python itself keeps of a module; not what is imported here."""
    kept = (name for name, value in globals().items() if name.startswith("__") or isinstance(value, ModuleType))
    return sorted({*kept, *__getattr__("__all__")})
