package picture

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"image"
	"image/gif"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// waves is a frame whose colours change with place and time, smooth as a face.
func waves(w, h int, at float64) *Picture {
	p := New(w, h)
	for i := range w * h {
		x, y := float64(i%w)/float64(w), float64(i/w)/float64(h)
		p.Pix[3*i] = float32(0.5 + 0.4*math.Sin(6*x+at))
		p.Pix[3*i+1] = float32(0.45 + 0.35*math.Sin(4*y+6*x+at))
		p.Pix[3*i+2] = float32(0.4 + 0.3*y)
	}
	return p
}

// film makes a film of n frames.
func film(t testing.TB, n, w, h int) *Film {
	t.Helper()
	f := &Film{Rate: 12, Meta: map[string]string{"Disclaimer": "This person does not exist.", "é": "x"}}
	delete(f.Meta, "é")
	for i := range n {
		p := waves(w, h, float64(i)/5)
		p.SetMeta("frame", fmt.Sprint(i))
		var err error
		if f, err = f.Add(RasterOf(p)); err != nil {
			t.Fatal(err)
		}
	}
	return f
}

// frame gives a frame of the film as an image of the standard library.
func (f *Film) frame(i int) *image.NRGBA {
	m := image.NewNRGBA(f.bounds())
	for k, v := range f.pixels(i) {
		m.Pix[k/3*4+k%3] = v
	}
	for k := 3; k < len(m.Pix); k += 4 {
		m.Pix[k] = 255
	}
	return m
}

// apngFrame is a frame as found in a file.
type apngFrame struct {
	delay float64 // seconds
	image image.Image
}

// splitAPNG reads an animated PNG by the text of the specification: it takes the
// chunks apart, and has package image/png decode each frame as a PNG of its own.
func splitAPNG(t *testing.T, b []byte) (frames []apngFrame, plays uint32, texts map[string]string) {
	t.Helper()
	const magic = "\x89PNG\r\n\x1a\n"
	if string(b[:8]) != magic {
		t.Fatal("no signature")
	}
	var head, data []byte
	var control []byte
	var count, sequence uint32
	texts = map[string]string{}
	chunk := func(id string, d []byte) []byte {
		out := binary.BigEndian.AppendUint32(nil, uint32(len(d)))
		out = append(append(out, id...), d...)
		return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(out[4:]))
	}
	end := func() {
		if control == nil {
			return
		}
		w, h := binary.BigEndian.Uint32(control[4:]), binary.BigEndian.Uint32(control[8:])
		own := append([]byte(nil), head...)
		binary.BigEndian.PutUint32(own, w)
		binary.BigEndian.PutUint32(own[4:], h)
		m, err := png.Decode(bytes.NewReader(append(append(append([]byte(magic), chunk("IHDR", own)...), chunk("IDAT", data)...), chunk("IEND", nil)...)))
		if err != nil {
			t.Fatalf("frame %d: %v", len(frames), err)
		}
		frames = append(frames, apngFrame{float64(binary.BigEndian.Uint16(control[20:])) / float64(binary.BigEndian.Uint16(control[22:])), m})
		data = nil
	}
	next := func(d []byte) {
		if got := binary.BigEndian.Uint32(d); got != sequence {
			t.Fatalf("sequence number %d, want %d", got, sequence)
		}
		sequence++
	}
	for at := 8; at < len(b); {
		n := int(binary.BigEndian.Uint32(b[at:]))
		id, d := string(b[at+4:at+8]), b[at+8:at+8+n]
		if crc32.ChecksumIEEE(b[at+4:at+8+n]) != binary.BigEndian.Uint32(b[at+8+n:]) {
			t.Fatalf("%s: wrong checksum", id)
		}
		at += 12 + n
		switch id {
		case "IHDR":
			head = d
		case "acTL":
			if data != nil || control != nil {
				t.Fatal("acTL is not before the data")
			}
			count, plays = binary.BigEndian.Uint32(d), binary.BigEndian.Uint32(d[4:])
		case "fcTL":
			next(d)
			end()
			if len(d) != 26 || d[24] != 0 || d[25] != 0 {
				t.Fatalf("fcTL is %v", d)
			}
			control = d
		case "IDAT":
			if len(frames) > 0 {
				t.Fatal("IDAT behind the first frame")
			}
			data = append(data, d...)
		case "fdAT":
			next(d)
			data = append(data, d[4:]...)
		case "iTXt":
			key, text, _ := strings.Cut(string(d), "\x00\x00\x00\x00\x00")
			texts[key] = text
		case "IEND":
			end()
			if at != len(b) {
				t.Error("something stands behind the end")
			}
		default:
			t.Errorf("chunk %s", id)
		}
	}
	if int(count) != len(frames) {
		t.Errorf("%d frames are announced, %d found", count, len(frames))
	}
	return frames, plays, texts
}

