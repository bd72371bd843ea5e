package picture

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"image/gif"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
)

func TestDecodeFormats(t *testing.T) {
	m := sample(16, 8)
	want := FromImage(m)
	for _, c := range []struct {
		f   Format
		tol float64
	}{
		{PNG, 0}, {BMP, 0}, {TIFF, 0},
		{JPEG, 0.25}, // chroma is halved and blocky on so small and coloured a picture
		{GIF, 0.25},  // 256 colours of a fixed palette
	} {
		p, err := Decode(bytes.NewReader(encoded(t, c.f, m)), "x")
		if err != nil {
			t.Errorf("%s: %v", c.f, err)
			continue
		}
		if d := near(p.Pix, want.Pix); d > c.tol || p.Alpha != nil || p.W != 16 || p.H != 8 {
			t.Errorf("%s: %dx%d, off by %v, alpha %v", c.f, p.W, p.H, d, p.Alpha != nil)
		}
	}
}

func TestDecodeDepthsAndModels(t *testing.T) {
	r := image.Rect(0, 0, 2, 1)
	g16 := image.NewGray16(r)
	g16.SetGray16(0, 0, color.Gray16{12345})
	g16.SetGray16(1, 0, color.Gray16{54321})
	n64 := image.NewNRGBA64(r)
	n64.SetNRGBA64(0, 0, color.NRGBA64{1, 2, 65535, 32768})
	n64.SetNRGBA64(1, 0, color.NRGBA64{300, 40000, 7, 65535})
	r64 := image.NewRGBA64(r)
	r64.SetRGBA64(0, 0, color.RGBA64{1000, 2000, 3000, 65535})
	r64.SetRGBA64(1, 0, color.RGBA64{65535, 1, 0, 65535})
	g := image.NewGray(r)
	g.Pix = []byte{7, 200}
	n := image.NewNRGBA(r)
	n.Pix = []byte{10, 20, 30, 128, 255, 0, 1, 0}
	pal := image.NewPaletted(r, color.Palette{color.NRGBA{1, 2, 3, 255}, color.NRGBA{200, 100, 50, 255}})
	pal.Pix = []byte{1, 0}
	clear := image.NewPaletted(r, color.Palette{color.NRGBA{0, 0, 0, 0}, color.NRGBA{200, 100, 50, 255}})
	clear.Pix = []byte{1, 0}
	u16 := func(v ...float32) []float32 {
		for i := range v {
			v[i] /= 65535
		}
		return v
	}
	u8 := func(v ...float32) []float32 {
		for i := range v {
			v[i] /= 255
		}
		return v
	}
	for _, c := range []struct {
		name       string
		f          Format
		m          image.Image
		pix, alpha []float32
	}{
		{"grey 16 PNG", PNG, g16, u16(12345, 12345, 12345, 54321, 54321, 54321), nil},
		{"grey 16 TIFF", TIFF, g16, u16(12345, 12345, 12345, 54321, 54321, 54321), nil},
		{"RGBA 16 PNG", PNG, n64, u16(1, 2, 65535, 300, 40000, 7), u16(32768, 65535)},
		{"RGB 16 PNG", PNG, r64, u16(1000, 2000, 3000, 65535, 1, 0), nil},
		{"RGB 16 TIFF", TIFF, r64, u16(1000, 2000, 3000, 65535, 1, 0), nil},
		{"grey 8", PNG, g, u8(7, 7, 7, 200, 200, 200), nil},
		{"RGBA 8", PNG, n, u8(10, 20, 30, 255, 0, 1), u8(128, 0)},
		{"palette", PNG, pal, u8(200, 100, 50, 1, 2, 3), nil},
		{"palette BMP", BMP, pal, u8(200, 100, 50, 1, 2, 3), nil},
		{"palette with a clear colour", GIF, clear, u8(200, 100, 50, 0, 0, 0), u8(255, 0)},
	} {
		p, err := Decode(bytes.NewReader(encoded(t, c.f, c.m)), "x")
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if near(p.Pix, c.pix) > 1e-7 || near(p.Alpha, c.alpha) > 1e-7 {
			t.Errorf("%s: %v alpha %v, want %v alpha %v", c.name, p.Pix, p.Alpha, c.pix, c.alpha)
		}
	}
}

