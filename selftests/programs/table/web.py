# SPDX-License-Identifier: GPL-2.0
"""HTTP, of each version, and what speaks it."""

from .program import Program, SUM

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

APACHE = '''\
ServerName tcpx
ServerRoot /usr/lib/apache2
%s
LoadModule mpm_event_module modules/mod_mpm_event.so
LoadModule authz_core_module modules/mod_authz_core.so
LoadModule http2_module modules/mod_http2.so
LoadModule env_module modules/mod_env.so
LoadModule alias_module modules/mod_alias.so
LoadModule cgid_module modules/mod_cgid.so
User nobody
Group nogroup
DefaultRuntimeDir $HERE
PidFile $HERE/pid
ScriptSock $HERE/cgi
ErrorLog /dev/stderr
Listen $URL
Protocols h2c http/1.1
DocumentRoot $FILES
SetEnv GIT_PROJECT_ROOT $HERE
SetEnv GIT_HTTP_EXPORT_ALL
ScriptAlias /git/ /usr/lib/git-core/git-http-backend/
'''
APACHE_RUN = 'exec apache2 -D FOREGROUND -f $HERE/apache.conf'

# Two that are up and one that is not: it has asked each by then
HAPROXY = '''\
defaults
    mode http
    timeout connect 5s
    timeout client 100s
    timeout server 100s
    option tcp-smart-accept
    option tcp-smart-connect
frontend front
    bind $URL
    stats uri /stats
    default_backend back
backend back
    option httpchk HEAD /blob
    server one $URLHOST:8001 check inter 100ms
    server two $URLHOST:8002 check inter 100ms
    server none $URLHOST:8003 check inter 100ms
'''
HAPROXY_RUN = 'for port in 8001 8002; do python3 -m http.server --bind $SERVER ' \
    '--directory $FILES $port & done\n' \
    'exec haproxy -db -f haproxy.conf'

# By TCP_REPAIR and close(): neither FIN nor RST tells the client
SILENT_DROP = '''\
defaults
    mode http
    timeout client 100s
frontend front
    bind $URL
    http-request silent-drop if { path /secret }
    http-request return content-type text/plain string open
'''

# Time passes at the link alone
WRK_RUN = 'tc qdisc add dev vb root netem delay 10ms\n' + NGINX_RUN
WRK = '''\
done = function(summary)
    e = summary.errors
    print(summary.requests > 100, e.connect, e.read, e.write, e.status, e.timeout)
end
'''

NODE_SERVER = '''\
const http = require('http'), fs = require('fs');
http.createServer((request, answer) => {
    fs.createReadStream('$FILES' + request.url).pipe(answer);
}).listen($PORT, '$SERVER');
'''
NODE_CLIENT = '''\
const http = require('http'), crypto = require('crypto');
const agent = new http.Agent({keepAlive: true, maxSockets: 2});
for (let i = 0; i < 4; i++)
    http.get({host: '$SERVER', port: $PORT, path: '/blob', agent}, answer => {
        const sum = crypto.createHash('sha256');
        answer.on('data', part => sum.update(part));
        answer.on('end', () => console.log(answer.statusCode, sum.digest('hex')));
    });
'''

ASYNCIO_SERVER = '''\
import asyncio
async def echo(reader, writer):
    writer.write(await reader.read())
    await writer.drain()
    writer.close()
async def main():
    server = await asyncio.start_server(echo, '$SERVER', $PORT)
    await server.serve_forever()
asyncio.run(main())
'''
ASYNCIO_CLIENT = '''\
import asyncio, hashlib
async def ask(data):
    reader, writer = await asyncio.open_connection('$SERVER', $PORT)
    writer.write(data)
    writer.write_eof()
    return hashlib.sha256(await reader.read()).hexdigest()
async def main():
    data = open('$FILES/blob', 'rb').read()
    print(*set(await asyncio.gather(*(ask(data) for _ in range(8)))))
asyncio.run(main())
'''

# For a static program of musl's
FETCH = '''\
#include <netdb.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    const char request[] = "GET /blob HTTP/1.0\\r\\n\\r\\n";
    struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *to;
    char part[4096];
    ssize_t n;
    int fd;

    if (getaddrinfo(argv[1], argv[2], &hints, &to))
        return 1;
    fd = socket(to->ai_family, to->ai_socktype, to->ai_protocol);
    if (connect(fd, to->ai_addr, to->ai_addrlen))
        return 1;
    n = write(fd, request, strlen(request));
    while (n > 0 && (n = read(fd, part, sizeof(part))) > 0)
        n = write(STDOUT_FILENO, part, n);
    return n < 0;
}
'''

