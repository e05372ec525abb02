# SPDX-License-Identifier: GPL-2.0
"""Everything a selftest needs: from lib import *."""

from .tap import *
from .ip import *
from .wire import *
from .net import *
from .peer import *
from .trace import *
from .module import *
from .rights import *
