# SPDX-License-Identifier: GPL-2.0
"""
The programs, each with its way to be served, called, and what must come of it.

@server and @client are run by sh -e, the one in the background; @says is what the client
has to print, a regular expression for all of it. @files are made beforehand, in the folder
where both run. Of these $words both and @files know:

 SERVER PORT   where to listen
 URL           the same, as URLs have it
 IP            4 or 6
 FILES         a folder with a file, blob, whose SHA-256 is HASH
 KEYS          one with a certificate, cert.pem and key.pem, and an SSH key, id
"""

from typing import NamedTuple


class Program(NamedTuple):
    name: str
    server: str
    client: str
    says: str
    files: dict = {}


SUM = '$HASH  -\n'

NGINX = '''\
daemon off;
user root;
pid nginx.pid;
error_log stderr;
events { }
http {
    access_log off;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    server {
        listen $URL %s;
        root $FILES;
        ssl_certificate $KEYS/cert.pem;
        ssl_certificate_key $KEYS/key.pem;
    }
}
'''
NGINX_RUN = 'exec nginx -e stderr -p . -c nginx.conf'

# One program under several names, of which the package redis-tools has the others
REDIS_RUN = 'ln -s $(command -v redis-check-rdb) redis-server; exec ./redis-server ' \
    '--bind $SERVER --port $PORT --protected-mode no --save "" --loglevel warning'

# Streams, whether all have received something, whether all was sent
IPERF3_SAYS = '''\
python3 -c 'import json; end = json.load(open("out"))["end"]
print(len(end["streams"]), all(s["receiver"]["bytes"] for s in end["streams"]),
      end["sum_sent"]["bytes"] >= 20 << 20)'
'''

SSHD = '''\
ListenAddress $URL
HostKey $KEYS/id
AuthorizedKeysFile $KEYS/id.pub
StrictModes no
UsePAM no
PidFile none
Subsystem sftp internal-sftp
'''
SSHD_RUN = 'exec $(command -v sshd) -D -e -f sshd_config'
SSH = '-q -i $KEYS/id -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null'

RSYNCD = '''\
use chroot = no
uid = root
gid = root
[files]
path = $FILES
[upload]
path = .
read only = no
'''

PROGRAMS = (
    Program('curl, Python\'s http.server',
            'exec python3 -m http.server --bind $SERVER --directory $FILES $PORT',
            'curl -gsSf http://$URL/blob | sha256sum', SUM),

    Program('curl, nginx: HTTP/1.1, three requests on one connection',
            NGINX_RUN,
            'for i in 1 2 3; do echo "url=http://$URL/blob"; echo "output=$i"; done >list\n'
            'curl -gsSf -w "%{http_version} %{num_connects} %{response_code}\\n" -K list\n'
            'cat 1 2 3 | sha256sum', '1.1 1 200\n1.1 0 200\n1.1 0 200\n$HASH3  -\n',
            {'nginx.conf': NGINX % ''}),

    Program('curl, nginx: HTTP/2 without TLS',
            NGINX_RUN,
            'curl -gsSf --http2-prior-knowledge -w "%{http_version}\\n" -o out http://$URL/blob\n'
            'sha256sum <out', '2\n' + SUM, {'nginx.conf': NGINX % 'http2'}),

    Program('curl, nginx: HTTP/2 with TLS, eight streams',
            NGINX_RUN,
            'for i in 1 2 3 4 5 6 7 8; do echo "url=https://$URL/blob"; echo "output=$i"; done '
            '>list\n'
            'curl -gsSfkZ -w "%{http_version} %{response_code}\\n" -K list\n'
            'cat 1 2 3 | sha256sum', '(2 200\n){8}$HASH3  -\n',
            {'nginx.conf': NGINX % 'ssl http2'}),

    Program('openssl s_client, s_server',
            'cd $FILES; exec openssl s_server -quiet -WWW -accept $URL -cert $KEYS/cert.pem '
            '-key $KEYS/key.pem',
            'printf "GET /blob HTTP/1.0\\r\\n\\r\\n" | openssl s_client -quiet -no_ign_eof '
            '-ign_eof -connect $URL 2>/dev/null | tail -c $SIZE | sha256sum', SUM),

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

    Program('socat to socat, both ways at once',
            'exec socat TCP$IP-LISTEN:$PORT,reuseaddr EXEC:cat',
            'socat -t 100 - TCP$IP:$URL <$FILES/blob | sha256sum', SUM),

    Program('netcat to netcat, to the end of the stream',
            'exec nc -$IP -l -N $SERVER $PORT <$FILES/blob',
            'nc -$IP $SERVER $PORT </dev/null | sha256sum', SUM),

    Program('rsync, its daemon: download and upload',
            'exec rsync --daemon --no-detach --config rsyncd.conf --port $PORT --address $SERVER',
            'rsync rsync://$URL/files/blob down\n'
            'rsync down rsync://$URL/upload/up\n'
            'cat down up | sha256sum', '$HASH2  -\n', {'rsyncd.conf': RSYNCD}),

    Program('git, its daemon: clone and push',
            'git init -q --bare store.git\n'
            'exec git daemon --listen=$SERVER --port=$PORT --base-path=. --export-all '
            '--enable=receive-pack',
            'git init -q work; cd work; cp $FILES/blob .; git add blob\n'
            'git -c user.name=a -c user.email=b commit -q -m c\n'
            'git push -q git://$URL/store.git HEAD:refs/heads/main\n'
            'git clone -q -b main git://$URL/store.git ../copy; sha256sum <../copy/blob', SUM),

    # Its receiver stops when the sender says that it has, with data on its way
    Program('iperf3: one stream',
            'exec iperf3 -s -B $SERVER -p $PORT',
            'iperf3 -c $SERVER -p $PORT -n 20M -J >out\n' + IPERF3_SAYS,
            '1 True True\n'),

    Program('iperf3 --bidir -P 8 -Z: eight streams each way, by sendfile()',
            'exec iperf3 -s -B $SERVER -p $PORT',
            'iperf3 -c $SERVER -p $PORT -n 20M --bidir -P 8 -Z -J >out\n' + IPERF3_SAYS,
            '16 True True\n'),

    Program('scp, sshd: up and down',
            SSHD_RUN,
            f'scp {SSH} -P $PORT $FILES/blob root@$URLHOST:$PWD/up\n'
            f'scp {SSH} -P $PORT root@$URLHOST:$PWD/up down\n'
            'cat up down | sha256sum', '$HASH2  -\n', {'sshd_config': SSHD}),

    Program('ssh, sshd: a command\'s output and status',
            SSHD_RUN,
            f'ssh {SSH} -p $PORT root@$SERVER "cat $FILES/blob; exit 3" >out || echo $?\n'
            'sha256sum <out', '3\n' + SUM, {'sshd_config': SSHD}),

    Program('ssh -L, sshd, curl, Python\'s http.server: through a port forward',
            'python3 -m http.server --bind $SERVER --directory $FILES 8001 &\n' + SSHD_RUN,
            f'ssh {SSH} -p $PORT -L 9001:$URLHOST:8001 root@$SERVER sleep 5 &\n'
            'sleep 1; curl -sSf http://127.0.0.1:9001/blob | sha256sum; wait', SUM,
            {'sshd_config': SSHD}),
)
