package evaluation

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/atelier-engine/atelier/core/autodiff"
	"github.com/atelier-engine/atelier/core/nn"
	"github.com/atelier-engine/atelier/core/portrait/faces"
	"github.com/atelier-engine/atelier/core/portrait/faces/facestest"
)

// TestWarped: every suitable held-out neutral face is shown with each emotion, in
// the same way each time, and differs from the photograph in all but the first.
func TestWarped(t *testing.T) {
	dir := facestest.WriteAligned(t, 24)
	labels := filepath.Join(dir, "labels.csv")
	text, err := os.ReadFile(labels)
	if err != nil {
		t.Fatal(err)
	}
	os.WriteFile(labels, bytes.Replace(text, []byte("p_sad"), []byte("p_neutral"), 1), 0o644)
	set, _, err := faces.Prepare(context.Background(), faces.Options{Dir: dir, Cache: filepath.Join(dir, "pack"), Side: 96}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer set.Close()
	for i := range set.Landmarks { // the faces that are drawn do not look straight ahead
		for k, p := range atRest {
			set.Landmarks[i][k] = [2]float64{96 * (0.5 + 0.33*p[0]), 96 * (0.31 + 0.33*p[1])}
		}
	}
	net, err := nn.New(judgeGraph(32), autodiff.NewParams(judgeGraph(32), 1).Weights(), nil)
	if err != nil {
		t.Fatal(err)
	}
	judge := &Judge{net: net, side: 32, sure: 0.8}
	b := &Bench{set: set, eye: &eye{judge: judge}, opts: Options{Judge: judge, Seed: 3}}
	all := indices(set.Len())
	c, err := b.warped(context.Background(), all)
	if err != nil {
		t.Fatal(err)
	}
	if c == nil || c.Pictures == 0 {
		t.Fatal("no face is suitable")
	}
	for k := range emotions {
		if n := c.Agreement.Emotions.Asked(k); n != c.Pictures/emotions {
			t.Errorf("%s: %d of %d", emotionName(k), n, c.Pictures)
		}
	}

	list := make([]asked, emotions)
	index := make([]int, emotions)
	for k := range list {
		list[k].emotion = k
		for i := range all { // a neutral one
			if e, _ := emotionOf(set.Conds[i]); e == 0 {
				index[k] = i
				break
			}
		}
	}
	one, two, plain := expressed(set, index, list, 3), expressed(set, index, list, 3), photographs(set, index)
	x, y, z := make([]float32, 48*48*3), make([]float32, 48*48*3), make([]float32, 48*48*3)
	for k := range list {
		one.face(x, k, 48)
		two.face(y, emotions-1-k, 48) // another order
		two.face(y, k, 48)
		plain.face(z, k, 48)
		moved := 0.0
		for i := range x {
			if x[i] != y[i] {
				t.Fatalf("%s: not the same each time", emotionName(k))
			}
			moved += float64(max(x[i]-z[i], z[i]-x[i]))
		}
		if (moved > 1) != (k > 0) {
			t.Errorf("%s: differs from the photograph by %g", emotionName(k), moved)
		}
	}
	if c, err := b.warped(context.Background(), nil); c != nil || err != nil {
		t.Errorf("no faces: %+v, %v", c, err)
	}
}

// atRest is the mean of the landmarks of faces at rest, in units of half the
// distance of the eyes' outer parts, from between the eyes.
var atRest = [68][2]float64{
	{-1.145, 0.002}, {-1.124, 0.316}, {-1.071, 0.606}, {-1.014, 0.868},
	{-0.912, 1.158}, {-0.759, 1.391}, {-0.578, 1.550}, {-0.350, 1.704},
	{0.000, 1.800}, {0.350, 1.704}, {0.578, 1.550}, {0.759, 1.391},
	{0.912, 1.158}, {1.014, 0.868}, {1.071, 0.606}, {1.124, 0.316},
	{1.145, 0.002}, {-0.903, -0.261}, {-0.773, -0.355}, {-0.596, -0.378},
	{-0.435, -0.354}, {-0.293, -0.302}, {0.293, -0.302}, {0.435, -0.354},
	{0.596, -0.378}, {0.773, -0.355}, {0.903, -0.261}, {0.000, 0.032},
	{0.000, 0.239}, {0.000, 0.436}, {0.000, 0.614}, {-0.185, 0.730},
	{-0.103, 0.756}, {0.000, 0.779}, {0.103, 0.756}, {0.185, 0.730},
	{-0.683, -0.011}, {-0.582, -0.058}, {-0.434, -0.058}, {-0.303, 0.016},
	{-0.422, 0.056}, {-0.575, 0.055}, {0.303, 0.016}, {0.434, -0.058},
	{0.582, -0.058}, {0.683, -0.011}, {0.575, 0.055}, {0.422, 0.056},
	{-0.394, 1.111}, {-0.254, 1.046}, {-0.086, 0.989}, {0.000, 1.011},
	{0.086, 0.989}, {0.254, 1.046}, {0.394, 1.111}, {0.253, 1.214},
	{0.128, 1.270}, {0.000, 1.287}, {-0.128, 1.270}, {-0.253, 1.214},
	{-0.365, 1.110}, {-0.120, 1.093}, {0.000, 1.090}, {0.120, 1.093},
	{0.365, 1.110}, {0.117, 1.139}, {0.000, 1.147}, {-0.117, 1.139},
}
