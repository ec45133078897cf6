package bounce

import "testing"

// TestLogFields holds that what Postfix logs of a client after a reply is no part of
// it, in whatever order and number.
func TestLogFields(t *testing.T) {
	const want = "Rule 17; of the house"
	for _, fields := range []string{
		"; from=<virus@contoso.example> to=<quota@fabrikam.example> proto=ESMTP helo=<relay.contoso.example>",
		"; from=<> to=<b@fabrikam.example> proto=SMTP helo=<[192.0.2.1]>",
		"; from=<a@contoso.example> proto=ESMTP helo=<WIN-1> sasl_method=LOGIN sasl_username=<a@contoso.example>",
		"; to=<b@fabrikam.example> proto=ESMTP",
		"; proto=SMTP helo=<spam>",
		"; proto=SMTP",
		";   helo=<greylisted.example>",
		"; client=<x>; from=<a@contoso.example>",
		"; sasl_username=a@contoso.example",
		"; orig_client=<x.example[192.0.2.1]> helo=<x>",
		"",
	} {
		line := "postfix/smtpd[9]: NOQUEUE: reject: RCPT from x.example[192.0.2.1]: 554 5.7.1 " + want + fields
		if got := Find([]byte(line)); len(got) != 1 || got[0].Text != want {
			t.Errorf("%q: %+v", line, got)
		}
	}
}
