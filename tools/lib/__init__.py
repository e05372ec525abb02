# SPDX-License-Identifier: GPL-2.0
"""What tcpxplot and tcpxlab are made of."""


class BadInput(Exception):
    """Something given to a program is wrong: where, what, and what would be right."""

    def __init__(self, where, wrong, right):
        super().__init__(f"{where}: {wrong}; right: {right}")
