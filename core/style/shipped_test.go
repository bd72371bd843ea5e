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
	photo := scene(96, 72)
	for _, p := range ps {
		if len(p.Credits) == 0 || p.Title == "" || p.Description == "" {
			t.Errorf("%s lacks credits, a title or a description", p.Name)
		}
		if _, err := picture.Open(filepath.Join(p.Dir, "preview.jpg")); err != nil {
			t.Error(err)
		}
		last := 0.0
		for _, x := range []float64{0, .25, .5, .75, 1} {
			out, err := s.Paint(context.Background(), photo, p.Plan(), Options{Intensity: x})
			if err != nil {
				t.Fatalf("%s: %v", p.Name, err)
			}
			d := distance(out, photo)
			switch {
			case x == 0 && !cmp.Equal(out, photo):
				t.Errorf("%s: intensity 0 changes the picture", p.Name)
			case x > 0 && d <= last:
				t.Errorf("%s: intensity %g: distance %g, not above %g", p.Name, x, d, last)
			}
			last = d
		}
		if last < .05 {
			t.Errorf("%s hardly changes a picture: distance %g", p.Name, last)
		}
	}
}