func TestDecodeWebP(t *testing.T) {
	for _, c := range []struct {
		name, data string
		tol        float64
		alpha      bool
	}{
		{"lossy", webpLossy, 1.5 / 255, false}, // what dwebp gives is (199,40,39): full range, not the narrow one
		{"lossy with alpha", webpAlpha, 1.5 / 255, true},
		{"lossless", webpLossless, 0, true},
	} {
		p, err := Decode(bytes.NewReader(unbase64(t, c.data)), "x")
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		r, g, b := p.At(2, 2)
		r2, g2, b2 := p.At(12, 2)
		if d := near([]float32{r, g, b, r2, g2, b2}, []float32{200. / 255, 40. / 255, 40. / 255, 1, 1, 1}); d > c.tol {
			t.Errorf("%s: off by %v: %v", c.name, d*255, []float32{r * 255, g * 255, b * 255, r2, g2, b2})
		}
		if (p.Alpha != nil) != c.alpha || c.alpha && (p.Alpha[0] != 1 || p.Alpha[7*16] != 128./255) {
			t.Errorf("%s: alpha %v", c.name, p.Alpha)
		}
	}
}

func TestDecodeCMYK(t *testing.T) {
	for _, c := range []struct {
		ink [4]int
		rgb [3]float32
	}{
		{[4]int{0, 255, 255, 0}, [3]float32{1, 0, 0}},
		{[4]int{0, 0, 0, 255}, [3]float32{0, 0, 0}},
		{[4]int{0, 0, 0, 0}, [3]float32{1, 1, 1}},
		{[4]int{255, 0, 128, 0}, [3]float32{0, 1, 127. / 255}},
	} {
		p, err := Decode(bytes.NewReader(cmykJPEG(c.ink[0], c.ink[1], c.ink[2], c.ink[3])), "x")
		if err != nil {
			t.Fatal(err)
		}
		if r, g, b := p.At(3, 4); near([]float32{r, g, b}, c.rgb[:]) > 0.5/255 {
			t.Errorf("%v: %v %v %v, want %v", c.ink, r, g, b, c.rgb)
		}
	}
}

// seen is where EXIF 2.32 puts the stored pixel (x,y) of a w by h picture.
func seen(o, x, y, w, h int) (int, int) {
	switch o {
	case 2:
		return w - 1 - x, y
	case 3:
		return w - 1 - x, h - 1 - y
	case 4:
		return x, h - 1 - y
	case 5:
		return y, x
	case 6:
		return h - 1 - y, x
	case 7:
		return h - 1 - y, w - 1 - x
	case 8:
		return y, w - 1 - x
	}
	return x, y
}

