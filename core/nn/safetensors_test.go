package nn

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/atelier-engine/atelier/core/device"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// file makes a safetensors file of a header and n bytes of data that count up.
func file(header string, n int) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	b = append(b, header...)
	for i := range n {
		b = append(b, byte(i))
	}
	return b
}

func decode(b []byte) (device.Weights, map[string]string, error) {
	return DecodeSafetensors(bytes.NewReader(b), int64(len(b)))
}

func sampleWeights() device.Weights {
	return device.Weights{
		"b.weight": {Shape: []int{2, 3}, Data: []float32{1, -2, 0.5, 65504, float32(math.Inf(1)) * 0, -0.25}},
		"a.bias":   {Shape: []int{}, Data: []float32{42}},
		"empty":    {Shape: []int{3, 0}, Data: []float32{}},
	}
}

func TestSafetensorsRoundTrip(t *testing.T) {
	w := sampleWeights()
	w["b.weight"].Data[4] = 1e-3
	for _, half := range []bool{false, true} {
		for _, meta := range []map[string]string{nil, {}, {"name": "Ünï\"<>", "kind": ""}} {
			path := filepath.Join(t.TempDir(), "w.safetensors")
			if err := WriteSafetensors(path, w, meta, half); err != nil {
				t.Fatal(err)
			}
			got, gotMeta, err := ReadSafetensors(path)
			if err != nil {
				t.Fatal(err)
			}
			want := sampleWeights()
			want["b.weight"].Data[4] = 1e-3
			if half {
				want["b.weight"].Data[4] = fromHalf(toHalf(1e-3))
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Error(d)
			}
			if d := cmp.Diff(meta, gotMeta); d != "" {
				t.Error(d)
			}
		}
	}
}

func TestSafetensorsBytesAreFixed(t *testing.T) {
	w := device.Weights{"b": {Shape: []int{1}, Data: []float32{1}}, "a": {Shape: []int{2}, Data: []float32{0, -1}}}
	var buf bytes.Buffer
	if err := EncodeSafetensors(&buf, w, map[string]string{"y": "2", "x": "1"}, true); err != nil {
		t.Fatal(err)
	}
	const header = `{"__metadata__":{"x":"1","y":"2"},"a":{"dtype":"F16","shape":[2],"data_offsets":[0,4]},"b":{"dtype":"F16","shape":[1],"data_offsets":[4,6]}}`
	pad := strings.Repeat(" ", -len(header)&7)
	want := append(file(header+pad, 0), 0, 0, 0, 0xbc, 0, 0x3c)
	if !bytes.Equal(buf.Bytes(), want) {
		t.Errorf("got  %q\nwant %q", buf.Bytes(), want)
	}
}

