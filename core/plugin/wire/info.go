package wire

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/atelier-engine/atelier/core/plugin/proto"
	"github.com/atelier-engine/atelier/core/style"
)

// The kinds of plugin.
const (
	KindAnalyzer = "analyzer"
	KindStyle    = "style"
)

// Info is who a plugin says it is.
type Info struct {
	Name        string   `json:"name"` // the name of the executable, without .exe
	Kind        string   `json:"kind"` // KindAnalyzer or KindStyle; the SDK sets it
	Version     string   `json:"version,omitempty"`
	Title       string   `json:"title,omitempty"`
	Description string   `json:"description,omitempty"`
	Licence     string   `json:"licence,omitempty"`
	Languages   []string `json:"languages,omitempty"` // of an analyzer: "en", ...
	Options     []Option `json:"options,omitempty"`   // of a style
	Credits     []string `json:"credits,omitempty"`
}

// Option is one number that a person may set for a style.
type Option struct {
	Name        string  `json:"name"`
	Description string  `json:"description,omitempty"`
	Min         float64 `json:"min"`
	Max         float64 `json:"max"`
	Default     float64 `json:"default"`
}

// Limits of an Info.
const (
	maxOptions = 64
	maxText    = 4096
)

// Validate returns what is wrong with the form of i, or nil.
func (i *Info) Validate() error {
	if err := style.CheckName(i.Name); err != nil {
		return fmt.Errorf("name: %w", err)
	}
	if i.Kind != KindAnalyzer && i.Kind != KindStyle {
		return fmt.Errorf("kind is %.40q: use %q or %q", i.Kind, KindAnalyzer, KindStyle)
	}
	if len(i.Options) > maxOptions || len(i.Languages) > maxOptions || len(i.Credits) > style.MaxCredits {
		return fmt.Errorf("too long: at most %d options, languages and credits each are taken", maxOptions)
	}
	texts := slices.Concat([]string{i.Version, i.Title, i.Description, i.Licence}, i.Languages, i.Credits)
	for k, o := range i.Options {
		if err := style.CheckName(o.Name); err != nil {
			return fmt.Errorf("option %d: %w", k+1, err)
		}
		if !finite(o.Min, o.Max, o.Default) || o.Min > o.Max || o.Default < o.Min || o.Default > o.Max {
			return fmt.Errorf("option %s: default %g is not in %g to %g", o.Name, o.Default, o.Min, o.Max)
		}
		if slices.ContainsFunc(i.Options[:k], func(p Option) bool { return p.Name == o.Name }) {
			return fmt.Errorf("option %s is there twice: remove one", o.Name)
		}
		texts = append(texts, o.Description)
	}
	for _, t := range texts {
		if len(t) > maxText {
			return fmt.Errorf("a text of %d bytes: at most %d are taken", len(t), maxText)
		}
		if strings.ContainsFunc(t, func(r rune) bool { return r < ' ' && r != '\n' && r != '\t' }) {
			return errors.New("a text holds control characters: remove them")
		}
	}
	return nil
}

func finite(xs ...float64) bool {
	return !slices.ContainsFunc(xs, func(x float64) bool { return math.IsNaN(x) || math.IsInf(x, 0) })
}

// Proto and InfoFrom translate to and from the message.
func (i *Info) Proto() *proto.Info {
	m := &proto.Info{
		Name: valid(i.Name), Kind: valid(i.Kind), Version: valid(i.Version), Title: valid(i.Title),
		Description: valid(i.Description), Licence: valid(i.Licence),
		Languages: allValid(i.Languages), Credits: allValid(i.Credits),
	}
	for _, o := range i.Options {
		m.Options = append(m.Options, &proto.Option{
			Name: valid(o.Name), Description: valid(o.Description), Min: o.Min, Max: o.Max, Default: o.Default,
		})
	}
	return m
}

// InfoFrom is Proto's inverse. The result is not validated.
func InfoFrom(m *proto.Info) Info {
	i := Info{
		Name: m.GetName(), Kind: m.GetKind(), Version: m.GetVersion(), Title: m.GetTitle(),
		Description: m.GetDescription(), Licence: m.GetLicence(),
		Languages: m.GetLanguages(), Credits: m.GetCredits(),
	}
	for _, o := range m.GetOptions() {
		i.Options = append(i.Options, Option{
			Name: o.GetName(), Description: o.GetDescription(), Min: o.GetMin(), Max: o.GetMax(), Default: o.GetDefault(),
		})
	}
	return i
}

// valid makes s fit for a protobuf string, which holds UTF-8 only.
func valid(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }

func allValid(ss []string) []string {
	out := make([]string, len(ss))
	for i, s := range ss {
		out[i] = valid(s)
	}
	return out
}
