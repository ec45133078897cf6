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

// webhookTime bounds one message.
const webhookTime = 15 * time.Second

// Webhook returns a function that posts events to an URL, in one of the forms of
// [Forms]. Errors do not repeat the URL: it may hold a secret.
func Webhook(target, form string) (func(context.Context, []history.Event) error, error) {
	message := messageOf(form)
	if message == nil {
		return nil, ErrForm
	}
	u, err := url.Parse(target)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return nil, errors.New("not an https:// or http:// URL")
	}
	client := &http.Client{Timeout: webhookTime, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return func(ctx context.Context, events []history.Event) error {
		body, err := json.Marshal(message(events))
		if err != nil {
			return err
		}
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, u.String(), bytes.NewReader(body))
		if err != nil {
			return errors.New("webhook: the request could not be made")
		}
		req.Header.Set("Content-Type", "application/json")
		resp, err := client.Do(req)
		var cause *url.Error
		if errors.As(err, &cause) {
			return fmt.Errorf("webhook: %w", cause.Err)
		}
		if err != nil {
			return errors.New("webhook: no response")
		}
		defer resp.Body.Close()
		_, _ = io.CopyN(io.Discard, resp.Body, 64<<10)
		if resp.StatusCode/100 != 2 {
			return fmt.Errorf("webhook: the server answered with status %d", resp.StatusCode)
		}
		return nil
	}, nil
}
