package picture

import (
	"bytes"
	"context"
	"errors"
	"image"
	"io"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// names returns the names in a folder.
func names(t testing.TB, dir string) []string {
	t.Helper()
	es, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range es {
		out = append(out, e.Name())
	}
	return out
}

func TestSaveAndOpen(t *testing.T) {
	dir := t.TempDir()
	p := FromImage(sample(20, 10))
	p.SetMeta("atelier:recipe", "portrait{text = \"été\"}\n")
	p.SetMeta("atelier:long", strings.Repeat("plan öß ", 20_000)) // several JPEG segments, a compressed PNG chunk
	clear := FromImage(sample(4, 4))
	clear.Alpha = []float32{0, 1, 0.2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}
	for _, c := range []struct {
		name string
		p    *Picture
		o    SaveOptions
		tol  float64
	}{
		{"a.png", p, SaveOptions{}, 0.5 / 255},
		{"small.png", p, SaveOptions{Small: true}, 0.5 / 255},
		{"deep.PNG", p, SaveOptions{Deep: true}, 0},
		{"a.jpg", p, SaveOptions{Quality: 100}, 0.25},
		{"a.JPEG", p, SaveOptions{}, 0.3},
		{"clear.png", clear, SaveOptions{Deep: true}, 0.5 / 65535},
	} {
		path := filepath.Join(dir, c.name)
		if err := SaveContext(context.Background(), path, c.p, c.o); err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		q, err := Open(path)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if d := near(q.Pix, c.p.Pix); d > c.tol+1e-7 {
			t.Errorf("%s: off by %v", c.name, d)
		}
		if d := near(q.Alpha, c.p.Alpha); d > c.tol+1e-7 {
			t.Errorf("%s: alpha off by %v", c.name, d)
		}
		if d := cmp.Diff(c.p.Meta, q.Meta); d != "" {
			t.Errorf("%s: metadata (-want +got):\n%.500s", c.name, d)
		}
		in, err := Stat(path)
		if err != nil || in.W != c.p.W || in.H != c.p.H || !cmp.Equal(in.Meta, c.p.Meta) {
			t.Errorf("%s: Stat %v %dx%d", c.name, err, in.W, in.H)
		}
	}
	// A clear picture in a JPEG stands on white.
	white := &Picture{W: 8, H: 8, Pix: make([]float32, 192), Alpha: make([]float32, 64)}
	if err := Save(filepath.Join(dir, "white.jpg"), white); err != nil {
		t.Fatal(err)
	}
	q, err := Open(filepath.Join(dir, "white.jpg"))
	if err != nil || q.Pix[0] < 0.99 {
		t.Errorf("clear JPEG: %v", err)
	}
	for _, n := range names(t, dir) {
		if strings.HasSuffix(n, ".tmp") {
			t.Errorf("%s was left behind", n)
		}
	}
}

func TestSaveErrors(t *testing.T) {
	dir := t.TempDir()
	p := New(3, 3)
	file := filepath.Join(dir, "old.png")
	if err := Save(file, p); err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(dir, "folder.png")
	if err := os.Mkdir(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	bad := func(k, v string) *Picture { q := New(1, 1); q.SetMeta(k, v); return q }
	stopped, cancel := context.WithCancel(context.Background())
	cancel()
	bg := context.Background()
	for _, c := range []struct {
		name string
		ctx  context.Context
		path string
		p    *Picture
		o    SaveOptions
		kind error
		say  string
	}{
		{"ending", bg, "x.webp", p, SaveOptions{}, ErrFormat, "save x.webp: we do not write .webp files: end the name in .png, .jpg or .jpeg"},
		{"no ending", bg, "x", p, SaveOptions{}, ErrFormat, "no ending that tells the format: end the name in .png"},
		{"no folder", bg, filepath.Join(dir, "none", "x.png"), p, SaveOptions{}, ErrWrite, "its folder does not exist: make the folder first"},
		{"file as folder", bg, filepath.Join(file, "x.png"), p, SaveOptions{}, ErrWrite, "a file, not a folder"},
		{"folder", bg, folder, p, SaveOptions{}, ErrWrite, "it is a folder: add the name of a file"},
		{"stopped", stopped, filepath.Join(dir, "y.png"), p, SaveOptions{}, context.Canceled, "it was stopped before it was done: run it again"},
		{"empty", bg, filepath.Join(dir, "y.png"), New(0, 3), SaveOptions{}, ErrWrite, "there is nothing to write"},
		{"none", bg, filepath.Join(dir, "y.png"), nil, SaveOptions{}, ErrWrite, "there is nothing to write"},
		{"broken", bg, filepath.Join(dir, "y.png"), &Picture{W: 2, H: 2, Pix: make([]float32, 3)}, SaveOptions{}, ErrWrite, "do not make 2x2 pixels"},
		{"wide JPEG", bg, filepath.Join(dir, "y.jpg"), New(65536, 1), SaveOptions{}, ErrWrite, "save it as PNG"},
		{"quality", bg, filepath.Join(dir, "y.jpg"), p, SaveOptions{Quality: 101}, ErrWrite, "the quality is 101: give 1 to 100"},
		{"key", bg, filepath.Join(dir, "y.png"), bad(" a", "b"), SaveOptions{}, ErrWrite, "metadata key"},
		{"text", bg, filepath.Join(dir, "y.png"), bad("a", "b\x00"), SaveOptions{}, ErrWrite, "metadata text"},
		{"long name", bg, filepath.Join(dir, strings.Repeat("x", 300)+".png"), p, SaveOptions{}, ErrWrite, ""},
	} {
		err := SaveContext(c.ctx, c.path, c.p, c.o)
		if !errors.Is(err, c.kind) || !strings.Contains(err.Error(), c.say) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", c.name, err)
		}
		if BadInput(err) {
			t.Errorf("%s: %v is no fault of an input", c.name, err)
		}
	}
	if d := cmp.Diff([]string{"folder.png", "old.png"}, names(t, dir)); d != "" {
		t.Errorf("files (-want +got):\n%s", d)
	}
}

func TestSaveIntoReadOnlyFolder(t *testing.T) {
	if os.Getuid() <= 0 {
		t.Skip("this user may write everywhere")
	}
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o500); err != nil {
		t.Fatal(err)
	}
	err := Save(filepath.Join(dir, "x.png"), New(2, 2))
	if !errors.Is(err, ErrWrite) || !strings.Contains(err.Error(), "we may not write in its folder: choose another") {
		t.Error(err)
	}
	if n := names(t, dir); len(n) != 0 {
		t.Errorf("left behind: %v", n)
	}
}

