package picture

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"hash/crc32"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// Metadata is text under a key. In a PNG each text is an iTXt chunk (PNG
// specification, 11.3.3.4), compressed when long; tEXt and zTXt are read too.
// In a JPEG it is one or more comment segments "key, zero byte, text".

const (
	pngHeader  = len(pngSignature) + 25 // signature and IHDR chunk
	maxText    = 8 << 20                // bytes of one text
	maxAllText = 32 << 20               // bytes of all texts of a file
	commentMax = 60000                  // bytes of text in one JPEG segment
)

func sortedKeys(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }

// validKey follows the PNG rules, narrowed from Latin-1 to ASCII: 1 to 79
// printable characters, no space at the ends and no two in a row.
func validKey(k string) bool {
	if len(k) < 1 || len(k) > 79 || strings.Contains(k, "  ") || strings.Trim(k, " ") != k {
		return false
	}
	for i := range len(k) {
		if k[i] < ' ' || k[i] > '~' {
			return false
		}
	}
	return true
}

func validText(s string) bool {
	return len(s) <= maxText && utf8.ValidString(s) && strings.IndexByte(s, 0) < 0
}

// foreign tells keys that hold the innards of another program's file, place
// and orientation included: they are not carried into a new picture.
func foreign(k string) bool {
	return k == "XML:com.adobe.xmp" || strings.HasPrefix(k, "Raw profile type ")
}

// collector gathers texts within the bounds.
type collector struct {
	m    map[string]string
	size int
}

func (c *collector) add(k, v string) {
	if !validKey(k) || foreign(k) || !validText(v) || c.size+len(v) > maxAllText {
		return
	}
	if c.m == nil {
		c.m = map[string]string{}
	}
	c.m[k] = v
	c.size += len(v)
}

// readMeta returns the texts of a file, nil if there are none. What is
// malformed is left out.
func readMeta(f Format, s source) map[string]string {
	var c collector
	switch f {
	case PNG:
		pngChunks(s, func(id string, d chunk) bool {
			if id == "tEXt" || id == "zTXt" || id == "iTXt" {
				if k, v, ok := pngTextChunk(id, d.bytes(maxText+1024)); ok {
					c.add(k, v)
				}
			}
			return true
		})
	case JPEG:
		var order []string
		parts := map[string]*strings.Builder{}
		jpegSegments(s, func(marker byte, d []byte) bool {
			k, v, ok := bytes.Cut(d, []byte{0})
			if marker != 0xfe || !ok || !validKey(string(k)) {
				return true
			}
			if parts[string(k)] == nil {
				parts[string(k)] = new(strings.Builder)
				order = append(order, string(k))
			}
			parts[string(k)].Write(v)
			return true
		})
		for _, k := range order {
			c.add(k, parts[k].String())
		}
	}
	return c.m
}

// pngTextChunk decodes a tEXt, zTXt or iTXt chunk.
func pngTextChunk(id string, d []byte) (key, text string, ok bool) {
	k, rest, found := bytes.Cut(d, []byte{0})
	if !found {
		return "", "", false
	}
	key = string(k)
	switch id {
	case "tEXt":
		return key, latin1(rest), true
	case "zTXt":
		if len(rest) < 1 || rest[0] != 0 {
			return "", "", false
		}
		raw, ok := inflate(rest[1:])
		return key, latin1(raw), ok
	}
	if len(rest) < 2 || rest[0] > 1 || rest[1] != 0 {
		return "", "", false
	}
	packed := rest[0] == 1
	_, rest, ok1 := bytes.Cut(rest[2:], []byte{0}) // language
	_, rest, ok2 := bytes.Cut(rest, []byte{0})     // translated key
	if !ok1 || !ok2 {
		return "", "", false
	}
	if packed {
		raw, ok := inflate(rest)
		return key, string(raw), ok
	}
	return key, string(rest), true
}

func latin1(b []byte) string {
	if utf8.Valid(b) { // ASCII, and what programs wrongly store as UTF-8
		return string(b)
	}
	r := make([]rune, len(b))
	for i, c := range b {
		r[i] = rune(c)
	}
	return string(r)
}

func inflate(b []byte) ([]byte, bool) {
	z, err := zlib.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil, false
	}
	out, err := io.ReadAll(io.LimitReader(z, maxText+1))
	return out, err == nil && len(out) <= maxText
}

// pngText encodes texts as iTXt chunks, in the order of their keys.
func pngText(m map[string]string) []byte {
	var out bytes.Buffer
	for _, k := range sortedKeys(m) {
		var d bytes.Buffer
		d.WriteString("iTXt" + k)
		if v := m[k]; len(v) > 1024 {
			d.Write([]byte{0, 1, 0, 0, 0})
			z := zlib.NewWriter(&d)
			io.WriteString(z, v) // a bytes.Buffer never fails
			z.Close()
		} else {
			d.Write([]byte{0, 0, 0, 0, 0})
			d.WriteString(v)
		}
		var n [4]byte
		binary.BigEndian.PutUint32(n[:], uint32(d.Len()-4))
		out.Write(n[:])
		out.Write(d.Bytes())
		binary.BigEndian.PutUint32(n[:], crc32.ChecksumIEEE(d.Bytes()))
		out.Write(n[:])
	}
	return out.Bytes()
}

// jpegText encodes texts as comment segments; a long text takes several.
func jpegText(m map[string]string) []byte {
	var out bytes.Buffer
	for _, k := range sortedKeys(m) {
		for v := m[k]; ; {
			part := v[:min(len(v), commentMax)]
			v = v[len(part):]
			n := 2 + len(k) + 1 + len(part)
			out.Write([]byte{0xff, 0xfe, byte(n >> 8), byte(n)})
			out.WriteString(k + "\x00" + part)
			if v == "" {
				break
			}
		}
	}
	return out.Bytes()
}
