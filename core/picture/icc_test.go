package picture

import (
	"bytes"
	"compress/zlib"
	"context"
	"encoding/binary"
	"image"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// space is an RGB colour space by the chromaticities (x,y) of its primaries
// and white.
type space struct{ r, g, b, white [2]float64 }

var (
	d65     = [2]float64{0.3127, 0.3290}
	d50     = [2]float64{0.3457, 0.3585}
	srgb    = space{[2]float64{.64, .33}, [2]float64{.30, .60}, [2]float64{.15, .06}, d65}
	p3      = space{[2]float64{.680, .320}, [2]float64{.265, .690}, [2]float64{.150, .060}, d65}
	adobe   = space{[2]float64{.64, .33}, [2]float64{.21, .71}, [2]float64{.15, .06}, d65}
	prophot = space{[2]float64{.7347, .2653}, [2]float64{.1596, .8404}, [2]float64{.0366, .0001}, d50}
)

func xyz(c [2]float64) [3]float64 { return [3]float64{c[0] / c[1], 1, (1 - c[0] - c[1]) / c[1]} }

func times(m [9]float64, v [3]float64) (out [3]float64) {
	for i := range 3 {
		out[i] = m[3*i]*v[0] + m[3*i+1]*v[1] + m[3*i+2]*v[2]
	}
	return out
}

// colorants are the columns of XYZ under D50: the primaries scaled so that
// they sum to white (Lindbloom, "RGB/XYZ matrices"), adapted by Bradford.
func (s space) colorants() [9]float64 {
	var m [9]float64
	for j, p := range [][2]float64{s.r, s.g, s.b} {
		for i, v := range xyz(p) {
			m[3*i+j] = v
		}
	}
	inv, _ := invert3(m)
	scale := times(inv, xyz(s.white))
	for i := range m {
		m[i] *= scale[i%3]
	}
	bradford := [9]float64{0.8951, 0.2664, -0.1614, -0.7502, 1.7135, 0.0367, 0.0389, -0.0685, 1.0296}
	back, _ := invert3(bradford)
	from, to := times(bradford, xyz(s.white)), times(bradford, [3]float64{0.9642, 1, 0.8249})
	return product3(product3(back, [9]float64{to[0] / from[0], 0, 0, 0, to[1] / from[1], 0, 0, 0, to[2] / from[2]}), product3(bradford, m))
}

func s15(v float64) []byte {
	return binary.BigEndian.AppendUint32(nil, uint32(int32(math.Round(v*65536))))
}

func curveGamma(g float64) []byte {
	return append([]byte("curv\x00\x00\x00\x00\x00\x00\x00\x01"), byte(int(g*256+0.5)>>8), byte(int(g*256+0.5)))
}

func curvePara(kind byte, v ...float64) []byte {
	b := []byte{'p', 'a', 'r', 'a', 0, 0, 0, 0, 0, kind, 0, 0}
	for _, x := range v {
		b = append(b, s15(x)...)
	}
	return b
}

// curveTable samples f at n points.
func curveTable(n int, f func(float64) float64) []byte {
	b := binary.BigEndian.AppendUint32([]byte("curv\x00\x00\x00\x00"), uint32(n))
	for i := range n {
		b = binary.BigEndian.AppendUint16(b, uint16(f(float64(i)/float64(n-1))*65535+0.5))
	}
	return b
}

func srgbLinear(v float64) float64 { return float64(ToLinear(float32(v))) }

var srgbPara = curvePara(3, 2.4, 1/1.055, 0.055/1.055, 1/12.92, 0.04045)

// makeProfile composes a profile of tags (name, data).
func makeProfile(class, pcs string, version byte, tags ...any) []byte {
	head := make([]byte, 128)
	head[8] = version
	copy(head[12:], "mntr")
	copy(head[16:], class)
	copy(head[20:], pcs)
	copy(head[36:], "acsp")
	b := binary.BigEndian.AppendUint32(head, uint32(len(tags)/2))
	at := len(b) + 6*len(tags)
	var data []byte
	for i := 0; i < len(tags); i += 2 {
		d := tags[i+1].([]byte)
		b = append(b, tags[i].(string)...)
		b = binary.BigEndian.AppendUint32(b, uint32(at+len(data)))
		b = binary.BigEndian.AppendUint32(b, uint32(len(d)))
		data = append(data, d...)
		for len(data)%4 != 0 {
			data = append(data, 0)
		}
	}
	b = append(b, data...)
	binary.BigEndian.PutUint32(b, uint32(len(b)))
	return b
}

func (s space) profile(version byte, trc []byte) []byte {
	m := s.colorants()
	column := func(j int) []byte {
		b := []byte("XYZ \x00\x00\x00\x00")
		return append(append(append(b, s15(m[j])...), s15(m[3+j])...), s15(m[6+j])...)
	}
	return makeProfile("RGB ", "XYZ ", version, "desc", []byte("desc\x00\x00\x00\x00\x00\x00\x00\x05Wide\x00"),
		"rXYZ", column(0), "gXYZ", column(1), "bXYZ", column(2), "rTRC", trc, "gTRC", trc, "bTRC", trc)
}

func zipped(b []byte) string {
	var out bytes.Buffer
	z := zlib.NewWriter(&out)
	z.Write(b)
	z.Close()
	return out.String()
}

// withProfile puts a profile into a file of each format that carries one.
func withProfile(t testing.TB, f Format, m image.Image, profile []byte) []byte {
	b := encoded(t, f, m)
	switch f {
	case PNG:
		return withPNGChunk(b, "iCCP", []byte("p\x00\x00"+zipped(profile)))
	case JPEG: // two parts, the second first
		half := len(profile) / 2
		b = withJPEGSegment(b, 0xe2, append([]byte("ICC_PROFILE\x00\x01\x02"), profile[:half]...))
		return withJPEGSegment(b, 0xe2, append([]byte("ICC_PROFILE\x00\x02\x02"), profile[half:]...))
	case WebP:
		body := append([]byte("VP8X\x0a\x00\x00\x00\x20\x00\x00\x00\x0f\x00\x00\x07\x00\x00ICCP"), binary.LittleEndian.AppendUint32(nil, uint32(len(profile)))...)
		body = append(append(body, profile...), make([]byte, len(profile)%2)...)
		body = append(body, b[12:]...)
		return append(binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(len(body)+4)), append([]byte("WEBP"), body...)...)
	case TIFF: // the directory goes behind, with one entry more
		le := binary.LittleEndian
		at := int(le.Uint32(b[4:]))
		n := int(le.Uint16(b[at:]))
		entries := append([]byte(nil), b[at+2:at+2+12*n]...)
		b = append(b, make([]byte, len(b)%2)...)
		place := len(b)
		b = append(append(b, profile...), make([]byte, len(profile)%2)...)
		le.PutUint32(b[4:], uint32(len(b)))
		b = append(le.AppendUint16(b, uint16(n+1)), entries...)
		b = append(b, 0x73, 0x87, 7, 0)
		b = le.AppendUint32(le.AppendUint32(b, uint32(len(profile))), uint32(place))
		return append(b, 0, 0, 0, 0)
	}
	return b
}

