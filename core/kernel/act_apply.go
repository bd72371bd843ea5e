package kernel

// Activate computes y = a(x), element by element; y may be x.
func Activate(y, x []float32, a Act) { ActivatePlain(y[:len(x)], x, a) }

// ActivateGrad computes dx = dy·a'(x) from the output y = a(x); dx may be dy.
func ActivateGrad(dx, y, dy []float32, a Act) { ActivateGradPlain(dx, y, dy, a) }
