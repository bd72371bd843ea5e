package faces

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/atelier-engine/atelier/core/portrait/faces/facestest"
)

const header = "file,age,gender,p_neutral,p_happy\n"

func TestReadManifest(t *testing.T) {
	for _, c := range []struct {
		name, text string
		records    int
		refused    []string
		err        string
	}{
		{name: "plain", text: header + "a.jpg,30,male,0.2,0.8\n", records: 1},
		{name: "crlf and spaces", text: "\ufefffile, age, gender, p_neutral, p_happy\r\na.jpg, 30, Female , 0.2, 0.8\r\n", records: 1},
		{name: "rows refused", text: header + "a.jpg,30,male,0.2,0.8\na.jpg,31,male,1,0\n../b.jpg,30,male,1,0\nc.jpg,12,male,1,0\nd.jpg,x,male,1,0\ne.jpg,30,?,1,0\nf.jpg,30,male,0,0\ng.jpg,30,male,nope,0\nh.jpg\n",
			records: 1, refused: []string{"named twice", "leads out", "age \"12\"", "age \"x\"", "gender \"?\"", "all emotion weights", "not a number", "age \"\""}},
		{name: "very old", text: header + "a.jpg,110,male,1,0\n", records: 1},
		{name: "no column", text: "file,age\na,1\n", err: `no column "gender"`},
		{name: "empty", err: "no header"},
		{name: "broken quotes", text: header + "\"a,30,male\n", err: "line 2"},
	} {
		path := filepath.Join(t.TempDir(), "labels.csv")
		os.WriteFile(path, []byte(c.text), 0o644)
		records, refused, err := readManifest(path)
		if (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
			t.Errorf("%s: error %v, want %q", c.name, err, c.err)
		}
		if len(records) != c.records || len(refused) != len(c.refused) {
			t.Errorf("%s: %d records, refused %v", c.name, len(records), refused)
			continue
		}
		for i, want := range c.refused {
			if !strings.Contains(refused[i].Why, want) {
				t.Errorf("%s: refused for %q, want %q", c.name, refused[i].Why, want)
			}
		}
	}
}

func FuzzManifest(f *testing.F) {
	f.Add(header + "a.jpg,30,male,0.2,0.8\n")
	all := "file,age,gender,p_happy"
	row := "a,20,female,1"
	for i := range 68 {
		all += fmt.Sprintf(",x%d,y%d", i, i)
		row += ",3,NaN"
	}
	f.Add(all + "\n" + row + "\n")
	f.Add(all + "\n" + strings.ReplaceAll(row, "NaN", "5.5") + "\n")
	f.Fuzz(func(t *testing.T, text string) {
		path := filepath.Join(t.TempDir(), "labels.csv")
		os.WriteFile(path, []byte(text), 0o644)
		records, _, _ := readManifest(path)
		for _, r := range records {
			if err := r.cond.Check(); err != nil || !filepath.IsLocal(r.file) {
				t.Errorf("accepted %+v: %v", r, err)
			}
			if m, err := r.place(8, 60, 60); err == nil {
				resample(make([]byte, 8*8*3), 8, make([]float32, 60*60*3), 60, 60, m)
			}
		}
	})
}

func TestSimilarity(t *testing.T) {
	const angle, scale = 0.3, 2.5
	want := affine{scale * math.Cos(angle), -scale * math.Sin(angle), 7, scale * math.Sin(angle), scale * math.Cos(angle), -4}
	var to [3][2]float64
	for i, p := range alignTo {
		to[i][0], to[i][1] = want.apply(p[0], p[1])
	}
	got := similarity(alignTo, to)
	for i := range want {
		if math.Abs(got[i]-want[i]) > 1e-9 {
			t.Fatalf("similarity %v, want %v", got, want)
		}
	}
	// A flip applied twice is no flip.
	flip := affine{-1, 0, 10, 0, 1, 0}
	if d := cmp.Diff(affine{1, 0, 0, 0, 1, 0}, flip.then(flip)); d != "" {
		t.Error(d)
	}
}

func TestPrepare(t *testing.T) {
	dir := facestest.Write(t, 8)
	os.WriteFile(filepath.Join(dir, "images", "003.jpg"), []byte("no picture"), 0o644)
	os.Remove(filepath.Join(dir, "images", "005.jpg"))
	cache := filepath.Join(t.TempDir(), "sub", "faces.pack")
	first, refused, err := Prepare(context.Background(), Options{Dir: dir, Cache: cache}, nil)
	if err != nil || len(refused) != 2 || len(first.Conds) != 6 {
		t.Fatalf("%d faces, refused %v, error %v", len(first.Conds), refused, err)
	}
	again, _, err := Prepare(context.Background(), Options{Dir: dir, Cache: cache}, func(int, int) { t.Error("decoded again") })
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(first, again, cmp.AllowUnexported(Faces{}), cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".unmap" }, cmp.Ignore())); d != "" {
		t.Error("the packed file differs from what was packed")
	}
	b, _ := os.ReadFile(cache)
	os.WriteFile(cache, b[:len(b)-5], 0o644) // cut short: packed anew
	if again, _, err = Prepare(context.Background(), Options{Dir: dir, Cache: cache}, nil); err != nil || len(again.Conds) != 6 {
		t.Errorf("after a cut: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, _, err := Prepare(ctx, Options{Dir: dir, Cache: cache + "2"}, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if _, _, err := Prepare(context.Background(), Options{Dir: t.TempDir(), Cache: cache}, nil); err == nil || !strings.Contains(err.Error(), "labels.csv") {
		t.Errorf("no manifest: %v", err)
	}
}
