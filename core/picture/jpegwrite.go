package picture

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"image"
	"image/jpeg"
	"io"
	"runtime"
	"sync"
)

// A large JPEG is written in stripes, each encoded by image/jpeg as a picture
// of its own, several at once. Behind a restart marker (ITU-T T.81, E.1.4) the
// state of the coder is as at the start of a scan, so the scans of the stripes
// joined by such markers are one scan: only the height in the frame header
// changes and a segment with the restart interval is added.

const jpegMCU = 16 // pixels a side that are coded together

// jpegStripe is the number of rows of a stripe for a width in pixels: about
// a megapixel, at most 65535 coded units (the interval has 16 bits).
func jpegStripe(w int) int {
	across := (w + jpegMCU - 1) / jpegMCU
	return jpegMCU * min(65535/across, max(1, bandPixels/(across*jpegMCU*jpegMCU)))
}

func encodeJPEG(ctx context.Context, w io.Writer, r *Raster, o SaveOptions) error {
	stripe := jpegStripe(r.w)
	n := (r.h + stripe - 1) / stripe
	team := min(n, runtime.GOMAXPROCS(0), 4) // 20 MiB each
	out, errs := make([]bytes.Buffer, team), make([]error, team)
	for first := 0; first < n; first += team {
		if err := ctx.Err(); err != nil {
			return err
		}
		var wg sync.WaitGroup
		for i := range min(team, n-first) {
			wg.Go(func() {
				out[i].Reset()
				y := (first + i) * stripe
				errs[i] = r.jpegRows(&out[i], y, min(stripe, r.h-y), o)
			})
		}
		wg.Wait()
		for i := range min(team, n-first) {
			if errs[i] != nil {
				return errs[i]
			}
			head, scan, err := splitJPEG(out[i].Bytes())
			if err != nil {
				return err
			}
			parts := [][]byte{{0xff, 0xd0 + byte((first+i-1)&7)}, scan}
			if first+i == 0 {
				parts = [][]byte{r.jpegHead(head, stripe, n), scan}
			}
			for _, b := range parts {
				if _, err := w.Write(b); err != nil {
					return err
				}
			}
		}
	}
	_, err := w.Write([]byte{0xff, 0xd9})
	return err
}

// jpegRows encodes k rows from row y on, on white.
func (r *Raster) jpegRows(w io.Writer, y, k int, o SaveOptions) error {
	m := image.NewRGBA(image.Rect(0, 0, r.w, k)) // the encoder is fast on this type only
	for j, step := 0, bandRows(r.w); j < k; j += step {
		p, err := r.Read(0, y+j, r.w, min(step, k-j))
		if err != nil {
			return err
		}
		p = p.Flatten(1, 1, 1)
		pack(m.Pix[j*m.Stride:], p.Pix, nil, 4, 8)
	}
	q := o.Quality
	if q == 0 {
		q = 92
	}
	return jpeg.Encode(w, m, &jpeg.Options{Quality: q})
}

// splitJPEG cuts what image/jpeg writes into what precedes the scan and the
// scan without the end marker.
func splitJPEG(b []byte) (head, scan []byte, err error) {
	for at := 2; at+4 <= len(b); at += 2 + int(binary.BigEndian.Uint16(b[at+2:])) {
		if b[at+1] == 0xda {
			at += 2 + int(binary.BigEndian.Uint16(b[at+2:]))
			return b[:at], b[at : len(b)-2], nil
		}
	}
	return nil, nil, errors.New("the JPEG encoder wrote no scan")
}

// jpegHead is the head of the first stripe made that of all n, with metadata.
func (r *Raster) jpegHead(head []byte, stripe, n int) []byte {
	out := append([]byte(nil), head[:2]...)
	out = append(out, jpegText(r.Meta)...)
	if n > 1 {
		across := (r.w + jpegMCU - 1) / jpegMCU
		out = append(out, 0xff, 0xdd, 0, 4)
		out = binary.BigEndian.AppendUint16(out, uint16(across*(stripe/jpegMCU)))
	}
	at := len(out)
	out = append(out, head[2:]...)
	for ; out[at+1] != 0xc0; at += 2 + int(binary.BigEndian.Uint16(out[at+2:])) {
	}
	binary.BigEndian.PutUint16(out[at+5:], uint16(r.h)) // marker, length, precision, height
	return out
}