func TestAPNG(t *testing.T) {
	defer func(n int) { pngSegment = n }(pngSegment)
	pngSegment = 1000 // several pieces a frame
	f := film(t, 5, 31, 23)
	f.Loops = 3
	for _, bounce := range []bool{false, true} {
		f.Bounce = bounce
		path := filepath.Join(t.TempDir(), "film.apng")
		last := 0.0
		if err := SaveFilm(context.Background(), path, f, func(v float64) { last = v }); err != nil || last != 1 {
			t.Fatal(err, last)
		}
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		frames, plays, texts := splitAPNG(t, b)
		want := []int{0, 1, 2, 3, 4}
		if bounce {
			want = append(want, 3, 2, 1)
		}
		if len(frames) != len(want) || plays != 3 {
			t.Fatalf("%d frames, %d plays", len(frames), plays)
		}
		sum := 0.0
		for i, got := range frames {
			sum += got.delay
			if !sameColours(got.image, f.frame(want[i])) {
				t.Errorf("frame %d is another picture", i)
			}
		}
		if math.Abs(sum-float64(len(want))/12) > 1e-3 {
			t.Errorf("it lasts %g s", sum)
		}
		if diff := cmp.Diff(f.Meta, texts); diff != "" {
			t.Error(diff)
		}
		p, err := Open(path) // others see the first frame
		if err != nil || p.Meta["Disclaimer"] == "" || !sameColours(p.ToImage(), f.frame(0)) {
			t.Error(err, p.Meta)
		}
	}
}

func sameColours(a, b image.Image) bool {
	if a.Bounds() != b.Bounds() {
		return false
	}
	for y := range a.Bounds().Dy() {
		for x := range a.Bounds().Dx() {
			r1, g1, b1, a1 := a.At(x, y).RGBA()
			r2, g2, b2, a2 := b.At(x, y).RGBA()
			if r1 != r2 || g1 != g2 || b1 != b2 || a1 != a2 {
				return false
			}
		}
	}
	return true
}

// gifTolerance is the mean difference of colours smoothed over 8x8 pixels, in
// parts of their range: the 256 colours of two waves lie about 0.02 apart, and
// dithering averages most of that out.
const gifTolerance = 0.006

func TestGIF(t *testing.T) {
	f := film(t, 5, 64, 48)
	f.Meta["text"] = "naïve 🙂" + strings.Repeat(".", 300)
	for _, how := range Dithers() {
		for loops, count := range map[int]int{0: 0, 1: -1, 4: 3} {
			f.Dither, f.Loops = Dither(how), loops
			path := filepath.Join(t.TempDir(), "film.gif")
			if err := SaveFilm(context.Background(), path, f, nil); err != nil {
				t.Fatal(err)
			}
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			g, err := gif.DecodeAll(bytes.NewReader(b))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]int{8, 9, 8, 8, 9}, g.Delay); diff != "" || g.LoopCount != count || len(g.Image) != 5 {
				t.Errorf("%s, shown %d times, %d frames", diff, g.LoopCount, len(g.Image))
			}
			for i, m := range g.Image {
				if len(m.Palette) != 256 || m.Bounds() != f.bounds() {
					t.Fatalf("frame %d: %d colours, %v", i, len(m.Palette), m.Bounds())
				}
				if d := smoothDifference(m, f.frame(i)); d > gifTolerance {
					t.Errorf("%s, frame %d: it differs by %.4f", how, i, d)
				}
			}
			if !bytes.Contains(b, []byte("\x21\xfe\x27Disclaimer: This person does not exist.\x00")) || !bytes.Contains(b, []byte(`text: na\u00efve \ud83d\ude42...`)) || b[len(b)-1] != 0x3b {
				t.Error("a comment is missing")
			}
		}
	}
}

// smoothDifference compares means over tiles of 8x8 pixels.
func smoothDifference(a, b image.Image) float64 {
	sum, n := 0.0, 0
	for y := 0; y < a.Bounds().Dy(); y += 8 {
		for x := 0; x < a.Bounds().Dx(); x += 8 {
			var d [3]float64
			for k := range 64 {
				r1, g1, b1, _ := a.At(x+k%8, y+k/8).RGBA()
				r2, g2, b2, _ := b.At(x+k%8, y+k/8).RGBA()
				d[0], d[1], d[2] = d[0]+float64(r1)-float64(r2), d[1]+float64(g1)-float64(g2), d[2]+float64(b1)-float64(b2)
			}
			for _, v := range d {
				sum, n = sum+math.Abs(v)/64/65535, n+1
			}
		}
	}
	return sum / float64(n)
}

