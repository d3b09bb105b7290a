"""What the exchange tests share: the fake coder and the live service of the service tests."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parent.parent / "service")]

from service_fixtures import *  # noqa: E402, F403
