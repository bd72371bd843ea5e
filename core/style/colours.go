package style

import (
	"math"

	"github.com/atelier-engine/atelier/core/picture"
)

type matrix [3][3]float64

// recolour moves colours so that those of a painting get the mean m and the
// covariance of a photograph's. Of all maps that do so it is the one that moves
// them least, Monge and Kantorovich's for normal distributions (Pitié and
// Kokaram, "The linear Monge-Kantorovitch linear colour mapping", 2007):
//
//	T = A^-½ (A^½ B A^½)^½ A^-½,  c ↦ m_photo + T (c - m_painting)
//
// with the covariances A of the painting and B of the photograph. A colour that
// the painting hardly varies in is not stretched beyond maxStretch.
func recolour(painting, photo *picture.Picture) func(*picture.Picture) {
	from, a := moments(painting)
	to, b := moments(photo)
	half := a.apply(func(v float64) float64 { return math.Sqrt(max(v, 0)) })
	back := a.apply(func(v float64) float64 { return 1 / math.Sqrt(max(v, 1e-5)) })
	mid := half.times(b).times(half).apply(func(v float64) float64 { return math.Sqrt(max(v, 0)) })
	t := back.times(mid).times(back).apply(func(v float64) float64 { return min(v, maxStretch) })
	return func(p *picture.Picture) {
		eachChunk(p.H, func(lo, hi int) {
			for i := 3 * lo * p.W; i < 3*hi*p.W; i += 3 {
				px := p.Pix[i : i+3 : i+3]
				var d [3]float64
				for c := range d {
					d[c] = float64(px[c]) - from[c]
				}
				for c := range d {
					px[c] = clamp01(float32(to[c] + t[c][0]*d[0] + t[c][1]*d[1] + t[c][2]*d[2]))
				}
			}
		})
	}
}

const maxStretch = 4

// moments are the mean and the covariance of a picture's colours.
func moments(p *picture.Picture) (mean [3]float64, cov matrix) {
	n := float64(p.W * p.H)
	for i, v := range p.Pix {
		mean[i%3] += float64(v) / n
	}
	for i := 0; i < len(p.Pix); i += 3 {
		var d [3]float64
		for c := range d {
			d[c] = float64(p.Pix[i+c]) - mean[c]
		}
		for r := range d {
			for c := range d {
				cov[r][c] += d[r] * d[c] / n
			}
		}
	}
	return mean, cov
}

func (m matrix) times(o matrix) (out matrix) {
	for r := range out {
		for c := range out {
			for k := range out {
				out[r][c] += m[r][k] * o[k][c]
			}
		}
	}
	return out
}

// apply gives the symmetric matrix with the same axes and f of the values, found
// by Jacobi's rotations.
func (m matrix) apply(f func(float64) float64) (out matrix) {
	axes := matrix{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}
	for range 12 {
		for _, rc := range [3][2]int{{0, 1}, {0, 2}, {1, 2}} {
			r, c := rc[0], rc[1]
			if math.Abs(m[r][c]) < 1e-14 {
				continue
			}
			sin, cos := math.Sincos(math.Atan2(2*m[r][c], m[c][c]-m[r][r]) / 2)
			g := matrix{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}
			g[r][r], g[c][c], g[r][c], g[c][r] = cos, cos, sin, -sin
			m = g.transposed().times(m).times(g)
			axes = axes.times(g)
		}
	}
	for r := range out {
		for c := range out {
			for k := range out {
				out[r][c] += axes[r][k] * f(m[k][k]) * axes[c][k]
			}
		}
	}
	return out
}

func (m matrix) transposed() (out matrix) {
	for r := range m {
		for c := range m {
			out[c][r] = m[r][c]
		}
	}
	return out
}
