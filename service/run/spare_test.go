package run

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"maildiag/checks/kit"
	"maildiag/dnsrec"
	"maildiag/smtpprobe"
)

// A site connects to a mail server once a minute, however many workers and domains
// it has.
func TestSpared(t *testing.T) {
	for _, workers := range []int{1, 2, 5} {
		synctest.Test(t, func(t *testing.T) {
			var dials atomic.Int64
			world := kit.World{SMTP: func(context.Context, smtpprobe.Config) *smtpprobe.Session {
				dials.Add(1)
				return new(smtpprobe.Session)
			}}
			var all []kit.World
			for range workers {
				l := &Live{client: dnsrec.NewClient(dnsrec.Options{}), shared: Polite(world, politeFor), spared: newShared[*smtpprobe.Session](time.Minute)}
				l.Spare(workers, 0)
				all = append(all, l.Spared())
			}
			const minutes = 60
			for range minutes * 60 {
				for _, w := range all {
					if w.SMTP(t.Context(), smtpprobe.Config{Host: "smtp.office365.com", Port: 587}) == nil {
						t.Fatal("no session")
					}
				}
				time.Sleep(time.Second)
			}
			if n := dials.Load(); n < minutes/2 || n > minutes+int64(workers) {
				t.Errorf("%d workers: %d conversations in %d minutes", workers, n, minutes)
			}
		})
	}
}
