package dnsrec_test

import (
	"context"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"maildiag/dnsrec"
)

// What does not depend on other answers is asked at the same time, and each
// question once.
func TestSolve(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began, runs, found := time.Now(), 0, 0
		dnsrec.Solve(t.Context(), slowly(time.Second), func(known dnsrec.Resolver) {
			runs, found = runs+1, 0
			for i := range 3 {
				if _, err := known.Lookup(t.Context(), dnsrec.Q("n"+strconv.Itoa(i)+".test", "TXT")); err != nil {
					continue
				}
				if _, err := known.Lookup(t.Context(), dnsrec.Q("n"+strconv.Itoa(i)+".test", "A")); err == nil {
					found++
				}
			}
		})
		if took := time.Since(began); took != 2*time.Second || runs != 3 || found != 3 {
			t.Errorf("%v, %d runs, %d found", took, runs, found)
		}
	})
}

// A function that always asks on ends with an error it can see.
func TestSolveEnds(t *testing.T) {
	var last error
	dnsrec.Solve(t.Context(), answers(0), func(known dnsrec.Resolver) {
		for i := 0; ; i++ {
			if _, last = known.Lookup(t.Context(), dnsrec.Q("n"+strconv.Itoa(i)+".test", "TXT")); last != nil {
				return
			}
		}
	})
	if dnsrec.KindOf(last) != dnsrec.KindBudget {
		t.Error(last)
	}
}

func TestSolvePanics(t *testing.T) {
	defer func() {
		if p := recover(); p != "broken" {
			t.Errorf("recovered %v", p)
		}
	}()
	dnsrec.Solve(t.Context(), panics{}, func(known dnsrec.Resolver) {
		known.Lookup(context.Background(), dnsrec.Q("a.test", "TXT"))
	})
}