// A palette has the colours of a picture of few, and comes near to those of one
// of many: dithering brings it nearer still.
func TestPalette(t *testing.T) {
	p := New(64, 64)
	for i := range p.Pix {
		p.Pix[i] = float32(i/3%4) / 4
	}
	f, err := Film{Rate: 1}.Add(RasterOf(p))
	if err != nil {
		t.Fatal(err)
	}
	q := paletteOf(f, 256)
	if len(q.list) != 4 || q.error != 0 {
		t.Errorf("%d colours, error %g", len(q.list), q.error)
	}
	f = film(t, 3, 64, 64)
	few, many := paletteOf(f, 64), paletteOf(f, 256)
	if len(few.list) != 64 || len(many.list) != 256 || !(many.error < 0.6*few.error) || many.error > 8 {
		t.Errorf("errors %g of %d colours and %g of %d", few.error, len(few.list), many.error, len(many.list))
	}
	slope := New(64, 64) // four colours over it make bands, wider than the tiles that are compared
	for i := range slope.Pix {
		slope.Pix[i] = 0.3 + 0.4*float32(i/3%64)/63
	}
	if f, err = (Film{Rate: 1}).Add(RasterOf(slope)); err != nil {
		t.Fatal(err)
	}
	few = paletteOf(f, 4)
	flat := make([]byte, 64*64)
	few.dither(flat, f.pixels(0), 64, DitherNone)
	plain := smoothDifference(f.paletted(flat, few), f.frame(0))
	for _, how := range []Dither{DitherOrdered, DitherDiffusion} {
		out := make([]byte, 64*64)
		few.dither(out, f.pixels(0), 64, how)
		if d := smoothDifference(f.paletted(out, few), f.frame(0)); d > plain/2 {
			t.Errorf("%s: it differs by %.4f, without by %.4f", how, d, plain)
		}
	}
	seen := map[float64]bool{}
	for _, v := range bayer {
		seen[v] = true
	}
	if len(seen) != 64 {
		t.Errorf("%d thresholds", len(seen))
	}
}

func (f *Film) paletted(places []byte, p *palette) image.Image {
	m := image.NewNRGBA(f.bounds())
	for i, at := range places {
		c := p.list[at]
		copy(m.Pix[4*i:], []byte{c[0], c[1], c[2], 255})
	}
	return m
}

func TestFramesInAFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "deep", "frames")
	f := film(t, 3, 16, 16)
	if err := SaveFilm(context.Background(), dir+"/", f, nil); err != nil {
		t.Fatal(err)
	}
	entries, _ := os.ReadDir(dir)
	for i, e := range entries {
		p, err := Open(filepath.Join(dir, e.Name()))
		if err != nil || e.Name() != fmt.Sprintf("%04d.png", i+1) || p.Meta["frame"] != fmt.Sprint(i) || p.Meta["Disclaimer"] == "" || !sameColours(p.ToImage(), f.frame(i)) {
			t.Error(e.Name(), err, p.Meta)
		}
	}
	if len(entries) != 3 {
		t.Errorf("%d files", len(entries))
	}
}

func TestBadFilms(t *testing.T) {
	dir := t.TempDir()
	good := film(t, 2, 8, 8)
	for want, change := range map[string]func(f *Film){
		"it has no frame":        func(f *Film) { f.Frames = nil },
		"60 frames a second":     func(f *Film) { f.Rate = 60 },
		"NaN frames a second":    func(f *Film) { f.Rate = math.NaN() },
		"shown -1 times":         func(f *Film) { f.Loops = -1 },
		`the metadata key "  k"`: func(f *Film) { f.Meta = map[string]string{"  k": ""} },
	} {
		f := *good
		change(&f)
		if err := SaveFilm(context.Background(), filepath.Join(dir, "a.gif"), &f, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	err := SaveFilm(context.Background(), filepath.Join(dir, "a.webm"), good, nil)
	if !errors.Is(err, ErrFormat) || !strings.Contains(err.Error(), "we do not write films as .webm") {
		t.Error(err)
	}
	if err := SaveFilm(context.Background(), filepath.Join(dir, "none", "a.png"), good, nil); err == nil {
		t.Error("no folder: no error")
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for _, name := range []string{"a.gif", "a.png", "frames/"} {
		if err := SaveFilm(ctx, filepath.Join(dir, name), good, nil); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*.*")); len(left) > 0 {
		t.Errorf("files are left: %v", left)
	}
	for want, add := range map[string]*Picture{"frame 3 has 9x8 pixels, the first 8x8": New(9, 8), "frame 3: picture: its size is 0x0": {}} {
		if _, err := good.Add(RasterOf(add)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	if len(good.Frames) != 2 {
		t.Error("a film was changed")
	}
	for want, err := range map[string]error{
		"2001 frames: at most 2000":                   CheckFilm(2001, 1, 1),
		"200 frames of 1024x1024 pixels: at most 128": CheckFilm(200, 1024, 1024),
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	clear := Filled(8, 8, 0, 0, 0)
	clear.Alpha = make([]float32, 64)
	f, err := good.Add(RasterOf(clear))
	if err != nil || f.pixels(2)[0] != 255 {
		t.Error("what is transparent is not white", err)
	}
}