func TestOrientation(t *testing.T) {
	const w, h = 3, 2
	m := sample(w, h)
	stored := FromImage(m)
	pngFile := encoded(t, PNG, m)
	var grey [6]byte
	for i := range grey {
		grey[i] = byte(40 * i)
	}
	storedGrey := FromImage(&image.Gray{Pix: grey[:], Stride: w, Rect: image.Rect(0, 0, w, h)})
	for o := 0; o <= 9; o++ { // 0 and 9 do not exist: as stored
		for _, c := range []struct {
			name   string
			file   []byte
			stored *Picture
		}{
			{"PNG", withPNGChunk(pngFile, "eXIf", exif(o, binary.BigEndian)), stored},
			{"TIFF", tiffGrey(o, grey), storedGrey},
		} {
			p, err := Decode(bytes.NewReader(c.file), "x")
			if err != nil {
				t.Fatalf("%s %d: %v", c.name, o, err)
			}
			if turned := o >= 5 && o <= 8; turned != (p.W == h) {
				t.Fatalf("%s %d: %dx%d", c.name, o, p.W, p.H)
			}
			for y := range h {
				for x := range w {
					sx, sy := seen(o, x, y, w, h)
					r, g, b := p.At(sx, sy)
					r2, g2, b2 := c.stored.At(x, y)
					if r != r2 || g != g2 || b != b2 {
						t.Errorf("%s %d: pixel (%d,%d) is not at (%d,%d)", c.name, o, x, y, sx, sy)
					}
				}
			}
		}
	}
	// A camera's JPEG: stored lying, to be seen standing; red stored on the left ends on top.
	lying := image.NewNRGBA(image.Rect(0, 0, 32, 16))
	for i := range 32 * 16 {
		c := color.NRGBA{0, 0, 255, 255}
		if i%32 < 16 {
			c = color.NRGBA{255, 0, 0, 255}
		}
		lying.SetNRGBA(i%32, i/32, c)
	}
	file := withJPEGSegment(encoded(t, JPEG, lying), 0xe1, append([]byte("Exif\x00\x00"), exif(6, binary.LittleEndian)...))
	p, err := Decode(bytes.NewReader(file), "x")
	if err != nil {
		t.Fatal(err)
	}
	if r, _, b := p.At(8, 4); p.W != 16 || p.H != 32 || r < 0.9 || b > 0.1 {
		t.Errorf("standing JPEG: %dx%d, top is r=%v b=%v", p.W, p.H, r, b)
	}
	path := filepath.Join(t.TempDir(), "a.jpg")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	if in, err := Stat(path); err != nil || in.W != 16 || in.H != 32 || in.Format != JPEG {
		t.Errorf("Stat: %+v %v", in, err)
	}
}

func TestDecodeGIFOnCanvas(t *testing.T) {
	frame := image.NewPaletted(image.Rect(2, 1, 4, 3), color.Palette{color.NRGBA{255, 0, 0, 255}})
	var b bytes.Buffer
	err := gif.EncodeAll(&b, &gif.GIF{Image: []*image.Paletted{frame, frame}, Delay: []int{1, 1}, Config: image.Config{Width: 5, Height: 4}})
	if err != nil {
		t.Fatal(err)
	}
	p, err := Decode(&b, "x")
	if err != nil {
		t.Fatal(err)
	}
	if r, _, _ := p.At(2, 1); p.W != 5 || p.H != 4 || r != 1 || p.Alpha == nil || p.Alpha[0] != 0 || p.Alpha[5+2] != 1 {
		t.Errorf("%dx%d red %v alpha %v", p.W, p.H, r, p.Alpha)
	}
}

