// Package sdk is what an Atelier plugin imports. A plugin is a program with
// one call in main:
//
//	func main() {
//		sdk.ServeStyle(sdk.Info{Name: "dots"}, sdk.PlannerFunc(
//			func(ctx context.Context, r sdk.Request) (sdk.Plan, error) {
//				return sdk.Plan{Style: "dots", Post: []sdk.Step{{Kernel: "posterize"}}}, nil
//			}))
//	}
//
// Build it, put it into one of the host's plugin folders under the name that
// its Info has, and `--style dots` finds it.
//
// Importing the package is enough to keep the plugin's standard output apart
// from the handshake: whatever is printed, there or on standard error, goes
// to the host's log. log/slog keeps its levels on the way.
//
// The functions of a plugin are called concurrently. A panic in one becomes
// an error of that call; a panic in a goroutine of its own ends the process,
// which the host starts again once.
package sdk

import (
	"context"

	"github.com/atelier-engine/atelier/core/plugin/wire"
	"github.com/atelier-engine/atelier/core/sentiment"
	"github.com/atelier-engine/atelier/core/style"
)

// What a plugin says about itself, gets and returns.
type (
	Info    = wire.Info
	Option  = wire.Option
	Request = wire.Request

	Plan = style.Plan
	Step = style.Step

	Reading = sentiment.Reading
	Reason  = sentiment.Reason
	Range   = sentiment.Range
	Emotion = sentiment.Emotion
)

// The emotions, in the order of Reading.Emotions.
const (
	Neutral   = sentiment.Neutral
	Happy     = sentiment.Happy
	Sad       = sentiment.Sad
	Angry     = sentiment.Angry
	Fearful   = sentiment.Fearful
	Disgusted = sentiment.Disgusted
	Surprised = sentiment.Surprised
)

// DefaultAge is the age of a person of whom the text says none.
var DefaultAge = sentiment.DefaultAge

// ErrEmpty is the error to wrap for a text in which there is nothing to read:
// the host then tells the person, and does not blame the plugin.
var ErrEmpty = sentiment.ErrEmpty

// Analyzer reads lines of text: one Reading for each, in the same order. A
// call has at most 256 texts and 1 MiB of them; the host splits larger ones.
type Analyzer = sentiment.Analyzer

// AnalyzerFunc is a function that is an Analyzer.
type AnalyzerFunc func(ctx context.Context, texts []string) ([]Reading, error)

// Analyze calls f.
func (f AnalyzerFunc) Analyze(ctx context.Context, texts []string) ([]Reading, error) {
	return f(ctx, texts)
}

// Planner says how the host has to paint one picture. The plan must be valid
// (Plan.Validate) and have the plugin's name as its Style.
type Planner interface {
	Plan(ctx context.Context, r Request) (Plan, error)
}

// PlannerFunc is a function that is a Planner.
type PlannerFunc func(ctx context.Context, r Request) (Plan, error)

// Plan calls f.
func (f PlannerFunc) Plan(ctx context.Context, r Request) (Plan, error) { return f(ctx, r) }
