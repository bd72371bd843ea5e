package style

import (
	"math"

	"github.com/atelier-engine/atelier/core/picture"
)

// spot is a point of the picture, in parts of the shorter side, and its colour.
type spot struct {
	x, y   float64
	colour [3]float32
}

// breaker cuts a picture into shards.
type breaker struct {
	size, edge float64
	tree       []shard
}

// breakUp cuts a picture by straight lines, each part again until it is small:
// twice as small where colours differ as where they do not. Of some lines at
// random the one is taken that best parts the colours, edge times that, without
// making slivers. So planes are angular, and their borders follow the picture.
func breakUp(p *picture.Picture, size, edge float64) []shard {
	const many = 24_000
	side := float64(min(p.W, p.H))
	// Of the same points whatever the size, so that it gives the same planes.
	cols := max(1, int(math.Sqrt(many*float64(p.W)/float64(p.H))+.5))
	rows := max(1, int(math.Sqrt(many*float64(p.H)/float64(p.W))+.5))
	var spots []spot
	if small, err := p.Resize(min(cols, p.W), min(rows, p.H)); err == nil {
		for i := range small.W * small.H {
			x, y := (float64(i%small.W)+.5)/float64(small.W), (float64(i/small.W)+.5)/float64(small.H)
			spots = append(spots, spot{x * float64(p.W) / side, y * float64(p.H) / side, [3]float32(small.Pix[3*i:])})
		}
	}
	if len(spots) == 0 {
		spots = append(spots, spot{.5, .5, [3]float32(p.Pix[:3])})
	}
	b := &breaker{size: size, edge: edge, tree: make([]shard, 1)}
	w, h := float64(p.W)/side, float64(p.H)/side
	b.split(0, 1, spots, [][2]float64{{0, 0}, {w, 0}, {w, h}, {0, h}})
	return b.tree
}

// split makes node who, which holds the spots within the outline, a leaf or cuts
// it in two. Spots are sorted by the side they fall on. name is the node's place
// in the tree, which its noise depends on and nothing else.
func (b *breaker) split(who, name int, spots []spot, outline [][2]float64) {
	noise := func(k int) float64 { return float64(lattice(name, k, 50)) }
	area, mx, my := measure(outline)
	mean, spread := spreadOf(spots)
	calm := 1 - min(spread/.12, 1)
	if size := math.Sqrt(area); size < b.size*(.75+.75*calm)*(1+.3*noise(0)) || len(spots) < 8 {
		b.finish(who, mean, outline, noise)
		return
	}
	// Large parts are cut without a look at colours: a cut that fell otherwise for
	// a copy of another size would change all planes in it.
	edge := b.edge
	if area > 9*b.size*b.size {
		edge = 0
	}
	best, cut := math.Inf(-1), shard{}
	var left, right [][2]float64
	for k := range 14 {
		sin, cos := math.Sincos(math.Pi * noise(3*k+1))
		reach := .3 * math.Sqrt(area)
		x, y := mx+reach*noise(3*k+2), my+reach*noise(3*k+3)
		s := shard{nx: cos, ny: sin, d: cos*x + sin*y}
		l, r := clip(outline, s, false), clip(outline, s, true)
		al, _, _ := measure(l)
		ar, _, _ := measure(r)
		if len(l) < 3 || len(r) < 3 {
			continue
		}
		slim := min(roundness(l, al), roundness(r, ar))
		score := math.Round(40 * (edge*parted(spots, s) + min(al, ar)/area + slim)) // rounded, so that noise decides nothing
		if score > best {
			best, cut, left, right = score, s, l, r
		}
	}
	if left == nil {
		b.finish(who, mean, outline, noise)
		return
	}
	n := 0
	for i := range spots {
		if cut.nx*spots[i].x+cut.ny*spots[i].y < cut.d {
			spots[i], spots[n] = spots[n], spots[i]
			n++
		}
	}
	cut.a, cut.b = int32(len(b.tree)), int32(len(b.tree)+1)
	// Leaves without spots keep the colour of what they were cut from.
	b.tree[who] = cut
	b.tree = append(b.tree, shard{colour: mean}, shard{colour: mean})
	b.split(int(cut.a), 2*name, spots[:n], left)
	b.split(int(cut.b), 2*name+1, spots[n:], right)
}

