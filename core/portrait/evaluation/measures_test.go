package evaluation

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gonum.org/v1/gonum/stat"

	"github.com/atelier-engine/atelier/core/portrait"
)

func gaussians(r *rand.Rand, n, d int, shift, scale float64) [][]float64 {
	v := make([][]float64, n)
	for i := range v {
		v[i] = make([]float64, d)
		for k := range v[i] {
			v[i][k] = r.NormFloat64()*scale + shift
		}
	}
	return v
}

func TestFrechet(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	a := gaussians(r, 20000, 2, 0, 1)
	same, err := frechet(a, a)
	if err != nil || same > 1e-9 {
		t.Errorf("of a set to itself: %g, %v", same, err)
	}
	// Two unit Gaussians three apart: 9 for each feature; scales 1 and 2: (2-1)².
	for want, b := range map[float64][][]float64{9: gaussians(r, 20000, 2, 3, 1), 1: gaussians(r, 20000, 2, 0, 2)} {
		if got, err := frechet(a, b); err != nil || math.Abs(got-want) > 0.05*want {
			t.Errorf("Fréchet distance %g, want %g (%v)", got, want, err)
		}
	}
}

// TestDensityCoverage compares with the definition, pair by pair, and with what
// is known: a set compared with itself, and with one far away.
func TestDensityCoverage(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 2))
	real, made := gaussians(r, 40, 3, 0, 1), gaussians(r, 25, 3, 0.5, 1)
	const k = 3
	balls := make([]float64, len(real))
	for i := range real {
		var d []float64
		for j := range real {
			if i != j {
				d = append(d, distance(real[i], real[j]))
			}
		}
		balls[i] = quantile(d, (k-0.5)/float64(len(d)))
	}
	density, covered := 0, 0
	for i := range real {
		hit := 0
		for j := range made {
			if distance(real[i], made[j]) <= balls[i] {
				hit++
			}
		}
		density += hit
		covered += min(hit, 1)
	}
	d, c := densityCoverage(made, real, k)
	if math.Abs(d-float64(density)/float64(k*len(made))) > 1e-12 || math.Abs(c-float64(covered)/float64(len(real))) > 1e-12 {
		t.Errorf("density %g, coverage %g, want %d/%d and %d/%d", d, c, density, k*len(made), covered, len(real))
	}
	if d, c := densityCoverage(gaussians(r, 25, 3, 100, 1), real, k); d != 0 || c != 0 {
		t.Errorf("far away: density %g, coverage %g", d, c)
	}
	if _, c := densityCoverage(real, real, k); c != 1 {
		t.Errorf("itself: coverage %g", c)
	}
}

func TestScale(t *testing.T) {
	v := [][]float64{{1, 5, 0}, {3, 5, 10}}
	scaleOf(v).apply(v)
	if d := cmp.Diff([][]float64{{-1, 0, -1}, {1, 0, 1}}, v); d != "" {
		t.Error(d)
	}
}

func TestAUC(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	for range 50 {
		low, high := make([]float64, 1+r.IntN(20)), make([]float64, 1+r.IntN(20))
		for _, v := range [][]float64{low, high} {
			for i := range v {
				v[i] = float64(r.IntN(8)) // ties are many
			}
		}
		want := 0.0
		for _, a := range low {
			for _, b := range high {
				switch {
				case a < b:
					want++
				case a == b:
					want += 0.5
				}
			}
		}
		if got := auc(low, high); math.Abs(got-want/float64(len(low)*len(high))) > 1e-12 {
			t.Fatalf("auc(%v, %v) = %g, want %g", low, high, got, want/float64(len(low)*len(high)))
		}
	}
}

