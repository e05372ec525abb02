# SPDX-License-Identifier: GPL-2.0
"""What bench/net measures: the paths, the cells, and the tasks made of them.

A task is one run of bench/flow in a VM, a dict:
  id      its name; that of the cell, the stack and the seed
  stack   whose result it is
  kind, flow   flow's arguments
  queue, ecn   the bottleneck's queue; the sysctl of both stacks
  send_queue, back_queue   those of the sender's device, and of the way back
  packets      about how many there will be, for sharing the work out
"""

import itertools
import zlib

STACKS = {"linux": 6, "tcpx": 253}
MTU = 1500
MSS = 1448                      # with timestamps

RATES = (10, 100, 1000)         # Mbit/s
RTTS = (1, 20, 100, 300)        # ms
ALGORITHMS = ("reno", "cubic", "bbr")
SIZES = (10_000, 100_000, 1_000_000)

# A queue that never drops.
DEEP = ("pfifo", 1_000_000)


def drop_tail(bdps):
    """A queue of so many bandwidth-delay products; at least four packets."""
    return lambda rate, rtt: ("bfifo", max(int(bdps * rate * rtt * 1000 / 8), 4 * MTU))


# What each path does to packets, both ways, and the bottleneck's queue.
PATHS = {
    "clean": {},
    "loss0.1": {"loss": 0.001},
    "loss1": {"loss": 0.01},
    "loss3": {"loss": 0.03},
    "burst": {"burst": 0.001, "burst_end": 0.2},
    "reorder": {"reorder": 0.01},
    "duplicate": {"duplicate": 0.01},
    "corrupt": {"corrupt": 0.001},
    "droptail1": {"queue": drop_tail(1)},
    "droptail10": {"queue": drop_tail(10)},
    "codel": {"queue": lambda *_: ("fq_codel", 0), "ecn": 1},
    "jitter20": {"spread": 0.2},
    "asym50": {"back": lambda rate, rtt: rate / 50, "back_queue": ("pfifo", 50)},
    "policer": {"police": lambda rate, rtt: rate / 2,
                "bucket": lambda rate, rtt: max(rate / 2 * rtt / 8, 20 * MTU)},
    "netem1": {"send_queue": ("netem", 0.01)},
}
PATH_TEXT = {
    "clean": "nothing is ever dropped",
    "loss0.1": "0.1 % of the packets lost",
    "loss1": "1 % lost",
    "loss3": "3 % lost",
    "burst": "Gilbert-Elliott: a lossy spell begins at one packet in 1000 and ends at one in 5",
    "reorder": "1 % of the packets have no delay, as netem's reorder does it",
    "duplicate": "1 % arrive twice",
    "corrupt": "one bit turned in 0.1 %",
    "droptail1": "queue of one bandwidth-delay product (at least 4 packets), drop-tail",
    "droptail10": "queue of ten bandwidth-delay products, drop-tail",
    "codel": "fq_codel with ECN, Linux's own",
    "jitter20": "the delay differs by up to 20 %, the order stays",
    "asym50": "the way back has a fiftieth of the rate, and a queue of 50 packets",
    "policer": "a token bucket of half the rate, one round trip deep, drops the rest",
    "netem1": "1 % lost by netem on the sender's own device, where super-segments pass whole",
}
# Nothing in these is random: one run says it all.
EXACT_PATHS = ("clean", "droptail1", "droptail10", "codel", "asym50", "policer")
# Where flows go both ways at once.
DUPLEX_PATHS = ("clean", "droptail1")

# Rate, RTT and length in seconds of two flows that share a bottleneck.
SHARES = ((10, 20, 400), (10, 100, 600), (100, 20, 100), (100, 100, 200), (1000, 1, 10),
          (1000, 20, 30))
SHARE_ALGORITHMS = ("cubic", "bbr")
SHARE_PAIRS = (("tcpx", "linux"), ("linux", "tcpx"), ("linux", "linux"))


class Amount:
    """How much is measured."""

    def __init__(self, packets, bdps, seeds, flows, share_seeds, share_part, both):
        self.packets = packets          # of a long flow, at least
        self.bdps = bdps                # bandwidth-delay products of a long flow, at least
        self.seeds = seeds              # runs of a long flow where chance rules
        self.flows = flows              # short flows of each size, where chance rules
        self.share_seeds = share_seeds
        self.share_part = share_part    # of the length given above
        self.both = both                # bytes each way


FULL = Amount(20_000, 10, 8, (300, 200, 100), 1, 1.0, 1 << 30)
QUICK = Amount(10_000, 3, 2, (60, 40, 20), 1, 0.25, 64 << 20)
TINY = Amount(300, 0, 1, (3, 2, 1), 1, 0.02, 16 << 20)


