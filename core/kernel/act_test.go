package kernel

import (
	"math"
	"testing"
)

func TestActNames(t *testing.T) {
	for a, want := range map[Act]string{ActNone: "none", ActReLU: "relu", ActLeakyReLU: "leaky", ActTanh: "tanh", ActSigmoid: "sigmoid", 99: "unknown"} {
		if got := a.String(); got != want {
			t.Errorf("Act(%d) is %q, want %q", a, got, want)
		}
	}
}

func TestActivate(t *testing.T) {
	withISAs(t, func(t *testing.T) {
		r := newRand(1)
		for _, a := range acts {
			for _, n := range lengths {
				x, dy := noise(r, n, 0), noise(r, n, 0)
				y, intact := guarded(n)
				want := make([]float32, n)
				Activate(y, x, a)
				ActivatePlain(want, x, a)
				near(t, label("%v n=%d", a, n), y, want, tolApprox)
				dx, intact2 := guarded(n)
				ActivateGrad(dx, y, dy, a)
				ActivateGradPlain(want, y, dy, a)
				near(t, label("%v gradient n=%d", a, n), dx, want, tolRound)
				ActivateGrad(dy, y, dy, a)
				near(t, label("%v gradient in place n=%d", a, n), dy, dx, tolExact)
				Activate(x, x, a)
				near(t, label("%v in place n=%d", a, n), x, y, tolExact)
				if !intact() || !intact2() {
					t.Errorf("%v n=%d wrote outside its vector", a, n)
				}
			}
		}
	})
}

// Tanh and sigmoid are good to tolApprox of the value itself, over all magnitudes.
func TestActivateRelativeError(t *testing.T) {
	withISAs(t, func(t *testing.T) {
		var x []float32
		for e := -30.0; e <= 6.4; e += 1.0 / 128 {
			v := float32(math.Exp2(e))
			x = append(x, v, -v)
		}
		y := make([]float32, len(x))
		for _, c := range []struct {
			act  Act
			want func(float64) float64
		}{
			{ActTanh, math.Tanh},
			{ActSigmoid, func(v float64) float64 { return 1 / (1 + math.Exp(-v)) }},
		} {
			Activate(y, x, c.act)
			var worst float64
			for i, v := range x {
				want := c.want(float64(v))
				worst = max(worst, math.Abs(float64(y[i])-want)/math.Abs(want))
			}
			if worst > tolApprox {
				t.Errorf("%v is off by %.3g of its value", c.act, worst)
			}
			t.Logf("%v: largest relative error %.3g", c.act, worst)
		}
	})
}

func TestActivateExtremes(t *testing.T) {
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	withISAs(t, func(t *testing.T) {
		for _, c := range []struct {
			act  Act
			x    float32
			want float32
		}{
			{ActReLU, inf, inf}, {ActReLU, -5, 0}, {ActLeakyReLU, -inf, -inf}, {ActTanh, inf, 1}, {ActTanh, -inf, -1},
			{ActTanh, 0, 0}, {ActSigmoid, inf, 1}, {ActSigmoid, 0, 0.5}, {ActSigmoid, -inf, 0},
			{ActReLU, nan, nan}, {ActLeakyReLU, nan, nan}, {ActTanh, nan, nan}, {ActSigmoid, nan, nan},
		} {
			y := []float32{c.x, c.x, c.x}
			Activate(y, y, c.act)
			got := y[1]
			if got != got != (c.want != c.want) || math.Abs(float64(got-c.want)) > 1e-6 {
				t.Errorf("%v(%v) = %v, want %v", c.act, c.x, got, c.want)
			}
		}
	})
}

func TestActivateGradNumerically(t *testing.T) {
	r := newRand(7)
	for _, a := range acts {
		x := noise(r, 40, 0)
		for i, v := range x { // keep away from the corner at zero
			if math.Abs(float64(v)) < 0.05 {
				x[i] = 0.5
			}
		}
		dy, y, dx := noise(r, 40, 0), make([]float32, 40), make([]float32, 40)
		Activate(y, x, a)
		ActivateGrad(dx, y, dy, a)
		numericGrad(t, a.String(), x, dx, func() float64 {
			ActivatePlain(y, x, a)
			return DotPlain(y, dy)
		})
	}
}

func FuzzActivate(f *testing.F) {
	f.Add(uint64(3), uint16(50), uint8(3))
	f.Fuzz(func(t *testing.T, seed uint64, size uint16, act uint8) {
		n, a := int(size)%2000, Act(act%5)
		r := newRand(seed)
		x := noise(r, n, 0)
		got, want := make([]float32, n), make([]float32, n)
		Activate(got, x, a)
		ActivatePlain(want, x, a)
		near(t, a.String(), got, want, tolApprox)
	})
}
