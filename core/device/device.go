package device

// Device is a place where networks run.
type Device interface {
	// Name is what Open takes: "cpu", "gpu" or "gpu:1".
	Name() string
	// Compile prepares a network for running. The weights are checked against Graph.Params, packed and
	// copied: w may be changed afterwards. Errors name the nodes or weights at fault.
	Compile(g *Graph, w Weights) (Program, error)
}

// Program is a compiled network. Its methods may be called from any goroutine; they run one at a time.
type Program interface {
	// Run computes the outputs for the given inputs, both in the order of the graph. All inputs have the same
	// number of samples N; sizes may change from run to run. Each out[i] gets its shape, and its Data is
	// reused when it has the capacity and allocated otherwise. Outputs must not overlap inputs or each other.
	// The result for a sample does not depend on the other samples, on N or on the number of threads.
	Run(out, in []Tensor) error
	// Stats returns a copy of the statistics that the instance norms used in the last run.
	Stats() Stats
	// Freeze makes the instance norms of later runs use the given statistics, for instance those of a whole
	// picture while its tiles are computed. Statistics of one sample serve any number. nil lets each run
	// compute its own again.
	Freeze(s Stats) error
	// Memory is the number of bytes that the program holds: packed weights and activations.
	Memory() int
}

// Stats holds the statistics of each instance norm and conditional norm of a network, in the order of its
// nodes.
type Stats []NormStats

// NormStats holds the statistics of one norm: length N*C each.
type NormStats struct {
	Mean   []float32
	InvStd []float32 // 1/sqrt(variance + eps)
}
