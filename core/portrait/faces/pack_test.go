package faces

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/atelier-engine/atelier/core/portrait/faces/facestest"
)

// packed is a small pack in bytes.
func packed(t testing.TB) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "faces.pack")
	f, _, err := Prepare(context.Background(), Options{Dir: facestest.WriteAligned(t, 4), Cache: path, Side: 16}, nil)
	if err != nil {
		t.Fatal(err)
	}
	f.Close()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestOpenErrors(t *testing.T) {
	whole := packed(t)
	at := func(offset int, v byte) []byte {
		b := bytes.Clone(whole)
		b[offset] ^= v
		return b
	}
	for _, c := range []struct {
		name string
		b    []byte
		want string
	}{
		{"whole", whole, ""},
		{"empty", nil, "is no packed data set"},
		{"another file", bytes.Repeat([]byte("x"), 9000), "is no packed data set"},
		{"only a beginning", whole[:100], "is cut short"},
		{"cut short", whole[:len(whole)-1], "is cut short: it has"},
		{"cut in the pixels", whole[:5000], "is cut short: it has 5000 of"},
		{"longer", append(bytes.Clone(whole), 0), "1 too many"},
		{"not finished", append(make([]byte, packPage), whole[packPage:]...), "is no packed data set"},
		{"another version", append([]byte("atelier faces 1\n"), whole[16:]...), "was made by another version of the program"},
		{"a side of nothing", at(16, 16), "is damaged"},
		{"more faces", at(20, 64), "is damaged"},
		{"a changed index", at(len(whole)-20, 1), "its index does not fit its checksum"},
	} {
		path := filepath.Join(t.TempDir(), "faces.pack")
		if err := os.WriteFile(path, c.b, 0o644); err != nil {
			t.Fatal(err)
		}
		f, err := Open(path)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", c.name, err, c.want)
		}
		if err == nil {
			f.Close()
		}
		if got, want := IsPack(path), bytes.HasPrefix(c.b, []byte(packFamily)); got != want {
			t.Errorf("%s: IsPack is %v", c.name, got)
		}
	}
	if _, err := Open(filepath.Join(t.TempDir(), "none")); err == nil || !strings.Contains(err.Error(), "check the name") {
		t.Errorf("no file: %v", err)
	}
}

func TestVerify(t *testing.T) {
	b := packed(t)
	b[packPage+16*16*3+5] ^= 1 // of the second face
	path := filepath.Join(t.TempDir(), "faces.pack")
	os.WriteFile(path, b, 0o644)
	f, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Verify(); err == nil || !strings.Contains(err.Error(), "001.png") {
		t.Errorf("damaged pixels: %v", err)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
}

func TestEntry(t *testing.T) {
	points := make([][2]float64, 68)
	for i := range points {
		points[i] = [2]float64{float64(i) + 0.5, -float64(i)}
	}
	want := []entry{
		{cond: condition{Age: 16.5, Gender: -0.25, Emotions: [7]float64{0, 1, 0.5}}, sum: 1 << 63, sharpness: 0.5, split: unsplit, file: "a/ä.jpg", points: points},
		{refused: &Refused{Labels: "labels.csv", Row: 3, File: "x", Reason: reasonAge, Why: "old"}},
		{cond: condition{Age: 90, Emotions: [7]float64{1}}, split: Test},
	}
	var b bytes.Buffer
	for _, e := range want {
		if err := e.write(&b); err != nil {
			t.Fatal(err)
		}
	}
	r, buf := bytes.NewReader(b.Bytes()), entryBuffer()
	size := 0
	for i := range want {
		got, n, err := readEntry(r, buf)
		if err != nil {
			t.Fatal(err)
		}
		size += n
		if d := cmp.Diff(want[i], got, cmp.AllowUnexported(entry{})); d != "" {
			t.Error(d)
		}
	}
	if size != b.Len() {
		t.Errorf("%d bytes were written, %d read", b.Len(), size)
	}
}

func TestAssignSplits(t *testing.T) {
	all := func(s Split, n int) []Split { return slices.Repeat([]Split{s}, n) }
	for _, c := range []struct {
		name         string
		s            []Split
		train, valid int
	}{
		{"none said", all(unsplit, 40), 38, 2},
		{"an official one", append(all(Train, 30), all(Valid, 10)...), 30, 10},
		{"only the training part is there", all(Train, 40), 38, 2},
		{"some do not say", append(append(all(Train, 10), all(Valid, 10)...), all(unsplit, 20)...), 29, 11},
		{"with a test part", append(all(Test, 20), all(unsplit, 20)...), 19, 1},
	} {
		assignSplits(c.s)
		count := map[Split]int{}
		for _, v := range c.s {
			count[v]++
		}
		if count[Train] != c.train || count[Valid] != c.valid || count[unsplit] != 0 {
			t.Errorf("%s: %v", c.name, count)
		}
	}
}

func FuzzOpen(f *testing.F) {
	whole := packed(f)
	f.Add(whole[:packPage], whole[packPage+4*16*16*3:], 4)
	f.Fuzz(func(t *testing.T, page, index []byte, n int) {
		if head, what := parseHead(append(page, make([]byte, packPage)...)[:packPage]); what == "" && (head.Side < minSide || head.Side > maxSide) {
			t.Errorf("accepted %+v", head)
		}
		var set Faces
		if n < 0 || n > 1000 || set.parseIndex(index, n) != nil {
			return
		}
		for i, c := range set.Conds {
			if c.Check() != nil || set.Splits[i] >= unsplit || set.Aligned[i] && set.Landmarks == nil {
				t.Errorf("face %d is %v, %v", i, c, set.Splits[i])
			}
		}
	})
}

// FuzzEntry: what is read is written as it was.
func FuzzEntry(f *testing.F) {
	var b bytes.Buffer
	for _, e := range []entry{
		{cond: condition{Age: 20, Emotions: [7]float64{1}}, file: "a.jpg", points: make([][2]float64, 68)},
		{refused: &Refused{File: "x", Reason: reasonAge, Why: "old"}},
	} {
		b.Reset()
		if err := e.write(&b); err != nil {
			f.Fatal(err)
		}
		f.Add(bytes.Clone(b.Bytes()))
	}
	buf := entryBuffer()
	f.Fuzz(func(t *testing.T, text []byte) {
		e, size, err := readEntry(bytes.NewReader(text), buf)
		if err != nil {
			return
		}
		var b bytes.Buffer
		if err := e.write(&b); err != nil {
			t.Fatal(err)
		}
		if e.refused == nil && !bytes.Equal(text[:size], b.Bytes()) {
			t.Errorf("read\n%x, wrote\n%x", text[:size], b.Bytes())
		}
		if again, _, err := readEntry(&b, buf); err != nil || again.file != e.file {
			t.Errorf("written, it cannot be read again: %v", err)
		}
	})
}