// A writer that fails after any number of bytes leaves the older file whole.
func TestWriteAtomicFailures(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "x.png")
	if err := os.WriteFile(path, []byte("old"), 0o640); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	for _, c := range []struct {
		name string
		f    func(io.Writer) error
		say  string
	}{
		{"disk full", func(w io.Writer) error { io.WriteString(w, "half"); return syscall.ENOSPC }, "the disk is full: free some space"},
		{"broken", func(w io.Writer) error { return errors.New("out of ink") }, "writing failed (out of ink)"},
		{"stopped half way", func(w io.Writer) error {
			if _, err := io.WriteString(w, "half"); err != nil {
				return err
			}
			cancel()
			_, err := io.WriteString(w, "rest")
			return err
		}, "it was stopped"},
		{"stopped at the end", func(w io.Writer) error { return nil }, "it was stopped"},
	} {
		err := writeAtomic(ctx, path, c.f)
		if !errors.Is(err, ErrWrite) || !strings.Contains(err.Error(), c.say) {
			t.Errorf("%s: %v", c.name, err)
		}
		if b, err := os.ReadFile(path); err != nil || string(b) != "old" || len(names(t, dir)) != 1 {
			t.Errorf("%s: file %q %v, folder %v", c.name, b, err, names(t, dir))
		}
	}
	if err := writeAtomic(context.Background(), path, func(w io.Writer) error { _, err := io.WriteString(w, "new"); return err }); err != nil {
		t.Fatal(err)
	}
	st, err := os.Stat(path)
	if b, _ := os.ReadFile(path); err != nil || string(b) != "new" || runtime.GOOS != "windows" && st.Mode().Perm() != 0o640 {
		t.Errorf("after success: %q %v %v", b, st.Mode(), err)
	}
}

func TestSaveThroughLink(t *testing.T) {
	dir := t.TempDir()
	target, link := filepath.Join(dir, "t.png"), filepath.Join(dir, "l.png")
	if err := os.WriteFile(target, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(target, link); err != nil {
		t.Skip("no symbolic links here")
	}
	if err := Save(link, New(2, 2)); err != nil {
		t.Fatal(err)
	}
	if st, err := os.Lstat(link); err != nil || st.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link was replaced: %v", err)
	}
	if _, err := Open(target); err != nil {
		t.Error(err)
	}
}

// failing fails after n bytes.
type failing struct{ n int }

func (f *failing) Write(b []byte) (int, error) {
	if len(b) > f.n {
		return f.n, syscall.ENOSPC
	}
	f.n -= len(b)
	return len(b), nil
}

func TestEncodeToFailingWriter(t *testing.T) {
	p := FromImage(sample(9, 9))
	p.SetMeta("k", "v")
	for _, f := range []Format{PNG, JPEG} {
		var whole bytes.Buffer
		if err := Encode(&whole, f, p, SaveOptions{}); err != nil {
			t.Fatal(err)
		}
		for n := range whole.Len() {
			if err := Encode(&failing{n}, f, p, SaveOptions{}); !errors.Is(err, ErrWrite) || !errors.Is(err, syscall.ENOSPC) {
				t.Fatalf("%s, %d bytes: %v", f, n, err)
			}
		}
	}
	if err := Encode(io.Discard, TIFF, p, SaveOptions{}); !errors.Is(err, ErrFormat) {
		t.Error(err)
	}
}

func TestToImageRounds(t *testing.T) {
	nan := float32(math.NaN())
	p := &Picture{W: 2, H: 1, Pix: []float32{-1, 2, nan, 0.5, 1 / 255. * 0.49, 1 / 255. * 0.51}}
	if d := cmp.Diff([]byte{0, 255, 0, 255, 128, 0, 1, 255}, p.ToImage().Pix); d != "" {
		t.Error(d)
	}
	// Every 8- and 16-bit value comes back as it went in.
	m := image.NewNRGBA64(image.Rect(0, 0, 65536, 1))
	for i := range 65536 {
		for c := range 3 {
			m.Pix[8*i+2*c], m.Pix[8*i+2*c+1] = byte(i>>8), byte(i)
		}
		m.Pix[8*i+6], m.Pix[8*i+7] = 255, 255
	}
	if !bytes.Equal(FromImage(m).ToImage16().Pix, m.Pix) {
		t.Error("16-bit values change on the way")
	}
	for v := range 256 {
		if to8(float32(v)/255) != uint8(v) {
			t.Errorf("%d changes on the way", v)
		}
	}
}
