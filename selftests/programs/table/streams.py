# SPDX-License-Identifier: GPL-2.0
"""Bytes as they are."""

from .program import Program, SUM

# Streams, whether all have received something, whether all was sent, by one end at least
IPERF3_SAYS = '''\
python3 -c 'import json; end = json.load(open("out"))["end"]
print(len(end["streams"]), all(s["receiver"]["bytes"] for s in end["streams"]),
      max(s["bytes"] for name, s in end.items() if name.startswith("sum_")) >= 20 << 20)'
'''

PROGRAMS = (
    Program('socat to socat, both ways at once',
            'exec socat TCP$IP-LISTEN:$PORT,reuseaddr EXEC:cat',
            'socat -t 100 - TCP$IP:$URL <$FILES/blob | sha256sum', SUM),

    Program('netcat to netcat, to the end of the stream',
            'exec nc -$IP -l -N $SERVER $PORT <$FILES/blob',
            'nc -$IP $SERVER $PORT </dev/null | sha256sum', SUM),

    # Its receiver stops when the sender says that it has, with data on its way
    Program('iperf3: one stream',
            'exec iperf3 -s -B $SERVER -p $PORT',
            'iperf3 -c $SERVER -p $PORT -n 20M -J >out\n' + IPERF3_SAYS,
            '1 True True\n'),

    Program('iperf3 --bidir -P 8 -Z: eight streams each way, by sendfile()',
            'exec iperf3 -s -B $SERVER -p $PORT',
            'iperf3 -c $SERVER -p $PORT -n 20M --bidir -P 8 -Z -J >out\n' + IPERF3_SAYS,
            '16 True True\n'),
)
