package main

import (
	_ "embed"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/atelier-engine/atelier/core/engine"
	"github.com/atelier-engine/atelier/core/style"
)

type helpCmd struct {
	Topic []string `arg:"" optional:"" help:"A command, or a topic."`
}

//go:embed topics/plugins.md
var pluginsTopic string

//go:embed topics/styles.md
var stylesTopic string

//go:embed topics/config.md
var configTopic string

// topics are the pages beside the help of the commands.
func topics() map[string]func() string {
	return map[string]func() string{
		"recipes":    engine.RecipeReference,
		"exit-codes": exitCodes,
		"config":     func() string { return configTopic },
		"plugins":    func() string { return pluginsTopic },
		"styles":     func() string { return stylesTopic },
		"steps":      stepsPage,
	}
}

// stepsPage lists what the host can do to a picture before and after the network.
func stepsPage() string {
	var b strings.Builder
	b.WriteString("Steps of styles\n\nA style names them in its style.toml, with params = { name = number }. Lengths are in\nparts of the picture's shorter side.\n")
	for _, k := range style.StepKernels() {
		fmt.Fprintf(&b, "\n%s: %s\n", k.Name, k.Doc)
		for _, p := range k.Params {
			fmt.Fprintf(&b, "  %-10s %s, %g to %g (%g)\n", p.Name, p.Doc, p.Min, p.Max, p.Default)
		}
	}
	return b.String()
}

func exitCodes() string {
	var b strings.Builder
	b.WriteString("Exit codes\n\n")
	for _, c := range engine.Classes() {
		fmt.Fprintf(&b, "  %3d  %s\n", c.Class, c.Meaning)
	}
	return b.String()
}

func (c *helpCmd) Run(s *session) error {
	if len(c.Topic) == 0 {
		_, err := s.kong.Parse([]string{"--help"})
		return err
	}
	name := c.Topic[0]
	pages := topics()
	if page, ok := pages[name]; ok && len(c.Topic) == 1 {
		s.printf("%s", strings.TrimRight(page(), "\n"))
		return nil
	}
	known := slices.Collect(maps.Keys(pages))
	for _, command := range s.kong.Model.Children {
		if command.Name == name {
			_, err := s.kong.Parse(append(c.Topic, "--help"))
			if err != nil {
				return engine.Usagef("%w", err)
			}
			return nil
		}
		known = append(known, command.Name)
	}
	return engine.Usagef("help: there is no command or topic %q%s", name, engine.Hint(name, known))
}
