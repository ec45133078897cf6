package bounce

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"maildiag/checks/refusal/message/eml/charset"
)

// common holds characters that most Chinese texts about mail have, in both scripts.
const common = "的不是件人信邮郵箱用户戶收发發送退回在无無法存地址拒绝絕失败敗服务務器主机機超过過限误誤"

// sampled is how many bytes are read to find out whether a text is Chinese.
const sampled = 2 << 10

// chinese returns a text in GB 18030 or Big5 that says nothing of its encoding. Other
// texts make rare characters of it: one in four must be common, and two at least.
func chinese(text string) (string, bool) {
	start := strings.IndexFunc(text, func(c rune) bool { return c >= utf8.RuneSelf })
	sample := []byte(text[start:min(len(text), start+sampled)])
	best, most := "", 1
	for _, name := range []string{"gb18030", "big5"} {
		han, known := 0, 0
		for _, c := range charset.Text(sample, name) {
			switch {
			case strings.ContainsRune(common, c):
				known++
			case unicode.Is(unicode.Han, c), c == utf8.RuneError:
				han++
			}
		}
		if known > most && 3*known >= han {
			best, most = name, known
		}
	}
	if best == "" {
		return "", false
	}
	return charset.Text([]byte(text), best), true
}
