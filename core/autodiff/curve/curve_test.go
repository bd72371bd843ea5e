package curve

import (
	"bytes"
	"fmt"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/atelier-engine/atelier/core/autodiff"
)

func TestPanels(t *testing.T) {
	one := []autodiff.Point{{Step: 1, Value: 1}, {Step: 2, Value: 2}}
	trace := &autodiff.Trace{Names: []string{"d_gradient", "d_new", "d_right", "g_emotion", "d_emotion", "variety"}, Points: map[string][]autodiff.Point{}, Pace: one}
	for _, name := range trace.Names {
		trace.Points[name] = one
	}
	var got []string
	for _, p := range panels(trace) {
		text := p.title
		for _, l := range p.lines {
			text += "," + l.network
		}
		got = append(got, text)
	}
	want := []string{"discriminator is right (0.5 guesses, 1 wins),discriminator", "samples differ, photographs = 1,",
		"emotion,generator,discriminator", "new,discriminator", "gradient,discriminator", "seconds a step,"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// TestSmooth: a line stays a line but at its ends, and noise shrinks.
func TestSmooth(t *testing.T) {
	var ramp, noise []autodiff.Point
	for i := range 1000 {
		ramp = append(ramp, autodiff.Point{Step: i, Value: float64(i)})
		noise = append(noise, autodiff.Point{Step: i, Value: float64(i%2)*2 - 1})
	}
	for i, p := range smooth(ramp)[10:990] {
		if math.Abs(p.Value-float64(i+10)) > 1e-9 {
			t.Fatalf("step %d has become %g", i+10, p.Value)
		}
	}
	for i, p := range smooth(noise) {
		if math.Abs(p.Value) > 0.11 {
			t.Fatalf("step %d: %g is left of the noise", i, p.Value)
		}
	}
	if got := smooth(ramp[:1]); got[0].Value != 0 {
		t.Errorf("one point became %v", got)
	}
}

// TestThin keeps the extremes and the order.
func TestThin(t *testing.T) {
	var points []autodiff.Point
	for i := range 5000 {
		points = append(points, autodiff.Point{Step: i, Value: math.Sin(float64(i) / 7)})
	}
	points[1234].Value, points[4321].Value = 9, -9
	thinned := thin(points, 100)
	if len(thinned) > 200 {
		t.Errorf("%d points are left", len(thinned))
	}
	lo, hi := 0.0, 0.0
	for i, p := range thinned {
		lo, hi = min(lo, p.Value), max(hi, p.Value)
		if i > 0 && p.Step <= thinned[i-1].Step {
			t.Fatalf("step %d follows %d", p.Step, thinned[i-1].Step)
		}
	}
	if lo != -9 || hi != 9 {
		t.Errorf("the values go from %g to %g", lo, hi)
	}
}

func TestSpan(t *testing.T) {
	var points []autodiff.Point
	for i := range 300 {
		points = append(points, autodiff.Point{Step: i, Value: 1 + float64(i%3)/10})
	}
	points[50].Value = 1e6
	if s := spanOf([]line{{points: points}}, []float64{0.5}); s.lo < 0.4 || s.lo > 0.5 || s.hi < 1.2 || s.hi > 1.4 {
		t.Errorf("one wild step gives %v", s)
	}
	points[50].Value = 1.1
	for i := range 100 {
		points[i].Value /= 100
	}
	if s := spanOf([]line{{points: points}}, nil); !s.log || s.lo > 0.01 || s.lo < 0.005 || s.hi < 1.2 {
		t.Errorf("values over two orders of magnitude give %v", s)
	}
	if s := spanOf([]line{{points: points[200:201]}}, nil); !(s.lo < 1.2 && s.hi > 1.2) {
		t.Errorf("one value gives %v", s)
	}
}

func TestSave(t *testing.T) {
	dir := t.TempDir()
	log, out := filepath.Join(dir, "losses.tsv"), filepath.Join(dir, "losses.png")
	if _, err := Save(log, out); err == nil {
		t.Error("there is no log and no error")
	}
	write := func(text string) {
		if err := os.WriteFile(log, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, text := range []string{"", "step\tseconds\ta\n10\t1\t5\n", "step\tseconds\ta\n10\t1\tNaN\n20\t2\t+Inf\n"} {
		write(text)
		if shown, err := Save(log, out); shown || err != nil {
			t.Errorf("%q: shown %v, error %v", text, shown, err)
		}
	}
	var b strings.Builder
	b.WriteString("step\tseconds\td_right\tvariety\tg_real\td_real\tsteep\n")
	for i := range 40 {
		fmt.Fprintf(&b, "%d\t%d\t0.%d\t1\t%d\t2\t%g\n", 10*i, i, 50+i, i%7, math.Exp(float64(-i)))
	}
	b.WriteString("#100\ta warning\n")
	write(b.String())
	if shown, err := Save(log, out); !shown || err != nil {
		t.Fatalf("shown %v, error %v", shown, err)
	}
	raw, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	m, err := png.Decode(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	if b := m.Bounds(); b.Dx() < 1000 || b.Dy() < 450 { // five panels: two rows of three
		t.Errorf("the picture is %v", b)
	}
	var reds int // the warning's line crosses every panel
	for x := range m.Bounds().Dx() {
		if r, g, b, _ := m.At(x, 150).RGBA(); r > 0xb000 && g < 0x9000 && b < 0x9000 {
			reds++
		}
	}
	if reds < 3 {
		t.Errorf("the warning is drawn in %d columns", reds)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*.tmp")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	if _, err := Save(log, filepath.Join(dir, "no", "losses.png")); err == nil {
		t.Error("saved into a folder that is not there")
	}
}
