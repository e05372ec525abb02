# SPDX-License-Identifier: GPL-2.0
"""The connections of a capture, read by tshark."""

import os
import re
import subprocess

from . import BadInput

FIN, SYN, RST, ACK = 1, 2, 4, 16

# name: tshark's field. What occurs more than once in a packet is separated by commas.
FIELDS = {
    "number": "frame.number",
    "time": "frame.time_epoch",
    "proto": "ip.proto",
    "src4": "ip.src", "dst4": "ip.dst",
    "src6": "ipv6.src", "dst6": "ipv6.dst",
    "stream": "tcp.stream",
    "sport": "tcp.srcport", "dport": "tcp.dstport",
    "seq": "tcp.seq_raw", "ack": "tcp.ack_raw", "len": "tcp.len",
    "flags": "tcp.flags", "win": "tcp.window_size_value", "mss": "tcp.options.mss_val",
    "scale": "tcp.options.wscale.shift", "stamp": "tcp.options.timestamp.tsval",
    "left": "tcp.options.sack_le", "right": "tcp.options.sack_re",
}
# Of a segment whose header was captured, all these are there.
NEEDED = ("sport", "dport", "seq", "ack", "len", "flags", "win")


class Packet:
    """One segment; src and dst are "addr:port" as the tracepoints write them."""

    __slots__ = ("time", "src", "dst", "seq", "ack", "len", "flags", "win", "mss", "scale",
                 "stamp", "sacks")

    def __init__(self, time, src, dst, **numbers):
        self.time, self.src, self.dst = time, src, dst
        self.mss = self.scale = None
        self.stamp = False
        self.sacks = ()
        for name, value in numbers.items():
            setattr(self, name, value)


class Connection:
    """The segments of one connection, in order of time."""

    def __init__(self, packets):
        self.packets = packets

    @property
    def ends(self):
        """Both ends, the one that sent more first."""
        first = self.packets[0]
        return sorted((first.src, first.dst), key=self.sent, reverse=True)

    def sent(self, end):
        """Payload that one end sent, sent again or not: bytes."""
        return sum(packet.len for packet in self.packets if packet.src == end)

    @property
    def size(self):
        """All payload, both ways: bytes."""
        return sum(packet.len for packet in self.packets)


def endpoint(addr, port):
    """An address and a port, as the tracepoints write them."""
    return f"[{addr}]:{port}" if ":" in addr else f"{addr}:{port}"


def field_values(path, row):
    """The fields of one line of tshark's."""
    values = dict(zip(FIELDS, row.split("\t")))
    for name in NEEDED:
        # In a tunnel the innermost is meant
        values[name] = values[name].rsplit(",", 1)[-1]
        if not values[name]:
            raise BadInput(f"{path}: packet {values['number']}",
                           f"its TCP header is cut off or broken, it has no {FIELDS[name]}",
                           "whole headers (tcpdump -s 128); or leave it out: "
                           f"editcap FILE NEW {values['number']}")
    return values


def packet_of(values):
    """A Packet of the fields' values."""
    def last(name):
        return values[name].rsplit(",", 1)[-1]

    def numbers(name):
        return [int(text) for text in values[name].split(",") if text]

    src, dst = last("src6") or last("src4"), last("dst6") or last("dst4")
    return Packet(float(values["time"]), endpoint(src, values["sport"]),
                  endpoint(dst, values["dport"]), seq=int(values["seq"]),
                  ack=int(values["ack"]), len=int(values["len"]), flags=int(values["flags"], 0),
                  win=int(values["win"]), mss=(numbers("mss") or [None])[0],
                  scale=(numbers("scale") or [None])[0], stamp=bool(values["stamp"]),
                  sacks=tuple(zip(numbers("left"), numbers("right"))))


def complaint(text):
    """What tshark has to say about a file, without its name and the usual warning."""
    lines = [line for line in text.splitlines() if "as user \"root\"" not in line]
    return re.sub(r'^tshark: |The file ".*?" ', "", " ".join(lines)).strip()


def read_capture(path, protocol):
    """The connections of a capture, in which @protocol is TCP as well."""
    if not os.path.isfile(path):
        raise BadInput(path, "is a directory" if os.path.isdir(path) else "no such file",
                       "a capture that tcpdump -w has written")
    command = ["tshark", "-n", "-r", path, "-d", f"ip.proto=={protocol},tcp",
               "-o", "tcp.relative_sequence_numbers:FALSE",
               "-o", "tcp.desegment_tcp_streams:FALSE", "-o", "tcp.analyze_sequence_numbers:TRUE",
               "-Y", "tcp && !icmp && !icmpv6", "-T", "fields", "-E", "separator=/t"]
    for name in FIELDS.values():
        command += ["-e", name]
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, check=False)
    except FileNotFoundError:
        raise BadInput("tshark", "not installed", "apt install tshark") from None
    found = {}
    count = 0
    for row in done.stdout.splitlines():
        values = field_values(path, row)
        count = int(values["number"])
        found.setdefault((values["stream"], values["proto"]), []).append(packet_of(values))
    if done.returncode and count:
        raise BadInput(f"{path}: after packet {count}", complaint(done.stderr),
                       "a capture that ended properly; editcap keeps what is whole of it")
    if done.returncode:
        raise BadInput(path, complaint(done.stderr), "a pcap or pcapng file (tcpdump -w)")
    if not found:
        raise BadInput(path, f"no packet of protocol 6 or {protocol} is in it",
                       "a capture of a TCP connection, or --protocol N if tcpx has another number")
    return [Connection(packets) for packets in found.values()]


def choose(connections, ports=(), ends=()):
    """One connection: the largest of those that have these ports and ends."""
    def fits(connection):
        both = {connection.packets[0].src, connection.packets[0].dst}
        numbers = {int(end.rsplit(":", 1)[1]) for end in both}
        return both.issuperset(ends) and numbers.issuperset(ports)

    fitting = [one for one in connections if fits(one)]
    if not fitting:
        wanted = ", ".join([*map(str, ports), *ends])
        known = ", ".join(" ".join(one.ends) for one in connections[:5])
        raise BadInput(wanted, "no connection has that", f"one of those there are: {known}")
    return max(fitting, key=lambda one: one.size)
