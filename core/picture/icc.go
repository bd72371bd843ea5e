package picture

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// An ICC profile (ICC.1:2022, also version 2) of the matrix kind says how to
// get from the values of a picture to the colours seen under the light D50:
// each channel goes through its curve to linear light, then a matrix of the
// three primaries gives XYZ. A grey profile has one curve. Profiles of the
// table kind (A2B tags, all of CMYK) are recognised, not computed.

// profile is a parsed profile. Curves map [0,1] to linear light.
type profile struct {
	grey   bool
	curves [3]curve
	matrix [9]float64 // row major: XYZ under D50 from linear red, green, blue
}

// errTables says that a profile is sound but of a kind that we do not compute.
type errTables string

func (e errTables) Error() string { return string(e) }

// parseProfile reads a profile; every offset in it is checked.
func parseProfile(b []byte) (*profile, error) {
	if len(b) < 132 || string(b[36:40]) != "acsp" {
		return nil, errors.New("it has no header")
	}
	space := string(b[16:20])
	switch space {
	case "RGB ", "GRAY":
	case "CMYK":
		return nil, errTables("it is for CMYK inks")
	default:
		return nil, errTables(fmt.Sprintf("it is for %q values", space))
	}
	tags, err := profileTags(b)
	if err != nil {
		return nil, err
	}
	p := &profile{grey: space == "GRAY"}
	names, columns := []string{"rTRC", "gTRC", "bTRC"}, []string{"rXYZ", "gXYZ", "bXYZ"}
	if p.grey {
		names, columns = []string{"kTRC"}, nil
	}
	for i, name := range names {
		if tags[name] == nil {
			if tags["A2B0"] != nil || tags["A2B1"] != nil {
				return nil, errTables("it is made of tables")
			}
			return nil, fmt.Errorf("it lacks %s", name)
		}
		if p.curves[i], err = parseCurve(tags[name]); err != nil {
			return nil, err
		}
	}
	if p.grey {
		return p, nil
	}
	if string(b[20:24]) != "XYZ " {
		return nil, errTables("it is made of tables")
	}
	for i, name := range columns {
		t := tags[name]
		if len(t) < 20 || string(t[:4]) != "XYZ " {
			return nil, fmt.Errorf("it lacks %s", name)
		}
		for row := range 3 {
			p.matrix[3*row+i] = fixed16(t[8+4*row:])
		}
	}
	return p, nil
}

// profileTags finds the data of each tag.
func profileTags(b []byte) (map[string][]byte, error) {
	n := int64(binary.BigEndian.Uint32(b[128:]))
	if n > 1000 || 132+12*n > int64(len(b)) {
		return nil, fmt.Errorf("it claims %d tags", n)
	}
	tags := map[string][]byte{}
	for i := range n {
		e := b[132+12*i:]
		off, size := int64(binary.BigEndian.Uint32(e[4:])), int64(binary.BigEndian.Uint32(e[8:]))
		if off+size > int64(len(b)) || size < 8 {
			return nil, fmt.Errorf("tag %q is outside it", e[:4])
		}
		tags[string(e[:4])] = b[off : off+size]
	}
	return tags, nil
}

// fixed16 is a signed number with 16 bits behind the point.
func fixed16(b []byte) float64 { return float64(int32(binary.BigEndian.Uint32(b))) / 65536 }

// curve maps a value in [0,1] to linear light.
type curve func(float64) float64

// parseCurve reads a curveType or a parametricCurveType (ICC.1:2022, 10.6 and
// 10.18).
func parseCurve(b []byte) (curve, error) {
	if len(b) < 12 {
		return nil, errors.New("a curve is cut short")
	}
	switch string(b[:4]) {
	case "curv":
		n := int64(binary.BigEndian.Uint32(b[8:]))
		if 12+2*n > int64(len(b)) {
			return nil, errors.New("a curve is cut short")
		}
		switch n {
		case 0:
			return func(v float64) float64 { return v }, nil
		case 1:
			g := float64(binary.BigEndian.Uint16(b[12:])) / 256
			return func(v float64) float64 { return math.Pow(v, g) }, nil
		}
		table := make([]float64, n)
		for i := range table {
			table[i] = float64(binary.BigEndian.Uint16(b[12+2*i:])) / 65535
		}
		return func(v float64) float64 {
			at := v * float64(n-1)
			i := min(int(at), len(table)-2)
			return table[i] + (at-float64(i))*(table[i+1]-table[i])
		}, nil
	case "para":
		kind := int(binary.BigEndian.Uint16(b[8:]))
		counts := []int{1, 3, 4, 5, 7}
		if kind >= len(counts) || len(b) < 12+4*counts[kind] {
			return nil, errors.New("a curve is of no known kind")
		}
		var v [7]float64
		for i := range counts[kind] {
			v[i] = fixed16(b[12+4*i:])
		}
		return parametric(kind, v), nil
	}
	return nil, errors.New("a curve is of no known kind")
}

// parametric are the functions of table 68: g a b c d e f.
func parametric(kind int, p [7]float64) curve {
	g, a, b, c, d, e, f := p[0], p[1], p[2], p[3], p[4], p[5], p[6]
	switch kind {
	case 0:
		return func(x float64) float64 { return math.Pow(x, g) }
	case 1, 2:
		return func(x float64) float64 { // kind 1 has c = 0
			if a*x+b >= 0 && a != 0 {
				return math.Pow(a*x+b, g) + c
			}
			return c
		}
	}
	return func(x float64) float64 { // kind 3 has e = f = 0
		if x >= d {
			return math.Pow(max(a*x+b, 0), g) + e
		}
		return c*x + f
	}
}
