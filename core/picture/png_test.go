package picture

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"hash/adler32"
	"hash/crc32"
	"image"
	"image/png"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
)

// interlacedPNG is an Adam7 picture of 9x7 in true colour.
const interlacedPNG = "iVBORw0KGgoAAAANSUhEUgAAAAkAAAAHCAIAAAEi/sChAAAAn0lEQVR42hWOoRUCQQwFv8FgMGdiYjBnMNHRmBh0dAwdxGwH6Gg6WJMiVlMJJXCIESPmvQGAdRAHSEQ+Vr4hQB0uuVcmoBDdQvdSXfoAGtIandW9+gsCDBjAPBrSsykPlal3UG6WOjJmvkDN1j66Zn8ABvFJ+Gx8Cd4GUzFPvi7eAQf5RZzNb+E63Mp9+nN5/r+oSEqsLCpGjaqaNVetH9TSPYfycJpDAAAAAElFTkSuQmCC"

// rawPNG composes a PNG of any colour type from random rows with random
// filters; extra chunks (id, data) come before the pixels.
func rawPNG(w, h, kind, depth int, seed uint64, extra ...string) []byte {
	rng := rand.New(rand.NewPCG(seed, 2))
	head := binary.BigEndian.AppendUint32(nil, uint32(w))
	head = binary.BigEndian.AppendUint32(head, uint32(h))
	head = append(head, byte(depth), byte(kind), 0, 0, 0)
	var b, raw bytes.Buffer
	b.WriteString(pngSignature)
	put := func(id string, d []byte) { _ = pngChunk(&b, id, d) }
	put("IHDR", head)
	for i := 0; i+1 < len(extra); i += 2 {
		put(extra[i], []byte(extra[i+1]))
	}
	samples := [7]int{1, 1, 3, 1, 2, 1, 4}[kind]
	z := zlib.NewWriter(&raw)
	for range h {
		z.Write([]byte{byte(rng.IntN(5))})
		row := make([]byte, (w*samples*depth+7)/8)
		for i := range row {
			row[i] = byte(rng.IntN(256))
			if rng.IntN(3) == 0 {
				row[i] = 0
			}
		}
		z.Write(row)
	}
	z.Close()
	data := raw.Bytes()
	put("IDAT", data[:len(data)/2])
	put("IDAT", nil)
	put("IDAT", data[len(data)/2:])
	put("IEND", nil)
	return b.Bytes()
}

// Every kind of PNG gives the pixels that image/png gives.
func TestPNGReadsAsStandard(t *testing.T) {
	palette := string(bytes.Repeat([]byte{1, 2, 3, 250, 128, 7}, 2))
	for _, c := range []struct {
		kind, depth int
		extra       []string
	}{
		{0, 1, nil}, {0, 2, nil}, {0, 4, nil}, {0, 8, nil}, {0, 16, nil},
		{0, 1, []string{"tRNS", "\x00\x01"}}, {0, 2, []string{"tRNS", "\x00\x02"}}, {0, 4, []string{"tRNS", "\x00\x00"}},
		{0, 8, []string{"tRNS", "\x00\x00"}}, {0, 16, []string{"tRNS", "\x00\x00"}},
		{2, 8, nil}, {2, 16, nil}, {2, 8, []string{"tRNS", "\x00\x00\x00\x00\x00\x00"}}, {2, 16, []string{"PLTE", palette, "tRNS", "\x00\x00\x00\x00\x00\x00"}},
		{3, 1, []string{"PLTE", palette[:6]}}, {3, 2, []string{"PLTE", palette, "tRNS", "\x80\xff"}}, {3, 4, []string{"PLTE", palette, "tRNS", "\x00"}},
		{3, 8, []string{"PLTE", palette}}, {3, 8, []string{"PLTE", palette, "tRNS", strings.Repeat("\x07", 9)}},
		{4, 8, nil}, {4, 16, nil}, {6, 8, nil}, {6, 16, nil},
	} {
		for _, s := range [][2]int{{1, 1}, {13, 7}, {300, 2}} {
			samePNG(t, rawPNG(s[0], s[1], c.kind, c.depth, uint64(c.kind*100+c.depth), c.extra...))
		}
	}
}

// samePNG compares our reader with image/png on one file.
func samePNG(t *testing.T, b []byte) {
	t.Helper()
	got, err := Limits{Pixels: 1 << 20}.Decode(bytes.NewReader(b), "x")
	if err != nil && !BadInput(err) {
		t.Fatal(err)
	}
	c, configErr := png.DecodeConfig(bytes.NewReader(b))
	if configErr == nil && c.Width > 1<<20/max(1, c.Height) {
		return
	}
	m, wantErr := png.Decode(bytes.NewReader(b))
	if (err == nil) != (wantErr == nil) {
		t.Fatalf("ours: %v, image/png: %v", err, wantErr)
	}
	if err != nil {
		return
	}
	if orientation(PNG, sourceOf(b, "x")) != 1 || got.Notes != nil {
		return
	}
	if pngHasProfile(b) {
		return
	}
	want := FromImage(m)
	if got.W != want.W || got.H != want.H || near(got.Pix, want.Pix) != 0 || near(got.Alpha, want.Alpha) != 0 {
		t.Fatalf("%dx%d %T: off by %v, alpha %v (%d, %d)", got.W, got.H, m, near(got.Pix, want.Pix), near(got.Alpha, want.Alpha), len(got.Alpha), len(want.Alpha))
	}
}

