package main

import (
	"io"
	"os"
	"strings"

	"github.com/spf13/pflag"

	"maildiag/service/fleet/client"
)

// clientFlags say which server to talk to.
type clientFlags struct {
	server   string
	user     string
	password string
	ca       string
}

func (f *clientFlags) add(fs *pflag.FlagSet) {
	fs.StringVar(&f.server, "server", "http://127.0.0.1:8587", "`URL` of maildiagd")
	fs.StringVar(&f.user, "user", "", "`NAME` to sign in with; needs --password-file")
	fs.StringVar(&f.password, "password-file", "", "`FILE` with the password of --user")
	fs.StringVar(&f.ca, "ca-file", "", "`FILE` with the authorities that sign the certificate of the server (default: the system's)")
}

// maxPassword bounds the file of the password.
const maxPassword = 4096

// client returns a client of the server.
func (f *clientFlags) client() (*client.Client, error) {
	password := ""
	if (f.user == "") != (f.password == "") {
		return nil, usage("--user helpdesk --password-file secret", "--user and --password-file go together")
	}
	if f.password != "" {
		file, err := os.Open(f.password)
		if err != nil {
			return nil, usage("name a file with the password", "--password-file: %v", err)
		}
		defer file.Close()
		text, err := io.ReadAll(io.LimitReader(file, maxPassword))
		if err != nil {
			return nil, usage("name a file with the password", "--password-file: %v", err)
		}
		password = strings.TrimRight(string(text), "\r\n")
	}
	c, err := client.New(f.server, f.user, password, f.ca)
	if err != nil {
		return nil, usage("--server https://mailcheck.contoso.com", "--server %s: %v", f.server, err)
	}
	return c, nil
}
