package faces

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/atelier-engine/atelier/core/portrait"
	"github.com/atelier-engine/atelier/core/portrait/faces/facestest"
)

// unbalanced is a data set in memory: mostly happy young women; the five
// emotions that photographs seldom show are there twice each, one of them
// surely labelled.
func unbalanced(landmarks *[68][2]float64) *Faces {
	const side = 32
	f := &Faces{Side: side}
	add := func(n int, c portrait.Condition) {
		for range n {
			f.Conds = append(f.Conds, c)
			f.Splits = append(f.Splits, Train)
			f.Aligned = append(f.Aligned, landmarks != nil)
			if landmarks != nil {
				f.Landmarks = append(f.Landmarks, *landmarks)
			}
		}
	}
	add(900, portrait.Condition{Age: 20, Gender: -1, Emotions: [7]float64{0.1, 0.9}})
	add(100, portrait.Condition{Age: 70, Gender: 1, Emotions: [7]float64{0.1, 0.9}})
	add(400, portrait.Condition{Age: 40, Gender: 1, Emotions: [7]float64{1}})
	for k := 2; k < 7; k++ {
		c := portrait.Condition{Age: 50, Gender: 1}
		c.Emotions[k], c.Emotions[0] = 0.9, 0.1
		add(1, c)
		c.Emotions[k], c.Emotions[0] = 0.6, 0.4
		add(1, c)
	}
	f.Splits[0] = Valid
	f.pix = make([]byte, len(f.Conds)*side*side*3)
	for i := range f.pix {
		f.pix[i] = byte(i % 251)
	}
	return f
}

func TestPickBalances(t *testing.T) {
	f := unbalanced(facestest.Frontal(32))
	s := NewExpressive(f, Augment{}, Express{Share: 0.8, Least: 0.5, Sure: 0.75}, 16)
	if s.neutral.size == 0 {
		t.Fatal("no neutral face can be warped")
	}
	if len(s.Valid) != 1 || len(s.Train) != f.Len()-1 {
		t.Errorf("%d to learn from, %d to judge", len(s.Train), len(s.Valid))
	}
	r := rand.New(rand.NewPCG(1, 1))
	const n = 20000
	var emotions [7]float64
	men, made, rare := 0.0, 0.0, 0.0
	for range n {
		p := s.Pick(r)
		c := s.Condition(p)
		if err := c.Check(); err != nil {
			t.Fatal(err)
		}
		k := c.Emotion()
		if p.Strength > 0 {
			k = p.Emotion
			made++
			if p.Strength < 0.5 || f.Conds[p.Face].Emotion() != 0 {
				t.Fatalf("a face of emotion %d was made to show %d at %g", f.Conds[p.Face].Emotion(), k, p.Strength)
			}
			if c.Emotions[k] != p.Strength || math.Abs(c.Emotions[0]+p.Strength-1) > 1e-12 {
				t.Fatalf("made with strength %g, labelled %v", p.Strength, c.Emotions)
			}
		} else if f.Conds[p.Face].Emotions[k] < 0.75 {
			t.Fatalf("an unsure label was drawn: %v", c.Emotions)
		}
		emotions[k] += 1.0 / n
		if k == 1 && c.Gender > 0 {
			men++
		}
		if k > 1 {
			rare++
		}
	}
	for k, share := range emotions {
		if math.Abs(share-s.share[k]) > 0.02 {
			t.Errorf("%s: %.3f of the faces, want %.3f", portrait.Emotions[k], share, s.share[k])
		}
	}
	if got := made / rare; math.Abs(got-0.8) > 0.02 {
		t.Errorf("%.3f of the rare emotions are made, want 0.8", got)
	}
	// 899 young women and 100 old men: the roots are 30 and 10.
	if got := men / (emotions[1] * n); math.Abs(got-0.25) > 0.02 {
		t.Errorf("%.3f of the happy are old men, want 0.25", got)
	}
}

func TestPickWithoutLandmarks(t *testing.T) {
	s := NewExpressive(unbalanced(nil), Augment{}, Express{Share: 1, Sure: 0.75}, 16)
	r := rand.New(rand.NewPCG(1, 1))
	for range 1000 {
		if p := s.Pick(r); p.Strength != 0 {
			t.Fatal("an expression was made without landmarks")
		}
	}
}

// TestShow: a picture depends on the pick and the random numbers alone, and a
// made expression differs from the photograph.
func TestShow(t *testing.T) {
	s := NewExpressive(unbalanced(facestest.Frontal(32)), Augment{Flip: true, Rotate: 0.1}, Express{Share: 1, Least: 0.9}, 16)
	r := rand.New(rand.NewPCG(3, 1))
	var p Pick
	for p.Strength == 0 {
		p = s.Pick(r)
	}
	show := func(p Pick, r *rand.Rand) []float32 {
		x := make([]float32, 16*16*3)
		s.Show(x, p, r)
		for i, v := range x {
			if !(v >= -1.001 && v <= 1.001) {
				t.Fatalf("value %d is %g", i, v)
			}
		}
		return x
	}
	a, b := show(p, rand.New(rand.NewPCG(5, 5))), show(p, rand.New(rand.NewPCG(5, 5)))
	if d := cmp.Diff(a, b); d != "" {
		t.Error("the same pick gives two pictures")
	}
	if cmp.Equal(show(p, nil), show(Pick{Face: p.Face}, nil)) {
		t.Error("the expression changes nothing")
	}
}
