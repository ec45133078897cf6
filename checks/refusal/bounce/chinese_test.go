package bounce

import (
	"testing"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
)

// TestWithoutLabel reads texts that say nothing of their encoding.
func TestWithoutLabel(t *testing.T) {
	for _, c := range []struct {
		text string
		enc  encoding.Encoding
	}{
		{"550 收件人邮箱不存在，邮件被退回", simplifiedchinese.GBK},
		{"550 您的邮件被对方服务器拒绝", simplifiedchinese.GB18030},
		{"550 收件人信箱不存在，郵件無法送達", traditionalchinese.Big5},
		{"552 用戶信箱空間已滿，郵件退回", traditionalchinese.Big5},
		{"550 Der Empfänger hat das Postfach gelöscht, bitte prüfen", charmap.Windows1252},
		{"550 Le message n'a pas été remis à l'adresse indiquée", charmap.ISO8859_1},
		{"550 La dirección del destinatario no es válida; señal", charmap.ISO8859_1},
		{"550 Größe überschritten", charmap.ISO8859_15},
	} {
		b, err := c.enc.NewEncoder().Bytes([]byte(c.text))
		if err != nil {
			t.Fatal(err)
		}
		if got := decoded(string(b)); got != c.text {
			t.Errorf("%q, want %q", got, c.text)
		}
	}
}