// The conversions agree with the textbook matrices from linear values of each
// space to linear sRGB (CSS Color 4, section 10; Lindbloom).
func TestProfilesAgainstTextbook(t *testing.T) {
	cases := []struct {
		name    string
		profile []byte
		linear  func(float64) float64
		matrix  [9]float64
		tol     float64
	}{
		{"Display P3, parametric", p3.profile(4, srgbPara), srgbLinear,
			[9]float64{1.2249402, -0.2249402, 0, -0.0420570, 1.0420570, 0, -0.0196376, -0.0786360, 1.0982736}, 4e-4},
		{"Display P3, table", p3.profile(2, curveTable(1024, srgbLinear)), srgbLinear,
			[9]float64{1.2249402, -0.2249402, 0, -0.0420570, 1.0420570, 0, -0.0196376, -0.0786360, 1.0982736}, 1e-3},
		{"Adobe RGB", adobe.profile(2, curveGamma(563./256)), func(v float64) float64 { return math.Pow(v, 563./256) },
			[9]float64{1.3983557, -0.3983557, 0, 0, 1, 0, 0, -0.0429290, 1.0429290}, 4e-4},
		{"ProPhoto RGB", prophot.profile(4, curvePara(3, 1.8, 1, 0, 1./16, 1./32)), func(v float64) float64 {
			if v < 1./32 {
				return v / 16
			}
			return math.Pow(v, 1.8)
		}, [9]float64{2.0343581, -0.7275773, -0.3067808, -0.2288210, 1.2317195, -0.0028985, -0.0085583, -0.1532699, 1.1618282}, 2e-3},
	}
	for _, c := range cases {
		p, err := parseProfile(c.profile)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		conv, err := newConversion(p)
		if err != nil || conv == nil {
			t.Fatalf("%s: %v %v", c.name, conv, err)
		}
		pic := noisy(64, 64, false, 9)
		copy(pic.Pix, []float32{0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 0, 1, .5, .5, .5})
		got := pic.Clone()
		conv.convert(got)
		worst := 0.0
		for i := 0; i < len(pic.Pix); i += 3 {
			v := times(c.matrix, [3]float64{c.linear(float64(pic.Pix[i])), c.linear(float64(pic.Pix[i+1])), c.linear(float64(pic.Pix[i+2]))})
			for k, x := range v {
				want := FromLinear(clamp01(float32(x)))
				worst = max(worst, math.Abs(float64(want-got.Pix[i+k])))
			}
		}
		if worst > c.tol {
			t.Errorf("%s: off by %.5f (%.2f of 255), white %v", c.name, worst, worst*255, got.Pix[3:6])
		}
	}
}

