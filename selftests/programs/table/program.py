# SPDX-License-Identifier: GPL-2.0
"""
A program: how it is served, how it is called, and what must come of it.

@server and @client are run by sh -e, the one in the background; @says is what the client
has to print, a regular expression for all of it. @files are made beforehand, in the folder
where both run. @once is run before the first of a program's cases, in FILES. One that
@polls the clock until it has moved is for --virtual-time=cpu; one that is @dear has half of
the stacks with each family. Of these
$words all of them know:

 SERVER PORT   where to listen
 URL           the same, as URLs have it; URLHOST, without the port
 IP            4 or 6
 HERE          the folder where both run
 FILES         a folder with a file, blob, whose SHA-256 is HASH, and that of two or three
               of it is HASH2 or HASH3
 KEYS          one with a certificate, cert.pem and key.pem, and an SSH key, id
"""

from typing import NamedTuple


class Program(NamedTuple):
    name: str
    server: str
    client: str
    says: str
    files: dict = {}
    once: str = ''
    polls: bool = False
    dear: bool = False


SUM = '$HASH  -\n'
