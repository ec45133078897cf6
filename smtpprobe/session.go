// Package smtpprobe holds one bounded SMTP conversation and tells exactly what
// was said, when, and where it ended. It has no opinions.
package smtpprobe

// Config says where to connect and how far to go.
type Config struct {
	Host string
	Port int
}

// Session is the record of one conversation.
type Session struct{}