func TestOpenErrors(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, b []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	short := func(f Format) []byte { b := encoded(t, f, sample(40, 40)); return b[:len(b)/2] }
	badCRC := encoded(t, PNG, sample(4, 4))
	badCRC[len(badCRC)-20] ^= 0x55
	animated := unbase64(t, webpAlpha)
	animated[20] |= 2
	for _, c := range []struct {
		path string
		kind error
		say  string
	}{
		{filepath.Join(dir, "none.png"), ErrMissing, "no such file: check the name and the folder"},
		{filepath.Join(write("a.txt", []byte("x")), "b.png"), ErrMissing, "no such file"},
		{dir, ErrDirectory, "it is a folder: name a picture in it"},
		{write("empty.png", nil), ErrEmpty, "it is empty (0 bytes)"},
		{write("photo.jpg", []byte("Dear diary, today é")), ErrNotPicture, "not a picture we can read (looks like text): use PNG, JPEG, WebP, TIFF, BMP or GIF"},
		{write("long.jpg", []byte("x"+strings.Repeat("é", 400))), ErrNotPicture, "(looks like text)"},
		{write("a.pdf", []byte("%PDF-1.7")), ErrNotPicture, "looks like a PDF document"},
		{write("a.heic", []byte("\x00\x00\x00\x18ftypheic")), ErrNotPicture, "looks like HEIC"},
		{write("a.svg", []byte("<?xml?><SVG>")), ErrNotPicture, "looks like SVG"},
		{write("a.html", []byte("<!DOCTYPE html>")), ErrNotPicture, "looks like a web page"},
		{write("a.bin", []byte{1, 2, 3, 0}), ErrNotPicture, "looks like other data"},
		{write("h.png", []byte(pngSignature[:4])), ErrNotPicture, "PNG damaged at its start"},
		{write("s.png", short(PNG)), ErrTruncated, "the PNG ends too early: copy or download it again"},
		{write("s.jpg", short(JPEG)), ErrTruncated, "the JPEG ends too early"},
		{write("s.webp", short(WebP)), ErrTruncated, "the WebP ends too early"},
		{write("s.gif", short(GIF)), ErrTruncated, "the GIF ends too early"},
		{write("s.bmp", short(BMP)), ErrTruncated, "the BMP ends too early"},
		{write("s.tif", short(TIFF)), ErrTruncated, "the TIFF ends too early"},
		{write("crc.png", badCRC), ErrDamaged, "the PNG is damaged"},
		{write("anim.webp", animated), ErrTruncated, "the WebP ends too early"}, // an animation without a frame
	} {
		_, err := Open(c.path)
		if !errors.Is(err, c.kind) || !strings.HasPrefix(err.Error(), "open "+c.path+": ") || !strings.Contains(err.Error(), c.say) {
			t.Errorf("%v\nwant %v: %s", err, c.kind, c.say)
		}
		if !BadInput(err) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%v: BadInput %v", err, BadInput(err))
		}
	}
	if _, err := Open(filepath.Join(dir, "none.png")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%v does not match os.ErrNotExist", err)
	}
	if _, err := Decode(iotest.ErrReader(errors.New("cable pulled")), "camera"); !errors.Is(err, ErrUnreadable) || !strings.Contains(err.Error(), "cable pulled") {
		t.Error(err)
	}
	if os.Getuid() > 0 {
		path := write("secret.png", encoded(t, PNG, sample(2, 2)))
		if err := os.Chmod(path, 0); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(path); !errors.Is(err, ErrUnreadable) || !errors.Is(err, os.ErrPermission) {
			t.Error(err)
		}
	}
}

