package sentiment

import (
	"fmt"
	"os"
	"slices"
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
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	kinds = map[string]*tally{}
	order := []int{0, 1, 2, 3, 4} // columns of text, emotion, kind, age and gender
	for n, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
		f := strings.Split(line, "\t")
		if n == 0 && f[0] == "kind" { // the other order, with a line of names
			order = []int{4, 1, 0, 2, 3}
			continue
		}
		if len(f) != len(order) {
			t.Fatalf("%s:%d: %d columns, want 5", path, n+1, len(f))
		}
		text, emotion, kind, ageWant, sexWant := f[order[0]], f[order[1]], f[order[2]], f[order[3]], f[order[4]]
		k := kinds[kind]
		if k == nil {
			k = &tally{}
			kinds[kind] = k
		}
		r, err := a.Read(text)
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		got, w := r.Emotion()
		right := slices.Contains(strings.Split(emotion, "|"), got.String())
		age, sex := agrees(ageWant, sexWant, &r)
		for _, c := range []*tally{k, &all} {
			c.lines++
			c.emotion += boolInt(right)
			c.age += boolInt(age)
			c.gender += boolInt(sex)
		}
		if !right || !age || !sex {
			note := fmt.Sprintf("%-10s %q: %s %.2f", kind, text, got, w)
			if !right {
				note += " want " + emotion
			}
			if !age {
				note += fmt.Sprintf(", age %.0f-%.0f want %s", r.Age.Min, r.Age.Max, ageWant)
			}
			if !sex {
				note += fmt.Sprintf(", gender %.1f %v want %s", r.Gender, r.GenderSaid, sexWant)
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
	if float64(all.emotion) < 0.95*n || float64(all.age) < 0.98*n || float64(all.gender) < 0.98*n {
		t.Errorf("of %d lines emotion %d, age %d, gender %d right", all.lines, all.emotion, all.age, all.gender)
	}
}

// A second list that the rules were written against, by somebody who had not
// seen them when writing it.
func TestSecondDevelopmentList(t *testing.T) {
	all, kinds := measure(t, "testdata/dev2.tsv")
	t.Log("\n" + table(all, kinds) + "\n" + strings.Join(all.misses, "\n"))
	n := float64(all.lines)
	if float64(all.emotion) < 0.95*n || float64(all.age) < 0.97*n || float64(all.gender) < 0.95*n {
		t.Errorf("of %d lines emotion %d, age %d, gender %d right", all.lines, all.emotion, all.age, all.gender)
	}
}

// A list that somebody else wrote. Its lines were read once, by mistake, while
// the lexicon was still growing: it guards against getting worse, and is no
// measure of lines that nobody has seen.
func TestIndependentList(t *testing.T) {
	const path = "testdata/heldout2.tsv"
	if _, err := os.Stat(path); err != nil {
		t.Skip("the list is not there")
	}
	all, kinds := measure(t, path)
	t.Log("\n" + table(all, kinds))
	n := float64(all.lines)
	if float64(all.emotion) < 0.92*n || float64(all.age) < 0.96*n || float64(all.gender) < 0.94*n {
		t.Errorf("of %d lines emotion %d, age %d, gender %d right", all.lines, all.emotion, all.age, all.gender)
	}
}
