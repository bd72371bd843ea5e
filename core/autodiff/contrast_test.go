package autodiff

import (
	"math"
	"strings"
	"testing"
)

// TestContrast compares the loss with what it is by hand: of two pairs, each
// along one axis, a sample sees its partner at 1 and both others at 0; length
// does not matter.
func TestContrast(t *testing.T) {
	const temperature = 0.5
	for name, c := range map[string]struct {
		x    []float32
		want float64
	}{
		"pairs together": {[]float32{1, 0, 0, 3, 2, 0, 0, 1}, math.Log(1 + 2*math.Exp(-1/temperature))},
		"pairs apart":    {[]float32{1, 0, 5, 0, 0, 1, 0, 2}, math.Log(2 + math.Exp(1/temperature))},
		"all the same":   {[]float32{1, 1, 2, 2, 1, 1, 4, 4}, math.Log(3)},
	} {
		tape := NewTape()
		loss := tape.Contrast(tape.Input("x", 4, 1, 1, 2), temperature)
		if err := tape.Set("x", c.x); err != nil {
			t.Fatal(err)
		}
		if err := tape.Run(); err != nil {
			t.Fatal(err)
		}
		if got := tape.Scalar(loss); math.Abs(got-c.want) > 1e-6 {
			t.Errorf("%s: %g, want %g", name, got, c.want)
		}
	}
}

func TestContrastRefuses(t *testing.T) {
	for want, f := range map[string]func(t *Tape){
		"3 samples":     func(t *Tape) { t.Contrast(t.Input("x", 3, 1, 1, 2), 1) },
		"temperature 0": func(t *Tape) { t.Contrast(t.Input("x", 4, 1, 1, 2), 0) },
		"temperature N": func(t *Tape) { t.Contrast(t.Input("x", 4, 1, 1, 2), math.NaN()) },
	} {
		tape := NewTape()
		f(tape)
		if err := tape.Err(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}
