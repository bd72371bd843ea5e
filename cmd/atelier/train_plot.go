package main

import (
	"os"
	"path/filepath"

	"github.com/atelier-engine/atelier/core/engine"
	portraittraining "github.com/atelier-engine/atelier/core/portrait/training"
)

// trainPlotCmd draws the losses of any training of networks.
type trainPlotCmd struct {
	Folder string `arg:"" name:"run" help:"The folder of a training, with its losses.tsv." type:"existingdir"`
	Out    string `short:"o" help:"The PNG to write (losses.png in the folder)." placeholder:"FILE"`
}

func (c *trainPlotCmd) Run(s *session) error {
	if _, err := os.Stat(filepath.Join(c.Folder, "losses.tsv")); err != nil {
		return engine.Inputf("plot losses: %w: give the folder of a training", err)
	}
	out := first(c.Out, filepath.Join(c.Folder, portraittraining.PlotFile))
	if err := portraittraining.Plot(c.Folder, out); err != nil {
		return engine.Training(err, filepath.Dir(out))
	}
	s.printf("%s", out)
	return nil
}
