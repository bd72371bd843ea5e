package plan

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/atelier-engine/atelier/core/picture"
)

func sample(alpha bool) *picture.Picture {
	p := &picture.Picture{W: 3, H: 2, Pix: make([]float32, 18), Meta: map[string]string{"k": "v"}}
	for i := range p.Pix {
		p.Pix[i] = float32(i) / 17
	}
	if alpha {
		p.Alpha = []float32{0, 0.2, 0.4, 0.6, 0.8, 1}
	}
	return p
}

func TestDiskGivesBackExactly(t *testing.T) {
	d, err := NewDisk(filepath.Join(t.TempDir(), "deep", "cache"), 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range []*picture.Picture{sample(false), sample(true)} {
		h := Hash{byte(i)}
		d.Put(h, p)
		got, ok := d.Get(h)
		if !ok {
			t.Fatal("not kept")
		}
		q := got.(*picture.Picture)
		if diff := cmp.Diff([]any{p.W, p.H, p.Pix, p.Alpha, p.Meta}, []any{q.W, q.H, q.Pix, q.Alpha, q.Meta}); diff != "" {
			t.Error(diff)
		}
	}
	d.Put(Hash{9}, "a reading")
	if _, ok := d.Get(Hash{9}); ok {
		t.Error("something that is no picture was kept")
	}
}

func TestDiskKnowsDamage(t *testing.T) {
	d, err := NewDisk(t.TempDir(), 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	d.Put(Hash{}, sample(true))
	whole, err := os.ReadFile(d.path(Hash{}))
	if err != nil {
		t.Fatal(err)
	}
	for cut := range whole {
		if _, err := decodePicture(whole[:cut]); err == nil {
			t.Fatalf("cut at %d: accepted", cut)
		}
		flipped := append([]byte(nil), whole...)
		flipped[cut] ^= 1
		if _, err := decodePicture(flipped); err == nil {
			t.Fatalf("bit flipped at %d: accepted", cut)
		}
	}
}

func TestDiskPrunes(t *testing.T) {
	dir := t.TempDir()
	one, err := encodePicture(sample(false))
	if err != nil {
		t.Fatal(err)
	}
	d, err := NewDisk(dir, int64(2*len(one)+10))
	if err != nil {
		t.Fatal(err)
	}
	for i := range 5 {
		d.Put(Hash{byte(i)}, sample(false))
	}
	files, _ := filepath.Glob(filepath.Join(dir, "*"))
	if len(files) > 2 {
		t.Errorf("%d files are kept, 2 fit", len(files))
	}
}

// counted is a cache that counts what is loaded from it at a time.
type counted struct {
	*Memory
	gets int
	lost map[Hash]bool // has it, but cannot give it
}

func (c *counted) Get(h Hash) (any, bool) {
	c.gets++
	if c.lost[h] {
		return nil, false
	}
	return c.Memory.Get(h)
}

// Estimating loads nothing; an execution loads a result when a step needs it,
// and makes it again when the cache cannot give what it said it had.
func TestCachedResultsAreLoadedLate(t *testing.T) {
	var runs []string
	var kept []any
	r := arithmetic(t, &runs, &kept)
	cache := &counted{Memory: NewMemory(1 << 20), lost: map[Hash]bool{}}
	plan := func() *Plan {
		a, b := New("add", nil, Origin{}, num(1, "a"), num(2, "b")), New("add", nil, Origin{}, num(3, "c"))
		p, err := r.Plan(context.Background(), New("keep", nil, Origin{}, a), New("keep", nil, Origin{}, b))
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	if _, err := plan().Run(context.Background(), Options{Cache: cache}); err != nil {
		t.Fatal(err)
	}
	cache.gets, runs = 0, nil
	p := plan()
	if e := p.Estimate(cache); e.Steps != 2 || cache.gets != 0 {
		t.Errorf("estimating %+v loaded %d results", e, cache.gets)
	}
	before := []int{}
	_, err := p.Run(context.Background(), Options{Cache: cache, Progress: func(e Event) {
		if e.State == Started {
			before = append(before, cache.gets)
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]any{[]int{1, 2}, []string{"keep", "keep"}}, []any{before, runs}); diff != "" {
		t.Error(diff)
	}
	runs, kept = nil, nil
	for _, n := range p.Nodes { // of the first sum, the cache gives only one input
		if n.Step.Kind() == "add" && len(n.Inputs) == 2 {
			cache.lost[n.Hash], cache.lost[p.Nodes[n.Inputs[1]].Hash] = true, true
		}
	}
	last := Event{}
	if _, err := plan().Run(context.Background(), Options{Cache: cache, Progress: func(e Event) { last = e }}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"num", "add", "keep", "keep"}, runs); diff != "" || last.Fraction != 1 || last.At != last.Of {
		t.Errorf("ended at %+v\n%s", last, diff)
	}
	if kept[0] != 3.0 || kept[2] != 3.0 {
		t.Errorf("results %v, %v", kept[0], kept[2])
	}
}

func TestDamagedFileIsReplaced(t *testing.T) {
	d, err := NewDisk(t.TempDir(), 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(d.path(Hash{}), []byte("torn"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, ok := d.Get(Hash{}); ok || d.Has(Hash{}) {
		t.Error("a damaged file is a hit")
	}
	d.Put(Hash{}, sample(false))
	if _, ok := (Tiers{NewMemory(1), d}).Get(Hash{}); !ok || !(Tiers{NewMemory(1), d}).Has(Hash{}) {
		t.Error("not kept again")
	}
}