// Headers that promise gigapixels are refused before the memory is taken.
func TestLimits(t *testing.T) {
	pngOf := func(w, h uint32) []byte {
		b := encoded(t, PNG, sample(2, 2))
		binary.BigEndian.PutUint32(b[16:], w)
		binary.BigEndian.PutUint32(b[20:], h)
		binary.BigEndian.PutUint32(b[29:], crc32Of(b[12:29]))
		return b
	}
	jpegOf := func(w, h uint16) []byte {
		b := encoded(t, JPEG, sample(2, 2))
		i := bytes.Index(b, []byte{0xff, 0xc0})
		binary.BigEndian.PutUint16(b[i+5:], h)
		binary.BigEndian.PutUint16(b[i+7:], w)
		return b
	}
	gifOf := func(w, h uint16) []byte {
		b := encoded(t, GIF, sample(2, 2))
		binary.LittleEndian.PutUint16(b[6:], w)
		binary.LittleEndian.PutUint16(b[8:], h)
		return b
	}
	bmpOf := func(w, h uint32) []byte {
		b := encoded(t, BMP, sample(2, 2))
		binary.LittleEndian.PutUint32(b[18:], w)
		binary.LittleEndian.PutUint32(b[22:], h)
		return b
	}
	webp := unbase64(t, webpLossless)
	binary.LittleEndian.PutUint32(webp[21:], 16383|16383<<14)
	tif := tiffGrey(1, [6]byte{})
	binary.LittleEndian.PutUint16(tif[14+2+8:], 60000)
	binary.LittleEndian.PutUint16(tif[14+2+12+8:], 60000)
	for _, c := range []struct {
		name  string
		b     []byte
		limit int64
		kind  error
		say   string
	}{
		{"PNG", pngOf(65500, 32768), 0, ErrTooLarge, "65500x32768 pixels (2146.3 megapixels), over the limit of 400 megapixels"},
		{"PNG of all bits", pngOf(1<<31-1, 1<<31-1), 0, ErrTooLarge, "2147483647x2147483647"},
		{"PNG lying", pngOf(16000, 16000), 0, ErrTruncated, "ends too early"},
		{"PNG of no width", pngOf(0, 5), 0, ErrDamaged, "damaged"},
		{"JPEG", jpegOf(60000, 40000), 0, ErrTooLarge, "60000x40000 pixels (2400 megapixels)"},
		{"JPEG lying", jpegOf(16000, 16000), 0, ErrTruncated, "ends too early"},
		{"GIF", gifOf(60000, 40000), 0, ErrTooLarge, "60000x40000"},
		{"GIF lying", gifOf(16000, 16000), 0, ErrTruncated, "ends too early"},
		{"BMP", bmpOf(60000, 40000), 0, ErrTooLarge, "60000x40000"},
		{"BMP lying", bmpOf(16000, 16000), 0, ErrTruncated, "ends too early"},
		{"TIFF", tif, 0, ErrTooLarge, "60000x60000"},
		{"WebP", webp, 1_500_000, ErrTooLarge, "16384x16384 pixels (268.4 megapixels), over the limit of 1.5 megapixels: shrink it first or raise the limit"},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := Limits{Pixels: c.limit}.Decode(bytes.NewReader(c.b), "big")
		runtime.ReadMemStats(&after)
		if !errors.Is(err, c.kind) || !strings.Contains(err.Error(), c.say) {
			t.Errorf("%s: %v", c.name, err)
		}
		if used := after.TotalAlloc - before.TotalAlloc; used > 1<<20 {
			t.Errorf("%s: took %d bytes before refusing", c.name, used)
		}
	}
	if _, err := (Limits{Pixels: 4}).Decode(bytes.NewReader(encoded(t, PNG, sample(2, 2))), "x"); err != nil {
		t.Error(err)
	}
	if _, err := (Limits{Bytes: 20}).Decode(bytes.NewReader(encoded(t, PNG, sample(2, 2))), "x"); !errors.Is(err, ErrTooLarge) {
		t.Error(err)
	}
	if _, err := (Limits{Bytes: 1 << 20}).Decode(zeros{}, "/dev/zero"); !errors.Is(err, ErrTooLarge) {
		t.Error(err)
	}
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

var _ io.Reader = zeros{}

// Every cut of every format gives an error or a whole picture, never a panic.
func TestCuts(t *testing.T) {
	for _, f := range allFormats {
		b := encoded(t, f, sample(12, 12))
		for n := range b {
			if p, err := Decode(bytes.NewReader(b[:n]), "cut"); err == nil {
				if err := p.Check(); err != nil {
					t.Errorf("%s at %d: %v", f, n, err)
				}
			} else if !BadInput(err) {
				t.Errorf("%s at %d: %v", f, n, err)
			}
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, k := range allFormats {
		f.Add(encoded(f, k, sample(9, 5)))
	}
	f.Add(unbase64(f, webpLossy))
	f.Add(unbase64(f, webpAlpha))
	f.Add(cmykJPEG(1, 2, 3, 4))
	f.Add(tiffGrey(6, [6]byte{1, 2, 3, 4, 5, 6}))
	f.Add(withPNGChunk(encoded(f, PNG, sample(3, 2)), "eXIf", exif(6, binary.BigEndian)))
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := Limits{Pixels: 1 << 16}.Decode(bytes.NewReader(b), "fuzz")
		if err != nil {
			if !BadInput(err) {
				t.Fatal(err)
			}
			return
		}
		if err := p.Check(); err != nil {
			t.Fatal(err)
		}
		for _, v := range append(p.Pix, p.Alpha...) {
			if !(v >= 0 && v <= 1) {
				t.Fatalf("value %v", v)
			}
		}
		if err := Encode(io.Discard, PNG, p, SaveOptions{}); err != nil {
			t.Fatal(err)
		}
	})
}
