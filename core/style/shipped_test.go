package style

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/atelier-engine/atelier/core/picture"
)

// What ships works together: every style's vector belongs to the network, 0
// gives the picture back, and more is further away.
func TestShippedStyles(t *testing.T) {
	styles := filepath.Join("..", "..", "styles")
	s, err := Load(filepath.Join("..", "..", "models", Network), styles)
	if err != nil {
		t.Fatal(err)
	}
	ps, err := ReadPackages(styles)
	if err != nil || len(ps) < 3 {
		t.Fatalf("%d styles, %v", len(ps), err)
	}
	// A drawn picture, and a real one for each style: the preview of another.
	drawn := view(64, 48)
	for i, p := range ps {
		if len(p.Credits) == 0 || p.Title == "" || p.Description == "" {
			t.Errorf("%s lacks credits, a title or a description", p.Name)
		}
		if p.PreviewPath() == "" {
			t.Errorf("%s has no preview", p.Name)
		}
		real, err := picture.Open(ps[(i+1)%len(ps)].PreviewPath())
		if err == nil {
			real, err = real.Thumb(48)
		}
		if err != nil {
			t.Fatal(err)
		}
		for name, photo := range map[string]*picture.Picture{"a drawing": drawn, "a photograph": real} {
			furthest := 0.0
			for _, x := range []float64{0, .25, .5, .75, 1, 1.25, 1.5} {
				out, err := s.Paint(context.Background(), photo, p.Plan(), Options{Intensity: x})
				if err != nil {
					t.Fatalf("%s: %v", p.Name, err)
				}
				d := distance(out, photo)
				switch {
				case x == 0 && !cmp.Equal(out, photo):
					t.Errorf("%s: intensity 0 changes the picture", p.Name)
				case x > 0 && d <= furthest:
					t.Errorf("%s of %s: intensity %g: distance %g, not above %g", p.Name, name, x, d, furthest)
				}
				furthest = d
			}
			if furthest < .05 {
				t.Errorf("%s of %s hardly changes it: distance %g", p.Name, name, furthest)
			}
		}
	}
}

// A large painting by the shipped network, reduced, is the small one.
func TestShippedSizes(t *testing.T) {
	styles := filepath.Join("..", "..", "styles")
	s, err := Load(filepath.Join("..", "..", "models", Network), styles)
	if err != nil {
		t.Fatal(err)
	}
	ps, err := ReadPackages(styles)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range ps {
		if p.Network != "" {
			plan := p.Plan()
			plan.Pre, plan.Post = nil, nil
			looksAlike(t, s, plan, view(340, 256), 64, 1.4) // on a ground of 64 pixels the strongest style swings most
		}
	}
}
