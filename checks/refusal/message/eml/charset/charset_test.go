package charset

import (
	"io"
	"strings"
	"testing"
)

func TestText(t *testing.T) {
	for name, c := range map[string][2]string{
		"ISO-2022-JP": {"\x1b$B%F%9%H\x1b(B", "テスト"}, "Shift_JIS": {"\x83\x65\x83\x58\x83\x67", "テスト"}, "windows-31j": {"\x83\x65\x83\x58\x83\x67", "テスト"},
		"euc-jp": {"\xa5\xc6\xa5\xb9\xa5\xc8", "テスト"}, "GB2312": {"\xb2\xe2\xca\xd4", "测试"}, "cp936": {"\xb2\xe2\xca\xd4", "测试"},
		"gb18030": {"\xb2\xe2\xca\xd4", "测试"}, "Big5": {"\xb4\xfa\xb8\xd5", "測試"}, "euc-kr": {"\xc5\xd7\xbd\xba\xc6\xae", "테스트"},
		"ks_c_5601-1987": {"\xc5\xd7\xbd\xba\xc6\xae", "테스트"}, "koi8-r": {"\xf4\xc5\xd3\xd4", "Тест"}, "windows-1251": {"\xd2\xe5\xf1\xf2", "Тест"},
		"iso-8859-1": {"\xfc", "ü"}, "latin1": {"\xfc", "ü"}, "iso-8859-15": {"\xa4", "€"}, "\"windows-1252\"": {"\x80", "€"}, "ISO-8859-2": {"\xb1", "ą"},
		"iso-8859-1 that is UTF-8": {"ü", "ü"}, "utf-8": {"ü", "ü"}, "x-unknown": {"\xfc", "\xfc"}, "": {"a", "a"}, "iso-8859-99": {"\xfc", "\xfc"},
		"windows-": {"\xfc", "\xfc"}, "iso-8859-": {"\xfc", "\xfc"},
	} {
		if got := Text([]byte(c[0]), name); got != c[1] {
			t.Errorf("%s: %q, want %q", name, got, c[1])
		}
	}
}

func TestReaders(t *testing.T) {
	if _, err := Reader("x-unknown", strings.NewReader("a")); err == nil {
		t.Error("an unknown charset is read")
	}
	for name, want := range map[string]string{"x-unknown": "a@b?", "iso-8859-1": "a@bü"} {
		r, err := LooseReader(name, strings.NewReader("a@b\xfc"))
		if err != nil {
			t.Fatal(err)
		}
		if b, _ := io.ReadAll(r); string(b) != want {
			t.Errorf("%s: %q", name, b)
		}
	}
}
