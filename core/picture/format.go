package picture

import (
	"bytes"
	"path/filepath"
	"strings"
	"unicode/utf8"
)

// Format names a file format by its usual ending without the dot.
type Format string

// The formats that are read; PNG and JPEG are also written.
const (
	PNG  Format = "png"
	JPEG Format = "jpeg"
	WebP Format = "webp"
	TIFF Format = "tiff"
	BMP  Format = "bmp"
	GIF  Format = "gif"
)

const useInstead = "use PNG, JPEG, WebP, TIFF, BMP or GIF"

// FormatOf returns the format to write for a file name, from its ending:
// .png, .jpg or .jpeg in any case.
func FormatOf(path string) (Format, error) {
	ext := strings.ToLower(filepath.Ext(path))
	switch ext {
	case ".png":
		return PNG, nil
	case ".jpg", ".jpeg":
		return JPEG, nil
	}
	e := &Error{Op: "save", Path: path, Kind: ErrFormat, What: "we do not write " + ext + " files", Do: "end the name in .png, .jpg or .jpeg"}
	if ext == "" {
		e.What = "the name has no ending that tells the format"
	}
	return "", e
}

// sniff recognises a format by its first bytes, whatever the file's name; ""
// if it is none of ours.
func sniff(b []byte) Format {
	has := func(s string) bool { return bytes.HasPrefix(b, []byte(s)) }
	switch {
	case has(pngSignature):
		return PNG
	case has("\xff\xd8\xff"):
		return JPEG
	case has("RIFF") && len(b) >= 12 && string(b[8:12]) == "WEBP":
		return WebP
	case has("II*\x00") || has("MM\x00*"):
		return TIFF
	case has("GIF87a") || has("GIF89a"):
		return GIF
	case has("BM") && len(b) >= 18 && b[15] == 0 && b[16] == 0 && b[17] == 0:
		return BMP // the size of the second header is below 256
	}
	return ""
}

// looksLike says in a word what a file is that is no picture of ours.
func looksLike(b []byte) string {
	for _, k := range []struct {
		at         int
		magic, say string
	}{
		{0, "%PDF", "a PDF document"}, {0, "PK\x03\x04", "a ZIP archive or an office document"}, {0, "8BPS", "a Photoshop file"},
		{4, "ftypavif", "AVIF"}, {4, "ftypheic", "HEIC"}, {4, "ftypheix", "HEIC"}, {4, "ftypmif1", "HEIF"},
		{4, "ftyp", "a video"}, {0, "\x1aE\xdf\xa3", "a video"}, {0, "\xff\x0a", "JPEG XL"}, {0, "\x00\x00\x00\x0cJXL ", "JPEG XL"},
		{0, "\x00\x00\x00\x0cjP  ", "JPEG 2000"}, {0, "\x00\x00\x01\x00", "an icon file"}, {0, "\x1f\x8b", "a gzip archive"},
		{0, "\x7fELF", "a program"}, {0, "MZ", "a program"},
		{0, "\x89PN", "a PNG damaged at its start"}, {0, "\xff\xd8", "a JPEG damaged at its start"},
	} {
		if len(b) >= k.at+len(k.magic) && string(b[k.at:k.at+len(k.magic)]) == k.magic {
			return k.say
		}
	}
	head := b[:min(len(b), 512)]
	if len(b) > 512 { // do not stop in the middle of a letter
		for i := 0; i < utf8.UTFMax && len(head) > 0 && !utf8.RuneStart(b[len(head)]); i++ {
			head = head[:len(head)-1]
		}
	}
	if !utf8.Valid(head) || bytes.IndexByte(head, 0) >= 0 {
		return "other data"
	}
	low := bytes.ToLower(head)
	switch {
	case bytes.Contains(low, []byte("<svg")):
		return "SVG, a drawing"
	case bytes.Contains(low, []byte("<html")) || bytes.Contains(low, []byte("<!doctype html")):
		return "a web page"
	}
	return "text"
}
