package training

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPopArtIsTheSameEachTime(t *testing.T) {
	a, b := PopArt(3, 90, 70), PopArt(3, 90, 70)
	if diff := cmp.Diff(a.Pix, b.Pix); diff != "" {
		t.Fatal("two drawings from one seed differ")
	}
	if cmp.Equal(a.Pix, PopArt(4, 90, 70).Pix) {
		t.Fatal("two seeds give one drawing")
	}
	for i, v := range a.Pix {
		if v < 0 || v > 1 {
			t.Fatalf("value %d is %g", i, v)
		}
	}
}
