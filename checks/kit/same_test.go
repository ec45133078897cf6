package kit

import (
	"reflect"
	"testing"
)

// Each field of a profile counts where two are compared.
func TestProfilesDifferInEachField(t *testing.T) {
	other := reflect.ValueOf(Profile{Microsoft: true, Signs: []string{"MX"}, Cloud: &clouds[1], Receives: true, Parked: true, Begins: true, Initial: true, Routing: true})
	for i := range other.NumField() {
		var p Profile
		reflect.ValueOf(&p).Elem().Field(i).Set(other.Field(i))
		if (Profile{}).same(p) || other.Field(i).IsZero() {
			t.Errorf("%s does not count", other.Type().Field(i).Name)
		}
		if !p.same(p) {
			t.Errorf("%s is not equal to itself", other.Type().Field(i).Name)
		}
	}
}
