package evaluation

import (
	"context"
	"math"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gonum.org/v1/gonum/stat"

	"github.com/atelier-engine/atelier/core/portrait"
	"github.com/atelier-engine/atelier/core/portrait/faces"
	"github.com/atelier-engine/atelier/core/portrait/faces/facestest"
)

var happy = portrait.Condition{Age: 30, Gender: 1, Emotions: [7]float64{0, 1}}

func TestFrechet(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	draw := func(n int, shift, scale float64) [][]float64 {
		v := make([][]float64, n)
		for i := range v {
			v[i] = []float64{r.NormFloat64()*scale + shift, r.NormFloat64()*scale + shift}
		}
		return v
	}
	a := draw(20000, 0, 1)
	same, err := frechet(a, a)
	if err != nil || same > 1e-9 {
		t.Errorf("of a set to itself: %g, %v", same, err)
	}
	// Two unit Gaussians three apart: 9 for each feature; scales 1 and 2: (2-1)².
	for want, b := range map[float64][][]float64{9: draw(20000, 3, 1), 1: draw(20000, 0, 2)} {
		if got, err := frechet(a, b); err != nil || math.Abs(got-want) > 0.05*want {
			t.Errorf("Fréchet distance %g, want %g (%v)", got, want, err)
		}
	}
}

// TestJudge: on faces whose brightness is their emotion and gender, the judge
// learns to tell them.
func TestJudge(t *testing.T) {
	set, _, err := faces.Prepare(context.Background(), faces.Options{Dir: facestest.Write(t, 60), Cache: filepath.Join(t.TempDir(), "f")}, nil)
	if err != nil {
		t.Fatal(err)
	}
	s := faces.NewSampler(set, faces.Augment{Flip: true}, 16)
	j, err := trainJudge(context.Background(), s, 40)
	if err != nil {
		t.Fatal(err)
	}
	var verdicts []verdict
	var conds []portrait.Condition
	buf := make([]float32, 16*16*3)
	for i, c := range set.Conds {
		s.Face(buf, i, nil)
		v, err := j.look(buf)
		if err != nil {
			t.Fatal(err)
		}
		verdicts, conds = append(verdicts, v), append(conds, c)
	}
	if a := agree(verdicts, conds); a.Happy < 0.9 || a.Neutral < 0.9 || a.Gender < 0.9 {
		t.Errorf("agreement %+v, want over 0.9 on faces that differ in brightness", a)
	}
}

func TestAgree(t *testing.T) {
	neutral := happy
	neutral.Emotions, neutral.Gender, neutral.Age = [7]float64{1}, -1, 60
	got := agree([]verdict{{1, 2, 30}, {0, 1, 30}, {0, -1, 50}, {0, 3, 60}}, []portrait.Condition{happy, happy, neutral, neutral})
	want := Agreement{Happy: 0.5, Neutral: 1, Gender: 0.75, Age: stat.Correlation([]float64{30, 30, 50, 60}, []float64{30, 30, 60, 60}, nil)}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}