def task(kind, name, path, rate, rtt, stack, seed, packets, flow):
    """One task; rate in Mbit/s, rtt in ms."""
    what = {name: value(rate * 1e6, rtt / 1e3) if callable(value) and name != "queue" else value
            for name, value in PATHS[path].items()}
    queue = what.pop("queue", lambda *_: DEEP)(rate * 1e6, rtt / 1e6)
    ecn = what.pop("ecn", 2)
    queues = {name: what.pop(name, DEEP) for name in ("send_queue", "back_queue")}
    # Each path has its own luck, the same for both stacks.
    luck = zlib.crc32(f"{path} {rate} {rtt}".encode()) % 1_000_000 * 100 + seed
    return {"id": f"{name} {stack} {seed}", "cell": name, "stack": stack, "kind": kind,
            "queue": queue, **queues, "ecn": ecn, "packets": int(packets),
            "flow": dict(what, rate=int(rate * 1e6), rtt=rtt / 1e3, seed=luck,
                         protocol=STACKS[stack.split("+")[0]], **flow)}


def long_packets(amount, rate, rtt):
    """How many a long flow has."""
    return int(max(amount.packets, amount.bdps * rate * rtt * 1000 / 8 / MTU))


def long_tasks(options, amount):
    """Long flows: goodput."""
    for path, rate, rtt, algorithm, stack in itertools.product(
            options.paths, options.rates, options.rtts, options.algorithms, options.stacks):
        packets = long_packets(amount, rate, rtt)
        for seed in range(1, 2 if path in EXACT_PATHS else 1 + amount.seeds):
            yield task("long", f"long {path} {rate} {rtt} {algorithm}", path, rate, rtt, stack,
                       seed, packets, {"congestion": algorithm, "bytes": packets * MSS,
                                       "seconds": 1_000_000})


def duplex_tasks(options, amount):
    """A long flow that goes both ways at once: the sum of both goodputs."""
    for path, rate, rtt, algorithm, stack in itertools.product(
            DUPLEX_PATHS, options.rates, options.rtts, options.algorithms, options.stacks):
        if path not in options.paths:
            continue
        packets = long_packets(amount, rate, rtt)
        yield task("duplex", f"duplex {path} {rate} {rtt} {algorithm}", path, rate, rtt, stack,
                   1, 2 * packets, {"congestion": algorithm, "bytes": packets * MSS,
                                    "seconds": 1_000_000})


def short_tasks(options, amount):
    """Short flows, one after the other: completion times."""
    for path, rate, rtt, algorithm, (size, flows), stack in itertools.product(
            options.paths, options.rates, options.rtts, options.short_algorithms,
            zip(SIZES, amount.flows), options.stacks):
        if path in EXACT_PATHS:
            flows = min(flows, 3)
        yield task("short", f"short {path} {rate} {rtt} {algorithm} {size}", path, rate, rtt,
                   stack, 1, flows * (size / MSS + 200),
                   {"congestion": algorithm, "bytes": size, "flows": flows, "seconds": 10_000})


def share_tasks(options, amount):
    """Two flows that share a bottleneck with a drop-tail queue of 1 BDP."""
    for (rate, rtt, seconds), algorithm, pair, seed in itertools.product(
            SHARES, options.share_algorithms, SHARE_PAIRS, range(1, 1 + amount.share_seeds)):
        if rate not in options.rates or rtt not in options.rtts:
            continue
        seconds *= amount.share_part
        packet_time = MTU * 8 / (rate * 1e6)
        one = task("share", f"share {rate} {rtt} {algorithm}", "droptail1", rate, rtt,
                   "+".join(pair), seed, seconds / packet_time,
                   {"congestion": algorithm, "protocol2": STACKS[pair[1]], "seconds": seconds,
                    "skip": seconds / 4, "jitter": packet_time})
        # Room for both, also where the bandwidth-delay product is next to nothing.
        one["queue"] = ("bfifo", max(one["queue"][1], 20 * MTU))
        yield one


def both_tasks(options, amount):
    """Both ways at once through everything."""
    if "tcpx" in options.stacks:
        one = task("both", "both", "clean", 1000, 20, "tcpx", 1, amount.both / MSS * 3,
                   {"bytes": amount.both, "seconds": 1_000_000,
                    "loss": 0.05, "reorder": 0.1, "corrupt": 0.01})
        yield one


KINDS = {"long": long_tasks, "duplex": duplex_tasks, "short": short_tasks,
         "share": share_tasks, "both": both_tasks}
