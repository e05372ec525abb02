# SPDX-License-Identifier: GPL-2.0
"""Mail, sent and fetched."""

from .program import Program, SUM

EXIM = '''\
primary_hostname = tcpx
spool_directory = $HERE/spool
log_file_path = $HERE/spool/%s
local_interfaces = <; $SERVER
daemon_smtp_ports = $PORT
acl_smtp_rcpt = accept
acl_smtp_data = accept
tls_advertise_hosts =
keep_environment =
deliver_drop_privilege
message_size_limit = 0
begin routers
here:
  driver = accept
  transport = box
begin transports
box:
  driver = appendfile
  file = $HERE/box/mail
'''

DOVECOT = '''\
protocols = pop3
listen = $SERVER
base_dir = $HERE/run
state_dir = $HERE/state
log_path = /dev/stderr
ssl = no
disable_plaintext_auth = no
mail_location = maildir:$HERE/box
passdb {
  driver = static
  args = password=secret
}
userdb {
  driver = static
  args = uid=nobody gid=nogroup home=$HERE
}
service pop3-login {
  inet_listener pop3 {
    port = $PORT
  }
}
'''
FETCHMAIL = '''\
poll "$SERVER" protocol pop3 port $PORT user a password secret sslproto "" mda "cat >>mail"
'''

# What the one who sends makes of the file, in base64
ATTACHED = '''\
import email, hashlib, sys
for part in email.message_from_binary_file(open(sys.argv[1], 'rb')).walk():
    if part.get_filename() == 'blob':
        print(hashlib.sha256(part.get_payload(decode=True)).hexdigest())
'''

LETTER = '''\
import email.message, sys
letter = email.message.EmailMessage()
letter['Subject'] = 'tcpx'
letter.add_attachment(open('$FILES/blob', 'rb').read(), 'application', 'x', filename='blob')
sys.stdout.buffer.write(letter.as_bytes())
'''

PROGRAMS = (
    Program('swaks, exim: a letter with a megabyte attached',
            'mkdir spool box; chmod 777 spool box; exec exim4 -C $HERE/exim.conf -bdf',
            'swaks --silent --server $SERVER --port $PORT --from a@tcpx --to b@tcpx '
            '--attach-type application/x --attach-name blob --attach @$FILES/blob\n'
            'sleep 5; python3 attached.py box/mail', '$HASH\n',
            {'exim.conf': EXIM, 'attached.py': ATTACHED}, dear=True),

    Program('fetchmail, dovecot: a letter by POP3, and it is deleted',
            'mkdir -p box/new box/cur box/tmp; python3 letter.py >box/new/1; chown -R nobody box\n'
            'exec dovecot -F -c $HERE/dovecot.conf',
            'chmod 600 fetchmailrc; fetchmail -s -f fetchmailrc --pidfile $HERE/pid -i $HERE/ids\n'
            'python3 attached.py mail; ls box/new box/cur', '$HASH\nbox/cur:\n\nbox/new:\n',
            {'dovecot.conf': DOVECOT, 'fetchmailrc': FETCHMAIL, 'attached.py': ATTACHED,
             'letter.py': LETTER}, dear=True),
)