func TestSafetensorsCorruption(t *testing.T) {
	one := func(dtype, shape, offsets string) string {
		return fmt.Sprintf(`{"t":{"dtype":%q,"shape":%s,"data_offsets":%s}}`, dtype, shape, offsets)
	}
	two := func(a, b string) string {
		return `{"a":{"dtype":"F32","shape":[1],"data_offsets":` + a + `},"b":{"dtype":"F32","shape":[1],"data_offsets":` + b + `}}`
	}
	good := file(one("F32", "[1]", "[0,4]"), 4)
	if _, _, err := decode(good); err != nil {
		t.Fatal(err)
	}
	cases := []struct {
		name string
		data []byte
		want string
	}{
		{"empty", nil, "cut short"},
		{"prefix only", good[:8], "cut short"},
		{"half a header", good[:20], "cut short"},
		{"half the data", good[:len(good)-2], "lies outside of the 2 bytes"},
		{"trailing bytes", append(bytes.Clone(good), 0), "1 bytes after the last tensor"},
		{"huge header", binary.LittleEndian.AppendUint64(nil, math.MaxUint64), "cut short or no safetensors"},
		{"no header", file("", 0), "not a JSON object"},
		{"array", file("[]", 0), "not a JSON object"},
		{"space first", file(" {}", 0), "not a JSON object"},
		{"open object", file(`{"t":{"dtype":"F32"`, 0), "does not end"},
		{"open header", file(`{`, 0), "damaged"},
		{"two objects", file(`{}{}`, 0), "goes on"},
		{"rubbish after", file(`{} x`, 0), "goes on"},
		{"not an entry", file(`{"t":1}`, 0), "not a JSON object"},
		{"null entry", file(`{"t":null}`, 0), "not a JSON object"},
		{"name twice", file(`{"t":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},"t":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}`, 0), `names "t" twice`},
		{"name twice, escaped", file(`{"t":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},"\u0074":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}`, 0), `names "t" twice`},
		{"field twice", file(`{"t":{"dtype":"F32","dtype":"F32","shape":[0],"data_offsets":[0,0]}}`, 0), `names "dtype" twice`},
		{"unknown field", file(`{"t":{"dtype":"F32","shape":[0],"data_offsets":[0,0],"x":1}}`, 0), `unknown field "x"`},
		{"no dtype", file(`{"t":{"shape":[0],"data_offsets":[0,0]}}`, 0), "missing"},
		{"no shape", file(`{"t":{"dtype":"F32","data_offsets":[0,0]}}`, 0), "missing"},
		{"no offsets", file(`{"t":{"dtype":"F32","shape":[0]}}`, 0), "missing"},
		{"BF16", file(one("BF16", "[1]", "[0,2]"), 2), "values of type BF16"},
		{"null shape", file(one("F32", "null", "[0,4]"), 4), "shape is not a list"},
		{"negative dimension", file(one("F32", "[-1]", "[0,4]"), 4), "whole numbers from 0"},
		{"fraction", file(one("F32", "[1.5]", "[0,4]"), 4), "whole numbers from 0"},
		{"beyond int64", file(one("F32", "[9223372036854775808]", "[0,4]"), 4), "whole numbers from 0"},
		{"text dimension", file(one("F32", `["1"]`, "[0,4]"), 4), "not a number"},
		{"product overflows", file(one("F32", "[4611686018427387904,4]", "[0,4]"), 4), "needs more than the 4 bytes"},
		{"product wraps to fit", file(one("F32", "[4294967297,4294967296,1]", "[0,4]"), 4), "needs more than"},
		{"many dimensions", file(one("F32", "[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]", "[0,4]"), 4), "more than 16"},
		{"shape too small", file(one("F32", "[1]", "[0,8]"), 8), "needs 4 bytes but has 8"},
		{"shape too large", file(one("F32", "[2]", "[0,4]"), 8), "needs 8 bytes but has 4"},
		{"empty shape, data", file(one("F32", "[0,7]", "[0,4]"), 4), "needs 0 bytes"},
		{"reversed", file(one("F32", "[1]", "[4,0]"), 4), "lies outside"},
		{"beyond the end", file(one("F32", "[1]", "[4,8]"), 4), "lies outside"},
		{"negative offset", file(one("F32", "[1]", "[-4,0]"), 4), "whole numbers from 0"},
		{"one offset", file(one("F32", "[1]", "[4]"), 4), "must hold 2"},
		{"three offsets", file(one("F32", "[1]", "[0,4,8]"), 4), "more than 2"},
		{"gap at the start", file(one("F32", "[1]", "[4,8]"), 8), "4 bytes before tensor"},
		{"gap", file(two("[0,4]", "[8,12]"), 12), `4 bytes before tensor "b"`},
		{"overlap", file(two("[0,4]", "[2,6]"), 6), `"b" overlaps`},
		{"same data", file(two("[0,4]", "[0,4]"), 4), `"b" overlaps`},
		{"metadata list", file(`{"__metadata__":[]}`, 0), "__metadata__ is not a JSON object"},
		{"metadata number", file(`{"__metadata__":{"x":1}}`, 0), "not text"},
		{"metadata twice", file(`{"__metadata__":{"x":"1","x":"2"}}`, 0), `names "x" twice`},
	}
	for _, c := range cases {
		_, _, err := decode(c.data)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got error %v, want one with %q", c.name, err, c.want)
		}
	}
}

func TestReadRefusesWhatIsNoFile(t *testing.T) {
	dir := t.TempDir()
	if _, _, err := ReadSafetensors(dir); err == nil || !strings.Contains(err.Error(), "not a plain file") {
		t.Errorf("got error %v", err)
	}
	if _, _, err := ReadSafetensors(filepath.Join(dir, "none")); err == nil || !strings.Contains(err.Error(), "read weights") {
		t.Errorf("got error %v", err)
	}
}

func TestWriteRefusals(t *testing.T) {
	for _, c := range []struct {
		name string
		w    device.Weights
		half bool
		want string
	}{
		{"count", device.Weights{"t": {Shape: []int{2}, Data: []float32{1}}}, false, "1 values for shape [2]"},
		{"negative", device.Weights{"t": {Shape: []int{-1, -1}, Data: []float32{1}}}, false, "impossible shape"},
		{"reserved", device.Weights{"__metadata__": {Shape: []int{0}}}, false, "cannot be named"},
		{"not UTF-8", device.Weights{"\xff": {Shape: []int{0}}}, false, "not UTF-8"},
		{"half", device.Weights{"t": {Shape: []int{1}, Data: []float32{70000}}}, true, "write it as F32"},
	} {
		dir := t.TempDir()
		path := filepath.Join(dir, "w.safetensors")
		if err := os.WriteFile(path, []byte("old"), 0o644); err != nil {
			t.Fatal(err)
		}
		err := WriteSafetensors(path, c.w, nil, c.half)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got error %v, want one with %q", c.name, err, c.want)
		}
		left, _ := os.ReadDir(dir)
		if b, _ := os.ReadFile(path); string(b) != "old" || len(left) != 1 {
			t.Errorf("%s: the old file is %q, %d files are left", c.name, b, len(left))
		}
	}
	if err := WriteSafetensors(filepath.Join(t.TempDir(), "no", "w"), nil, nil, false); err == nil {
		t.Error("writing into a folder that is not there went well")
	}
}

