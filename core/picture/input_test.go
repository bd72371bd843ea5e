package picture

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"image/gif"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// written puts bytes into a file.
func written(t testing.TB, name string, b []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// bothWays opens a file as a picture and as a raster in a temporary file and
// checks that they agree.
func bothWays(t testing.TB, path string) (*Picture, error) {
	t.Helper()
	p, err := Open(path)
	r, rerr := OpenRaster(context.Background(), path, Limits{}, RasterOptions{Memory: 1, Dir: t.TempDir()})
	if (err == nil) != (rerr == nil) || err != nil && err.Error() != rerr.Error() {
		t.Errorf("%s: picture %v, raster %v", path, err, rerr)
	}
	if err != nil || rerr != nil {
		return p, err
	}
	defer r.Close()
	q, err := r.Picture()
	if err != nil {
		t.Fatal(err)
	}
	tol := 0.5/255 + 1e-6
	if r.Depth() == 16 {
		tol = 1e-5
	}
	if near(p.Pix, q.Pix) > tol || near(p.Alpha, q.Alpha) > tol || r.Alpha() != (p.Alpha != nil) {
		t.Errorf("%s: raster and picture differ by %v, alpha %v", path, near(p.Pix, q.Pix), near(p.Alpha, q.Alpha))
	}
	return p, err
}

// animatedWebP wraps two still files into frames of one animation.
func animatedWebP(w, h, x, y int, still []byte) []byte {
	put24 := func(b []byte, v int) []byte { return append(b, byte(v), byte(v>>8), byte(v>>16)) }
	chunkOf := func(id string, d []byte) []byte {
		b := binary.LittleEndian.AppendUint32([]byte(id), uint32(len(d)))
		return append(append(b, d...), make([]byte, len(d)%2)...)
	}
	inner := still[12:]
	if string(inner[:4]) == "VP8X" {
		inner = inner[18:]
	}
	frame := put24(put24(put24(put24(put24(nil, x/2), y/2), 15), 7), 100)
	frame = append(append(frame, 0), inner...)
	body := []byte("WEBP")
	body = append(body, chunkOf("VP8X", put24(put24([]byte{2 | 16, 0, 0, 0}, w-1), h-1))...)
	body = append(body, chunkOf("ANIM", make([]byte, 6))...)
	for range 2 {
		body = append(body, chunkOf("ANMF", frame)...)
	}
	return chunkOf("RIFF", body)
}

func TestAnimationsGiveTheirFirstFrame(t *testing.T) {
	for name, still := range map[string]string{"lossy": webpLossy, "alpha": webpAlpha, "lossless": webpLossless} {
		b := unbase64(t, still)
		want, err := Decode(bytes.NewReader(b), "x")
		if err != nil {
			t.Fatal(err)
		}
		p, err := bothWays(t, written(t, "a.webp", animatedWebP(16, 8, 0, 0, b)))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if near(p.Pix, want.Pix) > 0 || near(p.Alpha, want.Alpha) > 0 {
			t.Errorf("%s: the first frame is off by %v", name, near(p.Pix, want.Pix))
		}
		p, err = bothWays(t, written(t, "a.webp", animatedWebP(20, 12, 4, 2, b)))
		if err != nil || p.W != 20 || p.H != 12 || p.Alpha[0] != 0 || p.Alpha[2*20+4] != 1 {
			t.Errorf("%s on a larger canvas: %v", name, err)
			continue
		}
		part, err := p.Crop(4, 2, 16, 8)
		if err != nil || near(part.Pix, want.Pix) > 0.51/255 {
			t.Errorf("%s on a larger canvas: off by %v, %v", name, near(part.Pix, want.Pix), err)
		}
		_, err = bothWays(t, written(t, "a.webp", animatedWebP(16, 8, 4, 0, b)))
		if !errors.Is(err, ErrDamaged) {
			t.Errorf("%s outside its canvas: %v", name, err)
		}
	}
	two := &gif.GIF{Delay: []int{1, 1}}
	for i := range 2 {
		m := image.NewPaletted(image.Rect(0, 0, 4, 4), color.Palette{color.RGBA{255, 0, 0, 255}, color.RGBA{0, 0, 255, 255}})
		for j := range m.Pix {
			m.Pix[j] = byte(i)
		}
		two.Image = append(two.Image, m)
	}
	var b bytes.Buffer
	if err := gif.EncodeAll(&b, two); err != nil {
		t.Fatal(err)
	}
	if p, err := bothWays(t, written(t, "a.gif", b.Bytes())); err != nil || p.Pix[0] != 1 || p.Pix[2] != 0 {
		t.Errorf("GIF: %v", err)
	}
	apng := withPNGChunk(withPNGChunk(encoded(t, PNG, sample(3, 3)), "fcTL", make([]byte, 26)), "acTL", make([]byte, 8))
	if p, err := bothWays(t, written(t, "a.png", apng)); err != nil || near(p.Pix, FromImage(sample(3, 3)).Pix) != 0 {
		t.Errorf("APNG: %v", err)
	}
}

// Every kind of bad or odd file gives a picture or a clear error, the same as
// a picture and as a raster.
func TestOddFiles(t *testing.T) {
	ycck := cmykJPEG(255, 127, 127, 0) // Adobe stores ink as light: dark is no ink, no chroma, no black
	i := bytes.Index(ycck, []byte("Adobe"))
	ycck[i+11] = 2
	noAdobe := cmykJPEG(1, 2, 3, 4)
	copy(noAdobe[bytes.Index(noAdobe, []byte("Adobe")):], "Other")
	grey16 := image.NewGray16(image.Rect(0, 0, 1, 1))
	grey16.Pix = []byte{0x12, 0x34}
	huge := encoded(t, PNG, sample(2, 2))
	binary.BigEndian.PutUint32(huge[16:], 50000)
	binary.BigEndian.PutUint32(huge[20:], 40000)
	binary.BigEndian.PutUint32(huge[29:], crc32Of(huge[12:29]))
	short := encoded(t, PNG, sample(60, 60))
	for _, c := range []struct {
		name string
		b    []byte
		say  string     // of the error
		rgb  [3]float32 // of the first pixel
	}{
		{"one.png", encoded(t, PNG, sample(1, 1)), "", [3]float32{0, 0, 0}},
		{"one.jpg", encoded(t, JPEG, image.NewGray(image.Rect(0, 0, 1, 1))), "", [3]float32{0, 0, 0}},
		{"deep.png", encoded(t, PNG, grey16), "", [3]float32{4660. / 65535, 4660. / 65535, 4660. / 65535}},
		{"deep.tif", encoded(t, TIFF, grey16), "", [3]float32{4660. / 65535, 4660. / 65535, 4660. / 65535}},
		{"inks.jpg", cmykJPEG(0, 255, 255, 0), "", [3]float32{1, 0, 0}},
		{"ycck.jpg", ycck, "", [3]float32{1, 1, 1}},
		{"no adobe.jpg", noAdobe, "a kind of JPEG we do not read", [3]float32{}},
		{"wrong ending.jpg", encoded(t, PNG, sample(2, 2)), "", [3]float32{}},
		{"wrong ending.png", encoded(t, BMP, sample(2, 2)), "", [3]float32{}},
		{"two gigapixels.png", huge, "50000x40000 pixels (2000 megapixels), over the limit of 400 megapixels: shrink it first or raise the limit", [3]float32{}},
		{"empty.png", nil, "it is empty (0 bytes)", [3]float32{}},
		{"short.png", short[:len(short)*2/3], "the PNG ends too early", [3]float32{}},
	} {
		p, err := bothWays(t, written(t, c.name, c.b))
		if (c.say == "") != (err == nil) || err != nil && (!strings.Contains(err.Error(), c.say) || !BadInput(err)) {
			t.Errorf("%s: %v, want %q", c.name, err, c.say)
		}
		if err == nil && near(p.Pix[:3], c.rgb[:]) > 1./255 {
			t.Errorf("%s: %v, want %v", c.name, p.Pix[:3], c.rgb)
		}
	}
}

// What decoding would take is checked before it is taken.
func TestDecodeMemory(t *testing.T) {
	progressive := encoded(t, JPEG, sample(64, 64))
	progressive[bytes.Index(progressive, []byte{0xff, 0xc0})+1] = 0xc2
	for _, c := range []struct {
		name string
		b    []byte
		need int64 // of a raster
		say  string
	}{
		{"a.jpg", encoded(t, JPEG, sample(64, 64)), 64 * 64 * 3 / 2, "this JPEG of 64x64 pixels takes 0 MB"},
		{"grey.jpg", encoded(t, JPEG, image.NewGray(image.Rect(0, 0, 64, 64))), 64 * 64, "this JPEG"},
		{"p.jpg", progressive, 64 * 64 * 15 / 2, "this progressive JPEG of 64x64 pixels takes 0 MB to decode, over the limit of 0 MB: save it as a PNG or a baseline JPEG"},
		{"inks.jpg", cmykJPEG(1, 2, 3, 4), 8 * 8 * 8, "CMYK"},
		{"i.png", unbase64(t, interlacedPNG), 9 * 7 * 6, "this interlaced PNG of 9x7 pixels"},
		{"a.bmp", encoded(t, BMP, sample(9, 9)), 81 * 4, "this BMP"},
		{"a.tif", encoded(t, TIFF, sample(9, 9)), 81 * 8, "this TIFF"},
		{"a.webp", unbase64(t, webpLossless), 128 * 8, "this WebP"},
	} {
		path := written(t, c.name, c.b)
		open := func(memory int64) error {
			r, err := OpenRaster(context.Background(), path, Limits{Memory: memory}, RasterOptions{})
			if err == nil {
				r.Close()
			}
			return err
		}
		err := open(c.need - 1)
		if !errors.Is(err, ErrTooLarge) || !strings.Contains(err.Error(), c.say) {
			t.Errorf("%s: %v", c.name, err)
		}
		if in, err := Stat(path); err != nil || in.Memory < c.need || in.Memory > c.need+41*64*64 {
			t.Errorf("%s: %+v %v", c.name, in, err)
		}
		if _, stat := (Limits{Memory: c.need - 1}).Stat(path); stat == nil || stat.Error() != err.Error() {
			t.Errorf("%s: Stat %v", c.name, stat)
		}
		if err := open(c.need); err != nil && c.name != "p.jpg" {
			t.Errorf("%s within its need: %v", c.name, err)
		}
	}
	path := written(t, "a.png", encoded(t, PNG, sample(10, 10)))
	if _, err := (Limits{Memory: 1199}).Open(path); !errors.Is(err, ErrTooLarge) || !strings.Contains(err.Error(), "for a picture that is worked on as a whole") {
		t.Error(err)
	}
	if _, err := (Limits{Memory: 1200}).Open(path); err != nil {
		t.Error(err)
	}
}

// The digest is that of the file, whatever the format.
func TestOpenRasterDigest(t *testing.T) {
	for _, f := range allFormats {
		b := append(encoded(t, f, sample(40, 30)), "tail"...)
		sum := sha256.New()
		r, err := OpenRaster(context.Background(), written(t, "a", b), Limits{}, RasterOptions{Digest: sum})
		if err != nil {
			t.Fatal(f, err)
		}
		r.Close()
		if want := sha256.Sum256(b); !bytes.Equal(sum.Sum(nil), want[:]) {
			t.Errorf("%s: another digest", f)
		}
	}
}

// A picture of many bands is turned as a small one is, and 16 bits stay.
func TestRasterOrientation(t *testing.T) {
	smallBands(t)
	p := noisy(300, 150, true, 5)
	for i := range p.Alpha {
		p.Alpha[i] = float32(i%2) / 2
	}
	var file bytes.Buffer
	if err := Encode(&file, PNG, p, SaveOptions{Deep: true}); err != nil {
		t.Fatal(err)
	}
	for o := 1; o <= 8; o++ {
		path := written(t, "a.png", withPNGChunk(file.Bytes(), "eXIf", exif(o, binary.BigEndian)))
		r, err := OpenRaster(context.Background(), path, Limits{}, RasterOptions{Memory: 1, Dir: t.TempDir()})
		if err != nil {
			t.Fatal(err)
		}
		w, h := r.Size()
		if r.Depth() != 16 || (o >= 5) != (w == 150) {
			t.Fatalf("%d: %dx%d of %d bits", o, w, h, r.Depth())
		}
		for _, at := range [][2]int{{0, 0}, {299, 149}, {123, 5}, {7, 140}, {200, 70}} {
			sx, sy := seen(o, at[0], at[1], 300, 150)
			got, err := r.Read(sx, sy, 1, 1)
			if err != nil {
				t.Fatal(err)
			}
			i := at[1]*300 + at[0]
			if near(got.Pix, p.Pix[3*i:3*i+3]) > 1e-6 || near(got.Alpha, p.Alpha[i:i+1]) > 1e-5 {
				t.Errorf("%d: pixel %v is not at (%d,%d)", o, at, sx, sy)
			}
		}
		r.Close()
	}
}

// Opening stops when it is told to, and leaves nothing behind.
func TestOpenRasterStops(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for _, f := range allFormats {
		dir := t.TempDir()
		_, err := OpenRaster(ctx, written(t, "a", encoded(t, f, sample(40, 30))), Limits{}, RasterOptions{Memory: 1, Dir: dir})
		if !errors.Is(err, context.Canceled) || len(names(t, dir)) != 0 {
			t.Errorf("%s: %v, %v", f, err, names(t, dir))
		}
	}
}

// A raster saved and opened again is the same; a JPEG of many stripes reads as
// one encoded as a whole.
func TestSaveRaster(t *testing.T) {
	smallBands(t)
	dir, ctx := t.TempDir(), context.Background()
	p := noisy(250, 170, false, 6)
	for i := range p.Pix { // smooth, so that JPEG comes near
		p.Pix[i] = float32(i%750) / 750
	}
	for _, depth := range []int{8, 16} {
		r := spilled(t, p, depth)
		r.SetMeta("k", "v")
		path := filepath.Join(dir, "a.png")
		if err := SaveRaster(ctx, path, r, SaveOptions{}); err != nil {
			t.Fatal(err)
		}
		if in, err := Stat(path); err != nil || in.Depth != depth || in.Meta["k"] != "v" {
			t.Errorf("%+v %v", in, err)
		}
		q, err := OpenRaster(ctx, path, Limits{}, RasterOptions{})
		if err != nil {
			t.Fatal(err)
		}
		a, _ := r.Picture()
		b, _ := q.Picture()
		if near(a.Pix, b.Pix) != 0 || q.Depth() != depth {
			t.Errorf("depth %d: off by %v", depth, near(a.Pix, b.Pix))
		}
	}
	if n := (p.H + jpegStripe(p.W) - 1) / jpegStripe(p.W); n < 2 {
		t.Fatalf("%d stripe", n)
	}
	path := filepath.Join(dir, "a.jpg")
	if err := Save(path, p); err != nil {
		t.Fatal(err)
	}
	q, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := near(q.Pix, p.Pix); d > 0.1 {
		t.Errorf("JPEG off by %v", d)
	}
	whole, err := Decode(bytes.NewReader(encodedAt(t, p, 92)), "x")
	if err != nil || near(whole.Pix, q.Pix) != 0 {
		t.Errorf("stripes differ from the whole by %v: %v", near(whole.Pix, q.Pix), err)
	}
}
