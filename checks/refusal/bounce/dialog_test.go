package bounce

import "testing"

// TestDialog holds that the dialog of Outlook shows one reply: that of the server, and
// not the code and the error number again.
func TestDialog(t *testing.T) {
	for _, text := range []string{
		"Server Response: '530 5.7.57 Client not authenticated', Port: 587, Secure(SSL): No, Server Error: 530, Error Number: 0x800CCC78",
		"Serverantwort: '550 User unknown', Port: 465, Secure (SSL): Ja, Serverfehler: 550, Fehlernummer: 0x800CCC79",
		"Risposta del server: '553 sender rejected', Porta: 25, Errore server: 553, Numero errore: 0x800CCC78",
	} {
		if got := Find([]byte(text)); len(got) != 1 || got[0].Text == "" || got[0].numbered() {
			t.Errorf("%q: %+v", text, got)
		}
	}
}
