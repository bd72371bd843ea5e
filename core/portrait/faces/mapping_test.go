package faces

import (
	"math"
	"os"
	"strings"
	"testing"

	"github.com/atelier-engine/atelier/core/portrait/faces/facestest"
)

func TestMapping(t *testing.T) {
	age := "[[attributes.age]]\nyears = 30\n"
	for _, c := range []struct{ name, text, err string }{
		{"empty: all is as shipped", "", ""},
		{"one section", age, ""},
		{"no TOML", "hello", "line 1: "},
		{"a kind that is wrong", "[ffhq]\nside = \"x\"", "mend the file"},
		{"unknown section", "[emotion]\n", `unknown key "emotion": did you mean "emotions"?`},
		{"unknown kind", "[[attributes.ages]]\n", `did you mean "age"?`},
		{"unknown key of a rule", "[[attributes.age]]\nyeers = 3", `did you mean "years"?`},
		{"age out of range", "[[attributes.age]]\nyears = 300", "number 1: years is missing or out of range"},
		{"no age", "[[attributes.age]]\nspread = 3", "years is missing"},
		{"spread", "[[attributes.age]]\nyears = 30\nspread = -1", "spread is -1"},
		{"gender", "[[attributes.gender]]\nvalue = 2", "value is missing or out of range"},
		{"gender is NaN", "[[attributes.gender]]\nvalue = nan", "value is missing or out of range"},
		{"the value of another kind", "[[attributes.gender]]\nyears = 30", "remove the rest"},
		{"weights of an age", "[[attributes.age]]\nyears = 30\nweights = { sad = 1 }", "remove the rest"},
		{"unknown emotion", "[emotions]\njoy = { hapy = 1 }", `[emotions] joy: unknown emotion "hapy": did you mean "happy"?`},
		{"weights of zero", "[unlabelled]\nemotions = { sad = 0 }", "all weights are zero"},
		{"a negative weight", "[unlabelled]\nemotions = { sad = -1 }", "the weight of sad is -1"},
		{"no last rule", "[[attributes.age]]\nwhen = [\"Young\"]\nyears = 30", "only the last rule"},
		{"a rule after the last", age + age, "number 1: only the last rule"},
		{"no rules", "[attributes]\nage = []", "there is no rule"},
		{"side", "[ffhq]\nside = -1", "side is -1"},
	} {
		m, err := ParseMapping(c.text)
		if (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
			t.Errorf("%s: error %v, want %q", c.name, err, c.err)
		}
		if err == nil && (len(m.Emotions) != 8 || len(m.Attributes.Gender) != 2 || m.FFHQ.Side != 1024 || m.Unlabelled.Emotions == nil) {
			t.Errorf("%s: what it leaves out is not as shipped: %+v", c.name, m)
		}
	}
	if _, err := LoadMapping("none.toml"); err == nil || !strings.Contains(err.Error(), "atelier data mapping") {
		t.Errorf("a file that is not there: %v", err)
	}
}

// TestMappingOfTheDocs: the example in docs/data.md can be used.
func TestMappingOfTheDocs(t *testing.T) {
	page, err := os.ReadFile("../../../docs/data.md")
	if err != nil {
		t.Fatal(err)
	}
	_, example, _ := strings.Cut(string(page), "```toml\n")
	example, _, ok := strings.Cut(example, "```")
	m, err := ParseMapping(example)
	if err != nil || !ok {
		t.Fatal(err)
	}
	if _, err := m.bind("list_attr_celeba.txt", strings.Fields(facestest.CelebAAttributes)); err != nil {
		t.Error(err)
	}
}

func TestBind(t *testing.T) {
	m, err := ParseMapping("[attributes]\ndrop = [\"Hat\"]\n[[attributes.age]]\nwhen = [\"Young\", \"Bald\"]\nyears = 35\n[[attributes.age]]\nunless = [\"Young\"]\nyears = 60\n[[attributes.age]]\nyears = 20\n" +
		"[[attributes.gender]]\nvalue = -0.5\n[[attributes.emotion]]\nweights = {sad = 1, angry = 3}")
	if err != nil {
		t.Fatal(err)
	}
	b, err := m.bind("table", []string{"Young", "Bald", "Hat"})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		there [3]bool
		age   float64
	}{{[3]bool{true, true}, 35}, {[3]bool{true}, 20}, {[3]bool{}, 60}, {[3]bool{false, true}, 60}, {[3]bool{true, false, true}, 0}} {
		got, err := b.condition("a", c.there[:])
		if (err != nil) != c.there[2] || got.Age != c.age {
			t.Errorf("%v: age %g, %v", c.there, got.Age, err)
		}
		if err == nil && (got.Gender != -0.5 || got.Emotions != [7]float64{0, 0, 1, 3}) {
			t.Errorf("%v: %+v", c.there, got)
		}
	}
	if _, err := m.bind("table.txt", []string{"Yuong", "Bald", "Hat"}); err == nil || !strings.Contains(err.Error(), `attribute "Young", which table.txt lacks: did you mean "Yuong"?`) {
		t.Errorf("an attribute that is not there: %v", err)
	}
	if _, err := m.bind("table.txt", []string{"Bald", "Bald"}); err == nil {
		t.Error("an attribute named twice was taken")
	}
}

// TestNormal: names draw as a normal distribution does, cut at two.
func TestNormal(t *testing.T) {
	const n = 5000
	sum, squares := 0.0, 0.0
	for i := range n {
		v := normal(strings.Repeat("x", i%50) + string(rune('a'+i/50)))
		if math.Abs(v) > 2 {
			t.Fatalf("drew %g", v)
		}
		sum, squares = sum+v, squares+v*v
	}
	// A normal distribution cut at 2 has the standard deviation 0.880.
	if mean, dev := sum/n, math.Sqrt(squares/n); math.Abs(mean) > 0.05 || math.Abs(dev-0.88) > 0.03 {
		t.Errorf("mean %g, standard deviation %g", mean, dev)
	}
}

func FuzzMapping(f *testing.F) {
	f.Add(DefaultMapping)
	f.Add("[attributes]\ndrop = [\"a\"]\n[[attributes.age]]\nyears = 30")
	f.Add("[emotions]\nx = { happy = inf }")
	f.Fuzz(func(t *testing.T, text string) {
		m, err := ParseMapping(text)
		if err != nil {
			return
		}
		b, err := m.bind("table", strings.Fields("Blurry Gray_Hair Bald Young Male Smiling Mouth_Slightly_Open a"))
		if err != nil {
			return
		}
		if c, err := b.condition("x", make([]bool, 8)); err == nil && c.Check() != nil {
			t.Errorf("a mapping that was accepted gives %v: %v", c, c.Check())
		}
	})
}
