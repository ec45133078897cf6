package watch

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"maildiag/service/fleet/history"
)

// Schema names the form of the messages.
const Schema = "maildiag.changes/1"

// Webhook returns a function that posts events to a URL, in one of the forms of
// [Forms].
func Webhook(target, form string) (func(context.Context, []history.Event) error, error) {
	message := messageOf(form)
	if message == nil {
		return nil, ErrForm
	}
	to, err := newReceiver("webhook", target)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, events []history.Event) error { return to.post(ctx, message(events)) }, nil
}

// receiver takes messages by HTTP. Its errors do not repeat the URL: it may hold a
// secret.
type receiver struct {
	name   string // for errors
	url    *url.URL
	client *http.Client
}

// postTime bounds one message.
const postTime = 15 * time.Second

func newReceiver(name, target string) (*receiver, error) {
	u, err := url.Parse(target)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return nil, errors.New("not an https:// or http:// URL")
	}
	client := &http.Client{Timeout: postTime, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return &receiver{name, u, client}, nil
}

// post sends a message as JSON. Only a 2xx status means that it has arrived.
func (r *receiver) post(ctx context.Context, message any) error {
	body, err := json.Marshal(message)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, r.url.String(), bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("%s: the request could not be made", r.name)
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := r.client.Do(req)
	var cause *url.Error
	if errors.As(err, &cause) {
		return fmt.Errorf("%s: %w", r.name, cause.Err)
	}
	if err != nil {
		return fmt.Errorf("%s: no response", r.name)
	}
	defer resp.Body.Close()
	_, _ = io.CopyN(io.Discard, resp.Body, 64<<10)
	if resp.StatusCode/100 != 2 {
		return fmt.Errorf("%s: the server answered with status %d", r.name, resp.StatusCode)
	}
	return nil
}