func pngHasProfile(b []byte) bool {
	found := false
	pngChunks(sourceOf(b, "x"), func(id string, _ chunk) bool { found = found || id == "iCCP"; return true })
	return found
}

func TestPNGInterlacedFallsBack(t *testing.T) {
	b := unbase64(t, interlacedPNG)
	p, err := Decode(bytes.NewReader(b), "x")
	if err != nil {
		t.Fatal(err)
	}
	m, err := png.Decode(bytes.NewReader(b))
	if err != nil || near(p.Pix, FromImage(m).Pix) != 0 {
		t.Error(err)
	}
	_, err = Limits{Memory: 100}.Decode(bytes.NewReader(b), "x")
	if err == nil || !strings.Contains(err.Error(), "over the limit") {
		t.Error(err)
	}
}

// What we write image/png reads, with the pixels that we meant, and the bytes
// do not depend on the number of threads.
func TestPNGWritesForStandard(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	smallBands(t)
	for _, alpha := range []bool{false, true} {
		p := noisy(70, 190, alpha, 7) // several segments
		for _, o := range []SaveOptions{{}, {Deep: true}, {Small: true}} {
			var files [2]bytes.Buffer
			for i := range files {
				runtime.GOMAXPROCS(1 + 2*i)
				if err := Encode(&files[i], PNG, p, o); err != nil {
					t.Fatal(err)
				}
			}
			if !bytes.Equal(files[0].Bytes(), files[1].Bytes()) {
				t.Error("the bytes depend on the threads")
			}
			m, err := png.Decode(&files[0])
			if err != nil {
				t.Fatal(err)
			}
			var want image.Image = p.ToImage()
			if o.Deep {
				want = p.ToImage16()
			}
			if near(FromImage(m).Pix, FromImage(want).Pix) != 0 || near(FromImage(m).Alpha, FromImage(want).Alpha) != 0 {
				t.Errorf("alpha %v %+v: other pixels", alpha, o)
			}
		}
	}
}

func FuzzPNG(f *testing.F) {
	for kind, depths := range map[int][]int{0: {1, 2, 4, 8, 16}, 2: {8, 16}, 4: {8, 16}, 6: {8, 16}} {
		for _, d := range depths {
			f.Add(rawPNG(5, 3, kind, d, 1))
		}
	}
	f.Add(rawPNG(9, 3, 3, 2, 1, "PLTE", "\x01\x02\x03", "tRNS", "\x05\x06"))
	f.Add(rawPNG(9, 3, 2, 8, 1, "tRNS", "\x00\x01\x00\x02\x00\x03"))
	f.Add(unbase64(f, interlacedPNG))
	f.Fuzz(func(t *testing.T, b []byte) {
		if !bytes.HasPrefix(b, []byte(pngSignature)) || len(b) < pngHeader || b[28] > 1 {
			return
		}
		b = bytes.Clone(b)
		mendPNG(b)
		samePNG(t, b)
	})
}

// mendPNG makes checksums right, so that fuzzing gets past them.
func mendPNG(b []byte) {
	pngChunks(sourceOf(b, "x"), func(id string, c chunk) bool {
		end := c.off + c.size
		binary.BigEndian.PutUint32(b[end:], crc32.ChecksumIEEE(b[c.off-4:end]))
		return true
	})
}

// A filtered row unfilters to itself, whatever the filter.
func FuzzPNGFilter(f *testing.F) {
	f.Add([]byte("0123456789abcdef"), uint8(3), uint8(4))
	f.Fuzz(func(t *testing.T, b []byte, n, kind uint8) {
		size, per := len(b)/2, 1+int(n)%8
		up, row := b[:size], b[size:2*size]
		out := make([]byte, size)
		applyFilter(int(kind)%5, out, row, up, per)
		if err := unfilter(kind%5, out, up, per); err != nil || !bytes.Equal(out, row) {
			t.Fatal(err)
		}
	})
}

func TestAdlerJoin(t *testing.T) {
	for _, s := range []string{"", "a", strings.Repeat("\xff", 70000)} {
		if got := adlerJoin(adler32.Checksum([]byte(s)), adler32.Checksum([]byte("tail"+s)), int64(len(s)+4)); got != adler32.Checksum([]byte(s+"tail"+s)) {
			t.Errorf("%.5q: %x", s, got)
		}
	}
}
