package report

import (
	"io"
	"math"
	"strings"
	"testing"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
)

// TestPrometheusText: the text is that of the official encoder, whatever the
// values hold.
func TestPrometheusText(t *testing.T) {
	texts := []string{"", "x", `a\b`, "a\nb", `a"b`, `\n`, `\\`, "\"", "ä€😀", "\t", "a\\\n\"z", "}", ","}
	numbers := []float64{0, 1, -1, 0.5, 1e21, 1e20, 123456789, 1732622400, 1e-7, math.Inf(1), math.Inf(-1), math.NaN(), math.MaxFloat64}
	name := "maildiag_x"
	for i, text := range texts {
		for _, number := range numbers {
			for count := range 3 {
				p := &prometheus{families: map[string]*family{}}
				m := &dto.Metric{Gauge: &dto.Gauge{Value: &number}}
				var labels []label
				for j := range count {
					l := label{string(rune('a' + j)), texts[(i+j)%len(texts)]}
					labels = append(labels, l)
					m.Label = append(m.Label, &dto.LabelPair{Name: &l.name, Value: &l.value})
				}
				p.add(name, text, number, labels...)
				var want strings.Builder
				_, err := expfmt.MetricFamilyToText(&want, &dto.MetricFamily{
					Name: &name, Help: &text, Type: dto.MetricType_GAUGE.Enum(), Metric: []*dto.Metric{m}})
				samples, _ := io.ReadAll(p.families[name].samples.reader())
				if got := p.families[name].head + string(samples); err != nil || got != want.String() {
					t.Errorf("got %q, want %q (%v)", got, want.String(), err)
				}
			}
		}
	}
}
