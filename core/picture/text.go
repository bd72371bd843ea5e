package picture

import (
	"fmt"
	"image"
	"image/draw"
	"strings"
	"sync"
	"unicode/utf8"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
)

// The Go fonts cover Latin, Greek and Cyrillic. They are parsed on first use.
var (
	regular = sync.OnceValues(func() (*opentype.Font, error) { return opentype.Parse(goregular.TTF) })
	bold    = sync.OnceValues(func() (*opentype.Font, error) { return opentype.Parse(gobold.TTF) })
)

// faces are the letters of one sheet. A face is not safe for concurrent use,
// so each Draw makes its own.
type faces struct{ title, text, note font.Face }

func newFaces(unit int) (*faces, error) {
	var f faces
	for _, k := range []struct {
		dst  *font.Face
		font func() (*opentype.Font, error)
		size float64
	}{{&f.title, bold, 1.6}, {&f.text, regular, 1}, {&f.note, regular, 0.85}} {
		parsed, err := k.font()
		if err == nil {
			*k.dst, err = opentype.NewFace(parsed, &opentype.FaceOptions{Size: k.size * float64(unit), DPI: 72, Hinting: font.HintingFull})
		}
		if err != nil {
			f.close()
			return nil, fmt.Errorf("sheet: the built-in font cannot be used (%w): build the program again", err)
		}
	}
	return &f, nil
}

func (f *faces) close() {
	for _, x := range []font.Face{f.title, f.text, f.note} {
		if x != nil {
			x.Close()
		}
	}
}

func lineHeight(f font.Face) int { return f.Metrics().Height.Ceil() }

// wrap breaks a text at spaces, and inside words that are too wide, into at
// most most lines no wider than width pixels; the last one then ends in "…".
func wrap(f font.Face, text string, width, most int) []string {
	fits := func(s string) bool { return font.MeasureString(f, s).Ceil() <= width }
	var lines []string
	text = text[:min(len(text), 4096)] // more than any sheet shows
	for _, word := range strings.Fields(text) {
		if n := len(lines); n > 0 && fits(lines[n-1]+" "+word) {
			lines[n-1] += " " + word
			continue
		}
		for !fits(word) && utf8.RuneCountInString(word) > 1 {
			cut := len(word)
			for cut > 0 && !fits(word[:cut]) {
				_, n := utf8.DecodeLastRuneInString(word[:cut])
				cut -= n
			}
			if cut == 0 {
				_, cut = utf8.DecodeRuneInString(word)
			}
			lines, word = append(lines, word[:cut]), word[cut:]
			if len(lines) > most {
				break
			}
		}
		lines = append(lines, word)
		if len(lines) > most {
			break
		}
	}
	if len(lines) > most {
		lines = lines[:most]
		last := lines[most-1]
		for last != "" && !fits(last+"…") {
			_, n := utf8.DecodeLastRuneInString(last)
			last = last[:len(last)-n]
		}
		lines[most-1] = strings.TrimRight(last, " ") + "…"
	}
	return lines
}

type align int

const (
	left align = iota
	centre
	right
)

// pen writes text on an image.
type pen struct {
	on  draw.Image
	ink image.Image
}

// lines writes lines below each other in a box of a given width whose upper
// left corner is (x,y).
func (p pen) lines(f font.Face, x, y, width int, lines []string, a align) {
	ascent := f.Metrics().Ascent.Ceil()
	for i, s := range lines {
		at := x
		switch w := font.MeasureString(f, s).Ceil(); a {
		case centre:
			at += (width - w) / 2
		case right:
			at += width - w
		}
		d := font.Drawer{Dst: p.on, Src: p.ink, Face: f, Dot: fixed.P(at, y+ascent+i*lineHeight(f))}
		d.DrawString(s)
	}
}
