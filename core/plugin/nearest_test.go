package plugin

import "testing"

func TestNearest(t *testing.T) {
	known := []string{"cubism", "impressionism", "popart", "sentiment-english"}
	for name, want := range map[string]string{
		"cubsim": "cubism", "pop-art": "popart", "impresionizm": "impressionism", "surrealism": "", "": "", "x": "",
		"sentiment-englisch": "sentiment-english",
	} {
		if got := nearest(name, known); got != want {
			t.Errorf("nearest(%q) = %q, want %q", name, got, want)
		}
	}
	for _, c := range []struct {
		a, b string
		d    int
	}{{"", "", 0}, {"", "ab", 2}, {"kitten", "sitting", 3}, {"flaw", "lawn", 2}} {
		if d := distance(c.a, c.b); d != c.d {
			t.Errorf("distance(%q, %q) = %d, want %d", c.a, c.b, d, c.d)
		}
	}
}
