package replies

import "strings"

// deviceCodes lists the numbers that printers and scanners show in place of what the
// mail server said, by maker and by the row of their cause. They are read from the
// makers' lists of error codes; numbers that stand for several causes are left out.
var deviceCodes = []struct{ makers, row, codes string }{
	{"xerox fujifilm fuji", "common.client-dns", "016 503"},
	{"xerox fujifilm fuji", "common.timeout", "016 764"},
	{"xerox fujifilm fuji", "common.disk-full", "016 765"},
	{"xerox fujifilm fuji", "common.user-unknown", "016 767"},
	{"xerox fujifilm fuji", "common.sender-rejected", "016 768"},
	{"canon", "common.timeout", "752\n753\n801"},
	{"canon", "common.client-dns", "802"},
	{"canon", "common.auth-failed", "839"},
	{"canon", "common.tls-version", "841"},
	{"kyocera triumph utax olivetti", "common.client-dns", "1101"},
	{"kyocera triumph utax olivetti", "common.auth-failed", "1102"},
	{"kyocera triumph utax olivetti", "common.user-unknown", "1104"},
	{"kyocera triumph utax olivetti", "common.sender-rejected", "1106"},
	{"kyocera triumph utax olivetti", "common.timeout", "2101\n2102\n2103"},
	{"kyocera triumph utax olivetti", "common.auth-not-offered", "3101"},
}

// devicePhrases returns the phrases of a row that are numbers of devices.
func devicePhrases(id string) []string {
	var out []string
	for _, d := range deviceCodes {
		if d.row != id {
			continue
		}
		for code := range strings.Lines(d.codes) {
			code = strings.TrimSpace(code)
			for maker := range strings.FieldsSeq(d.makers) {
				out = append(out, "!"+maker+" * "+code, "!"+code+" * "+maker)
			}
		}
	}
	return out
}
