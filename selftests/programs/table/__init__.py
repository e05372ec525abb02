# SPDX-License-Identifier: GPL-2.0
"""The programs, by what they are for."""

from . import database, files, mail, streams, tunnel, web

PROGRAMS = web.PROGRAMS + database.PROGRAMS + streams.PROGRAMS + files.PROGRAMS + \
    mail.PROGRAMS + tunnel.PROGRAMS
