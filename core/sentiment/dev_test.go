package sentiment

import (
	"fmt"
	"os"
	"sort"
	"strings"
	"testing"
)

// tally counts what was right of a list: emotion, age and gender, by kind of
// difficulty.
type tally struct {
	lines, emotion, age, gender int
	misses                      []string
}

// measure reads a list of text, emotion, kind, age and gender.
func measure(t *testing.T, path string) (all tally, kinds map[string]*tally) {
	t.Helper()
	a := load(t)
	list, err := ReadExamples(path)
	if err != nil {
		t.Fatal(err)
	}
	kinds = map[string]*tally{}
	for _, x := range list {
		if len(x.More) < 3 {
			t.Fatalf("%s: %q: want text, emotion, kind, age and gender", path, x.Text)
		}
		k := kinds[x.More[0]]
		if k == nil {
			k = &tally{}
			kinds[x.More[0]] = k
		}
		r, err := a.Read(x.Text)
		if err != nil {
			t.Fatalf("%q: %v", x.Text, err)
		}
		got, w := r.Emotion()
		age, sex := agrees(x.More[1], x.More[2], &r)
		for _, c := range []*tally{k, &all} {
			c.lines++
			c.emotion += boolInt(got == x.Label)
			c.age += boolInt(age)
			c.gender += boolInt(sex)
		}
		if got != x.Label || !age || !sex {
			note := fmt.Sprintf("%-10s %q: %s %.2f", x.More[0], x.Text, got, w)
			if got != x.Label {
				note += " want " + x.Label.String()
			}
			if !age {
				note += fmt.Sprintf(", age %.0f-%.0f want %s", r.Age.Min, r.Age.Max, x.More[1])
			}
			if !sex {
				note += fmt.Sprintf(", gender %.1f %v want %s", r.Gender, r.GenderSaid, x.More[2])
			}
			all.misses = append(all.misses, note)
		}
	}
	return all, kinds
}

func table(all tally, kinds map[string]*tally) string {
	var b strings.Builder
	var names []string
	for k := range kinds {
		names = append(names, k)
	}
	sort.Strings(names)
	row := func(name string, c *tally) {
		n := float64(c.lines)
		fmt.Fprintf(&b, "%-12s %4d lines  emotion %5.1f%%  age %5.1f%%  gender %5.1f%%\n", name, c.lines,
			100*float64(c.emotion)/n, 100*float64(c.age)/n, 100*float64(c.gender)/n)
	}
	for _, k := range names {
		row(k, kinds[k])
	}
	row("all", &all)
	return b.String()
}

// The list that the rules were written against, by kind of difficulty.
func TestDevelopmentList(t *testing.T) {
	all, kinds := measure(t, "testdata/dev.tsv")
	t.Log("\n" + table(all, kinds) + "\n" + strings.Join(all.misses, "\n"))
	n := float64(all.lines)
	if float64(all.emotion) < 0.92*n || float64(all.age) < 0.95*n || float64(all.gender) < 0.95*n {
		t.Errorf("of %d lines emotion %d, age %d, gender %d right", all.lines, all.emotion, all.age, all.gender)
	}
}

// A list that somebody else wrote and against which nothing was tuned.
func TestIndependentList(t *testing.T) {
	const path = "testdata/heldout2.tsv"
	if _, err := os.Stat(path); err != nil {
		t.Skip("the list is not there")
	}
	all, kinds := measure(t, path)
	t.Log("\n" + table(all, kinds))
	n := float64(all.lines)
	if float64(all.emotion) < 0.85*n || float64(all.age) < 0.95*n || float64(all.gender) < 0.95*n {
		t.Errorf("of %d lines emotion %d, age %d, gender %d right", all.lines, all.emotion, all.age, all.gender)
	}
}
