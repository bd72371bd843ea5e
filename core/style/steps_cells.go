package style

import (
	"math"

	"github.com/atelier-engine/atelier/core/picture"
)

// seed is the middle of a cell: a facet of a cubist plane or a dab of a brush.
type seed struct {
	x, y     float64    // pixels
	cos, sin float64    // direction of the cell
	colour   [3]float64 // of the picture around it
}

// cells cuts a picture into the cells of a grid of jittered seeds. A pixel
// belongs to the seed with the least distance, a Voronoi diagram whose metric
// is stretched along each seed's direction and knows colour a little:
//
//	d² = (u/long)² + (v·long)² + (edge·size)²·|c - c_seed|²
//
// u and v being the offset along and across the direction.
type cells struct {
	size  float64 // distance of the seeds, in pixels
	cols  int
	seeds []seed
	owner []int32 // seed of each pixel
}

// cut makes the cells. Directions lie along the contours of the picture if
// follow is set, else they are random. long is the stretch, at least 1.
func cut(p *picture.Picture, size, long, edge float64, follow bool) *cells {
	size = max(size, 2)
	c := &cells{size: size, cols: int(float64(p.W)/size) + 3, owner: make([]int32, p.W*p.H)}
	rows := int(float64(p.H)/size) + 3
	var blur [3][]float32
	for k := range blur {
		blur[k] = gauss(plane(p, k), p.W, p.H, size*.3)
	}
	at := func(x, y float64) int {
		return min(max(int(y), 0), p.H-1)*p.W + min(max(int(x), 0), p.W-1)
	}
	for j := range rows {
		for i := range c.cols {
			s := seed{x: (float64(i-1) + .5 + .45*float64(lattice(i, j, 10))) * size, y: (float64(j-1) + .5 + .45*float64(lattice(i, j, 11))) * size}
			angle := math.Pi * float64(lattice(i, j, 12))
			if follow {
				luma := func(x, y float64) float64 {
					k := at(x, y)
					return float64(luma([]float32{blur[0][k], blur[1][k], blur[2][k]}))
				}
				gx, gy := luma(s.x+size*.5, s.y)-luma(s.x-size*.5, s.y), luma(s.x, s.y+size*.5)-luma(s.x, s.y-size*.5)
				if math.Hypot(gx, gy) > .004 {
					angle = math.Atan2(gx, -gy) + .3*float64(lattice(i, j, 13))
				}
			}
			s.sin, s.cos = math.Sincos(angle)
			for k := range s.colour {
				s.colour[k] = float64(blur[k][at(s.x, s.y)])
			}
			c.seeds = append(c.seeds, s)
		}
	}
	weight := edge * edge * size * size
	reach := int(math.Ceil(long))
	eachRow(p.H, func(y int) {
		for x := range p.W {
			px := p.Pix[3*(y*p.W+x):][:3]
			i0, j0 := int(float64(x)/size)+1, int(float64(y)/size)+1
			best, who := math.Inf(1), 0
			for j := max(j0-reach, 0); j <= min(j0+reach, rows-1); j++ {
				for i := max(i0-reach, 0); i <= min(i0+reach, c.cols-1); i++ {
					s := &c.seeds[j*c.cols+i]
					dx, dy := float64(x)+.5-s.x, float64(y)+.5-s.y
					u, v := (dx*s.cos+dy*s.sin)/long, (dy*s.cos-dx*s.sin)*long
					d := u*u + v*v
					for k := range s.colour {
						e := float64(px[k]) - s.colour[k]
						d += weight * e * e
					}
					if d < best {
						best, who = d, j*c.cols+i
					}
				}
			}
			c.owner[y*p.W+x] = int32(who)
		}
	})
	return c
}

// means is the mean colour of each cell.
func (c *cells) means(p *picture.Picture) [][3]float64 {
	sum, count := make([][3]float64, len(c.seeds)), make([]float64, len(c.seeds))
	for i, who := range c.owner {
		for k := range 3 {
			sum[who][k] += float64(p.Pix[3*i+k])
		}
		count[who]++
	}
	for i := range sum {
		for k := range 3 {
			sum[i][k] /= max(count[i], 1)
		}
	}
	return sum
}

// facets breaks the picture into planes, each of one colour that is shaded from
// one of its sides to the other.
func facets(p *picture.Picture, v values) {
	c := cut(p, pixels(p, v["size"]), 1.3, v["edge"], false)
	mean := c.means(p)
	eachRow(p.H, func(y int) {
		for x := range p.W {
			i := y*p.W + x
			s := &c.seeds[c.owner[i]]
			slope := ((float64(x)-s.x)*s.cos + (float64(y)-s.y)*s.sin) / c.size
			light := 1 + v["shade"]*min(max(slope, -1), 1)
			for k := range 3 {
				mix(&p.Pix[3*i+k], float32(mean[c.owner[i]][k]*light), float32(v["amount"]))
			}
		}
	})
}

// dabs paints with a small brush along the contours; each dab is a little
// lighter or darker, warmer or colder than what it shows.
func dabs(p *picture.Picture, v values) {
	c := cut(p, pixels(p, v["size"]), v["length"], .8, true)
	mean := c.means(p)
	vary := v["vary"]
	for i := range mean {
		light, warm := vary*float64(lattice(i, 0, 20)), vary*float64(lattice(i, 0, 21))
		for k, tint := range [3]float64{1, 0, -1} {
			mean[i][k] += light + .7*warm*tint
		}
	}
	eachRow(p.H, func(y int) {
		for x := range p.W {
			i := y*p.W + x
			for k := range 3 {
				mix(&p.Pix[3*i+k], float32(mean[c.owner[i]][k]), float32(v["amount"]))
			}
		}
	})
}
