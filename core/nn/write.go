package nn

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"sort"
	"unicode/utf8"

	"github.com/atelier-engine/atelier/core/device"
)

// WriteSafetensors writes weights and metadata (nil for none) to path, as F32 or, with half, as F16 rounded to
// nearest even. The same weights always give the same bytes. The file appears whole or not at all: it is
// written beside path and renamed. Half precision refuses values beyond 65504, naming the tensor.
func WriteSafetensors(path string, w device.Weights, meta map[string]string, half bool) error {
	err := writeFile(path, func(out io.Writer) error { return EncodeSafetensors(out, w, meta, half) })
	if err != nil {
		return fmt.Errorf("write weights: %s: %w", path, err)
	}
	return nil
}

// EncodeSafetensors writes the bytes of WriteSafetensors to a stream.
func EncodeSafetensors(out io.Writer, w device.Weights, meta map[string]string, half bool) error {
	names := make([]string, 0, len(w))
	for name := range w {
		names = append(names, name)
	}
	sort.Strings(names)
	header, err := makeHeader(names, w, meta, half)
	if err != nil {
		return err
	}
	var prefix [8]byte
	binary.LittleEndian.PutUint64(prefix[:], uint64(len(header)))
	bw := bufio.NewWriterSize(out, 1<<16)
	bw.Write(prefix[:]) // bufio keeps the first error for Flush
	bw.Write(header)
	var b [4]byte
	for _, name := range names {
		for _, v := range w[name].Data {
			if half {
				binary.LittleEndian.PutUint16(b[:], toHalf(v))
				bw.Write(b[:2])
			} else {
				binary.LittleEndian.PutUint32(b[:], math.Float32bits(v))
				bw.Write(b[:])
			}
		}
	}
	return bw.Flush()
}

// makeHeader checks the weights and returns the JSON header, padded with spaces to a multiple of 8 bytes.
func makeHeader(names []string, w device.Weights, meta map[string]string, half bool) ([]byte, error) {
	type info struct {
		Dtype   string   `json:"dtype"`
		Shape   []int    `json:"shape"`
		Offsets [2]int64 `json:"data_offsets"`
	}
	dtype := "F32"
	if half {
		dtype = "F16"
	}
	var buf bytes.Buffer
	buf.WriteByte('{')
	put := func(name string, v any) error {
		if !utf8.ValidString(name) {
			return fmt.Errorf("the name %q is not UTF-8", name)
		}
		if buf.Len() > 1 {
			buf.WriteByte(',')
		}
		key, err := json.Marshal(name)
		if err != nil {
			return err
		}
		value, err := json.Marshal(v) // maps come out sorted
		buf.Write(key)
		buf.WriteByte(':')
		buf.Write(value)
		return err
	}
	if meta != nil {
		if err := put(metadataKey, meta); err != nil {
			return nil, err
		}
	}
	var at int64
	for _, name := range names {
		if err := checkArray(name, w[name], half); err != nil {
			return nil, err
		}
		end := at + int64(len(w[name].Data))*dtypes[dtype]
		shape := append([]int{}, w[name].Shape...) // never null
		if err := put(name, info{dtype, shape, [2]int64{at, end}}); err != nil {
			return nil, err
		}
		at = end
	}
	buf.WriteByte('}')
	for buf.Len()%8 != 0 {
		buf.WriteByte(' ')
	}
	if buf.Len() > maxHeader {
		return nil, fmt.Errorf("the header takes %d bytes: use fewer tensors or less metadata", buf.Len())
	}
	return buf.Bytes(), nil
}

func checkArray(name string, a device.Array, half bool) error {
	if name == metadataKey {
		return fmt.Errorf("a tensor cannot be named %s", metadataKey)
	}
	if p := (device.Param{Shape: a.Shape}); p.Len() != len(a.Data) || len(a.Shape) > 16 {
		return fmt.Errorf("tensor %q has %d values for shape %v", name, len(a.Data), a.Shape)
	}
	for _, d := range a.Shape {
		if d < 0 {
			return fmt.Errorf("tensor %q has the impossible shape %v", name, a.Shape)
		}
	}
	if half {
		for _, v := range a.Data {
			if v > maxHalf || v < -maxHalf {
				return fmt.Errorf("tensor %q holds %g, which half precision cannot: write it as F32", name, v)
			}
		}
	}
	return nil
}

// writeFile lets fill write a file beside path, makes it durable and renames it to path. On an error nothing
// is left behind and an older file stays as it was.
func writeFile(path string, fill func(io.Writer) error) (err error) {
	dir := filepath.Dir(path)
	f, err := os.CreateTemp(dir, ".writing-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			f.Close()
			os.Remove(f.Name())
		}
	}()
	if err = fill(f); err != nil {
		return err
	}
	if err = f.Chmod(0o644); err != nil {
		return err
	}
	if err = f.Sync(); err != nil {
		return err
	}
	if err = f.Close(); err != nil {
		return err
	}
	if err = os.Rename(f.Name(), path); err != nil {
		return err
	}
	if d, e := os.Open(dir); e == nil { // the new name must survive a power cut too, where folders can be synced
		d.Sync()
		d.Close()
	}
	return nil
}
