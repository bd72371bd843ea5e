package sentiment

import (
	"encoding/binary"
	"fmt"
)

// The Ekman head in a model's file: the table of terms (keys, and rows of seven
// weights and the rarity), the weights of the dense features, and five numbers
// a class.

const (
	ekmanClasses = "ekman.classes" // F32 (5,7): largest weight, bias, slope, shift, threshold
	ekmanDense   = "ekman.dense"   // F32 (denseCount,7)
	ekmanKeys    = "ekman.keys"    // U32 (slots)
	ekmanRows    = "ekman.rows"    // I8 (slots,8)
)

// tensors gives the head's tensors in the order of their names.
func (k *ekman) tensors() []tensor {
	var classes, dense []float32
	for _, c := range [][Count]float32{k.scale, k.bias, k.slope, k.shift, k.threshold} {
		classes = append(classes, c[:]...)
	}
	for i := range k.dense {
		dense = append(dense, k.dense[i][:]...)
	}
	n := len(k.table.keys)
	keys, rows := make([]byte, 0, 4*n), make([]byte, 0, 8*n)
	for i, key := range k.table.keys {
		keys = binary.LittleEndian.AppendUint32(keys, key)
		for _, v := range k.table.rows[i] {
			rows = append(rows, byte(v))
		}
	}
	return []tensor{
		{name: ekmanClasses, kind: "F32", shape: []int{5, Count}, data: packF32(classes)},
		{name: ekmanDense, kind: "F32", shape: []int{denseCount, Count}, data: packF32(dense)},
		{name: ekmanKeys, kind: "U32", shape: []int{n}, data: keys},
		{name: ekmanRows, kind: "I8", shape: []int{n, 8}, data: rows},
	}
}

// parseEkman reads the head; sizes, ranges and the table are checked.
func parseEkman(ts tensors) (*ekman, error) {
	n := len(ts[ekmanKeys].data) / 4
	keys, err := ts.raw(ekmanKeys, "U32", n)
	if err != nil {
		return nil, err
	}
	rows, err := ts.raw(ekmanRows, "I8", n, 8)
	if err != nil {
		return nil, err
	}
	classes, err := ts.floats(ekmanClasses, 5, Count)
	if err != nil {
		return nil, err
	}
	dense, err := ts.floats(ekmanDense, denseCount, Count)
	if err != nil {
		return nil, err
	}
	k := &ekman{table: termTable{keys: make([]uint32, n), rows: make([][8]int8, n)}}
	for i := range k.table.keys {
		k.table.keys[i] = binary.LittleEndian.Uint32(keys[4*i:])
		for j := range k.table.rows[i] {
			k.table.rows[i][j] = int8(rows[8*i+j])
		}
	}
	if err := k.table.check(); err != nil {
		return nil, err
	}
	for i, c := range []*[Count]float32{&k.scale, &k.bias, &k.slope, &k.shift, &k.threshold} {
		copy(c[:], classes[i*Count:])
	}
	for i := range k.dense {
		copy(k.dense[i][:], dense[i*Count:])
	}
	for e, t := range k.threshold {
		if !(t > 0 && t < 1 && k.scale[e] > 0 && k.slope[e] > 0) {
			return nil, fmt.Errorf("threshold %g, scale %g, slope %g of %s: want a threshold between 0 and 1 and the others positive", t, k.scale[e], k.slope[e], Emotion(e))
		}
	}
	return k, nil
}
