package faces

import (
	"slices"
	"strings"
	"testing"

	"github.com/atelier-engine/atelier/core/portrait/faces/facestest"
)

func TestExpressionSheet(t *testing.T) {
	f := unbalanced(facestest.Frontal(32))
	small, err := f.ExpressionSheet(2, 0.9, 1, 0)
	if err != nil {
		t.Fatal(err)
	}
	wide, err := f.ExpressionSheet(5, 0.9, 1, 0)
	if err != nil {
		t.Fatal(err)
	}
	if wide.W <= small.W {
		t.Errorf("2 people: %dx%d; 5 people: %dx%d", small.W, small.H, wide.W, wide.H)
	}
	again, _ := f.ExpressionSheet(2, 0.9, 1, 0)
	if !slices.Equal(small.Pix, again.Pix) {
		t.Error("one seed, two sheets")
	}
	other, _ := f.ExpressionSheet(2, 0.9, 2, 0)
	if slices.Equal(small.Pix, other.Pix) {
		t.Error("two seeds, one sheet")
	}
	if _, err := unbalanced(nil).ExpressionSheet(2, 0.9, 1, 0); err == nil || !strings.Contains(err.Error(), "landmarks") {
		t.Errorf("without landmarks: %v", err)
	}
}
