package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/atelier-engine/atelier/core/engine"
	"github.com/atelier-engine/atelier/core/portrait/faces"
)

type dataCmd struct {
	Prepare     dataPrepareCmd     `cmd:"" help:"Align and pack a data set of labelled faces into one file that trainings map."`
	Show        dataShowCmd        `cmd:"" help:"Show who is in a packed data set."`
	Mapping     dataMappingCmd     `cmd:"" help:"Print the TOML that says how labels become age, gender and emotions."`
	Expressions dataExpressionsCmd `cmd:"" help:"Show what is made of neutral faces for the emotions that few photographs show."`
}

type dataPrepareCmd struct {
	Dir     string `arg:"" help:"The folder of the data set: ${formats}."`
	Out     string `short:"o" help:"The packed file (${default}); what was left out goes beside it, to NAME.refused.tsv." default:"faces.pack" placeholder:"FILE"`
	Side    int    `help:"Pixels of a packed face along each side (${default})." default:"${facesside}" placeholder:"N"`
	Format  string `help:"Read the folder as ${formats}; else it is recognised by what is there." placeholder:"FORMAT"`
	Mapping string `help:"A TOML over the shipped mapping of labels; see atelier data mapping." placeholder:"FILE"`
	Sheet   string `help:"Write a contact sheet of the packed faces to this picture." placeholder:"FILE"`
}

func (c *dataPrepareCmd) Run(s *session) error {
	mapping, err := faces.LoadMapping(c.Mapping)
	if err != nil {
		return engine.Usagef("%w", err)
	}
	if c.Format != "" && !slices.Contains(faces.Formats(), c.Format) {
		return engine.Usagef("--format is %q%s", c.Format, engine.Hint(c.Format, faces.Formats()))
	}
	return s.with(func(*engine.Engine) error { return engine.Training(c.prepare(s, mapping), c.Out) })
}

func (c *dataPrepareCmd) prepare(s *session, mapping *faces.Mapping) error {
	m := s.meter()
	start, decoded := time.Now(), 0
	set, refused, err := faces.Prepare(s.ctx, faces.Options{
		Dir: c.Dir, Cache: c.Out, Side: c.Side, Format: c.Format, Mapping: mapping, Note: func(text string) { m.say("atelier: note: " + text) },
	}, func(done, total int) {
		m.count("faces", done, total)
		decoded++
	})
	m.close()
	if err != nil {
		return err
	}
	defer set.Close()
	for _, line := range faces.Summary(refused) {
		s.note("atelier: %s", line)
	}
	if len(refused) > 0 {
		s.note("atelier: all %d that were left out: %s", len(refused), faces.RefusedFile(c.Out))
	}
	if decoded > 0 {
		s.note("atelier: packed in %s", time.Since(start).Round(time.Second))
	}
	return s.census(set, c.Out, c.Sheet)
}

// preparing shows how the faces of a training are prepared.
func (s *session) preparing() func(done, total int) {
	m := s.meter()
	return func(done, total int) {
		if m.count("faces", done, total); done == total {
			m.close()
		}
	}
}

type dataShowCmd struct {
	Pack   string `arg:"" help:"A packed data set."`
	Sheet  string `help:"Write a contact sheet of its faces to this picture." placeholder:"FILE"`
	Verify bool   `help:"Read all pixels and compare them with their checksums."`
}

func (c *dataShowCmd) Run(s *session) error {
	set, err := faces.Open(c.Pack)
	if err != nil {
		return engine.Inputf("%w", err)
	}
	defer set.Close()
	if c.Verify {
		if err := set.Verify(); err != nil {
			return engine.Inputf("%w", err)
		}
	}
	return s.census(set, c.Pack, c.Sheet)
}

// census prints who is in a data set, and draws a sheet where one is asked for.
func (s *session) census(set *faces.Faces, path, sheet string) error {
	census := set.Census()
	rows := [][]string{{path, fmt.Sprintf("%d faces of %dx%d pixels", set.Len(), set.Side, set.Side), fmt.Sprintf("%d with landmarks", census.Aligned)}}
	if err := s.table(nil, rows); err != nil {
		return err
	}
	if set.Terms != "" {
		s.printf("%s", set.Terms)
	}
	for _, part := range []struct {
		name   string
		groups []faces.Group
	}{{"split", census.Splits}, {"age", census.Ages}, {"emotion", census.Emotions}} {
		rows := [][]string{}
		for _, g := range part.groups {
			rows = append(rows, []string{g.Name, fmt.Sprint(g.Men + g.Women), fmt.Sprint(g.Men), fmt.Sprint(g.Women)})
		}
		s.printf("")
		if err := s.table([]string{part.name, "faces", "men", "women"}, rows); err != nil {
			return err
		}
	}
	if sheet == "" {
		return nil
	}
	p, err := set.Sheet(10, min(set.Side, 160))
	if err != nil {
		return err
	}
	if err := engine.SavePicture(sheet, p); err != nil {
		return err
	}
	s.printf("\n%s", sheet)
	return nil
}

type dataMappingCmd struct{}

func (c *dataMappingCmd) Run(s *session) error {
	s.printf("%s", strings.TrimRight(faces.DefaultMapping, "\n"))
	return nil
}
