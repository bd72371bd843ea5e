package sentiment

import (
	"math"
	"slices"
)

// calibrate fits the probabilities and the thresholds to scores of comments
// that were not learnt from; it returns the F1 of each class where thresholds
// from one half of them judge the other.
func (k *ekman) calibrate(held []column, labels []Labels) (f [Count]float64) {
	probs := make([]column, len(held))
	for e := range Emotion(Count) {
		k.slope[e], k.shift[e] = platt(held, labels, e)
		for i := range held {
			probs[i][e] = float32(1 / (1 + math.Exp(-float64(k.slope[e]*held[i][e]+k.shift[e]))))
		}
	}
	k.threshold = tuneThresholds(probs, labels, func(int) bool { return true })
	var hits, read, all [Count]int
	for half := range 2 {
		t := tuneThresholds(probs, labels, func(i int) bool { return i%2 != half })
		countClasses(probs, labels, t, func(i int) bool { return i%2 == half }, &hits, &read, &all)
	}
	for e := range f {
		f[e] = ratio(2*hits[e], read[e]+all[e])
	}
	return f
}

// reachClasses gives the classes whose probability reaches the threshold; if none
// does, the one that comes nearest.
func reachClasses(p, threshold *[Count]float32) (l Labels) {
	best, near := Neutral, float32(-1)
	for e := range Emotion(Count) {
		d := p[e] / threshold[e]
		if d >= 1 {
			l |= 1 << e
		}
		if d > near {
			best, near = e, d
		}
	}
	if l == 0 {
		l = LabelsOf(best)
	}
	return l
}

func countClasses(probs []column, labels []Labels, t [Count]float32, use func(int) bool, hits, read, all *[Count]int) {
	for i := range probs {
		if !use(i) {
			continue
		}
		l := reachClasses((*[Count]float32)(&probs[i]), &t)
		for e := range Emotion(Count) {
			read[e] += boolInt(l.Has(e))
			all[e] += boolInt(labels[i].Has(e))
			hits[e] += boolInt(l.Has(e) && labels[i].Has(e))
		}
	}
}

// tuneThresholds finds the thresholds with the best macro F1: those that are
// best for each class by itself, then moved one at a time while it helps,
// because every comment gets one class at least.
func tuneThresholds(probs []column, labels []Labels, use func(int) bool) (t [Count]float32) {
	for e := range Emotion(Count) {
		at, _ := bestThreshold(probs, labels, e, use)
		t[e] = min(max(at, 0.001), 0.999)
	}
	score := func(t [Count]float32) (f float64) {
		var hits, read, all [Count]int
		countClasses(probs, labels, t, use, &hits, &read, &all)
		for e := range hits {
			f += ratio(2*hits[e], read[e]+all[e]) / Count
		}
		return f
	}
	best := score(t)
	for range 2 {
		for e := range t {
			from := t
			for _, k := range []float32{0.8, 0.88, 0.94, 1.06, 1.14, 1.25, 1.4} {
				u := from
				u[e] = min(max(u[e]*k, 0.001), 0.999)
				if f := score(u); f > best+1e-5 {
					best, t = f, u
				}
			}
		}
	}
	return t
}

// platt fits p = sigmoid(a*score + b) by Newton's method.
func platt(held []column, labels []Labels, e Emotion) (slope, shift float32) {
	a, b := 1.0, 0.0
	for range 30 {
		var ga, gb, haa, hab, hbb float64
		for i := range held {
			z := float64(held[i][e])
			p := 1 / (1 + math.Exp(-(a*z + b)))
			d, h := p-float64(boolInt(labels[i].Has(e))), p*(1-p)+1e-9
			ga, gb = ga+d*z, gb+d
			haa, hab, hbb = haa+h*z*z, hab+h*z, hbb+h
		}
		haa, hbb = haa+1e-6, hbb+1e-6
		det := haa*hbb - hab*hab
		if !(math.Abs(det) > 1e-12) {
			break
		}
		a, b = a-(hbb*ga-hab*gb)/det, b-(haa*gb-hab*ga)/det
	}
	if !(a > 0.01 && a < 100) || math.IsNaN(b) || math.Abs(b) > 100 {
		return 1, 0
	}
	return float32(a), float32(b)
}

// bestThreshold finds the score from which a class is best found, among the
// comments that use tells, and the F1 there.
func bestThreshold(held []column, labels []Labels, e Emotion, use func(int) bool) (float32, float64) {
	var order []int
	all := 0
	for i := range held {
		if use(i) {
			order = append(order, i)
			all += boolInt(labels[i].Has(e))
		}
	}
	slices.SortFunc(order, func(a, b int) int {
		switch {
		case held[a][e] > held[b][e]:
			return -1
		case held[a][e] < held[b][e]:
			return 1
		}
		return a - b
	})
	hit, best, at := 0, 0.0, float32(0)
	for n, i := range order {
		hit += boolInt(labels[i].Has(e))
		if f := ratio(2*hit, all+n+1); f > best {
			best, at = f, held[i][e]
			if n+1 < len(order) {
				at = (at + held[order[n+1]][e]) / 2
			}
		}
	}
	return at, best
}

// splitF1 is the F1 of a class with thresholds from the other half.
func splitF1(held []column, labels []Labels, e Emotion) float64 {
	hit, read, all := 0, 0, 0
	for half := range 2 {
		at, _ := bestThreshold(held, labels, e, func(i int) bool { return i%2 != half })
		for i := half; i < len(held); i += 2 {
			is, said := labels[i].Has(e), held[i][e] >= at
			hit, read, all = hit+boolInt(is && said), read+boolInt(said), all+boolInt(is)
		}
	}
	return ratio(2*hit, read+all)
}
