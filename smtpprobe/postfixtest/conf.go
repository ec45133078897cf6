//go:build unix

package postfixtest

const masterConf = `tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
proxymap unix - - n - - proxymap
anvil unix - - n - 1 anvil
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
pickup unix n - n 60 1 pickup
error unix - - n - - error
retry unix - - n - - error
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
discard unix - - n - - discard
postlog unix-dgram n - n - 1 postlogd
`

const mainConf = `compatibility_level = 3.6
queue_directory = DIR/spool
data_directory = DIR/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
myhostname = HOST
mydestination = lab.test
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
maillog_file = DIR/maillog
maillog_file_prefixes = DIR
alias_maps =
alias_database =
smtpd_tls_security_level = may
smtpd_sasl_type = dovecot
smtpd_sasl_path = private/auth
smtpd_tls_auth_only = yes
smtpd_peername_lookup = no
smtpd_relay_restrictions = permit_sasl_authenticated, reject_unauth_destination
local_recipient_maps =
local_transport = discard:
default_transport = error:the lab sends no mail
`

// dovecotConf lacks the mechanisms, and what is put before the list of users.
const dovecotConf = `base_dir = DIR/dovecot/run
log_path = DIR/dovecot/log
protocols =
listen = 127.0.0.1
ssl = no
auth_mechanisms = %s
auth_failure_delay = 0
disable_plaintext_auth = no
%s
passdb {
  driver = passwd-file
  mechanisms = plain login
  args = scheme=PLAIN username_format=%%u DIR/dovecot/users
}
userdb {
  driver = static
  args = uid=nobody gid=nogroup home=/
}
service auth {
  unix_listener DIR/spool/private/auth {
    mode = 0660
    user = postfix
    group = postfix
  }
}
`
