package engine

import (
	"os"
	"runtime/debug"
	"sync"

	"github.com/atelier-engine/atelier/core/plan"
	"github.com/atelier-engine/atelier/core/recipe"
)

// memoryLimit is what the collector keeps the heap to while a plan is executed:
// with what lies outside of the heap the process stays below 1 GiB whatever the
// size of the pictures.
const memoryLimit = 850 << 20

// bounds counts the plans that are being executed under the limit.
var bounds struct {
	sync.Mutex
	count  int
	before int64
}

// boundMemory sets the limit for the execution of a plan and gives what takes it
// back after the last one. A plan that optimises needs more: the collector would
// only run for nothing. A limit in GOMEMLIMIT stands.
func boundMemory(p *plan.Plan) (restore func()) {
	for _, n := range p.Nodes {
		if n.Step.Text("method") == recipe.MethodOptimize {
			return func() {}
		}
	}
	if os.Getenv("GOMEMLIMIT") != "" {
		return func() {}
	}
	bounds.Lock()
	defer bounds.Unlock()
	if bounds.count == 0 {
		bounds.before = debug.SetMemoryLimit(memoryLimit)
	}
	bounds.count++
	return func() {
		bounds.Lock()
		defer bounds.Unlock()
		if bounds.count--; bounds.count == 0 {
			debug.SetMemoryLimit(bounds.before)
		}
	}
}
