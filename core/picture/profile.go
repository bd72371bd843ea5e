package picture

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"io"
)

const maxProfile = 16 << 20 // bytes; the largest in use, of presses, have 2 to 5 MB

// findProfile returns the ICC profile embedded in a file, nil if there is none.
// An error is about its wrapping.
func findProfile(f Format, s source) ([]byte, error) {
	var b []byte
	var err error
	switch f {
	case PNG:
		pngChunks(s, func(id string, c chunk) bool {
			if id == "iCCP" {
				b, err = pngProfile(c.bytes(maxProfile))
			}
			return id != "iCCP" && id != "IDAT" && id != "sRGB"
		})
	case JPEG:
		b, err = jpegProfile(s)
	case WebP:
		_ = webpChunks(s, func(id string, c chunk) bool { // a cut here only ends the search
			if id == "ICCP" {
				b = c.bytes(maxProfile)
			}
			return id == "VP8X" || id != "ICCP" && id[:3] != "VP8" && id != "ANMF"
		})
	case TIFF:
		tiffTags(s, func(e tiffEntry) bool {
			if e.tag == tagICC && e.count > 4 {
				if b = (chunk{s, int64(e.order.Uint32(e.value)), e.count}).bytes(maxProfile); b == nil {
					err = errors.New("it is cut short")
				}
			}
			return e.tag < tagICC
		})
	}
	return b, err
}

// pngProfile unpacks an iCCP chunk: a name, zero, method 0, zlib.
func pngProfile(d []byte) ([]byte, error) {
	_, rest, ok := bytes.Cut(d, []byte{0})
	if !ok || len(rest) < 1 || rest[0] != 0 {
		return nil, errors.New("its chunk is malformed")
	}
	z, err := zlib.NewReader(bytes.NewReader(rest[1:]))
	if err != nil {
		return nil, err
	}
	b, err := io.ReadAll(io.LimitReader(z, maxProfile+1))
	if err == nil && len(b) > maxProfile {
		err = errors.New("it is too large")
	}
	return b, err
}

// jpegProfile joins the APP2 segments of a profile: each has its number from 1
// and their count (ICC.1:2010, annex B.4).
func jpegProfile(s source) ([]byte, error) {
	const mark = "ICC_PROFILE\x00"
	parts, count, size := map[int][]byte{}, 0, 0
	jpegSegments(s, func(marker byte, d []byte) bool {
		if marker == 0xe2 && bytes.HasPrefix(d, []byte(mark)) && len(d) > len(mark)+2 {
			parts[int(d[len(mark)])] = d[len(mark)+2:]
			count = max(count, int(d[len(mark)+1]))
			size += len(d)
		}
		return size <= maxProfile
	})
	if len(parts) == 0 {
		return nil, nil
	}
	var b []byte
	for i := 1; i <= count; i++ {
		if parts[i] == nil {
			return nil, errors.New("a part of it is missing")
		}
		b = append(b, parts[i]...)
	}
	return b, nil
}

// conversionOf finds what turns the colours of a file into sRGB: nil where
// they are sRGB or taken to be, with a note where a person should know.
func conversionOf(f Format, s source) (*conversion, []string) {
	b, err := findProfile(f, s)
	if b == nil && err == nil {
		return nil, nil
	}
	var p *profile
	if err == nil {
		p, err = parseProfile(b)
	}
	var c *conversion
	if err == nil {
		c, err = newConversion(p)
	}
	name := profileName(b)
	var tables errTables
	switch {
	case errors.As(err, &tables):
		return nil, []string{"the colour profile" + name + " is not applied (" + err.Error() + "): colours are taken as sRGB and may be off; convert the picture to sRGB first to be sure"}
	case err != nil:
		return nil, []string{"the colour profile" + name + " is damaged (" + err.Error() + "): colours are taken as sRGB"}
	}
	return c, nil
}

// profileName is ` "name"` from the description of a profile, or nothing.
func profileName(b []byte) string {
	if len(b) < 132 {
		return ""
	}
	tags, err := profileTags(b)
	t := tags["desc"]
	if err != nil || len(t) < 12 {
		return ""
	}
	var name []byte
	switch string(t[:4]) {
	case "desc": // version 2: ASCII, its length counting the zero
		n := int64(binary.BigEndian.Uint32(t[8:]))
		name = t[12:min(int64(len(t)), 12+n)]
	case "mluc": // version 4: UTF-16; the first record
		if len(t) < 28 {
			return ""
		}
		n, off := int64(binary.BigEndian.Uint32(t[20:])), int64(binary.BigEndian.Uint32(t[24:]))
		for i := off; i+1 < min(off+n, int64(len(t))); i += 2 {
			if t[i] != 0 {
				return ""
			}
			name = append(name, t[i+1])
		}
	}
	name, _, _ = bytes.Cut(name, []byte{0})
	for _, c := range name {
		if c < ' ' || c > '~' {
			return ""
		}
	}
	if len(name) == 0 || len(name) > 80 {
		return ""
	}
	return ` "` + string(name) + `"`
}
