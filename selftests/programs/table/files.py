# SPDX-License-Identifier: GPL-2.0
"""What copies files."""

from .program import Program, SUM

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

# Both families by one socket; the folder that is everybody's is not the root
VSFTPD = '''\
listen_ipv6=YES
listen_port=$PORT
background=NO
anonymous_enable=YES
anon_root=$HERE/root
anon_upload_enable=YES
write_enable=YES
anon_umask=022
secure_chroot_dir=$HERE/empty
isolate_network=NO
'''
VSFTPD_RUN = 'mkdir -p root/up empty; cp $FILES/blob root; chmod 777 root/up\n' \
    'exec vsftpd $HERE/vsftpd.conf'
LFTP = 'lftp -c "set ftp:passive-mode %s; open -p $PORT ftp://anonymous:a@$URLHOST; ls; ' \
    'get blob -o down; put -O up down" | grep -c blob\n' \
    'cat down root/up/down | sha256sum'

# Peers that have asked are told of those before
TRACKER = '''\
import http.server, ipaddress, socket, urllib.parse
PEERS = {}
class Tracker(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        port = urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query,
                                     encoding='latin1')['port'][0]
        host = ipaddress.ip_address(self.client_address[0]).packed
        PEERS[host, port] = host + int(port).to_bytes(2, 'big')
        peers = b''.join(PEERS.values())
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'd8:intervali60e%s%d:%se' % (
            b'6:peers6' if len(host) == 16 else b'5:peers', len(peers), peers))
class Server(http.server.ThreadingHTTPServer):
    address_family = socket.AF_INET6 if ':' in '$SERVER' else socket.AF_INET
Server(('$SERVER', $PORT), Tracker).serve_forever()
'''
# UDP is not asked for anything
TRANSMISSION = '''\
{"utp-enabled": false, "dht-enabled": false, "lpd-enabled": false, "port-forwarding-enabled": false}
'''
PEER = 'peer() { mkdir $1; cp settings.json $1; exec transmission-cli -g $1 -w $2 -p $3 ' \
    'blob.torrent >/dev/null; }\n'

PROGRAMS = (
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

    *(Program('lftp, vsftpd: %s' % name, VSFTPD_RUN, LFTP % passive, '1\n$HASH2  -\n',
              {'vsftpd.conf': VSFTPD}, dear=True)
      for name, passive in (('passive', 'yes'), ('active', 'no'))),

    Program('transmission: a seed, two who share what they have of it, a tracker',
            PEER + 'transmission-create -o blob.torrent -t http://$URL/announce $FILES/blob\n'
            'python3 tracker.py & (peer seed $FILES 8010); wait',
            PEER + 'for n in 1 2; do mkdir get$n; (peer peer$n get$n 901$n) & done\n'
            'until [ -e get1/blob ] && [ -e get2/blob ]; do sleep 1; done\n'
            'cat get1/blob get2/blob | sha256sum', '$HASH2  -\n',
            {'tracker.py': TRACKER, 'settings.json': TRANSMISSION}, dear=True),
)