func TestProfilesThatAreSRGB(t *testing.T) {
	for name, b := range map[string][]byte{
		"parametric": srgb.profile(4, srgbPara),
		"table":      srgb.profile(2, curveTable(1024, srgbLinear)),
		"short":      srgb.profile(2, curveTable(26, srgbLinear))[:0],
		"grey":       makeProfile("GRAY", "XYZ ", 2, "kTRC", srgbPara),
	} {
		if len(b) == 0 {
			continue
		}
		p, err := parseProfile(b)
		if err != nil {
			t.Fatal(name, err)
		}
		if c, err := newConversion(p); c != nil || err != nil {
			t.Errorf("%s: %v is not the identity", name, err)
		}
	}
}

// A profile works in every format that carries one, for pictures and rasters.
func TestEmbeddedProfiles(t *testing.T) {
	m := image.NewNRGBA(image.Rect(0, 0, 16, 8))
	for i := range m.Pix {
		m.Pix[i] = []byte{200, 120, 60, 255}[i%4]
	}
	wide := p3.profile(4, srgbPara)
	p, err := parseProfile(wide)
	if err != nil {
		t.Fatal(err)
	}
	conv, err := newConversion(p)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range []Format{PNG, JPEG, TIFF, WebP} {
		plain, err := Decode(bytes.NewReader(encoded(t, f, m)), "x")
		if err != nil {
			t.Fatal(f, err)
		}
		conv.convert(plain)
		path := filepath.Join(t.TempDir(), "a")
		if err := os.WriteFile(path, withProfile(t, f, m, wide), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := Open(path)
		if err != nil {
			t.Fatal(f, err)
		}
		if near(got.Pix, plain.Pix) > 1e-6 || got.Notes != nil {
			t.Errorf("%s: off by %v, notes %q", f, near(got.Pix, plain.Pix), got.Notes)
		}
		r, err := OpenRaster(context.Background(), path, Limits{}, RasterOptions{})
		if err != nil {
			t.Fatal(f, err)
		}
		whole, err := r.Picture()
		if err != nil || near(whole.Pix, plain.Pix) > 0.51/255 {
			t.Errorf("%s: raster off by %v, %v", f, near(whole.Pix, plain.Pix), err)
		}
	}
}

// What cannot be applied gives a note and the values as they are.
func TestProfilesWithNotes(t *testing.T) {
	m := sample(5, 5)
	plain := FromImage(m)
	wide := p3.profile(4, srgbPara)
	bent := append([]byte(nil), wide...)
	copy(bent[bytes.Index(bent, []byte("para")):], "what")
	flat := adobe
	flat.g = flat.r
	for _, c := range []struct {
		name    string
		profile []byte
		say     string
	}{
		{"CMYK", makeProfile("CMYK", "Lab ", 2, "A2B0", make([]byte, 40), "desc", []byte("desc\x00\x00\x00\x00\x00\x00\x00\x07FOGRA39")), `profile "FOGRA39" is not applied (it is for CMYK inks): colours are taken as sRGB and may be off; convert`},
		{"tables", makeProfile("RGB ", "Lab ", 4, "A2B0", make([]byte, 40)), "it is made of tables"},
		{"Lab", makeProfile("Lab ", "Lab ", 4), "it is for \"Lab \" values"},
		{"empty", nil, "damaged"},
		{"rubbish", []byte("rubbish"), "damaged (it has no header): colours are taken as sRGB"},
		{"cut", wide[:200], "damaged (it claims 7 tags"},
		{"no curve", makeProfile("RGB ", "XYZ ", 2), "lacks rTRC"},
		{"unknown curve", bent, "a curve is of no known kind"},
		{"no primaries", makeProfile("RGB ", "XYZ ", 2, "rTRC", srgbPara, "gTRC", srgbPara, "bTRC", srgbPara), "lacks rXYZ"},
		{"no space", flat.profile(2, curveGamma(2.2)), "span no space"},
		{"grey without curve", makeProfile("GRAY", "XYZ ", 2), "lacks kTRC"},
	} {
		p, err := Decode(bytes.NewReader(withPNGChunk(encoded(t, PNG, m), "iCCP", []byte("p\x00\x00"+zipped(c.profile)))), "x")
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if near(p.Pix, plain.Pix) != 0 || len(p.Notes) != 1 || !strings.Contains(p.Notes[0], c.say) {
			t.Errorf("%s: %q, want %q", c.name, p.Notes, c.say)
		}
	}
	missing := withJPEGSegment(encoded(t, JPEG, m), 0xe2, []byte("ICC_PROFILE\x00\x02\x03part"))
	if p, err := Decode(bytes.NewReader(missing), "x"); err != nil || len(p.Notes) != 1 || !strings.Contains(p.Notes[0], "a part of it is missing") {
		t.Error(err)
	}
	inks, err := Decode(bytes.NewReader(cmykJPEG(1, 2, 3, 4)), "x")
	if err != nil || len(inks.Notes) != 1 || !strings.Contains(inks.Notes[0], "CMYK inks") {
		t.Errorf("%v %v", inks.Notes, err)
	}
	// A grey profile on a grey picture.
	grey := image.NewGray(image.Rect(0, 0, 1, 1))
	grey.Pix[0] = 128
	p, err := Decode(bytes.NewReader(withPNGChunk(encoded(t, PNG, grey), "iCCP", []byte("p\x00\x00"+zipped(makeProfile("GRAY", "XYZ ", 2, "kTRC", curveGamma(1)))))), "x")
	if want := FromLinear(128. / 255); err != nil || math.Abs(float64(p.Pix[0]-want)) > 1e-3 {
		t.Errorf("grey: %v, want %v: %v", p.Pix, want, err)
	}
}

func FuzzProfile(f *testing.F) {
	f.Add(p3.profile(4, srgbPara))
	f.Add(adobe.profile(2, curveGamma(2.2)))
	f.Add(srgb.profile(2, curveTable(16, srgbLinear)))
	f.Add(makeProfile("GRAY", "XYZ ", 2, "kTRC", curveGamma(1.8), "desc", []byte("mluc\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x0cenUS\x00\x00\x00\x04\x00\x00\x00\x1c\x00a\x00b")))
	f.Add(p3.profile(4, curvePara(4, 2.4, .9, .1, .1, .04, .01, .01)))
	f.Fuzz(func(t *testing.T, b []byte) {
		profileName(b)
		p, err := parseProfile(b)
		if err != nil {
			return
		}
		c, err := newConversion(p)
		if err != nil {
			return
		}
		pic := noisy(8, 8, false, 1)
		c.convert(pic)
		for _, v := range pic.Pix {
			if !(v >= 0 && v <= 1) {
				t.Fatal(v)
			}
		}
		if file, err := Decode(bytes.NewReader(withPNGChunk(encoded(t, PNG, sample(3, 3)), "iCCP", []byte("p\x00\x00"+zipped(b)))), "x"); err != nil {
			t.Fatal(err)
		} else if err := Encode(io.Discard, PNG, file, SaveOptions{}); err != nil {
			t.Fatal(err)
		}
	})
}