func TestAgree(t *testing.T) {
	ask := func(emotion int, gender, age float64) asked {
		c := portrait.Condition{Age: age, Gender: gender}
		c.Emotions[emotion] = 1
		return asked{cond: c, emotion: emotion}
	}
	see := func(emotion int, gender, age float64) Sight {
		return Sight{Verdict: Verdict{Emotion: emotion, Gender: gender, Age: age}}
	}
	list := []asked{ask(1, 1, 20), ask(1, 1, 20), ask(0, -1, 60), ask(0, -1, 70)}
	seen := []Sight{see(1, 2, 30), see(0, 1, 30), see(0, -1, 50), see(6, 3, 60)}
	a := agree(list, seen, func(i int) bool { return i != 3 })
	if a.Emotions.Recall(1) != 0.5 || a.Emotions.Recall(0) != 1 || a.Emotions.Recall(2) != -1 || a.Emotion != 0.75 {
		t.Errorf("emotions %v, balanced %g", a.Emotions, a.Emotion)
	}
	if a.Gender != 0.75 || a.AgeError != 10 {
		t.Errorf("gender %g, age error %g", a.Gender, a.AgeError)
	}
	if want := stat.Correlation([]float64{20, 20, 60, 70}, []float64{30, 30, 50, 60}, nil); math.Abs(a.Age-want) > 1e-12 {
		t.Errorf("correlation %g, want %g", a.Age, want)
	}
	want := []Group{{"men 16 to 29", 2, 0.5, 1, 10}, {"women 60 and over", 2, 1, 0.5, -10}}
	var got []Group
	for _, g := range a.Groups {
		if g.Pictures > 0 {
			got = append(got, g)
		}
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// TestKeptPerson: in a grid whose identities depend on the seed alone, a person
// stays; where they depend on the condition alone, none does.
func TestKeptPerson(t *testing.T) {
	const seeds = 3
	list := grid(10, seeds)
	if len(list) != gridCells*seeds {
		t.Fatalf("%d portraits of %d cells", len(list), gridCells)
	}
	seen := make([]Sight, len(list))
	unit := func(k int) []float32 {
		v := make([]float32, max(seeds, gridCells))
		v[k] = 1
		return v
	}
	for i, q := range list {
		seen[i].Identity = unit(int(q.seed) - 10)
	}
	if d := cmp.Diff(Identity{0, 1, 1}, keptPerson(list, seen, seeds)); d != "" {
		t.Error(d)
	}
	for i, q := range list {
		seen[i].Identity = unit(q.cell)
	}
	if d := cmp.Diff(Identity{1, 0, 0}, keptPerson(list, seen, seeds)); d != "" {
		t.Error(d)
	}
}

// TestKnownPerson: other people count only when they are of the same gender and
// of about the same age.
func TestKnownPerson(t *testing.T) {
	list := likeThese([]portrait.Condition{{Age: 30, Gender: 1}, {Age: 33, Gender: 1}, {Age: 30, Gender: -1}, {Age: 60, Gender: 1}}, 0)
	seen := make([]Sight, 4)
	for i, v := range [][]float32{{1, 0}, {0, 1}, {1, 0}, {1, 0}} {
		seen[i].Identity = v
	}
	if d := cmp.Diff(Identity{0, 1, 1}, knownPerson(list, seen, seen, 5)); d != "" {
		t.Error(d)
	}
}

func TestVariety(t *testing.T) {
	v := [][]float64{{0}, {2}, {4}, {5}}
	if d := cmp.Diff([]float64{2, 1}, within(v, 2)); d != "" {
		t.Error(d)
	}
	cell := func(emotion int) asked {
		c := portrait.Condition{Age: 30, Gender: 1}
		c.Emotions[emotion] = 1
		return asked{cond: c, emotion: emotion}
	}
	labels := []asked{cell(1), cell(1), cell(1), cell(1), cell(0)}
	far := [][]float64{{0}, {3}, {0}, {3}, {30}}
	all := func(int) bool { return true }
	// Four are happy: 4 of 6 pairs are 3 apart. One is neutral: everybody counts.
	got := alike([]asked{cell(1), cell(0)}, labels, far, all)
	if want := []float64{2, (4*3 + 30 + 27 + 30 + 27) / 10.0}; !cmp.Equal(want, got) {
		t.Errorf("photographs alike %v, want %v", got, want)
	}
	if r := ratio([]float64{1, 3, 9}, []float64{2, 2, 0}); r != 1 {
		t.Errorf("ratio %g", r)
	}
	people := []asked{{seed: 1}, {seed: 1}, {seed: 2}, {seed: 3}}
	if d := closest(people, [][]float64{{0}, {0}, {5}, {7}}); d != 2 {
		t.Errorf("closest two %g: those of one seed do not count", d)
	}
}

// TestSearch: a picture that was put into the gallery, mirrored, is found again
// and called a copy; a picture that is as near to all is not.
func TestSearch(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	const size = 60
	g := newGallery(size)
	copied := noise(r, greySide*greySide*3)
	known := direction(r)
	for i := range size {
		face, identity := noise(r, greySide*greySide*3), direction(r)
		if i == 7 {
			face = copied
		}
		if i == 9 {
			identity = known
		}
		g.add(i, identity, grey(face))
	}
	copied = slices.Clone(copied)
	mirror(copied, greySide)
	seen := []Sight{
		{Grey: grey(copied), Verdict: Verdict{Identity: direction(r)}, Mirrored: known},
		{Grey: grey(noise(r, greySide*greySide*3)), Verdict: Verdict{Identity: direction(r)}, Mirrored: direction(r)},
	}
	for name, c := range map[string]struct {
		got  []near
		face int
	}{"pixels": {g.pixels(seen), 7}, "person": {g.persons(seen), 9}} {
		if f := c.got[0]; f.face != c.face || f.distance > 1e-3 || f.ratio >= copyRatio {
			t.Errorf("%s: the copy: %+v, want face %d", name, f, c.face)
		}
		if f := c.got[1]; f.ratio < copyRatio {
			t.Errorf("%s: another picture: %+v", name, f)
		}
		if d := cmp.Diff([]int{0, 1}, closestPairs(c.got, []asked{{seed: 1}, {seed: 2}}, 5)); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
	if f := found(g.pixels(seen), []int{7, 3}); f != 0.5 {
		t.Errorf("found %g", f)
	}
}

// TestSearchTwin compares with distances taken one by one and sorted.
func TestSearchTwin(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	const size, n = 130, 70
	g, all := newGallery(size), make([][]float32, size)
	for i := range all {
		all[i] = direction(r)
		g.add(i, all[i], make([]float32, greySide*greySide))
	}
	seen := make([]Sight, n)
	for i := range seen {
		seen[i].Identity, seen[i].Mirrored, seen[i].Grey = direction(r), direction(r), make([]float32, greySide*greySide)
	}
	for i, got := range g.persons(seen) {
		d := make([]float64, size)
		for j := range all {
			d[j] = min(apart(seen[i].Identity, all[j]), apart(seen[i].Mirrored, all[j]))
		}
		face := 0
		for j := range d {
			if d[j] < d[face] {
				face = j
			}
		}
		slices.Sort(d)
		if got.face != face || math.Abs(got.distance-d[0]) > 1e-5 || math.Abs(got.ratio-d[0]/mean(d[:crowd])) > 1e-5 {
			t.Fatalf("picture %d: %+v, want face %d at %g, ratio %g", i, got, face, d[0], d[0]/mean(d[:crowd]))
		}
	}
}

func TestCopying(t *testing.T) {
	held := make([]near, 200)
	for i := range held {
		held[i] = near{distance: 1 + float64(i), ratio: 0.9}
	}
	made := []near{{distance: 0.5, ratio: 0.2}, {distance: 2, ratio: 0.8}, {distance: 50, ratio: 0.9}, {distance: 60, ratio: 1}}
	if d := cmp.Diff(Copying{Nearest: 50, Closer: 0.5, Copies: 1, Lowest: 0.2}, copying(made, held)); d != "" {
		t.Error(d)
	}
	// Two of 200 held-out photographs are nearer than 99 of 100 of them.
	if c := copying(held, held); math.Abs(c.Closer-0.01) > 1e-9 {
		t.Errorf("held-out photographs: %g", c.Closer)
	}
}

// TestClosestPairs: one of each person, the nearest first.
func TestClosestPairs(t *testing.T) {
	list := []near{{ratio: 0.5}, {ratio: 0.2}, {ratio: 0.3}, {ratio: 0.9}}
	people := []asked{{seed: 1}, {seed: 2}, {seed: 2}, {seed: 3}}
	if d := cmp.Diff([]int{1, 0, 3}, closestPairs(list, people, 5)); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]int{1, 0}, closestPairs(list, people, 2)); d != "" {
		t.Error(d)
	}
}

func noise(r *rand.Rand, n int) []float32 {
	v := make([]float32, n)
	for i := range v {
		v[i] = float32(r.NormFloat64())
	}
	return v
}

// direction is a vector of length 1.
func direction(r *rand.Rand) []float32 {
	v := noise(r, identityLen)
	sq := 0.0
	for _, x := range v {
		sq += float64(x) * float64(x)
	}
	for i := range v {
		v[i] /= float32(math.Sqrt(sq))
	}
	return v
}
