package picture

import (
	"bytes"
	"compress/zlib"
	"context"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"golang.org/x/image/tiff"
)

// tiffLayout composes TIFF files of random pixels.
type tiffLayout struct {
	w, h, samples, bits int
	rows                int // of a strip; 0: one strip without the tag
	tile                int // side of tiles; 0: strips
	packed              bool
}

func (l tiffLayout) file(order byteOrder) []byte {
	rng := rand.New(rand.NewPCG(3, 4))
	per := l.samples * l.bits / 8
	pix := make([]byte, l.w*l.h*per)
	for i := range pix {
		pix[i] = byte(rng.IntN(256))
	}
	var blocks [][]byte
	if l.tile > 0 {
		for ty := 0; ty < l.h; ty += l.tile {
			for tx := 0; tx < l.w; tx += l.tile {
				b := make([]byte, l.tile*l.tile*per)
				for y := ty; y < min(ty+l.tile, l.h); y++ {
					copy(b[(y-ty)*l.tile*per:], pix[(y*l.w+tx)*per:(y*l.w+min(tx+l.tile, l.w))*per])
				}
				blocks = append(blocks, b)
			}
		}
	} else {
		rows := l.rows
		if rows == 0 {
			rows = l.h
		}
		for y := 0; y < l.h; y += rows {
			blocks = append(blocks, pix[y*l.w*per:min(y+rows, l.h)*l.w*per])
		}
	}
	b := []byte("II*\x00\x00\x00\x00\x00")
	if order == byteOrder(binary.BigEndian) {
		b = []byte("MM\x00*\x00\x00\x00\x00")
	}
	compression := uint32(1)
	var offsets, counts []uint32
	for _, k := range blocks {
		if l.packed {
			var z bytes.Buffer
			w := zlib.NewWriter(&z)
			w.Write(k)
			w.Close()
			k, compression = z.Bytes(), 8
		}
		offsets, counts = append(offsets, uint32(len(b))), append(counts, uint32(len(k)))
		b = append(b, k...)
	}
	type entry struct {
		tag  int
		long bool
		v    []uint32
	}
	bits := make([]uint32, l.samples)
	for i := range bits {
		bits[i] = uint32(l.bits)
	}
	photometric := uint32(1)
	if l.samples > 1 {
		photometric = 2
	}
	entries := []entry{{256, false, []uint32{uint32(l.w)}}, {257, false, []uint32{uint32(l.h)}}, {258, false, bits},
		{259, false, []uint32{compression}}, {262, false, []uint32{photometric}}}
	if l.tile == 0 {
		entries = append(entries, entry{273, true, offsets})
	}
	entries = append(entries, entry{277, false, []uint32{uint32(l.samples)}})
	if l.tile == 0 {
		if l.rows > 0 {
			entries = append(entries, entry{278, false, []uint32{uint32(l.rows)}})
		}
		entries = append(entries, entry{279, true, counts})
	} else {
		side := []uint32{uint32(l.tile)}
		entries = append(entries, entry{322, false, side}, entry{323, false, side}, entry{324, true, offsets}, entry{325, true, counts})
	}
	if l.samples == 4 {
		entries = append(entries, entry{338, false, []uint32{2}})
	}
	order.PutUint32(b[4:], uint32(len(b)))
	behind := len(b) + 2 + 12*len(entries) + 4
	var arrays []byte
	b = order.AppendUint16(b, uint16(len(entries)))
	for _, e := range entries {
		kind, size := uint16(3), 2
		if e.long {
			kind, size = 4, 4
		}
		var v []byte
		for _, x := range e.v {
			if e.long {
				v = order.AppendUint32(v, x)
			} else {
				v = order.AppendUint16(v, uint16(x))
			}
		}
		b = order.AppendUint16(order.AppendUint16(b, uint16(e.tag)), kind)
		b = order.AppendUint32(b, uint32(len(v)/size))
		if len(v) <= 4 {
			b = append(append(b, v...), make([]byte, 4-len(v))...)
		} else {
			b = order.AppendUint32(b, uint32(behind+len(arrays)))
			arrays = append(arrays, v...)
		}
	}
	return append(append(b, 0, 0, 0, 0), arrays...)
}

// A TIFF read in bands gives the pixels of the file decoded as a whole.
func TestTIFFInBands(t *testing.T) {
	smallBands(t)
	for _, order := range []byteOrder{binary.LittleEndian, binary.BigEndian} {
		for _, l := range []tiffLayout{
			{w: 100, h: 90, samples: 3, bits: 8, rows: 7},
			{w: 100, h: 90, samples: 3, bits: 8, rows: 7, packed: true},
			{w: 100, h: 90, samples: 4, bits: 16, rows: 40, packed: true},
			{w: 100, h: 90, samples: 1, bits: 16},
			{w: 100, h: 90, samples: 3, bits: 8},
			{w: 100, h: 90, samples: 3, bits: 8, packed: true},
			{w: 100, h: 90, samples: 3, bits: 8, tile: 16},
			{w: 100, h: 90, samples: 4, bits: 8, tile: 32, packed: true},
			{w: 1, h: 1, samples: 3, bits: 8, rows: 1},
		} {
			b := l.file(order)
			m, err := tiff.Decode(bytes.NewReader(b))
			if err != nil {
				t.Fatalf("%+v: %v", l, err)
			}
			want := FromImage(m)
			got, err := bothWays(t, written(t, "a.tif", b))
			if err != nil {
				t.Errorf("%+v: %v", l, err)
				continue
			}
			if near(got.Pix, want.Pix) != 0 || near(got.Alpha, want.Alpha) != 0 {
				t.Errorf("%+v: off by %v", l, near(got.Pix, want.Pix))
			}
			h, err := readHeader(TIFF, sourceOf(b, "x"))
			whole := float64(l.bits) // bytes a pixel of a colour, read as a whole
			if l.samples == 1 {
				whole = 4
			}
			if inBands := l.h > 1 && (l.rows > 0 || l.tile > 0 || !l.packed); err != nil || inBands != (h.cost < whole) {
				t.Errorf("%+v: %v bytes a pixel, plan %v", l, h.cost, h.tiff != nil)
			}
		}
	}
}

func TestTIFFCutShort(t *testing.T) {
	smallBands(t)
	b := tiffLayout{w: 100, h: 90, samples: 3, bits: 8, rows: 7}.file(binary.LittleEndian)
	order := binary.LittleEndian
	at := int(order.Uint32(b[4:]))
	for i := range int(order.Uint16(b[at:])) {
		e := b[at+2+12*i:]
		if order.Uint16(e) == 273 { // the last strip lies outside the file
			places := b[order.Uint32(e[8:]):]
			order.PutUint32(places[4*12:], uint32(len(b)-5))
		}
	}
	_, err := OpenRaster(context.Background(), written(t, "a.tif", b), Limits{}, RasterOptions{})
	if !errors.Is(err, ErrTruncated) || !strings.Contains(err.Error(), "ends too early") {
		t.Error(err)
	}
}
