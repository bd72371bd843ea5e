package sentiment

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
)

// A reader and writer of the safetensors format, as much of it as this room
// needs: 8 bytes of little-endian header length, a JSON header, the data.
// Lengths, offsets, types and shapes are checked before anything is used.

type tensor struct {
	name, kind string
	shape      []int
	data       []byte
}

type tensors map[string]tensor

// maxHeader is the longest JSON header accepted, in bytes.
const maxHeader = 1 << 20

var sizes = map[string]int{"F32": 4, "U32": 4, "F16": 2, "I8": 1, "U8": 1}

func parseTensors(b []byte) (tensors, map[string]string, error) {
	if len(b) < 8 {
		return nil, nil, fmt.Errorf("%d bytes are too short for a safetensors file", len(b))
	}
	n := binary.LittleEndian.Uint64(b)
	if n > maxHeader || n > uint64(len(b)-8) {
		return nil, nil, fmt.Errorf("the header claims %d bytes of %d", n, len(b))
	}
	head, data := b[8:8+n], b[8+n:]
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(head, &raw); err != nil {
		return nil, nil, fmt.Errorf("the header is no JSON: %w", err)
	}
	ts, meta := tensors{}, map[string]string{}
	used := 0
	for name, r := range raw {
		if name == "__metadata__" {
			if err := json.Unmarshal(r, &meta); err != nil {
				return nil, nil, fmt.Errorf("the metadata: %w", err)
			}
			if meta == nil {
				meta = map[string]string{}
			}
			continue
		}
		var h struct {
			Dtype   string `json:"dtype"`
			Shape   []int  `json:"shape"`
			Offsets []int  `json:"data_offsets"`
		}
		if err := json.Unmarshal(r, &h); err != nil {
			return nil, nil, fmt.Errorf("tensor %q: %w", name, err)
		}
		size, ok := sizes[h.Dtype]
		if !ok {
			return nil, nil, fmt.Errorf("tensor %q: type %q is not one of F32, U32, F16, I8, U8", name, h.Dtype)
		}
		for _, d := range h.Shape {
			if d < 0 || d > maxModel || size > maxModel {
				return nil, nil, fmt.Errorf("tensor %q: impossible shape %v", name, h.Shape)
			}
			size *= d
		}
		if len(h.Offsets) != 2 || h.Offsets[0] < 0 || h.Offsets[1] < h.Offsets[0] || h.Offsets[1] > len(data) || h.Offsets[1]-h.Offsets[0] != size {
			return nil, nil, fmt.Errorf("tensor %q: offsets %v do not fit shape %v in %d bytes of data", name, h.Offsets, h.Shape, len(data))
		}
		used += size
		ts[name] = tensor{name, h.Dtype, h.Shape, data[h.Offsets[0]:h.Offsets[1]]}
	}
	if used != len(data) {
		return nil, nil, fmt.Errorf("the tensors hold %d bytes of %d", used, len(data))
	}
	return ts, meta, nil
}

// raw gives the bytes of tensor name, if it has the given type and shape.
func (ts tensors) raw(name, kind string, shape ...int) ([]byte, error) {
	t, ok := ts[name]
	if !ok {
		return nil, fmt.Errorf("tensor %q is missing", name)
	}
	if t.kind != kind || !slices.Equal(t.shape, shape) {
		return nil, fmt.Errorf("tensor %q has type %s and shape %v: want %s and %v", name, t.kind, t.shape, kind, shape)
	}
	return t.data, nil
}

