package explain

import "testing"

// TestOwnFault holds that a fault which a server logs of itself goes before what it then
// tells its client, and that no other line of such programs is one.
func TestOwnFault(t *testing.T) {
	const client = "The mail server responded: 4.7.1 Service unavailable - try again later.\n"
	const log = "Nov 27 14:10:49 mx "
	for text, want := range map[string]string{
		client + log + "opendkim[498]: mail._domainkey.contoso.com: key data is not secure: / can be read or written by other users":                                                       "common.own-dkim-key",
		log + "opendkim[498]: CE82F20157A: error loading key 'mail._domainkey.contoso.com'":                                                                                                "common.own-dkim-key",
		client + log + "postfix/smtpd[9]: warning: connect to Milter service inet:localhost:8891: Connection refused":                                                                      "common.own-milter",
		log + "postfix/smtpd[9]: warning: connect to Milter service unix:opendkim/opendkim.sock: No such file or directory":                                                                "common.own-milter",
		client + log + "opendkim[498]: CE82F20157A: DKIM-Signature field added (s=mail, d=contoso.com)":                                                                                    "common.temporary",
		log + "opendkim[498]: CE82F20157A: key retrieval failed (s=a, d=b.example): 'a._domainkey.b.example' record not found":                                                             "common.verdict",
		log + "postgrey[7370]: action=pass, reason=client whitelist, client_name=mx.b.example, sender=a@b.example, recipient=c@d.example":                                                  "",
		log + "postgrey[7370]: action=pass, reason=triplet found, delay=300, client_name=mx.b.example":                                                                                     "",
		log + "postgrey[7370]: action=greylist, reason=new, client_name=mx.b.example, client_address=192.0.2.1, sender=a@b.example":                                                        "common.greylisted",
		log + "policyd-spf[7]: prepend Received-SPF: Pass (mailfrom) identity=mailfrom; client-ip=192.0.2.1":                                                                               "",
		log + "opendmarc[7675]: B66DA240E90: gmail.com pass":                                                                                                                               "",
		"2026-06-26 08:50:43,601 - DEBUG - Connecting\n2026-06-26 08:50:43,741 - DEBUG - Socket Exception: (550, b'5.7.60 SMTP; Client does not have permissions to send as this sender')": "exo.send-as-denied",
	} {
		x, err := Explain(t.Context(), "", []byte(text), Options{})
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if len(x.replies) > 0 && len(x.replies[0].rows) > 0 {
			got = x.replies[0].rows[0].Row.ID
		}
		if got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}
