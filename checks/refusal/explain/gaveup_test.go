package explain

import (
	"context"
	"strings"
	"testing"
)

// Where the mail system gave up, nothing tells the reader to wait for it.
func TestGaveUp(t *testing.T) {
	dsn := "Final-Recipient: rfc822; a@fabrikam.com\nAction: failed\nStatus: "
	for text, gone := range map[string]bool{
		"<a@fabrikam.com>:\nConnected to 192.0.2.1 but greeting failed.\nRemote host said: 421 4.3.2 Service not available\nI'm not going to try again; this message has been in the queue too long.":                                     true,
		"I'm afraid I wasn't able to deliver your message to the following addresses.\nThis is a permanent error; I've given up. Sorry it didn't work out.\n\n<a@fabrikam.com>:\nRemote host said: 451 4.7.1 Greylisted, try again later": true,
		"<a@fabrikam.com>:\n192.0.2.1 does not like recipient.\nRemote host said: 450 4.2.0 Greylisted, please try again later\nGiving up on 192.0.2.1.":                                                                                  true,
		dsn + "4.2.0\nDiagnostic-Code: smtp; 450 4.2.0 Greylisted, please try again later\n":                                                                                                                                              true,
		dsn + "5.0.0\nDiagnostic-Code: smtp; 451 Temporary local problem - please try later\n":                                                                                                                                            true,
		"550 Greylisted, please try again later": true,
		"450 4.2.0 Greylisted, please try again later\nNo further attempts will be made to deliver this message.":                                          true,
		"a@fabrikam.com: retry timeout exceeded\nhost mx.fabrikam.com [192.0.2.1]: 451 Temporary local problem - please try later":                         true,
		"450 4.2.0 Greylisted, please try again later":                                                                                                     false,
		"delivery 7: deferral: 192.0.2.1_does_not_like_recipient./Remote_host_said:_450_4.2.0_Greylisted,_please_try_again_later/Giving_up_on_192.0.2.1./": false,
		"450 4.2.0 Greylisted, please try again later\nWarning: the message is still in the queue. It will be retried before giving up.":                   false,
		strings.Replace(dsn, "failed", "delayed", 1) + "4.2.0\nDiagnostic-Code: smtp; 450 4.2.0 Greylisted, please try again later\n":                      false,
	} {
		x, err := Explain(context.Background(), "", []byte(text), Options{})
		if err != nil || len(x.replies) == 0 || !x.replies[0].known() {
			t.Errorf("%q is not explained", text)
			continue
		}
		r := &x.replies[0]
		said := strings.Join(append(r.rows[0].Row.Fix, r.rows[0].Row.Meaning, r.summary(), nextTexts[outcomeOf(&r.Reply).next(&r.rows[0], &r.Reply)]), " ")
		if waits := strings.Contains(said, "server retries"); waits == gone {
			t.Errorf("%q (%s, %s): %s", text, r.rows[0].Row.ID, r.Action, said)
		}
	}
}
