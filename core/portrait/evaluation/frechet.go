package evaluation

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"
)

// frechet is the distance of two Gaussians fitted to the rows of a and b,
//
//	|m₁-m₂|² + tr(C₁ + C₂ - 2(C₁C₂)^½)
//
// (Dowson and Landau, 1982; Heusel et al., 2017), divided by the number of
// features. The trace of the root is that of (C₁^½ C₂ C₁^½)^½, which is
// symmetric.
func frechet(a, b [][]float64) (float64, error) {
	ma, ca := gaussian(a)
	mb, cb := gaussian(b)
	d := len(ma)
	root, err := sqrtSym(ca)
	if err != nil {
		return 0, err
	}
	var t mat.Dense
	t.Mul(root, cb)
	t.Mul(&t, root)
	inner := mat.NewSymDense(d, nil)
	for i := range d {
		for j := i; j < d; j++ {
			inner.SetSym(i, j, (t.At(i, j)+t.At(j, i))/2)
		}
	}
	var e mat.EigenSym
	if !e.Factorize(inner, false) {
		return 0, errEigen
	}
	sum := mat.Trace(ca) + mat.Trace(cb)
	for _, v := range e.Values(nil) {
		sum -= 2 * math.Sqrt(max(0, v))
	}
	for i := range ma {
		sum += (ma[i] - mb[i]) * (ma[i] - mb[i])
	}
	return max(0, sum) / float64(d), nil
}

var errEigen = fmt.Errorf("evaluate portraits: the features have no covariance: a network gives numbers that are infinite or undefined")

// gaussian is the mean and the covariance of the rows of v.
func gaussian(v [][]float64) ([]float64, *mat.SymDense) {
	d := len(v[0])
	m := mat.NewDense(len(v), d, nil)
	mean := make([]float64, d)
	for i, row := range v {
		m.SetRow(i, row)
		for k, x := range row {
			mean[k] += x / float64(len(v))
		}
	}
	c := mat.NewSymDense(d, nil)
	stat.CovarianceMatrix(c, m, nil)
	return mean, c
}

// sqrtSym is the root of a positive semidefinite matrix.
func sqrtSym(m *mat.SymDense) (*mat.Dense, error) {
	var e mat.EigenSym
	if !e.Factorize(m, true) {
		return nil, errEigen
	}
	var v, out mat.Dense
	e.VectorsTo(&v)
	values := e.Values(nil)
	for i, x := range values {
		values[i] = math.Sqrt(max(0, x))
	}
	out.Mul(&v, mat.NewDiagDense(len(values), values))
	out.Mul(&out, v.T())
	return &out, nil
}
