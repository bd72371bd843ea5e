package picture

import (
	"bytes"
	"compress/zlib"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func deflated(s string) string {
	var b bytes.Buffer
	z := zlib.NewWriter(&b)
	io.WriteString(z, s)
	z.Close()
	return b.String()
}

func TestReadForeignMetadata(t *testing.T) {
	base := encoded(t, PNG, sample(2, 2))
	bomb := deflated(strings.Repeat("0", maxText+1))
	for _, c := range []struct {
		name, id, data string
		want           map[string]string
	}{
		{"tEXt", "tEXt", "Author\x00Ren\xe9", map[string]string{"Author": "René"}},
		{"zTXt", "zTXt", "Comment\x00\x00" + deflated("hello"), map[string]string{"Comment": "hello"}},
		{"iTXt", "iTXt", "Title\x00\x00\x00fr\x00Titre\x00Été", map[string]string{"Title": "Été"}},
		{"iTXt packed", "iTXt", "Title\x00\x01\x00\x00\x00" + deflated("Été"), map[string]string{"Title": "Été"}},
		{"empty text", "tEXt", "Note\x00", map[string]string{"Note": ""}},
		{"no key", "tEXt", "\x00text", nil},
		{"no zero", "tEXt", "text", nil},
		{"iTXt cut", "iTXt", "Title\x00\x00\x00fr", nil},
		{"iTXt bad packing", "iTXt", "Title\x00\x01\x07\x00\x00x", nil},
		{"zlib rubbish", "zTXt", "Comment\x00\x00rubbish", nil},
		{"bomb", "zTXt", "Comment\x00\x00" + bomb, nil},
		{"bad UTF-8", "iTXt", "Title\x00\x00\x00\x00\x00\xff", nil},
		{"XMP is left behind", "iTXt", "XML:com.adobe.xmp\x00\x00\x00\x00\x00<x/>", nil},
	} {
		p, err := Decode(bytes.NewReader(withPNGChunk(base, c.id, []byte(c.data))), "x")
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if d := cmp.Diff(c.want, p.Meta); d != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, d)
		}
	}
	jpg := withJPEGSegment(encoded(t, JPEG, sample(2, 2)), 0xfe, []byte("made by a camera"))
	if p, err := Decode(bytes.NewReader(jpg), "x"); err != nil || p.Meta != nil {
		t.Errorf("a plain comment became %v %v", p.Meta, err)
	}
}

func TestMetadataOrderIsFixed(t *testing.T) {
	p := New(2, 2)
	for _, k := range []string{"b", "a", "d", "c"} {
		p.SetMeta(k, k)
	}
	for _, f := range []Format{PNG, JPEG} {
		var first bytes.Buffer
		for i := range 5 {
			var b bytes.Buffer
			if err := Encode(&b, f, p, SaveOptions{}); err != nil {
				t.Fatal(err)
			}
			if i == 0 {
				first = b
			} else if !bytes.Equal(first.Bytes(), b.Bytes()) {
				t.Fatalf("%s: the same picture gave other bytes", f)
			}
		}
	}
}

// Whatever is read from a file can be written, and reads back the same.
func FuzzMetadata(f *testing.F) {
	p := New(1, 1)
	p.SetMeta("atelier:recipe", "text")
	p.SetMeta("long", strings.Repeat("abc", 1000))
	for _, k := range []Format{PNG, JPEG} {
		var b bytes.Buffer
		if err := Encode(&b, k, p, SaveOptions{}); err != nil {
			f.Fatal(err)
		}
		f.Add(b.Bytes(), "key", "value")
	}
	f.Add([]byte("\xff\xd8\xff\xfe\x00\x06a\x00bc"), "a  b", "é")
	f.Fuzz(func(t *testing.T, b []byte, key, value string) {
		for _, k := range []Format{PNG, JPEG} {
			p := New(1, 1)
			p.Meta = readMeta(k, sourceOf(b, "x"))
			if validKey(key) && validText(value) && !foreign(key) {
				p.SetMeta(key, value)
			}
			var out bytes.Buffer
			if err := Encode(&out, k, p, SaveOptions{}); err != nil {
				t.Fatal(err)
			}
			q, err := Decode(&out, "x")
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(p.Meta, q.Meta); d != "" {
				t.Fatal(d)
			}
			orientation(k, sourceOf(b, "x"))
		}
	})
}
