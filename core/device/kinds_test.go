package device

import (
	"errors"
	"strings"
	"testing"
)

func TestParseName(t *testing.T) {
	for name, want := range map[string]struct {
		kind   string
		number int
		ok     bool
	}{
		"gpu": {"gpu", 0, true}, "gpu:0": {"gpu", 0, true}, "gpu:12": {"gpu", 12, true}, "cpu": {"cpu", 0, true}, "auto": {"auto", 0, true},
		"gpu:": {}, "gpu:-1": {}, "gpu:x": {}, "gpu:1:2": {}, ":1": {}, "": {}, "cpu:1": {}, "auto:1": {}, "gpu:99999": {},
	} {
		kind, number, err := ParseName(name)
		if (err == nil) != want.ok || kind != want.kind || number != want.number && want.ok {
			t.Errorf("%q: got %q %d %v", name, kind, number, err)
		}
		if err != nil && !strings.Contains(err.Error(), "write auto, cpu, gpu, or gpu:1") {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestKinds(t *testing.T) {
	if d, why := OpenAuto(); d.Name() != "cpu" || why != nil || List() != nil {
		t.Fatalf("without other kinds: %s, %v", d.Name(), why)
	}
	_, err := Open("gpu:1")
	if !errors.Is(err, ErrAbsent) || !strings.Contains(err.Error(), "make gpu") {
		t.Errorf("got error %v", err)
	}
	broken := errors.New("broken")
	Register("loom", Kind{
		Open: func(n int) (Device, error) {
			if n > 0 {
				return nil, broken
			}
			return &CPU{}, nil
		},
		List: func() []Info { return []Info{{Name: "loom:0"}, {Name: "loom:1", Err: broken}} },
	})
	defer func() { delete(kinds, "loom") }()
	if d, err := Open("loom"); d == nil || err != nil {
		t.Error(err)
	}
	if _, err := Open("loom:1"); !errors.Is(err, broken) {
		t.Errorf("got error %v", err)
	}
	if list := List(); len(list) != 2 {
		t.Errorf("got %v", list)
	}
	for _, taken := range []string{"loom", "cpu", "auto"} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s was registered twice", taken)
				}
			}()
			Register(taken, Kind{})
		}()
	}
}
