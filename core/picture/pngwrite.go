package picture

import (
	"bytes"
	"compress/flate"
	"context"
	"encoding/binary"
	"hash/adler32"
	"hash/crc32"
	"io"
	"runtime"
	"sync"
)

// A PNG is written in segments of rows of about a megabyte. Each is filtered
// and deflated on its own, several at once, and ends on a byte boundary (RFC
// 1951, 3.2.4: an empty stored block), so one behind the other they are one
// stream. The bytes depend neither on the number of threads nor on the bands.

var pngSegment = 1 << 20 // bytes of rows; tests make it less

// pngSegmentWriter filters and deflates segments; it is used again and again.
type pngSegmentWriter struct {
	out   bytes.Buffer
	flate *flate.Writer
	sum   uint32 // Adler-32 of the filtered rows
	n     int64  // bytes of them
	rows  []byte // unfiltered rows, the one above the segment first
	try   [5][]byte
}

// The state of a deflate writer is a megabyte: it is kept for the next picture.
var pngFast, pngSmall sync.Pool

func encodePNG(ctx context.Context, w io.Writer, r *Raster, o SaveOptions) error {
	depth, channels := 8, 3
	if r.depth == 16 || o.Deep {
		depth = 16
	}
	kind := byte(pngColour)
	if r.alpha {
		channels, kind = 4, pngColour|pngAlpha
	}
	if _, err := io.WriteString(w, pngSignature); err != nil {
		return err
	}
	if err := pngChunk(w, "IHDR", pngHead(r.w, r.h, depth, kind)); err != nil {
		return err
	}
	if _, err := w.Write(pngText(r.Meta)); err != nil {
		return err
	}
	data := func(d []byte) error { return pngChunk(w, "IDAT", d) }
	if err := pngPixels(ctx, r, channels, depth, o.Small, data); err != nil {
		return err
	}
	return pngChunk(w, "IEND", nil)
}

// pngHead is the data of an IHDR chunk.
func pngHead(w, h, depth int, kind byte) []byte {
	head := binary.BigEndian.AppendUint32(make([]byte, 0, 13), uint32(w))
	head = binary.BigEndian.AppendUint32(head, uint32(h))
	return append(head, byte(depth), kind, 0, 0, 0)
}

// pngPixels gives the image data of a PNG to put in pieces, which it uses again.
func pngPixels(ctx context.Context, r *Raster, channels, depth int, small bool, put func([]byte) error) error {
	level, size := flate.BestSpeed, r.w*channels*depth/8
	if small {
		level = flate.DefaultCompression
	}
	per := max(1, pngSegment/size)
	teams := min(runtime.GOMAXPROCS(0), (r.h+per-1)/per, 8) // 10 MiB each
	pool := &pngFast
	if small {
		pool = &pngSmall
	}
	team := make([]*pngSegmentWriter, teams)
	for i := range team {
		s, ok := pool.Get().(*pngSegmentWriter)
		if !ok {
			z, err := flate.NewWriter(nil, level)
			if err != nil {
				return err
			}
			s = &pngSegmentWriter{flate: z}
		}
		defer pool.Put(s)
		team[i] = s
	}
	sum := uint32(1)
	first := true
	for y := 0; y < r.h; y += per * teams {
		if err := ctx.Err(); err != nil {
			return err
		}
		errs := make([]error, teams)
		var wg sync.WaitGroup
		for i, s := range team {
			if at := y + i*per; at < r.h {
				wg.Go(func() { errs[i] = s.fill(r, at, min(per, r.h-at), size, channels, depth, small) })
			}
		}
		wg.Wait()
		for i, s := range team {
			if errs[i] != nil {
				return errs[i]
			}
			if y+i*per >= r.h {
				break
			}
			sum = adlerJoin(sum, s.sum, s.n)
			data := s.out.Bytes()
			if first { // zlib header: deflate, 32 KiB window, fastest (RFC 1950, 2.2)
				data = append([]byte{0x78, 0x01}, data...)
				first = false
			}
			if err := put(data); err != nil {
				return err
			}
		}
	}
	end := binary.BigEndian.AppendUint32([]byte{1, 0, 0, 0xff, 0xff}, sum) // an empty last block
	return put(end)
}

// fill makes the segment of k rows from row y on.
func (s *pngSegmentWriter) fill(r *Raster, y, k, size, channels, depth int, small bool) error {
	above := min(y, 1)
	p, err := r.Read(0, y-above, r.w, k+above)
	if err != nil {
		return err
	}
	if cap(s.rows) < (k+1)*size {
		s.rows = make([]byte, (k+1)*size)
	}
	s.rows = s.rows[:(k+1)*size]
	if above == 0 {
		clear(s.rows[:size])
	}
	for j := range p.H {
		var a []float32
		if p.Alpha != nil {
			a = p.Alpha[j*p.W : (j+1)*p.W]
		}
		pack(s.rows[(j+1-above)*size:], p.Pix[3*j*p.W:3*(j+1)*p.W], a, channels, depth)
	}
	s.out.Reset()
	s.flate.Reset(&s.out)
	s.n = int64(k) * int64(size+1)
	sum := adler32.New()
	for j := range k {
		row := s.filter(s.rows[(j+1)*size:(j+2)*size], s.rows[j*size:(j+1)*size], channels*depth/8, small)
		sum.Write(row)
		if _, err := s.flate.Write(row); err != nil {
			return err
		}
	}
	s.sum = sum.Sum32()
	return s.flate.Flush()
}

func pngChunk(w io.Writer, id string, data []byte) error {
	head := binary.BigEndian.AppendUint32(nil, uint32(len(data)))
	head = append(head, id...)
	sum := crc32.Update(crc32.ChecksumIEEE(head[4:]), crc32.IEEETable, data)
	for _, b := range [][]byte{head, data, binary.BigEndian.AppendUint32(nil, sum)} {
		if _, err := w.Write(b); err != nil {
			return err
		}
	}
	return nil
}

// adlerJoin is the Adler-32 of two pieces behind each other from theirs, the
// second n bytes long: with a the sum of bytes plus 1 and b the sum of all a,
// a = a1 + a2 - 1 and b = b1 + b2 + n (a1 - 1), modulo 65521.
func adlerJoin(one, two uint32, n int64) uint32 {
	const m = 65521
	a1, b1, a2, b2 := one&0xffff, one>>16, two&0xffff, two>>16
	a := (a1 + a2 + m - 1) % m
	b := (uint64(b1) + uint64(b2) + uint64(n%m)*uint64(a1+m-1)) % m
	return uint32(b)<<16 | a
}
