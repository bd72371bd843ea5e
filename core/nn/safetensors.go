package nn

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"os"

	"github.com/atelier-engine/atelier/core/device"
)

// A safetensors file is
//
//	8 bytes    length of the header, little endian
//	header     JSON: {"__metadata__": {name: text}, tensor: {"dtype", "shape", "data_offsets": [begin, end]}}
//	data       the tensors without gaps, little endian, rows first
//
// See https://github.com/huggingface/safetensors. Everything the header says is checked against the file's size
// before memory is reserved for it: a short file cannot ask for much.

// maxHeader bounds the header, in bytes; the largest language models stay below a tenth of it.
const maxHeader = 16 << 20

// dtypes gives the bytes of a value for the types that can be read.
var dtypes = map[string]int64{"F32": 4, "F16": 2}

// ReadSafetensors reads all tensors of a file, F16 widened to float32, and its metadata (nil if it has none).
// Errors name the file, the tensor and what is wrong; other types than F32 and F16 are refused.
func ReadSafetensors(path string) (device.Weights, map[string]string, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, fmt.Errorf("read weights: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, nil, fmt.Errorf("read weights: %w", err)
	}
	if !info.Mode().IsRegular() {
		return nil, nil, fmt.Errorf("read weights: %s is not a plain file: give a .safetensors file", path)
	}
	w, meta, err := DecodeSafetensors(f, info.Size())
	if err != nil {
		return nil, nil, fmt.Errorf("read weights: %s: %w", path, err)
	}
	return w, meta, nil
}

// DecodeSafetensors reads the tensors of a stream of size bytes, as ReadSafetensors does.
func DecodeSafetensors(r io.Reader, size int64) (device.Weights, map[string]string, error) {
	br := bufio.NewReaderSize(r, 1<<16)
	var prefix [8]byte
	if size < 8 {
		return nil, nil, fmt.Errorf("the file has %d bytes: it is cut short or no safetensors file", size)
	}
	if _, err := io.ReadFull(br, prefix[:]); err != nil {
		return nil, nil, fmt.Errorf("the header's length cannot be read: %w", err)
	}
	n := binary.LittleEndian.Uint64(prefix[:])
	if n > maxHeader || int64(n) > size-8 {
		return nil, nil, fmt.Errorf("a header of %d bytes in a file of %d: it is cut short or no safetensors file", n, size)
	}
	header := make([]byte, n)
	if _, err := io.ReadFull(br, header); err != nil {
		return nil, nil, fmt.Errorf("the header cannot be read: %w", err)
	}
	entries, meta, err := parseHeader(header, size-8-int64(n))
	if err != nil {
		return nil, nil, err
	}
	w := make(device.Weights, len(entries))
	for _, e := range entries { // in the order of their data
		data := make([]float32, e.count())
		if err := readValues(br, data, e.dtype == "F16"); err != nil {
			return nil, nil, fmt.Errorf("tensor %q: %w", e.name, err)
		}
		w[e.name] = device.Array{Shape: e.shape, Data: data}
	}
	return w, meta, nil
}

// readValues fills dst with little-endian numbers.
func readValues(r io.Reader, dst []float32, half bool) error {
	var buf [1 << 15]byte
	width := 4
	if half {
		width = 2
	}
	for len(dst) > 0 {
		n := min(len(dst), len(buf)/width)
		b := buf[:n*width]
		if _, err := io.ReadFull(r, b); err != nil {
			return fmt.Errorf("the data cannot be read: %w", err)
		}
		for i := range dst[:n] {
			if half {
				dst[i] = fromHalf(binary.LittleEndian.Uint16(b[2*i:]))
			} else {
				dst[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
			}
		}
		dst = dst[n:]
	}
	return nil
}
