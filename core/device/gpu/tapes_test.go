package gpu

import (
	"testing"

	"gorgonia.org/gorgonia"

	"github.com/atelier-engine/atelier/core/autodiff"
	"github.com/atelier-engine/atelier/core/device"
)

// duel is two tapes, of which the second takes what the first makes.
type duel struct {
	first, second *autodiff.Tape
	made          *gorgonia.Node
	losses        []*gorgonia.Node
	net           *autodiff.Params
	adam          autodiff.Adam
}

func newDuel(t *testing.T, a device.Accelerator) *duel {
	t.Helper()
	autodiff.Accelerate(a)
	defer autodiff.Accelerate(nil)
	d := &duel{first: autodiff.NewTape(), second: autodiff.NewTape()}
	d.net = autodiff.NewParamsOf("net", []device.Param{{Name: "w", Shape: []int{1, 2, 2, 3}, Init: device.InitXavier}}, 1)
	d.made = d.first.Linear(d.first.Input("x", 1, 2, 2, 3), 2, nil, 0)
	d.first.Keep(d.made)
	w := d.second.Variable(d.net, "w", 1, 2, 2, 3)
	off := d.second.Linear(d.second.Input("made", 1, 2, 2, 3), 1, d.second.Input("offset", 1, 2, 2, 3), 1)
	d.losses = []*gorgonia.Node{d.second.MSE(w, off), d.second.L1(w, off)}
	if err := d.second.Minimise(d.second.WeightedSum([]float32{1, 1}, d.losses...), d.net); err != nil {
		t.Fatal(err)
	}
	return d
}

// step runs both tapes and gives the losses.
func (d *duel) step(t *testing.T, k int) []float64 {
	t.Helper()
	copy(d.first.Data("x"), randomTensor(uint64(k), 1, 1, 1, 12).Data)
	copy(d.second.Data("offset"), randomTensor(uint64(k+50), 1, 1, 1, 12).Data)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(d.first.Run())
	if k != 4 { // then what was taken before counts once more
		must(d.second.Take("made", d.first, d.made))
	}
	if k == 5 {
		d.second.Data("made")[1] *= 2 // what the processor writes counts, and the rest stays
	}
	must(d.second.Run())
	must(d.second.Update(&d.adam))
	d.second.Fetch(d.losses...)
	return []float64{d.second.Scalar(d.losses[0]), d.second.Scalar(d.losses[1])}
}

func TestTake(t *testing.T) {
	cpu, gpu := newDuel(t, nil), newDuel(t, open(t, newFake(), false))
	for k := range 8 {
		want := cpu.step(t, k)
		for i, v := range gpu.step(t, k) {
			if d := v - want[i]; d > 1e-5 || d < -1e-5 {
				t.Errorf("step %d: loss %d is %g, want %g", k, i, v, want[i])
			}
		}
	}
	for name, err := range map[string]error{
		"no input":  cpu.second.Take("none", cpu.first, cpu.made),
		"no value":  cpu.second.Take("made", cpu.first, newDuel(t, nil).made),
		"other":     gpu.second.Take("made", gpu.second, gpu.losses[0]),
		"other cpu": cpu.second.Take("made", cpu.second, cpu.losses[0]),
	} {
		if err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// TestTakeAcross takes from a tape on the processor, and on another device.
func TestTakeAcross(t *testing.T) {
	want := newDuel(t, nil).step(t, 1)
	for _, from := range []device.Accelerator{nil, open(t, newFake(), false)} {
		d, first := newDuel(t, open(t, newFake(), false)), newDuel(t, from)
		d.first, d.made = first.first, first.made
		for i, v := range d.step(t, 1) {
			if d := v - want[i]; d > 1e-5 || d < -1e-5 {
				t.Errorf("loss %d is %g, want %g", i, v, want[i])
			}
		}
	}
}

// TestTapesStayOnTheDevice: between two fetches nothing is copied back.
func TestTapesStayOnTheDevice(t *testing.T) {
	m := newFake()
	d := newDuel(t, open(t, m, false))
	d.step(t, 0)
	m.breaks("download", 999)
	for k := range 3 {
		copy(d.first.Data("x"), randomTensor(uint64(k), 1, 1, 1, 12).Data)
		for _, err := range []error{d.first.Run(), d.second.Take("made", d.first, d.made), d.second.Run(), d.second.Update(&d.adam)} {
			if err != nil {
				t.Fatal(err)
			}
		}
	}
}
