# SPDX-License-Identifier: GPL-2.0
"""The text of tracepoints, from a file trace or trace_pipe of tracefs."""

import re
import statistics

from . import BadInput
from .capture import ACK, FIN, RST, SYN, Connection, Packet

HEAD = re.compile(r"\s(\d+\.\d+): (tcpx_segment|tcpx_cong|tcp_probe): (.*)$")
FORMS = {
    "tcpx_segment": (
        re.compile(r"(tx|rx) (\S+) > (\S+) \[(\w*)\] seq=(\d+) ack=(\d+) win=(\d+) len=(\d+) "
                   r"state=\S+$"),
        "tcpx_segment: tx|rx FROM > TO [FLAGS] seq=N ack=N win=N len=N state=NAME"),
    "tcpx_cong": (
        re.compile(r"(\S+) (\S+) cwnd=(\d+) ssthresh=(\d+) flight=(\d+) srtt=(\d+) rate=(\d+)$"),
        "tcpx_cong: LOCAL REMOTE cwnd=N ssthresh=N flight=N srtt=N rate=N"),
    # Linux's own TCP
    "tcp_probe": (
        re.compile(r".*\bsrc=(\S+) dest=(\S+) .*\bsnd_nxt=0x(\w+) snd_una=0x(\w+) "
                   r"snd_cwnd=(\d+) ssthresh=(\d+) .*\bsrtt=(\d+)"),
        "tcp_probe: src=ADDR dest=ADDR snd_nxt=0xN snd_una=0xN snd_cwnd=N ssthresh=N srtt=N"),
}
FLAGS = {"S": SYN, "F": FIN, "R": RST, "P": 8, "A": ACK, "U": 32, "E": 64, "W": 128}
# What stands for "no limit".
NO_SSTHRESH, NO_RATE = 0x7fffffff, (1 << 63) - 1


class Sample:
    """What a sender may do: bytes, s, bytes a second; None is unknown or without limit."""

    __slots__ = ("time", "cwnd", "ssthresh", "flight", "rtt", "rate")

    def __init__(self, time, cwnd, ssthresh, flight, rtt, rate):
        self.time, self.cwnd, self.flight = time, cwnd, flight
        self.ssthresh = None if ssthresh >= NO_SSTHRESH else ssthresh
        self.rtt = rtt or None
        self.rate = None if rate is None or rate >= NO_RATE else rate


class Trace:
    """The events of a file."""

    def __init__(self, path):
        self.path = path
        self.segments = []              # (local end, Packet)
        self.samples = {}               # (local, remote): [Sample], cwnd of tcp_probe in segments
        self.counted = set()            # ... whose sizes are in segments
        try:
            with open(path, errors="replace") as file:
                for number, line in enumerate(file, 1):
                    self.take(number, line.rstrip("\n"))
        except KeyboardInterrupt:
            pass                        # of a live one: what has come until now
        except OSError as error:
            raise BadInput(path, error.strerror,
                           "a copy of /sys/kernel/tracing/trace or trace_pipe") from None
        if not self.segments and not self.samples:
            raise BadInput(path, "no tcpx_segment, tcpx_cong or tcp_probe is in it",
                           "echo 1 > /sys/kernel/tracing/events/tcpx/enable before the connection")

    def take(self, number, line):
        """One line."""
        head = HEAD.search(line)
        if not head:
            return
        form, right = FORMS[head[2]]
        found = form.match(head[3])
        if not found:
            raise BadInput(f"{self.path}:{number}", f"a {head[2]} in an unknown form", right)
        getattr(self, head[2])(float(head[1]), *found.groups())

    def tcpx_segment(self, time, way, src, dst, flags, *numbers):
        """A segment leaves one end, or is processed by it."""
        seq, ack, win, length = map(int, numbers)
        packet = Packet(time, src, dst, seq=seq, ack=ack, win=win, len=length,
                        flags=sum(FLAGS[letter] for letter in flags if letter in FLAGS))
        self.segments.append((src if way == "tx" else dst, packet))

    def tcpx_cong(self, time, local, remote, *numbers):
        """What congestion control allows, tcpx."""
        cwnd, ssthresh, flight, srtt, rate = map(int, numbers)
        if not cwnd:
            return                      # before the connection is established
        self.samples.setdefault((local, remote), []).append(
            Sample(time, cwnd, ssthresh, flight, srtt / 1e9, rate))

    def tcp_probe(self, time, local, remote, nxt, una, *numbers):
        """The same of Linux's TCP, which counts segments."""
        cwnd, ssthresh, srtt = map(int, numbers)
        flight = int(nxt, 16) - int(una, 16) & 0xffffffff
        self.counted.add((local, remote))
        self.samples.setdefault((local, remote), []).append(
            Sample(time, cwnd, ssthresh, flight, srtt / 1e6, None))

    def connections(self):
        """What one end has seen of each connection; of two ends that which sent more."""
        views = {}
        for local, packet in self.segments:
            views.setdefault((frozenset((packet.src, packet.dst)), local), []).append(packet)
        best = {}
        for (both, local), packets in views.items():
            one = Connection(packets)
            if both not in best or one.sent(local) > best[both][0]:
                best[both] = one.sent(local), one
        return [one for _, one in best.values()]

    def offset(self, connection):
        """What to add to the trace's times to get the capture's, by segments in both."""
        def name(packet):
            return packet.src, packet.dst, packet.seq, packet.ack, packet.flags & (SYN | FIN)

        captured = {}
        for packet in connection.packets:
            captured.setdefault(name(packet), packet.time)
        seen = {}                       # local end: {name: time}
        for local, packet in self.segments:
            seen.setdefault(local, {}).setdefault(name(packet), packet.time)
        candidates = []
        for times in seen.values():
            gaps = sorted(captured[one] - times[one] for one in captured.keys() & times.keys())
            if gaps:
                spread = gaps[len(gaps) * 3 // 4] - gaps[len(gaps) // 4]
                candidates.append((spread, -len(gaps), statistics.median(gaps)))
        if not candidates:
            raise BadInput(self.path, "none of its tcpx_segment events is in the capture",
                           "a trace of the same connection, or --trace-offset SECONDS")
        # At the end that is far from the capture, one direction is late and the other early
        return min(candidates)[2]

    def of(self, local, remote, offset, mss):
        """The samples of one end in bytes, by the capture's time."""
        unit = mss if (local, remote) in self.counted else 1
        out = []
        for one in self.samples.get((local, remote), ()):
            shown = Sample(one.time + offset, one.cwnd * unit, NO_SSTHRESH, one.flight, one.rtt,
                           one.rate)
            shown.ssthresh = one.ssthresh and one.ssthresh * unit
            out.append(shown)
        return out
