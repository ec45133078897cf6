package worker

import (
	"context"
	"encoding/json"
	"time"

	"maildiag/checks/kit"
	"maildiag/checks/mxserver"
	"maildiag/dnsrec"
	"maildiag/service/fleet/bus"
	"maildiag/smtpprobe"
	"maildiag/smtpprobe/pool"
)

// dialTime is how much longer a check may take that waits for its turn at mail servers.
const dialTime = 30 * time.Minute

// newPool returns the way to mail servers of runs that connect to them.
func (w *Worker) newPool() *pool.Pool {
	return &pool.Pool{
		Probe: func(ctx context.Context, cfg smtpprobe.Config) *smtpprobe.Session { return w.World().SMTP(ctx, cfg) },
		Keep:  bus.KeepSaid, Brief: mxserver.Fresh, IsBrief: mxserver.IsReference, Hold: dnsrec.HoldClock, Beside: (*beside)(w),
	}
}

// world returns what the checks of a run may ask.
func (w *Worker) world(p *piece) kit.World {
	world := w.World()
	if !p.opts.DialMX {
		return world
	}
	probe := world.SMTP
	world.SMTP = func(ctx context.Context, cfg smtpprobe.Config) *smtpprobe.Session {
		if cfg.Port != mxserver.Port {
			return probe(ctx, cfg)
		}
		return w.mail.Talk(ctx, cfg)
	}
	return world
}

// lookAtPort finds out whether mail servers can be reached from here, before all domains
// of an item wait for that, and says so once.
func (w *Worker) lookAtPort(ctx context.Context, p *piece) {
	if !p.opts.DialMX || p.giveUp {
		return
	}
	shut := mxserver.Shut(ctx, w.world(p))
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case ctx.Err() != nil || shut == w.shut:
		return
	case shut != "":
		w.Log.Warn("runs with --dial-mx learn nothing about mail servers from this site", "reason", shut)
	default:
		w.Log.Info("mail servers can be reached again")
	}
	w.shut = shut
}

// beside is what the workers of all sites share that connect to mail servers.
type beside Worker

func (b *beside) Lease(ctx context.Context, partition int) (func(), error) {
	return b.Bus.LeaseDial(ctx, partition, b.ID)
}

func (b *beside) Load(ctx context.Context, server string, briefly bool) (said []*smtpprobe.Session) {
	limited, cancel := context.WithTimeout(ctx, storeTime)
	defer cancel()
	if data := b.Bus.Said(limited, b.Site, server, briefly); data == nil || json.Unmarshal(data, &said) != nil {
		return nil
	}
	return said
}

func (b *beside) Store(ctx context.Context, server string, briefly bool, said []*smtpprobe.Session) {
	data, err := json.Marshal(said)
	if err == nil {
		limited, cancel := context.WithTimeout(ctx, storeTime)
		defer cancel()
		err = b.Bus.PutSaid(limited, b.Site, server, briefly, data)
	}
	if err != nil && ctx.Err() == nil { // another worker may connect once more
		b.Log.Warn("what a mail server said cannot be shared with other workers", "error", err)
	}
}
