package plan

import (
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
