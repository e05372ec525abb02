# SPDX-License-Identifier: GPL-2.0
"""Databases, in memory and on disk."""

from .program import Program, SUM

# One program under several names, of which the package redis-tools has the others
REDIS_RUN = 'ln -s $(command -v redis-check-rdb) redis-server; exec ./redis-server ' \
    '--bind $SERVER --port $PORT --protected-mode no --save "" --loglevel warning'

# Without tables of its own and without rights
MARIADB_RUN = 'mkdir data; exec mariadbd --no-defaults --user=root --datadir=$HERE/data ' \
    '--bind-address=$SERVER --port=$PORT --socket=$HERE/socket --skip-grant-tables --skip-innodb ' \
    '--default-storage-engine=MyISAM'

POSTGRES = '/usr/lib/postgresql/15/bin'
# It refuses to be root's
NOBODY = 'setpriv --reuid nobody --regid nogroup --clear-groups'
POSTGRES_ONCE = f'''\
mkdir postgres; chown nobody postgres
{NOBODY} {POSTGRES}/initdb -D postgres -U tcpx -A trust --no-sync >/dev/null
echo host all all all trust >>postgres/pg_hba.conf
'''
POSTGRES_RUN = 'cp -a $FILES/postgres .\n' \
    f'exec {NOBODY} {POSTGRES}/postgres -D postgres -h $SERVER -p $PORT -k "" -F'

PROGRAMS = (
    Program('redis-cli, redis-server',
            REDIS_RUN,
            'redis() { redis-cli -h $SERVER -p $PORT "$@"; }\n'
            'redis -x set blob <$FILES/blob; redis strlen blob\n'
            'redis --raw get blob | head -c $SIZE | sha256sum',
            'OK\n$SIZE\n' + SUM),

    Program('redis-benchmark, redis-server: 20 connections, pipelines of 8',
            REDIS_RUN,
            'redis-benchmark -h $SERVER -p $PORT -c 20 -P 8 -n 2000 -t incr -q >/dev/null\n'
            'redis-cli -h $SERVER -p $PORT get counter:__rand_int__', '2000\n'),

    Program('mariadb, mariadbd: a row of a megabyte, there and back',
            MARIADB_RUN,
            'sql() { mariadb --no-defaults -h $SERVER -P $PORT -N "$@"; }\n'
            'until sql -e "create database d"; do sleep 1; done\n'
            '{ printf "create table t (b longblob); insert into t values (0x"\n'
            '  od -An -v -tx1 $FILES/blob | tr -d " \\n"\n'
            '  echo "); select sha2(b, 256) from t; select hex(b) from t;"; } | sql d >out\n'
            'head -n 1 out; tail -n 1 out | python3 -c "import sys; '
            'sys.stdout.buffer.write(bytes.fromhex(sys.stdin.read()))" | sha256sum',
            '$HASH\n' + SUM, polls=True, dear=True),

    Program('pgbench, psql, PostgreSQL: a hundred transactions of four clients',
            POSTGRES_RUN,
            f'PATH={POSTGRES}:$PATH\n'
            'export PGUSER=tcpx PGHOST=$SERVER PGPORT=$PORT PGDATABASE=postgres\n'
            'until pg_isready -q; do sleep 1; done\n'
            'pgbench -i -q -I dtGvp 2>/dev/null\n'
            'pgbench -n -c 4 -t 25 | grep processed\n'
            'psql -qAtc "select count(*), sum(delta) = (select sum(bbalance) from '
            'pgbench_branches) from pgbench_history"',
            'number of transactions actually processed: 100/100\n100[|]t\n',
            once=POSTGRES_ONCE, polls=True, dear=True),
)
