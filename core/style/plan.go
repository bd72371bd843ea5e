package style

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"strings"
)

// Limits of a Plan. A plan is a recipe, not a picture: a few kilobytes at most.
const (
	MaxSteps   = 64      // steps before, and as many after the network
	MaxParams  = 64      // parameters of one step
	MaxVector  = 1 << 16 // numbers of a style vector
	MaxCredits = 64      // lines of credit
	MaxText    = 4096    // bytes of a title, a description or a credit
	MaxParts   = 16      // styles of a blend
	MinBase    = 64      // pixels of Base
	MaxBase    = 2048
)

// Plan is what a style plugin answers: what the host has to do to a picture,
// in order: the steps in Pre, the style network, the steps in Post. It holds
// names and numbers only, never pixels, so that it can be checked, hashed,
// cached, shown and written into the picture that it made.
type Plan struct {
	// Style is the name by which the style is asked for, such as "cubism".
	Style string `json:"style"`
	// Title and Description are for people; both may be empty.
	Title       string `json:"title,omitempty"`
	Description string `json:"description,omitempty"`

	// Pre are the host steps before the network, Post those after it.
	Pre  []Step `json:"pre,omitempty"`
	Post []Step `json:"post,omitempty"`

	// Network is the name of the model folder that holds the network
	// (not a path); empty: the plan is made of host steps only.
	Network string `json:"network,omitempty"`
	// Vector is the style itself: the gamma and beta of every conditional
	// normalisation of the network. Empty: the vector named VectorName.
	Vector []float32 `json:"vector,omitempty"`
	// VectorName names a vector that the host holds, in styles/ or beside
	// the network. Exactly one of Vector and VectorName is given when
	// Network is.
	VectorName string `json:"vector_name,omitempty"`
	// Base is the shorter side, in pixels, of the pictures that the vector was
	// trained for: a picture is painted at that size first. 0: as its package
	// says, else BaseSide.
	Base int `json:"base,omitempty"`

	// Mixed lists the styles of a blend, for people; the rest of the plan is
	// what they make together.
	Mixed []Part `json:"mixed,omitempty"`

	// Credits say whose works the style was learnt from, one a line.
	Credits []string `json:"credits,omitempty"`
}

// Step is one host kernel with its parameters. Lengths are in parts of the
// picture's shorter side, not in pixels; shares and colours are in [0,1].
type Step struct {
	Kernel string             `json:"kernel" toml:"kernel"`
	Params map[string]float64 `json:"params,omitempty" toml:"params"`
}

// nameForm is the form of every name in a plan: it can be a file name and
// never leads out of a folder.
var nameForm = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]*(\.[a-z0-9][a-z0-9_-]*)*$`)

// CheckName returns an error unless name is a well-formed name of a style,
// a network, a vector or a kernel: at most 64 of a-z, 0-9, _, - and single
// dots between them.
func CheckName(name string) error {
	if len(name) > 64 || !nameForm.MatchString(name) {
		return fmt.Errorf("%.80q is not a name: use at most 64 of a-z, 0-9, _, - and single dots", name)
	}
	return nil
}

// Validate returns an error that says what is wrong with the form of p, or
// nil. Whether the kernels, the network and the vector exist is known only
// to the stylizer, which checks it before it computes anything.
func (p *Plan) Validate() error {
	if p == nil {
		return errors.New("style plan: there is none")
	}
	fail := func(format string, args ...any) error {
		return fmt.Errorf("style plan %.80q: "+format, append([]any{p.Style}, args...)...)
	}
	if err := CheckName(p.Style); err != nil {
		return fmt.Errorf("style plan: style: %w", err)
	}
	if len(p.Title) > MaxText || len(p.Description) > MaxText {
		return fail("title or description is longer than %d bytes: shorten it", MaxText)
	}
	if len(p.Credits) > MaxCredits {
		return fail("%d credits: at most %d are taken", len(p.Credits), MaxCredits)
	}
	for i, c := range p.Credits {
		if len(c) > MaxText || strings.ContainsAny(c, "\n\r") {
			return fail("credit %d is not one line of at most %d bytes", i+1, MaxText)
		}
	}
	if p.Network == "" {
		if len(p.Vector) > 0 || p.VectorName != "" {
			return fail("a vector without a network: name the network")
		}
		if len(p.Pre)+len(p.Post) == 0 {
			return fail("no network and no step, so nothing to do: name at least one")
		}
	} else {
		if err := CheckName(p.Network); err != nil {
			return fail("network: %w", err)
		}
		if err := p.checkVector(); err != nil {
			return fail("%w", err)
		}
	}
	if p.Base != 0 && (p.Base < MinBase || p.Base > MaxBase) {
		return fail("base of %d pixels: use %d to %d", p.Base, MinBase, MaxBase)
	}
	if err := checkParts(p.Mixed); err != nil {
		return fail("mixed: %w", err)
	}
	if err := checkSteps(p.Pre); err != nil {
		return fail("pre%w", err)
	}
	if err := checkSteps(p.Post); err != nil {
		return fail("post%w", err)
	}
	return nil
}

func (p *Plan) checkVector() error {
	if (len(p.Vector) > 0) == (p.VectorName != "") {
		return errors.New("exactly one of vector and vector_name must be given with a network")
	}
	if p.VectorName != "" {
		if err := CheckName(p.VectorName); err != nil {
			return fmt.Errorf("vector_name: %w", err)
		}
	}
	if len(p.Vector) > MaxVector {
		return fmt.Errorf("vector of %d numbers: at most %d are taken", len(p.Vector), MaxVector)
	}
	for i, v := range p.Vector {
		if f := float64(v); math.IsNaN(f) || math.IsInf(f, 0) {
			return fmt.Errorf("vector[%d] is %v: only finite numbers are taken", i, v)
		}
	}
	return nil
}

// checkSteps checks names, counts and numbers; its errors begin with the
// index of the step so that the caller only puts "pre" or "post" before it.
func checkSteps(steps []Step) error {
	if len(steps) > MaxSteps {
		return fmt.Errorf(": %d steps: at most %d are taken", len(steps), MaxSteps)
	}
	for i, s := range steps {
		if err := CheckName(s.Kernel); err != nil {
			return fmt.Errorf("[%d]: kernel: %w", i, err)
		}
		if len(s.Params) > MaxParams {
			return fmt.Errorf("[%d] %s: %d parameters: at most %d are taken", i, s.Kernel, len(s.Params), MaxParams)
		}
		for k, v := range s.Params {
			if err := CheckName(k); err != nil {
				return fmt.Errorf("[%d] %s: parameter: %w", i, s.Kernel, err)
			}
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return fmt.Errorf("[%d] %s: %s is %v: only finite numbers are taken", i, s.Kernel, k, v)
			}
		}
	}
	return nil
}
