package engine

import (
	"runtime/debug"
	"testing"

	"github.com/atelier-engine/atelier/core/plan"
	"github.com/atelier-engine/atelier/core/recipe"
)

func TestMemoryIsBoundedWhilePainting(t *testing.T) {
	t.Setenv("GOMEMLIMIT", "")
	now := func() int64 { return debug.SetMemoryLimit(-1) }
	before := now()
	photo := recipe.Image(plan.Origin{}, "a.png")
	of := func(w recipe.Painting) *plan.Plan {
		return &plan.Plan{Nodes: []*plan.Node{{Step: recipe.Style(plan.Origin{}, photo, w)}}}
	}
	first, second := boundMemory(of(recipe.Painting{Style: "a"})), boundMemory(of(recipe.Painting{Style: "b"}))
	if now() != memoryLimit {
		t.Error("there is no limit")
	}
	first()
	if now() != memoryLimit {
		t.Error("the limit went with the first")
	}
	second()
	if now() != before {
		t.Error("the limit stays")
	}
	defer boundMemory(of(recipe.Painting{Method: recipe.MethodOptimize}))()
	if now() != before {
		t.Error("an optimisation is limited")
	}
	t.Setenv("GOMEMLIMIT", "3GiB")
	defer boundMemory(of(recipe.Painting{Style: "a"}))()
	if now() != before {
		t.Error("a limit of the user's is changed")
	}
}
