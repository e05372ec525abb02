# SPDX-License-Identifier: GPL-2.0
"""What other connections go through."""

from .program import Program, SUM

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

WEB = 'python3 -m http.server --bind %s --directory $FILES 8001 &\n'

STUNNEL = '''\
foreground = yes
pid =
[web]
accept = $SERVER:$PORT
connect = 127.0.0.1:8001
cert = $KEYS/cert.pem
key = $KEYS/key.pem
'''
STUNNEL_CLIENT = '''\
foreground = yes
pid =
client = yes
[web]
accept = 127.0.0.1:9001
connect = $SERVER:$PORT
verifyPeer = yes
CAfile = $KEYS/cert.pem
'''

OPENVPN = 'openvpn --dev tun --secret $FILES/openvpn.key --cipher AES-256-CBC --verb 1'

PROGRAMS = (
    Program('scp, sftp, sshd: up and down',
            SSHD_RUN,
            f'scp {SSH} -P $PORT $FILES/blob root@$URLHOST:$PWD/up\n'
            f'sftp {SSH} -P $PORT root@$URLHOST:$PWD/up down\n'
            'cat up down | sha256sum', '$HASH2  -\n', {'sshd_config': SSHD}),

    Program('ssh, sshd: a command\'s output and status',
            SSHD_RUN,
            f'ssh {SSH} -p $PORT root@$SERVER "cat $FILES/blob; exit 3" >out || echo $?\n'
            'sha256sum <out', '3\n' + SUM, {'sshd_config': SSHD}),

    Program('git, sshd: clone and push',
            'git init -q --bare store.git\n' + SSHD_RUN,
            'git init -q work; cd work; cp $FILES/blob .; git add blob\n'
            'git -c user.name=a -c user.email=b commit -q -m c\n'
            f'export GIT_SSH_COMMAND="ssh {SSH}"; at=ssh://root@$URL$HERE/store.git\n'
            'git push -q $at HEAD:refs/heads/main\n'
            'git clone -q -b main $at ../copy; sha256sum <../copy/blob', SUM,
            {'sshd_config': SSHD}, dear=True),

    Program('ssh -L, sshd, curl, Python\'s http.server: through a port forward',
            WEB % '$SERVER' + SSHD_RUN,
            f'ssh {SSH} -p $PORT -L 9001:$URLHOST:8001 root@$SERVER sleep 5 &\n'
            'sleep 1; curl -sSf http://127.0.0.1:9001/blob | sha256sum; wait', SUM,
            {'sshd_config': SSHD}),

    Program('stunnel to stunnel, curl, Python\'s http.server: through TLS',
            WEB % '127.0.0.1' + 'exec stunnel $HERE/server.conf',
            'stunnel $HERE/client.conf &\n'
            'sleep 1; curl -sSf http://127.0.0.1:9001/blob | sha256sum', SUM,
            {'server.conf': STUNNEL, 'client.conf': STUNNEL_CLIENT}, dear=True),

    Program('OpenVPN to OpenVPN, curl, Python\'s http.server: connections within a connection',
            WEB % '0.0.0.0' + 'exec ' + OPENVPN + ' --proto tcp$IP-server --local $SERVER '
            '--lport $PORT --ifconfig 10.99.0.2 10.99.0.1',
            OPENVPN + ' --proto tcp$IP-client --remote $SERVER $PORT '
            '--ifconfig 10.99.0.1 10.99.0.2 >log &\n'
            'until curl -sf -m 5 -o out http://10.99.0.2:8001/blob; do sleep 1; done\n'
            'sha256sum <out', SUM, once='openvpn --genkey secret openvpn.key', dear=True),
)
