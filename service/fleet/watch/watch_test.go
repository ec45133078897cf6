package watch

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"maildiag/service/fleet/history"
)

func TestReadDomains(t *testing.T) {
	list, err := ReadDomains(strings.NewReader("contoso.com # tenant 1\n\n# none\nCONTOSO.com.\nfabrikam.com\r\n"))
	if err != nil || len(list) != 2 || list[1].Domain != "fabrikam.com" {
		t.Errorf("%v, %v", list, err)
	}
	for _, bad := range []string{"192.0.2.1", "a b.com", "user@contoso.com", "https://contoso.com", "localhost"} {
		if list, err := ReadDomains(strings.NewReader("contoso.com\n" + bad)); err == nil || !strings.Contains(err.Error(), "line 2") {
			t.Errorf("%q: %v, %v", bad, list, err)
		}
	}
}

// A list of nothing is no list.
func TestEmptyList(t *testing.T) {
	for _, text := range []string{"", "\n\n", "# contoso.com"} {
		if list, err := ReadDomains(strings.NewReader(text)); err == nil {
			t.Errorf("%q: %v", text, list)
		}
	}
}

// Domains are spread evenly over the interval, also if their names are alike.
func TestPlace(t *testing.T) {
	const domains, parts = 10_000, 10
	var count [parts]int
	for n := range domains {
		count[int(place(fmt.Sprintf("t%d.contoso.com", n))*parts)]++
	}
	for i, n := range count {
		if n < domains/parts*8/10 || n > domains/parts*12/10 {
			t.Errorf("part %d has %d of %d", i, n, domains)
		}
	}
}

// An answer other than 2xx is an error, redirects are not followed, and no error
// shows the URL.
func TestWebhook(t *testing.T) {
	status := 0
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", "/elsewhere")
		w.WriteHeader(status)
	}))
	notify, err := Webhook(srv.URL+"/s3cret", FormJSON)
	if err != nil {
		t.Fatal(err)
	}
	for _, status = range []int{200, 204, 302, 400, 500} {
		if err := notify(t.Context(), []history.Event{{Domain: "contoso.com"}}); (err == nil) != (status < 300) {
			t.Errorf("%d: %v", status, err)
		}
	}
	srv.Close()
	if err := notify(t.Context(), nil); err == nil || strings.Contains(err.Error(), "s3cret") {
		t.Error(err)
	}
}