func TestHalfExhaustively(t *testing.T) {
	for i := range 1 << 16 {
		h := uint16(i)
		f := fromHalf(h)
		if f != f {
			if back := fromHalf(toHalf(f)); back == back {
				t.Fatalf("%#x: NaN became %g", h, back)
			}
			continue
		}
		if got := toHalf(f); got != h {
			t.Fatalf("%#x is %g, which becomes %#x", h, f, got)
		}
		if h&0x7fff >= 0x7bff {
			continue
		}
		// The middle of two neighbours goes to the even one, anything beside it to the nearer one.
		mid := (f + fromHalf(h+1)) / 2
		even := h + h&1
		up, down := math.Nextafter32(mid, fromHalf(h+1)), math.Nextafter32(mid, f)
		if toHalf(mid) != even || toHalf(up) != h+1 || toHalf(down) != h {
			t.Fatalf("%#x: %g becomes %#x, %#x, %#x", h, mid, toHalf(down), toHalf(mid), toHalf(up))
		}
	}
	for f, want := range map[float32]uint16{65519.996: 0x7bff, 65520: 0x7c00, 1e30: 0x7c00, -1e30: 0xfc00, 1e-30: 0} {
		if got := toHalf(f); got != want {
			t.Errorf("%g becomes %#x, want %#x", f, got, want)
		}
	}
}

func TestSafetensorsAnyWeights(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := device.Weights{}
		for range rapid.IntRange(0, 5).Draw(t, "tensors") {
			shape := rapid.SliceOfN(rapid.IntRange(0, 4), 0, 3).Draw(t, "shape")
			a := device.Array{Shape: append([]int{}, shape...), Data: make([]float32, device.Param{Shape: shape}.Len())}
			for i := range a.Data {
				a.Data[i] = rapid.Float32().Draw(t, "v")
			}
			w[rapid.StringN(0, 8, -1).Draw(t, "name")] = a
		}
		var buf bytes.Buffer
		if err := EncodeSafetensors(&buf, w, nil, false); err != nil {
			t.Fatal(err)
		}
		got, _, err := decode(buf.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(w, got); d != "" {
			t.Fatal(d)
		}
	})
}

func FuzzSafetensors(f *testing.F) {
	var buf bytes.Buffer
	w := sampleWeights()
	w["b.weight"].Data[4] = 2
	if err := EncodeSafetensors(&buf, w, map[string]string{"k": "v"}, false); err != nil {
		f.Fatal(err)
	}
	f.Add(buf.Bytes())
	buf.Reset()
	if err := EncodeSafetensors(&buf, w, nil, true); err != nil {
		f.Fatal(err)
	}
	f.Add(buf.Bytes())
	f.Add(file(`{"t":{"dtype":"F16","shape":[2,0],"data_offsets":[0,0]}}`, 0))
	f.Add(file(`{"t":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,4]}}`, 4))
	f.Fuzz(func(t *testing.T, b []byte) {
		w, meta, err := decode(b)
		if err != nil {
			return
		}
		total := 0
		for name, a := range w {
			if (device.Param{Shape: a.Shape}).Len() != len(a.Data) {
				t.Fatalf("%q: %d values for shape %v", name, len(a.Data), a.Shape)
			}
			total += len(a.Data)
		}
		if 2*total > len(b) {
			t.Fatalf("%d values out of %d bytes", total, len(b))
		}
		var out bytes.Buffer
		if err := EncodeSafetensors(&out, w, meta, false); err != nil {
			t.Fatal(err)
		}
		again, meta2, err := decode(out.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		bits := cmp.Comparer(func(a, b float32) bool { return math.Float32bits(a) == math.Float32bits(b) })
		if d := cmp.Diff(w, again, bits) + cmp.Diff(meta, meta2); d != "" {
			t.Fatal(d)
		}
		if _, _, err := DecodeSafetensors(io.LimitReader(bytes.NewReader(b), int64(len(b)-1)), int64(len(b))); err == nil && total > 0 {
			t.Fatal("a stream that ends early was read without an error")
		}
	})
}
