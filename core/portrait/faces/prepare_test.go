package faces

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/atelier-engine/atelier/core/portrait/faces/facestest"
)

// prepare packs a folder into a fresh file.
func prepare(t testing.TB, o Options) (*Faces, []Refused) {
	t.Helper()
	if o.Cache == "" {
		o.Cache = filepath.Join(t.TempDir(), "faces.pack")
	}
	f, refused, err := Prepare(context.Background(), o, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f, refused
}

// TestFormats: each format is recognised, its faces are aligned and labelled.
func TestFormats(t *testing.T) {
	const n, side = 6, 66
	for name, dir := range map[string]string{
		"manifest": facestest.WriteAligned(t, n), "celeba": facestest.WriteCelebA(t, n),
		"ffhq": facestest.WriteFFHQ(t, n), "utkface": facestest.WriteUTKFace(t, n),
	} {
		f, refused := prepare(t, Options{Dir: dir, Side: side})
		if f.Format != name || f.Len() != n || len(refused) != 0 {
			t.Errorf("%s: read as %s, %d faces, refused %v", name, f.Format, f.Len(), refused)
			continue
		}
		if err := f.Verify(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for i := range f.Len() {
			if name != "utkface" { // which has no landmarks
				spots := []color.RGBA{facestest.LeftEye, facestest.RightEye, facestest.Mouth}
				for k, want := range spots {
					p := f.Face(i)[(int(alignTo[k][1]*side)*side+int(alignTo[k][0]*side))*3:]
					if math.Abs(float64(p[0])-float64(want.R))+math.Abs(float64(p[1])-float64(want.G))+math.Abs(float64(p[2])-float64(want.B)) > 60 {
						t.Errorf("%s: face %d has %v where %v should be", name, i, p[:3], want)
					}
				}
			}
			if got := f.Aligned[i]; got != (name == "manifest") {
				t.Errorf("%s: face %d has landmarks: %v", name, i, got)
			} else if got {
				x, y := 0.0, 0.0
				for _, p := range f.Landmarks[i][36:42] {
					x, y = x+p[0]/6, y+p[1]/6
				}
				if math.Hypot(x-alignTo[0][0]*side, y-alignTo[0][1]*side) > 1 {
					t.Errorf("the eye of face %d is at %g,%g", i, x, y)
				}
			}
		}
		count := map[Split]int{}
		for _, s := range f.Splits {
			count[s]++
		}
		want := map[string]map[Split]int{"manifest": {Train: 2, Valid: 2, Test: 2}, "celeba": {Train: 2, Valid: 2, Test: 2}, "ffhq": {Train: 3, Valid: 3}, "utkface": {Train: 6}}[name]
		if d := cmp.Diff(want, count); d != "" {
			t.Errorf("%s: splits %s", name, d)
		}
	}
}

// TestRefused: what cannot be used is left out, with the reason, in the table
// beside the pack.
func TestRefused(t *testing.T) {
	dir := facestest.WriteAligned(t, 12)
	images := filepath.Join(dir, "images")
	good, err := os.ReadFile(filepath.Join(images, "000.png"))
	if err != nil {
		t.Fatal(err)
	}
	os.Remove(filepath.Join(images, "001.png"))
	os.WriteFile(filepath.Join(images, "002.png"), nil, 0o644)
	os.WriteFile(filepath.Join(images, "003.png"), good[:len(good)/2], 0o644)
	os.WriteFile(filepath.Join(images, "004.png"), []byte("no picture, but a text"), 0o644)
	labels := filepath.Join(dir, "labels.csv")
	text, err := os.ReadFile(labels)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	edit := func(line int, from, to string) { lines[line] = strings.Replace(lines[line], from, to, 1) }
	edit(6, "005.png,25", "005.png,young")
	edit(7, "006.png,26,male", "006.png,26,robot")
	cells := func(line int, change func(x float64) float64) {
		c := strings.Split(lines[line], ",")
		for i := 6; i < len(c); i++ {
			v, err := strconv.ParseFloat(c[i], 64)
			if err != nil {
				t.Fatal(err)
			}
			c[i] = strconv.FormatFloat(change(v), 'f', 2, 64)
		}
		lines[line] = strings.Join(c, ",")
	}
	cells(8, func(x float64) float64 { return x + 500 })    // outside
	cells(9, func(x float64) float64 { return 180 - x })    // upside down
	cells(10, func(x float64) float64 { return 80 + x/10 }) // tiny
	cells(11, func(float64) float64 { return 90 })          // all in one place
	lines = append(lines, lines[12], "", "000.png,oops", "../x.png"+strings.TrimPrefix(lines[1], "000.png"))
	os.WriteFile(labels, []byte(strings.Join(lines, "\r\n")), 0o644)
	same := strings.Replace(lines[1], "000.png", "100.png", 1)
	os.WriteFile(filepath.Join(images, "100.png"), good, 0o644)
	addTo(t, labels, "\r\n"+same+"\r\n"+strings.Replace(same, "100.png", "200.png", 1)+"\r\n")
	var grey bytes.Buffer
	if err := png.Encode(&grey, image.NewGray(image.Rect(0, 0, 200, 180))); err != nil {
		t.Fatal(err)
	}
	os.WriteFile(filepath.Join(images, "200.png"), grey.Bytes(), 0o644)

	cache := filepath.Join(t.TempDir(), "sub", "faces.pack")
	f, refused := prepare(t, Options{Dir: dir, Cache: cache, Side: 32})
	if f.Len() != 2 || f.Files[0] != "000.png" || f.Files[1] != "011.png" {
		t.Errorf("kept %v", f.Files)
	}
	got, err := os.ReadFile(RefusedFile(cache))
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Join([]string{
		"labels\tline\tpicture\treason\twhy",
		"labels.csv\t3\t001.png\tno such picture\tno such file",
		"labels.csv\t4\t002.png\tan empty file\tit is empty (0 bytes)",
		"labels.csv\t5\t003.png\ta picture cut short\tthe PNG ends too early",
		"labels.csv\t6\t004.png\tnot a picture we can read\tnot a picture we can read (looks like text)",
		"labels.csv\t7\t005.png\tno age, or one out of range\tage \"young\" is not a number from 0 to 120",
		"labels.csv\t8\t006.png\tno gender\tgender \"robot\" is neither male nor female",
		"labels.csv\t9\t007.png\tlandmarks that cannot be\teyes or mouth at",
		"labels.csv\t10\t008.png\tlandmarks that cannot be\tthe landmarks are turned by more than 60 degrees",
		"labels.csv\t11\t009.png\ttoo small\tthe face spans",
		"labels.csv\t12\t010.png\ttoo small\tthe face spans 0 pixels",
		"labels.csv\t14\t011.png\tnamed twice\tnamed twice: the first one is used",
		"labels.csv\t16\t000.png\tno age, or one out of range\tage \"oops\"",
		"labels.csv\t17\t../x.png\ta file name that cannot be used\tthe file name \"../x.png\" is empty or leads out",
		"labels.csv\t18\t100.png\tthe same face as another\tit is the same as 000.png",
		"labels.csv\t19\t200.png\tnothing to be seen\tits face is of a single colour",
	}, "\n")
	wants, gots := strings.Split(want, "\n"), strings.Split(strings.TrimSpace(string(got)), "\n")
	if len(gots) != len(wants) || len(refused) != len(wants)-1 {
		t.Fatalf("refused:\n%s", got)
	}
	for i := range wants {
		if !strings.HasPrefix(gots[i], wants[i]) {
			t.Errorf("line %d is\n%s\nwant\n%s", i+1, gots[i], wants[i])
		}
	}
	summary := Summary(refused)
	if len(summary) != 12 || !strings.HasPrefix(summary[0], `left out 2, no age, or one out of range: such as labels.csv:7: 005.png: age "young"`) {
		t.Errorf("summary:\n%s", strings.Join(summary, "\n"))
	}
}

// TestPrepareAgain: a pack is only opened while nothing changed, and the table
// of what was refused goes when all is mended.
func TestPrepareAgain(t *testing.T) {
	dir := facestest.Write(t, 8)
	good, err := os.ReadFile(filepath.Join(dir, "images", "003.jpg"))
	if err != nil {
		t.Fatal(err)
	}
	os.WriteFile(filepath.Join(dir, "images", "003.jpg"), []byte("no picture"), 0o644)
	o := Options{Dir: dir, Cache: filepath.Join(t.TempDir(), "faces.pack"), Side: 32}
	first, refused := prepare(t, o)
	if len(refused) != 1 || first.Len() != 7 {
		t.Fatalf("%d faces, refused %v", first.Len(), refused)
	}
	again, _, err := Prepare(context.Background(), o, func(int, int) { t.Error("decoded again") })
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(first.Conds, again.Conds); d != "" || !bytes.Equal(first.pix, again.pix) {
		t.Error("the packed file differs from what was packed")
	}
	if _, err := os.Stat(RefusedFile(o.Cache)); err != nil {
		t.Error(err)
	}
	if f, _, err := Prepare(context.Background(), Options{Dir: o.Cache}, nil); err != nil || f.Len() != 7 {
		t.Errorf("a pack in place of a folder: %v", err)
	}
	os.WriteFile(filepath.Join(dir, "images", "003.jpg"), good, 0o644)
	if mended, refused := prepare(t, o); mended.Len() != 8 || len(refused) != 0 {
		t.Errorf("after mending: %d faces, refused %v", mended.Len(), refused)
	}
	if _, err := os.Stat(RefusedFile(o.Cache)); err == nil {
		t.Error("the table of what was refused is still there")
	}
	o.Side = 48
	if other, _ := prepare(t, o); other.Side != 48 {
		t.Errorf("the side is still %d", other.Side)
	}
	b, _ := os.ReadFile(o.Cache)
	os.WriteFile(o.Cache, b[:len(b)-5], 0o644) // cut short: packed anew
	if f, _ := prepare(t, o); f.Len() != 8 {
		t.Error("after a cut")
	}
}

// TestResume: stopped anywhere, even with files that were cut anywhere, it goes
// on and gives the same bytes, whatever the number of threads.
func TestResume(t *testing.T) {
	dir := facestest.WriteAligned(t, 20)
	os.WriteFile(filepath.Join(dir, "images", "004.png"), nil, 0o644)
	os.WriteFile(filepath.Join(dir, "images", "013.png"), nil, 0o644)
	o := Options{Dir: dir, Cache: filepath.Join(t.TempDir(), "whole.pack"), Side: 32}
	_, wantRefused := prepare(t, o)
	want, err := os.ReadFile(o.Cache)
	if err != nil {
		t.Fatal(err)
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	for cut := range 7 {
		o.Cache = filepath.Join(t.TempDir(), "faces.pack")
		l, info := read(t, o)
		w, err := startPack(o.Cache, o.Side, info)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.addAll(context.Background(), l.records[:16], nil); err != nil {
			t.Fatal(err)
		}
		if _, err := startPack(o.Cache, o.Side, info); err == nil && runtime.GOOS == "linux" {
			t.Error("two programs may work on the same file")
		}
		if err := w.close(); err != nil {
			t.Fatal(err)
		}
		for i, end := range []string{".journal", ".part"} {
			st, err := os.Stat(o.Cache + end)
			if err != nil {
				t.Fatal(err)
			}
			if cut%3 != i {
				os.Truncate(o.Cache+end, st.Size()*int64(cut)/7)
			}
		}
		first := -1
		f, refused, err := Prepare(context.Background(), o, func(done, _ int) {
			if first < 0 {
				first = done
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		f.Close()
		got, err := os.ReadFile(o.Cache)
		if err != nil || !bytes.Equal(want, got) {
			t.Fatalf("cut %d: the pack differs from the one made at once: %v", cut, err)
		}
		if d := cmp.Diff(wantRefused, refused); d != "" {
			t.Errorf("cut %d: %s", cut, d)
		}
		entries, _ := filepath.Glob(filepath.Join(filepath.Dir(o.Cache), "*"))
		if len(entries) != 2 { // and the table
			t.Errorf("left over: %v", entries)
		}
	}
}

// read reads the labels as Prepare does.
func read(t testing.TB, o Options) (*labelled, packInfo) {
	t.Helper()
	kind, in, err := recognise(o.Dir, "")
	if err != nil {
		t.Fatal(err)
	}
	m, err := LoadMapping("")
	if err != nil {
		t.Fatal(err)
	}
	source, err := fingerprint(context.Background(), kind, in, m, o.Side)
	if err != nil {
		t.Fatal(err)
	}
	l, err := kind.read(context.Background(), in, m)
	if err != nil {
		t.Fatal(err)
	}
	return l, packInfo{Format: kind.name, Source: source, Terms: kind.terms}
}

// TestCancel: stopped in the middle, the second call does only the rest.
func TestCancel(t *testing.T) {
	dir := facestest.Write(t, 200)
	o := Options{Dir: dir, Cache: filepath.Join(t.TempDir(), "faces.pack"), Side: 16}
	ctx, cancel := context.WithCancel(context.Background())
	_, _, err := Prepare(ctx, o, func(done, _ int) {
		if done == 128 {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "128 of 200 are done: the same command goes on there") {
		t.Errorf("cancelled: %v", err)
	}
	if _, err := os.Stat(o.Cache); err == nil {
		t.Error("a half-written pack is there")
	}
	f, _, err := Prepare(context.Background(), o, func(done, _ int) {
		if done < 128 {
			t.Errorf("did %d again", done)
		}
	})
	if err != nil || f.Len() != 200 {
		t.Errorf("after going on: %v", err)
	}
	ctx, cancel = context.WithCancel(context.Background())
	cancel()
	o.Cache += "2"
	if _, _, err := Prepare(ctx, o, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled at once: %v", err)
	}
	if left, _ := filepath.Glob(o.Cache + "*"); len(left) > 0 {
		t.Errorf("nothing was done, but there is %v", left)
	}
}

func TestPrepareErrors(t *testing.T) {
	file := func(dir, name, text string) string {
		os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755)
		os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644)
		return dir
	}
	two := facestest.WriteCelebA(t, 3)
	file(two, "labels.csv", header)
	file(two, "images/a.jpg", "")
	m, err := ParseMapping("[attributes]\ndrop = [\"Blury\"]")
	if err != nil {
		t.Fatal(err)
	}
	cache := t.TempDir()
	for _, c := range []struct {
		name string
		o    Options
		want string
	}{
		{"no folder", Options{Dir: filepath.Join(cache, "none")}, "no such file or directory: give the folder"},
		{"an empty folder", Options{Dir: t.TempDir()}, "holds no data set: there should be a table labels.csv"},
		{"a file that is no pack", Options{Dir: filepath.Join(file(t.TempDir(), "x", strings.Repeat("x", 5000)), "x")}, "is no packed data set"},
		{"two data sets", Options{Dir: two}, "holds 2 data sets: manifest (labels.csv), celeba (list_attr_celeba.txt): choose one with --format"},
		{"unknown format", Options{Dir: two, Format: "celebra"}, `unknown format "celebra": did you mean "celeba"?`},
		{"another format", Options{Dir: two, Format: "utkface"}, "is no data set of the format utkface"},
		{"a side", Options{Dir: two, Side: 5}, "a side of 5 pixels: give 16 to 1024"},
		{"a mapping for other data", Options{Dir: two, Format: "celeba", Mapping: m}, `attribute "Blury", which list_attr_celeba.txt lacks: did you mean "Blurry"?`},
		{"no pictures folder", Options{Dir: file(t.TempDir(), "labels.csv", header+"a.jpg,20,male,1,0\n")}, "there is no folder"},
		{"nothing usable", Options{Dir: file(file(t.TempDir(), "labels.csv", header+"a.jpg,20,male,1,0\nb.jpg,2,male,1,0\n"), "images/c.jpg", "")}, "none of 2 faces can be used: left out 1"},
		{"no rows", Options{Dir: file(file(t.TempDir(), "labels.csv", header), "images/c.jpg", "")}, "none of 0 faces can be used"},
		{"a folder in place of the pack", Options{Dir: facestest.Write(t, 2), Cache: t.TempDir()}, "is a folder"},
	} {
		if c.o.Cache == "" {
			c.o.Cache = filepath.Join(cache, "faces.pack")
		}
		if _, _, err := Prepare(context.Background(), c.o, nil); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", c.name, err, c.want)
		}
	}
	if left, _ := os.ReadDir(cache); len(left) > 0 {
		t.Errorf("there is %v", left)
	}
	if f, _ := prepare(t, Options{Dir: two, Format: "celeba", Side: 16}); f.Format != "celeba" {
		t.Error("the format was not forced")
	}
}

// TestDiskFull: what cannot be written is an error, and what is done stays.
func TestDiskFull(t *testing.T) {
	o := Options{Dir: facestest.Write(t, 20), Cache: filepath.Join(t.TempDir(), "faces.pack"), Side: 16}
	l, info := read(t, o)
	w, err := startPack(o.Cache, o.Side, info)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.addAll(context.Background(), l.records[:10], nil); err != nil {
		t.Fatal(err)
	}
	if err := w.flush(); err != nil {
		t.Fatal(err)
	}
	w.pixels.Close() // nothing can be written from here on
	if err := w.addAll(context.Background(), l.records, nil); err == nil || !strings.Contains(err.Error(), "free some space") {
		t.Errorf("error %v", err)
	}
	w.journal.Close()
	begun := 0
	f, _, err := Prepare(context.Background(), o, func(done, _ int) { begun = done })
	if err != nil || f.Len() != 20 || begun != 20 {
		t.Errorf("after space was freed: %v", err)
	}
}