// finish makes a leaf: its colour, and the direction of its light along one of its
// edges' normals.
func (b *breaker) finish(who int, mean [3]float32, outline [][2]float64, noise func(int) float64) {
	s := &b.tree[who]
	s.a = 0
	if mean[0] >= 0 {
		s.colour = mean
	}
	k := int((noise(60)*.5 + .5) * float64(len(outline)))
	p, q := outline[k], outline[(k+1)%len(outline)]
	ex, ey := q[0]-p[0], q[1]-p[1]
	length := max(math.Hypot(ex, ey), 1e-9)
	s.ux, s.uy = -ey/length, ex/length
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, o := range outline {
		t := s.ux*o[0] + s.uy*o[1]
		lo, hi = min(lo, t), max(hi, t)
	}
	s.lit, s.span = lo, max(hi-lo, 1e-6)
	s.dx, s.dy = noise(61), noise(62)
}

// spreadOf is the mean colour of spots and their standard deviation. Without spots
// the mean is negative.
func spreadOf(spots []spot) (mean [3]float32, spread float64) {
	if len(spots) == 0 {
		return [3]float32{-1, -1, -1}, 0
	}
	var sum, square [3]float64
	for i := range spots {
		for k, c := range spots[i].colour {
			sum[k] += float64(c)
			square[k] += float64(c) * float64(c)
		}
	}
	n := float64(len(spots))
	for k := range sum {
		m := sum[k] / n
		mean[k] = float32(m)
		spread += max(square[k]/n-m*m, 0)
	}
	return mean, math.Sqrt(spread)
}

// parted is the share of the colours' variance that a cut explains, in [0,1].
func parted(spots []spot, s shard) float64 {
	var all, square, one [3]float64
	var count float64
	step := max(1, len(spots)/400)
	n := 0.0
	for i := 0; i < len(spots); i += step {
		p := &spots[i]
		n++
		in := s.nx*p.x+s.ny*p.y < s.d
		if in {
			count++
		}
		for k, c := range p.colour {
			v := float64(c)
			all[k] += v
			square[k] += v * v
			if in {
				one[k] += v
			}
		}
	}
	if count == 0 || count == n {
		return 0
	}
	var between, total float64
	for k := range all {
		m := all[k] / n
		a, b := one[k]/count-m, (all[k]-one[k])/(n-count)-m
		between += count*a*a + (n-count)*b*b
		total += square[k] - n*m*m
	}
	return between / max(total, .002*n)
}

// measure is the area of an outline and its middle.
func measure(o [][2]float64) (area, x, y float64) {
	for i, p := range o {
		q := o[(i+1)%len(o)]
		c := p[0]*q[1] - q[0]*p[1]
		area += c / 2
		x += (p[0] + q[0]) * c / 6
		y += (p[1] + q[1]) * c / 6
	}
	if area < 1e-12 {
		return 0, 0, 0
	}
	return area, x / area, y / area
}

// roundness is 1 for a circle and near 0 for a sliver: 4π·area/length².
func roundness(o [][2]float64, area float64) float64 {
	var length float64
	for i, p := range o {
		q := o[(i+1)%len(o)]
		length += math.Hypot(q[0]-p[0], q[1]-p[1])
	}
	return 4 * math.Pi * area / max(length*length, 1e-12)
}

// clip is the part of a convex outline on one side of a cut (Sutherland and
// Hodgman 1974).
func clip(o [][2]float64, s shard, beyond bool) [][2]float64 {
	sign := -1.0
	if beyond {
		sign = 1
	}
	var out [][2]float64
	for i, p := range o {
		q := o[(i+1)%len(o)]
		a, b := sign*(s.nx*p[0]+s.ny*p[1]-s.d), sign*(s.nx*q[0]+s.ny*q[1]-s.d)
		if a >= 0 {
			out = append(out, p)
		}
		if a*b < 0 {
			t := a / (a - b)
			out = append(out, [2]float64{p[0] + t*(q[0]-p[0]), p[1] + t*(q[1]-p[1])})
		}
	}
	return out
}
