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

// precise is a device with a precision.
type precise struct {
	Device
	p Precision
}

func (p precise) Precision() Precision { return p.p }

func TestPrecisions(t *testing.T) {
	for p, name := range Precisions() {
		if got, err := ParsePrecision(name); got != Precision(p) || err != nil || got.String() != name {
			t.Errorf("%s is read as %v, %v", name, got, err)
		}
		if want := map[string]string{"f32": "f32"}[name]; want == "" && Precision(p).Training() != TF32 || want != "" && Precision(p).Training() != F32 {
			t.Errorf("%s trains in %v", name, Precision(p).Training())
		}
	}
	for _, name := range []string{"", "fp16", "TF32", "precision(4)"} {
		if _, err := ParsePrecision(name); err == nil || !strings.Contains(err.Error(), "write tf32, f32, f16 or bf16") {
			t.Errorf("%q: got error %v", name, err)
		}
	}
	for want, d := range map[string]Device{"cpu in f32": nil, "cpu in bf16": precise{NewCPU(), BF16}} {
		if got := Label(d); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	d, err := Open("cpu", F16)
	if err != nil || PrecisionOf(d) != F32 {
		t.Errorf("asked for f16 the processor multiplies in %v, %v", PrecisionOf(d), err)
	}
	f := WithFallback(precise{NewCPU(), BF16}, func() (Device, error) { return NewCPU(), nil }, func(error) {})
	if p := PrecisionOf(f); p != BF16 {
		t.Errorf("behind a fallback the precision is %v", p)
	}
}

func TestKinds(t *testing.T) {
	if d, why := OpenAuto(TF32); d.Name() != "cpu" || why != nil || List() != nil {
		t.Fatalf("without other kinds: %s, %v", d.Name(), why)
	}
	_, err := Open("gpu:1", TF32)
	if !errors.Is(err, ErrAbsent) || !strings.Contains(err.Error(), "make gpu") {
		t.Errorf("got error %v", err)
	}
	broken := errors.New("broken")
	Register("loom", Kind{
		Open: func(n int, p Precision) (Device, error) {
			if n > 0 {
				return nil, broken
			}
			return precise{&CPU{}, p}, nil
		},
		List: func() []Info { return []Info{{Name: "loom:0"}, {Name: "loom:1", Err: broken}} },
	})
	defer func() { delete(kinds, "loom") }()
	for _, name := range []string{"loom", Auto} {
		if d, err := Open(name, F16); err != nil || PrecisionOf(d) != F16 {
			t.Errorf("%s: asked for f16 it opens in %v, %v", name, PrecisionOf(d), err)
		}
	}
	if _, err := Open("loom:1", TF32); !errors.Is(err, broken) {
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
