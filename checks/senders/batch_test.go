package senders

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"time"

	"maildiag/checks/senders/dmarcreport"
)

// someRows are the rows from i to j of a report.
func someRows(i, j int) (rows []dmarcreport.Row) {
	for ; i < j; i++ {
		rows = append(rows, dmarcreport.Row{Source: netip.AddrFrom4([4]byte{192, 0, 2, byte(i)}), Count: int64(i + 1), HeaderFrom: "contoso.com",
			SPFResults: spfOf("contoso.com", "fail")})
	}
	return rows
}

// A report is the same as another with its ID only if its rows are, in whatever
// order; a sender in one of them is not lost.
func TestSameID(t *testing.T) {
	reversed := someRows(0, 9)
	slices.Reverse(reversed)
	more := someRows(0, 9)
	more[3].Count++
	elsewhere := someRows(0, 9)
	elsewhere[0].HeaderFrom = "example.org"
	for name, c := range map[string]struct {
		first, second []dmarcreport.Row
		cut           bool // the second ends in the middle
		again, reused bool
		messages      int64
	}{
		"same":               {someRows(0, 9), someRows(0, 9), false, true, false, 45},
		"other order":        {someRows(0, 9), reversed, false, true, false, 45},
		"rows taken apart":   {someRows(0, 9), append(someRows(0, 9), dmarcreport.Row{HeaderFrom: "contoso.com"}), false, false, true, 90},
		"second part":        {someRows(0, 5), someRows(5, 9), false, false, true, 45},
		"another count":      {someRows(0, 9), more, false, false, true, 91},
		"another From":       {someRows(0, 9), elsewhere, false, false, true, 90},
		"nothing, then some": {nil, someRows(0, 9), false, false, true, 45},
		"nothing twice":      {nil, nil, false, true, false, 0},
		"cut off":            {someRows(0, 9), someRows(0, 4), true, true, false, 45},
	} {
		c0 := NewCollector(time.Time{}, time.Time{})
		rep := dmarcreport.Report{Org: "a.example", ID: "1", Policy: dmarcreport.Policy{Domain: "contoso.com", P: "none"}}
		c0.report(&rep, c.first...)
		b, err := c0.Open(&rep)
		if err != nil {
			t.Fatal(err)
		}
		for i := range c.second {
			b.Add(&c.second[i])
		}
		err = b.Count("g", !c.cut)
		var again *DuplicateError
		var reused *ReusedIDError
		if errors.As(err, &again) != c.again || errors.As(err, &reused) != c.reused || c0.Messages != c.messages {
			t.Errorf("%s: %v, %d messages", name, err, c0.Messages)
		}
	}
}

// A report with more kinds of rows than are kept is recognized, and loses no
// message.
func TestLargeBatch(t *testing.T) {
	c := NewCollector(time.Time{}, time.Time{})
	for pass := range 2 {
		rep := dmarcreport.Report{Org: "a.example", ID: "1", Policy: dmarcreport.Policy{Domain: "contoso.com", P: "none"}}
		b, err := c.Open(&rep)
		if err != nil {
			t.Fatal(err)
		}
		const rows = maxFlows + 5000
		for i := range rows {
			b.Add(&dmarcreport.Row{Source: netip.AddrFrom4([4]byte{45, byte(i >> 16), byte(i >> 8), byte(i)}), Count: 1, HeaderFrom: "contoso.com",
				SPFResults: spfOf(fmt.Sprintf("s%d.contoso.com", i), "pass")})
		}
		if len(b.rows) > maxFlows+4 { // by what the reporter found, see reduced
			t.Errorf("pass %d: %d kinds", pass, len(b.rows))
		}
		err = b.Count("f", true)
		if again := (*DuplicateError)(nil); errors.As(err, &again) != (pass == 1) || c.Messages != rows {
			t.Errorf("pass %d: %v, %d messages", pass, err, c.Messages)
		}
	}
}
