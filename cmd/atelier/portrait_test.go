package main

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The values of --grid and --morph end where something else begins.
func TestAxesAreTaken(t *testing.T) {
	for name, c := range map[string]struct {
		args        []string
		grid, morph axes
		text        string
	}{
		"as written":       {[]string{"--grid", "age=20,40", "emotion=happy,sad"}, axes{"age=20,40", "emotion=happy,sad"}, nil, ""},
		"a flag behind":    {[]string{"--grid", "age=20", "seed=1,2", "--seed", "3"}, axes{"age=20", "seed=1,2"}, nil, ""},
		"a sentence":       {[]string{"--morph", "age=20", "a=b is what she says"}, nil, axes{"age=20"}, "a=b is what she says"},
		"a sentence first": {[]string{"an old man", "--grid", "age=20", "emotion=all"}, axes{"age=20", "emotion=all"}, nil, "an old man"},
		"one argument":     {[]string{"--grid", "age=20 emotion=all"}, axes{"age=20 emotion=all"}, nil, ""},
		"repeated":         {[]string{"--grid=age=20", "--grid", "seed=3"}, axes{"age=20", "seed=3"}, nil, ""},
		"misspelt too":     {[]string{"--grid", "age=20", "emtion=sad"}, axes{"age=20", "emtion=sad"}, nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := &session{ctx: context.Background(), cli: &cli{}}
			parser, err := newParser(s)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := parser.Parse(append([]string{"portrait"}, c.args...)); err != nil {
				t.Fatal(err)
			}
			got := s.cli.Portrait.people()
			text := ""
			if got.Text != nil {
				text = *got.Text
			}
			if diff := cmp.Diff([]any{[]string(c.grid), []string(c.morph), c.text}, []any{got.Grid, got.Morph, text}); diff != "" {
				t.Error(diff)
			}
		})
	}
}
