package engine

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/atelier-engine/atelier/core/plan"
	"github.com/atelier-engine/atelier/core/plugin"
	"github.com/atelier-engine/atelier/core/recipe"
	"github.com/atelier-engine/atelier/core/sentiment"
)

// Progress tells how a run goes on.
type Progress func(plan.Event)

// Run checks and executes steps, and gives their results in order: a
// sentiment.Reading of a read step, a *picture.Picture or a *picture.Raster (to
// be closed) of a picture, the path of a save. about is added to the provenance of what is saved.
func (e *Engine) Run(ctx context.Context, steps []*plan.Step, about map[string]string, progress Progress) ([]any, error) {
	p, err := e.registry.Plan(ctx, steps...)
	if err != nil {
		return nil, err
	}
	return e.execute(ctx, p, about, progress, true)
}

// execute does the work of a plan. A plan whose results nobody will ask for
// again goes by the cache, which would only hold memory.
func (e *Engine) execute(ctx context.Context, p *plan.Plan, about map[string]string, progress Progress, keep bool) ([]any, error) {
	return e.carryOut(ctx, p, about, progress, keep, nil)
}

// carryOut is execute among other plans: turn, unless nil, is asked before each
// step.
func (e *Engine) carryOut(ctx context.Context, p *plan.Plan, about map[string]string, progress Progress, keep bool,
	turn func(context.Context, *plan.Step) error) ([]any, error) {
	cache := e.cache
	if !keep {
		cache = nil
	}
	defer boundMemory(p)()
	estimate := p.Estimate(cache)
	e.log.Info("plan", "steps", estimate.Steps, "seconds", estimate.Time.Seconds(), "memory", estimate.Memory)
	all := map[string]string{"program": "atelier " + Version()}
	maps.Copy(all, about)
	return p.Run(ctx, plan.Options{Cache: cache, Progress: progress, About: all, Turn: turn})
}

// Read reads a sentence.
func (e *Engine) Read(ctx context.Context, text string) (sentiment.Reading, error) {
	out, err := e.Run(ctx, []*plan.Step{recipe.Read(plan.Origin{}, text)}, nil, nil)
	if err != nil {
		return sentiment.Reading{}, err
	}
	return out[0].(sentiment.Reading), nil
}

// Job is a recipe to run.
type Job struct {
	Name     string // a path, or a name in the folders of scripts
	Args     map[string]string
	Seed     *uint64           // over the configuration's
	Print    func(line string) // what the recipe prints; nil: lost
	Progress Progress          // nil: silence
}

// Recipe runs a recipe, then executes the plan it made, and gives the paths of
// the pictures written.
func (e *Engine) Recipe(ctx context.Context, job Job) ([]string, error) {
	path, err := e.Places.Script(job.Name)
	if err != nil {
		return nil, err
	}
	source, err := os.ReadFile(path)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			err = mark(err, ErrMissing)
		}
		return nil, mark(fmt.Errorf("recipe: %w", err), ErrInput)
	}
	seed := uint64(e.Config.Seed)
	if job.Seed != nil {
		seed = *job.Seed
	}
	limits := e.Config.Recipe
	result, err := recipe.Run(ctx, path, source, recipe.Options{
		Reader: reader{e}, Args: job.Args, Seed: seed, Print: job.Print,
		Limits: recipe.Limits{
			Instructions: limits.Instructions, Memory: limits.Memory << 20,
			Time: time.Duration(limits.Seconds * float64(time.Second)),
		},
	})
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(source)
	about := map[string]string{"recipe": filepath.Base(path), "recipe_sha256": hex.EncodeToString(sum[:])}
	out, err := e.Run(ctx, result.Saves, about, job.Progress)
	if err != nil {
		return nil, err
	}
	var paths []string
	for _, v := range out {
		paths = append(paths, v.(string))
	}
	return paths, nil
}

// reader reads sentences for recipes.
type reader struct{ e *Engine }

func (r reader) Read(ctx context.Context, step *plan.Step) (recipe.Reading, error) {
	out, err := r.e.Run(ctx, []*plan.Step{step}, nil, nil)
	if err != nil {
		return recipe.Reading{}, err
	}
	s := out[0].(sentiment.Reading)
	known := recipe.Reading{
		Text: s.Text, Analyzer: s.Analyzer, Language: s.Language, Emotions: map[string]float64{},
		Age: s.Age.Best, AgeMin: s.Age.Min, AgeMax: s.Age.Max, Gender: s.Gender,
		Valence: s.Valence, Arousal: s.Arousal, Certainty: s.Confidence, Shown: Show(s),
	}
	for i, name := range sentiment.Names() {
		known.Emotions[name] = s.Emotions[i]
	}
	for _, reason := range s.Reasons {
		known.Reasons = append(known.Reasons, recipe.Reason{Word: reason.Word, For: reason.For, Weight: reason.Weight})
	}
	return known, nil
}

// Version is the version of the program: of the module, or the commit it was
// built from.
func Version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	version := info.Main.Version
	if version == "" || version == "(devel)" {
		version = "devel"
	}
	return version
}

// Build says how the program was built: "go1.26 linux/amd64".
func Build() string { return runtime.Version() + " " + runtime.GOOS + "/" + runtime.GOARCH }

// RecipeReference is the page about recipes, in Markdown.
func RecipeReference() string { return recipe.Reference() }

// Analyzer gives the configured analyzer.
func (e *Engine) Analyzer() sentiment.Analyzer {
	return analyzer{e.plugins.Analyzer(e.Config.Analyzer.Plugin)}
}

// analyzer tells a text with nothing to read from a wrong command.
type analyzer struct{ sentiment.Analyzer }

func (a analyzer) Analyze(ctx context.Context, texts []string) ([]sentiment.Reading, error) {
	readings, err := a.Analyzer.Analyze(ctx, texts)
	if errors.Is(err, plugin.ErrRequest) {
		err = mark(err, ErrInput)
	}
	return readings, err
}
