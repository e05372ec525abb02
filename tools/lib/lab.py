# SPDX-License-Identifier: GPL-2.0
"""The text that tcpxlab reads: hosts, links, flows.

  host NAME...
  link HOST HOST [rate=10mbit] [delay=20ms] [jitter=] [loss=1%] [reorder=] [duplicate=]
                 [corrupt=] [queue=100p|64kB|fq_codel]
  flow FROM TO   size=1MB | time=10s  [name=] [stack=tcpx|tcp] [cc=cubic] [start=0s]
                 [ip=4|6] [wire=253|6]
  seed NUMBER    other losses with another number
  end TIME       when all stops that has not ended; default: 600 s after the last start

What follows # is a comment. A link is the same in both directions; delay is one way.
"""

import re

from . import BadInput

BITS = {"bit": 1, "kbit": 10**3, "mbit": 10**6, "gbit": 10**9}
SECONDS = {"us": 1e-6, "ms": 1e-3, "s": 1, "min": 60, "h": 3600}
BYTES = {"B": 1, "kB": 10**3, "MB": 10**6, "GB": 10**9, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}
NUMBER = re.compile(r"(\d+(?:\.\d+)?)([A-Za-z%]*)$")
NAME = re.compile(r"[a-z][a-z0-9_-]{0,10}$")
STACKS = ("tcpx", "tcp")
MAX_HOSTS = 250
QUEUE = "100p, 64kB or fq_codel"


class Wrong(Exception):
    """What is wrong with a word, and what would be right."""


def with_unit(units, example, least, most):
    """A parser of a number with one of these units, from @least to @most; 0 needs none."""
    def parse(word):
        found = NUMBER.match(word)
        if word == "0":
            return 0
        if not found or found[2] not in units:
            raise Wrong(f"'{word}' is no amount", f"a number with one of {', '.join(units)}, "
                        f"such as {example}")
        value = float(found[1]) * units[found[2]]
        if value and not units[least[1]] * least[0] <= value <= units[most[1]] * most[0]:
            raise Wrong(f"{word} cannot be had", "%g%s to %g%s" % (*least, *most))
        return value
    return parse


def one_of(*known):
    """A parser of one of some words."""
    def parse(word):
        if word not in known:
            raise Wrong(f"'{word}' is not known here", f"one of {', '.join(known)}")
        return word
    return parse


def probability(word):
    """1% or 0.01."""
    found = NUMBER.match(word)
    if found and found[2] in ("", "%"):
        value = float(found[1]) / (100 if found[2] else 1)
        if value <= 1:
            return value
    raise Wrong(f"'{word}' is no probability", "0 to 1 or 0% to 100%")


def queue(word):
    """A queue discipline and its limit, as bench/inside.py sets it."""
    if word == "fq_codel":
        return "fq_codel", 0
    found = NUMBER.match(word)
    if not found or found[2] not in ("p", *BYTES):
        raise Wrong(f"'{word}' is no queue", QUEUE)
    limit = int(float(found[1]) * BYTES.get(found[2], 1))
    if limit < 1 or limit >= 1 << 32:
        raise Wrong(f"a queue of {word} cannot be", f"1 to {2**32 - 1} packets or bytes")
    return ("pfifo" if found[2] == "p" else "bfifo"), limit


def name(word):
    """A name."""
    if not NAME.match(word):
        raise Wrong(f"'{word}' is no name", "a small letter, and up to ten of a-z 0-9 _ -")
    return word


def algorithm(word):
    """A congestion control; whether a stack has it, it says itself."""
    if not re.match(r"[a-z0-9_-]{1,15}$", word):
        raise Wrong(f"'{word}' is no algorithm's name", "such as cubic, reno, bbr")
    return word


def number(word):
    """A whole number."""
    if not word.isdecimal() or int(word) >= 1 << 31:
        raise Wrong(f"'{word}' is no number", "0 to 2147483647")
    return int(word)


rate = with_unit(BITS, "10mbit", (1, "kbit"), (100, "gbit"))
time = with_unit(SECONDS, "20ms", (1, "us"), (24, "h"))
# What bench/wire has room for
jitter = with_unit(SECONDS, "1ms", (1, "us"), (4, "s"))
size = with_unit(BYTES, "1MB", (1, "B"), (100, "GB"))

# option: (its parser, its default)
LINK = {"rate": (rate, 0), "delay": (time, 0), "jitter": (jitter, 0), "loss": (probability, 0),
        "reorder": (probability, 0), "duplicate": (probability, 0), "corrupt": (probability, 0),
        "queue": (queue, ("pfifo", 1000))}
FLOW = {"name": (name, None), "stack": (one_of(*STACKS), "tcpx"), "cc": (algorithm, "cubic"),
        "start": (time, 0), "size": (size, None), "time": (time, None),
        "ip": (one_of("4", "6"), "4"), "wire": (one_of("253", "6"), "253")}


