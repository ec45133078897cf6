package bounce

import "testing"

// TestPorts holds that a port after any word or address is no reply.
func TestPorts(t *testing.T) {
	for _, port := range []string{"25", "465", "587", "2525"} {
		for _, before := range []string{"Port: ", "Porta: ", "Puerto: ", "Anschluss: ", "Poort: ", "Porttikoodi: ", "mail.contoso.example:", "[192.0.2.1]:",
			"[2001:db8::25]:", "192.0.2.1:", "(", "Server: x, "} {
			for _, after := range []string{"", " connection refused", ", Secure (SSL): Ja", "\nSocket: x", " (SSL)", " Protezione"} {
				if got := Find([]byte("Senden: " + before + port + after)); len(got) > 0 {
					t.Errorf("%q: %s", before+port+after, got[0])
				}
			}
		}
	}
}