// floats gives tensor name as finite float32 values, if it has the given shape.
func (ts tensors) floats(name string, shape ...int) ([]float32, error) {
	t, ok := ts[name]
	if !ok {
		return nil, fmt.Errorf("tensor %q is missing", name)
	}
	if !slices.Equal(t.shape, shape) {
		return nil, fmt.Errorf("tensor %q has shape %v: want %v", name, t.shape, shape)
	}
	switch t.kind {
	case "F32":
		v := make([]float32, len(t.data)/4)
		for i := range v {
			v[i] = math.Float32frombits(binary.LittleEndian.Uint32(t.data[4*i:]))
			if x := float64(v[i]); x != x || math.IsInf(x, 0) {
				return nil, fmt.Errorf("tensor %q holds a value that is not finite", name)
			}
		}
		return v, nil
	case "F16":
		v := make([]float32, len(t.data)/2)
		for i := range v {
			h := binary.LittleEndian.Uint16(t.data[2*i:])
			if h == 0 {
				continue
			}
			if h>>10&31 == 31 {
				return nil, fmt.Errorf("tensor %q holds a value that is not finite", name)
			}
			v[i] = fromHalf(h)
		}
		return v, nil
	}
	return nil, fmt.Errorf("tensor %q has type %s: want F32 or F16", name, t.kind)
}

func (ts tensors) bytes(name string) ([]byte, error) {
	t, ok := ts[name]
	if !ok || t.kind != "U8" || len(t.shape) != 1 {
		return nil, fmt.Errorf("tensor %q of type U8 and one dimension is missing", name)
	}
	return bytes.Clone(t.data), nil
}

// writeTensors writes tensors in the order given, which must be by name.
func writeTensors(meta map[string]string, ts []tensor) []byte {
	head := map[string]any{"__metadata__": meta}
	at := 0
	for _, t := range ts {
		head[t.name] = map[string]any{"dtype": t.kind, "shape": t.shape, "data_offsets": []int{at, at + len(t.data)}}
		at += len(t.data)
	}
	h, _ := json.Marshal(head) // maps of strings and numbers always marshal
	for len(h)%8 != 0 {
		h = append(h, ' ')
	}
	b := binary.LittleEndian.AppendUint64(make([]byte, 0, 8+len(h)+at), uint64(len(h)))
	b = append(b, h...)
	for _, t := range ts {
		b = append(b, t.data...)
	}
	return b
}

func packF32(v []float32) []byte {
	b := make([]byte, 0, 4*len(v))
	for _, x := range v {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(x))
	}
	return b
}

func packF16(v []float32) []byte {
	b := make([]byte, 0, 2*len(v))
	for _, x := range v {
		b = binary.LittleEndian.AppendUint16(b, toHalf(x))
	}
	return b
}

// fromHalf widens an IEEE 754 half to a float32.
func fromHalf(h uint16) float32 {
	sign, exp, frac := uint32(h>>15)<<31, uint32(h>>10)&31, uint32(h)&1023
	switch exp {
	case 0:
		v := float32(frac) / (1 << 24)
		return math.Float32frombits(math.Float32bits(v) | sign)
	case 31:
		return math.Float32frombits(sign | 255<<23 | frac<<13)
	}
	return math.Float32frombits(sign | (exp+112)<<23 | frac<<13)
}

// toHalf rounds a float32 to the nearest half, ties to even; what is too
// large becomes the largest half.
func toHalf(f float32) uint16 {
	b := math.Float32bits(f)
	sign := uint16(b>>16) & 0x8000
	a := math.Float32frombits(b &^ (1 << 31))
	switch {
	case a != a:
		return sign | 0x7e00
	case a >= 65504:
		return sign | 0x7bff
	case a < 1.0/(1<<14): // subnormal
		return sign | uint16(math.RoundToEven(float64(a)*(1<<24)))
	}
	b = math.Float32bits(a)
	b += 0xfff + b>>13&1
	return sign | uint16((b-112<<23)>>13)
}

// writeFile writes beside the target and renames.
func writeFile(path string, b []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("sentiment: cannot make the folder of the model: %w", err)
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), ".weights-*")
	if err != nil {
		return fmt.Errorf("sentiment: cannot write the model: %w", err)
	}
	defer os.Remove(tmp.Name())
	_, err = tmp.Write(b)
	if err == nil {
		err = tmp.Chmod(0o644)
	}
	if err == nil {
		err = tmp.Sync()
	}
	if e := tmp.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("sentiment: cannot write the model: %w", err)
	}
	return nil
}