class Lab:
    """What a file says."""

    def __init__(self, path):
        self.path = path
        self.hosts, self.links, self.flows = [], [], []
        self.seed, self.end = 1, None
        self.line = 0
        try:
            with open(path, encoding="utf-8") as file:
                text = file.read()
        except OSError as error:
            raise BadInput(path, error.strerror, "a file that says hosts, links and flows; "
                           "see tcpxlab(1)") from None
        except UnicodeDecodeError:
            raise BadInput(path, "not a text", "hosts, links and flows; see tcpxlab(1)") from None
        for self.line, line in enumerate(text.split("\n"), 1):
            words = line.split("#", 1)[0].split()
            if words:
                self.take(words)
        if not self.flows:
            raise BadInput(path, "it has no flow", "flow FROM TO size=1MB")
        self.check_paths()
        if self.end is None:
            self.end = max(flow["start"] + (flow["time"] or 0) for flow in self.flows) + 600

    def bad(self, wrong, right):
        """Something is wrong with the line at hand."""
        return BadInput(f"{self.path}:{self.line}", wrong, right)

    def take(self, words):
        """One line."""
        kinds = {"host": self.host, "link": self.link, "flow": self.flow,
                 "seed": self.set_seed, "end": self.set_end}
        if words[0] not in kinds:
            raise self.bad(f"'{words[0]}' is not known", f"a line begins with {', '.join(kinds)}")
        try:
            kinds[words[0]](words[1:])
        except Wrong as error:
            raise self.bad(*error.args) from None

    def host(self, words):
        """host NAME..."""
        if not words:
            raise Wrong("host without a name", "host NAME...")
        for word in words:
            if name(word) in self.hosts:
                raise Wrong(f"a second host '{word}'", "another name")
            self.hosts.append(word)
        if len(self.hosts) > MAX_HOSTS:
            raise Wrong(f"{len(self.hosts)} hosts", f"{MAX_HOSTS} at most")

    def two_hosts(self, what, words):
        """The two hosts that begin a line."""
        ends = words[:2]
        if len(ends) < 2 or any("=" in word for word in ends):
            raise Wrong(f"{what} without two hosts", f"{what} HOST HOST OPTION=VALUE...")
        for word in ends:
            if word not in self.hosts:
                raise Wrong(f"there is no host '{word}'",
                            f"one of {', '.join(self.hosts)}" if self.hosts
                            else f"a line 'host {word}' before this one")
        if ends[0] == ends[1]:
            raise Wrong(f"a {what} from '{ends[0]}' to itself", "two hosts")
        return ends

    @staticmethod
    def options(known, words):
        """OPTION=VALUE words, and the defaults of the others."""
        out = {word: default for word, (_, default) in known.items()}
        given = set()
        for word in words:
            option, equals, value = word.partition("=")
            if option not in known or not equals:
                raise Wrong(f"'{word}' is not known", f"{'=, '.join(known)}=")
            if option in given:
                raise Wrong(f"{option} is given twice", f"one {option}=")
            given.add(option)
            out[option] = known[option][0](value)
        return out

    def link(self, words):
        """link HOST HOST OPTION=VALUE..."""
        ends = self.two_hosts("link", words)
        if any(set(link["ends"]) == set(ends) for link in self.links):
            raise Wrong(f"a second link between {ends[0]} and {ends[1]}", "one link")
        self.links.append({"ends": ends, **self.options(LINK, words[2:])})

    def flow(self, words):
        """flow FROM TO OPTION=VALUE..."""
        ends = self.two_hosts("flow", words)
        flow = {"ends": ends, "line": self.line, **self.options(FLOW, words[2:])}
        if (flow["size"] is None) == (flow["time"] is None):
            raise Wrong("a flow needs a size or a time, not both", "size=1MB or time=10s")
        if not (flow["size"] or flow["time"]):
            raise Wrong("a flow of nothing", "size=1MB or time=10s")
        flow["name"] = flow["name"] or f"flow{len(self.flows) + 1}"
        if flow["name"] == "all" or any(flow["name"] == one["name"] for one in self.flows):
            raise Wrong(f"the name '{flow['name']}' is taken", "another name=")
        if flow["stack"] == "tcp" and flow["wire"] != "253":
            raise Wrong("wire= with stack=tcp", "wire= with stack=tcpx alone")
        self.flows.append(flow)

    def set_seed(self, words):
        """seed NUMBER"""
        if len(words) != 1:
            raise Wrong("seed takes one number", "seed 1")
        self.seed = number(words[0])

    def set_end(self, words):
        """end TIME"""
        if len(words) != 1:
            raise Wrong("end takes one time", "end 60s")
        self.end = time(words[0])

    def next_hops(self, host):
        """{other host: the neighbour by which one gets there}, by the fewest links."""
        found, reached = {}, [(host, None)]
        for here, first in reached:
            for link in self.links:
                if here in link["ends"]:
                    there = link["ends"][link["ends"][0] == here]
                    if there != host and there not in found:
                        found[there] = first or there
                        reached.append((there, found[there]))
        return found

    def check_paths(self):
        """Each flow must have a way."""
        for flow in self.flows:
            self.line = flow["line"]
            if flow["ends"][1] not in self.next_hops(flow["ends"][0]):
                raise self.bad(f"no links lead from {flow['ends'][0]} to {flow['ends'][1]}",
                               "a link HOST HOST for each step of the way")

    def spec(self):
        """All of it, as the VM's part takes it."""
        return {"path": self.path, "hosts": self.hosts, "links": self.links, "flows": self.flows,
                "seed": self.seed, "end": self.end,
                "next_hops": {host: self.next_hops(host) for host in self.hosts}}
