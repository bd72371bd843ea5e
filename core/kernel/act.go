package kernel

// Act is an activation function, applied element by element.
type Act uint8

// The activations. LeakyReLU has the slope 0.2 of DCGAN below zero.
const (
	ActNone      Act = iota // y = x
	ActReLU                 // y = max(x, 0)
	ActLeakyReLU            // y = max(x, x/5)
	ActTanh                 // y = tanh(x)
	ActSigmoid              // y = 1/(1+exp(-x))
)

// LeakySlope is the slope of ActLeakyReLU below zero.
const LeakySlope = 0.2

// String names the activation as network descriptions do.
func (a Act) String() string {
	switch a {
	case ActNone:
		return "none"
	case ActReLU:
		return "relu"
	case ActLeakyReLU:
		return "leaky"
	case ActTanh:
		return "tanh"
	case ActSigmoid:
		return "sigmoid"
	}
	return "unknown"
}

// slope says whether a is max(x, slope·x), and with which slope; 1 for the others.
func (a Act) slope() (float32, bool) {
	switch a {
	case ActReLU:
		return 0, true
	case ActLeakyReLU:
		return LeakySlope, true
	}
	return 1, a == ActNone
}