PROGRAMS = (
    Program('curl, Python\'s http.server: HTTP/1.0',
            'exec python3 -m http.server --bind $SERVER --directory $FILES $PORT',
            'curl -gsSf0 -w "%{http_version}\\n" -o out http://$URL/blob; sha256sum <out',
            '1\n' + SUM),

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

    Program('netcat, Apache: HTTP/1.1, three requests in a pipeline',
            APACHE_RUN,
            'for last in keep-alive keep-alive close; do printf "GET /blob HTTP/1.1\\r\\n'
            'Host: tcpx\\r\\nConnection: $last\\r\\n\\r\\n"; done | nc -$IP $SERVER $PORT >out\n'
            'grep -ao "HTTP/1.1 200 OK" out | wc -l; tail -c $SIZE out | sha256sum', '3\n' + SUM,
            {'apache.conf': APACHE % ''}),

    Program('curl, Apache: from HTTP/1.1 to HTTP/2, by Upgrade',
            APACHE_RUN,
            'curl -gsSf --http2 -H Host:tcpx -w "%{http_version}\\n" http://$URL/small',
            'small\n2\n', {'apache.conf': APACHE % ''}, 'echo small >small'),

    Program('git, Apache: clone and push',
            'git init -q --bare store.git; git -C store.git config http.receivepack true\n'
            'chown -R nobody . \n' + APACHE_RUN,
            'git init -q work; cd work; cp $FILES/blob .; git add blob\n'
            'git -c user.name=a -c user.email=b commit -q -m c\n'
            'git push -q http://$URL/git/store.git HEAD:refs/heads/main\n'
            'git clone -q -b main http://$URL/git/store.git ../copy; sha256sum <../copy/blob',
            SUM, {'apache.conf': APACHE % ''}, dear=True),

    Program('curl, haproxy, Python\'s http.server: one of three is found to be down',
            HAPROXY_RUN,
            'sleep 2; curl -gsSf http://$URL/blob http://$URL/blob | sha256sum\n'
            'curl -gsSf "http://$URL/stats;csv" | grep ^back, | cut -d, -f 2,18 | cut -d " " -f 1',
            '$HASH2  -\none,UP\ntwo,UP\nnone,DOWN\nBACKEND,UP\n',
            {'haproxy.conf': HAPROXY}, dear=True),

    Program('curl, haproxy: silent-drop',
            'exec haproxy -db -f haproxy.conf',
            'curl -gsSf http://$URL/; curl -gsSf -m 5 http://$URL/secret || echo " $?"',
            'open 28\n', {'haproxy.conf': SILENT_DROP}, dear=True),

    Program('wrk, nginx: twenty connections for two seconds',
            WRK_RUN,
            'wrk -c 20 -t 2 -d 2 -s wrk.lua http://$URL/small | tail -n 1',
            'true\t0\t0\t0\t0\t0\n', {'nginx.conf': NGINX % '', 'wrk.lua': WRK},
            'echo small >small', dear=True),

    Program('hey, caddy: two programs in Go',
            'exec caddy file-server --listen $URL --root $FILES',
            'hey -n 30 -c 5 http://$URL/blob >out\n'
            'sed -n "/Total data/p; /Status/,$ p" out | tr -s " \\t\\n" " "',
            r' Total data: 31457280 bytes Status code distribution: \[200\] 30 responses ',
            dear=True),

    Program('wget, httpd, both of a static busybox',
            'exec busybox httpd -f -p $URL -h $FILES',
            'busybox wget -q -O - http://$URL/blob | sha256sum', SUM),

    Program('a static program of musl\'s, httpd of a static busybox',
            'exec busybox httpd -f -p $URL -h $FILES',
            'musl-gcc -static -o fetch fetch.c; ./fetch $SERVER $PORT | tail -c $SIZE | sha256sum',
            SUM, {'fetch.c': FETCH}, dear=True),

    Program('Node to Node: four requests on two connections',
            'exec node server.js', 'exec node client.js', '(200 $HASH\n){4}',
            {'server.js': NODE_SERVER, 'client.js': NODE_CLIENT}, polls=True, dear=True),

    Program('Python\'s asyncio, to itself: eight connections',
            'exec python3 server.py', 'exec python3 client.py', '$HASH\n',
            {'server.py': ASYNCIO_SERVER, 'client.py': ASYNCIO_CLIENT}),

    Program('openssl s_client, s_server',
            'cd $FILES; exec openssl s_server -quiet -WWW -accept $URL -cert $KEYS/cert.pem '
            '-key $KEYS/key.pem',
            'printf "GET /blob HTTP/1.0\\r\\n\\r\\n" | openssl s_client -quiet -no_ign_eof '
            '-ign_eof -connect $URL 2>/dev/null | tail -c $SIZE | sha256sum', SUM),
)
