package picture

import (
	"bufio"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"io"
)

// A PNG is read row by row (PNG specification, sections 5, 9, 10): chunks give
// one deflate stream, that gives filtered rows, and a band of rows at a time
// goes to the canvas. What is refused is what image/png refuses; the tests
// compare the two.

// pngReader is the state of reading.
type pngReader struct {
	in      *bufio.Reader
	c       *canvas
	h       header
	crc     hash.Hash32
	left    int64 // bytes of the current IDAT chunk not yet read
	format  pngFormat
	palette bool // PLTE was seen
	stage   int  // of the order of chunks
	tmp     [768]byte
}

// The order of chunks.
const (
	pngStart = iota
	pngPalette
	pngKey
	pngData
	pngEnd
)

func decodePNG(in *bufio.Reader, h header, c *canvas) error {
	d := &pngReader{in: in, c: c, h: h, crc: crc32.NewIEEE()}
	if err := d.start(); err != nil {
		return err
	}
	for d.stage != pngEnd {
		if err := d.chunk(); err != nil {
			return err
		}
	}
	return nil
}

// start reads the signature and the IHDR chunk, whose size was checked.
func (d *pngReader) start() error {
	b := d.tmp[:pngHeader]
	if _, err := io.ReadFull(d.in, b); err != nil {
		return err
	}
	switch {
	case binary.BigEndian.Uint32(b[8:]) != 13:
		return errors.New("bad IHDR length")
	case crc32.ChecksumIEEE(b[12:29]) != binary.BigEndian.Uint32(b[29:]):
		return errors.New("invalid checksum")
	case b[26] != 0 || b[27] != 0:
		return errors.New("unsupported compression or filter method")
	}
	var err error
	d.format, err = newPNGFormat(int(b[25]), int(b[24]), d.h.w)
	return err
}

// chunk reads one chunk.
func (d *pngReader) chunk() error {
	if _, err := io.ReadFull(d.in, d.tmp[:8]); err != nil {
		return err
	}
	n, id := int64(binary.BigEndian.Uint32(d.tmp[:4])), string(d.tmp[4:8])
	d.crc.Reset()
	d.crc.Write(d.tmp[4:8])
	order := fmt.Errorf("chunk %q out of order", id)
	switch id {
	case "IHDR":
		return order
	case "PLTE":
		if d.stage != pngStart {
			return order
		}
		d.stage, d.palette = pngPalette, true
		b, err := d.data(n, 768)
		if err != nil {
			return err
		}
		return d.format.setPalette(b)
	case "tRNS":
		if d.stage >= pngKey || d.format.kind == pngIndexed && !d.palette || d.format.kind&pngColour == 0 && d.palette {
			return order
		}
		d.stage = pngKey
		b, err := d.data(n, 256)
		if err != nil {
			return err
		}
		return d.format.setTransparent(b)
	case "IDAT":
		if d.stage > pngData || d.format.kind == pngIndexed && !d.palette {
			return order
		}
		if d.stage < pngData {
			d.stage, d.left = pngData, n
			return d.pixels()
		}
	case "IEND":
		if d.stage != pngData {
			return order
		}
		d.stage = pngEnd
		_, err := d.data(n, 0)
		return err
	}
	if n > 1<<31-1 {
		return fmt.Errorf("chunk of %d bytes", n)
	}
	if _, err := io.CopyN(d.crc, d.in, n); err != nil {
		return err
	}
	return d.checksum()
}

// data reads a chunk of n bytes whose length may be up to most.
func (d *pngReader) data(n, most int64) ([]byte, error) {
	if n > most {
		return nil, fmt.Errorf("chunk of %d bytes", n)
	}
	b := d.tmp[:n]
	if _, err := io.ReadFull(d.in, b); err != nil {
		return nil, err
	}
	d.crc.Write(b)
	b = append([]byte(nil), b...)
	return b, d.checksum()
}

func (d *pngReader) checksum() error {
	if _, err := io.ReadFull(d.in, d.tmp[:4]); err != nil {
		return err
	}
	if binary.BigEndian.Uint32(d.tmp[:4]) != d.crc.Sum32() {
		return errors.New("invalid checksum")
	}
	return nil
}

// Read presents consecutive IDAT chunks as one stream.
func (d *pngReader) Read(p []byte) (int, error) {
	for d.left == 0 {
		if err := d.checksum(); err != nil {
			return 0, err
		}
		if _, err := io.ReadFull(d.in, d.tmp[:8]); err != nil {
			return 0, err
		}
		if string(d.tmp[4:8]) != "IDAT" {
			return 0, errors.New("not enough pixel data")
		}
		d.left = int64(binary.BigEndian.Uint32(d.tmp[:4]))
		d.crc.Reset()
		d.crc.Write(d.tmp[4:8])
	}
	n, err := d.in.Read(p[:min(int64(len(p)), d.left)])
	d.crc.Write(p[:n])
	d.left -= int64(n)
	return n, err
}

// pixels reads all rows.
func (d *pngReader) pixels() error {
	if err := d.c.begin(d.format.alpha()); err != nil {
		return err
	}
	z, err := zlib.NewReader(d)
	if err != nil {
		return err
	}
	defer z.Close()
	if err := d.bands(z); err != nil {
		return err
	}
	n := 0 // the end of the stream holds its checksum
	for i := 0; n == 0 && err == nil; i++ {
		if i == 100 {
			return io.ErrNoProgress
		}
		n, err = z.Read(d.tmp[:1])
	}
	if err != io.EOF && err != nil {
		return err
	}
	if n != 0 || d.left != 0 {
		return errors.New("too much pixel data")
	}
	return d.checksum()
}

// bands reads and unfilters rows here while another goroutine puts the band
// before on the canvas.
func (d *pngReader) bands(z io.Reader) error {
	size, most := d.format.rowBytes, d.c.rows()
	type raw struct {
		y, k int
		data []byte
	}
	free, full, done := make(chan []byte, 2), make(chan raw), make(chan error, 1)
	for range 2 {
		free <- make([]byte, most*size)
	}
	go func() {
		var err error
		defer func() { done <- err }()
		defer func() {
			if r := recover(); r != nil { // in another goroutine than the caller's guard
				err = fmt.Errorf("%v", r)
			}
		}()
		band := &Picture{}
		for b := range full {
			if err == nil {
				d.format.band(band, b.data, d.h.w, b.k)
				err = d.c.put(b.y, band)
			}
			if err != nil { // the loop below ends at its next band
				return
			}
			free <- b.data
		}
	}()
	finish := func(err error) error {
		close(full)
		if late := <-done; late != nil {
			return late
		}
		return err
	}
	previous := make([]byte, size)
	var filter [1]byte
	for y := 0; y < d.h.h; y += most {
		var data []byte
		select {
		case data = <-free:
		case err := <-done:
			return err
		}
		k := min(most, d.h.h-y)
		for i := range k {
			row := data[i*size : (i+1)*size]
			_, err := io.ReadFull(z, filter[:])
			if err == nil {
				_, err = io.ReadFull(z, row)
			}
			if err == io.EOF || err == io.ErrUnexpectedEOF {
				err = errors.New("not enough pixel data")
			}
			if err == nil {
				err = unfilter(filter[0], row, previous, d.format.pixelBytes)
			}
			if err != nil {
				return finish(err)
			}
			previous = row
		}
		previous = append(make([]byte, 0, size), previous...) // data is reused
		select {
		case full <- raw{y, k, data}:
		case err := <-done:
			return err
		}
	}
	return finish(nil)
}
