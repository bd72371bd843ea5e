package engine

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/atelier-engine/atelier/core/picture"
	"github.com/atelier-engine/atelier/core/plugin"
	"github.com/atelier-engine/atelier/core/style"
)

// SheetWish is what a contact sheet of styles is to show.
type SheetWish struct {
	Photos []string // files, folders or patterns
	Styles []string // empty: all that can be used
	Style  string   // instead of Styles: one style or mixture over intensities and strokes
	Side   int      // longer side of a cell in pixels; 0: 320
}

const (
	sheetSide    = 320
	maxSheetSide = 2048
	maxSheet     = 400 // cells
)

// The intensities and strokes of the sheet of one style.
var (
	sheetIntensities = []float64{0.25, 0.5, 1, 1.5}
	sheetStrokes     = []float64{0.5, 1, 2, 4}
)

// Sheet paints photographs in many ways and lays them out with captions. A
// single photograph fills a square of cells, several have a row each.
func (e *Engine) Sheet(ctx context.Context, w SheetWish, progress func(part float64)) (*picture.Picture, error) {
	if w.Style != "" && len(w.Styles) > 0 {
		return nil, Usagef("style sheet: --style and --styles are both given: leave one out")
	}
	if w.Side < 0 || w.Side > maxSheetSide {
		return nil, Usagef("--side is %d: it must be from 1 to %d pixels", w.Side, maxSheetSide)
	}
	if w.Side == 0 {
		w.Side = sheetSide
	}
	columns, err := e.sheetColumns(ctx, w)
	if err != nil {
		return nil, err
	}
	paths, _, err := pictures(w.Photos)
	if err != nil {
		return nil, err
	}
	if n := len(paths) * (1 + len(columns)); n > maxSheet {
		return nil, Usagef("style sheet: %d cells: at most %d are laid out: name fewer pictures or styles", n, maxSheet)
	}
	var photos []*picture.Picture // all of them first: a bad one costs no painting
	for _, path := range paths {
		photo, err := e.sheetPhoto(ctx, path, w.Side)
		if err != nil {
			return nil, err
		}
		photos = append(photos, photo)
	}
	var rows [][]*picture.Picture
	for i, photo := range photos {
		row := []*picture.Picture{photo}
		for j, c := range columns {
			painted, err := c.paint(ctx, photo)
			if err != nil {
				return nil, fmt.Errorf("style sheet: %s: %w", c.caption, err)
			}
			row = append(row, painted)
			progress(float64(i*len(columns)+j+1) / float64(len(photos)*len(columns)))
		}
		rows = append(rows, row)
	}
	captions := []string{"photograph"}
	for _, c := range columns {
		captions = append(captions, c.caption)
	}
	title := "Styles"
	if w.Style != "" {
		title = w.Style
	}
	if len(rows) == 1 {
		return square(title, rows[0], captions, w.Side)
	}
	sheet := picture.Sheet{Title: title, Columns: captions, Cells: rows, Size: w.Side}
	for _, path := range paths {
		sheet.Rows = append(sheet.Rows, bare(path))
	}
	return sheet.Draw()
}

// sheetColumn is one way to paint on a sheet.
type sheetColumn struct {
	caption string
	paint   func(context.Context, *picture.Picture) (*picture.Picture, error)
}

// sheetColumns asks the styles for what is to be painted.
func (e *Engine) sheetColumns(ctx context.Context, w SheetWish) ([]sheetColumn, error) {
	var columns []sheetColumn
	add := func(caption string, t *task, o style.Options) {
		columns = append(columns, sheetColumn{caption, func(ctx context.Context, p *picture.Picture) (*picture.Picture, error) {
			return t.paint(ctx, p, o)
		}})
	}
	if w.Style != "" {
		t, err := e.task(ctx, w.Style)
		if err != nil {
			return nil, err
		}
		for _, intensity := range sheetIntensities {
			for _, stroke := range sheetStrokes {
				add(fmt.Sprintf("intensity %g, stroke %g", intensity, stroke), t, style.Options{Intensity: intensity, Stroke: stroke})
			}
		}
		return columns, nil
	}
	names := w.Styles
	if len(names) == 0 {
		for _, s := range e.Styles(ctx) {
			if s.Err == nil {
				names = append(names, s.Name)
			}
		}
	}
	if len(names) == 0 {
		return nil, Missingf("style sheet: there is no style that can be used: see atelier style list")
	}
	for _, name := range names {
		t, err := e.task(ctx, strings.TrimSpace(name))
		if err != nil {
			return nil, err
		}
		add(t.title, t, style.Options{Intensity: 1})
	}
	return columns, nil
}

// task is a style that is ready to paint.
type task struct {
	title   string
	plan    style.Plan
	painter painter
}

// task makes a style or a mixture ready.
func (e *Engine) task(ctx context.Context, name string) (*task, error) {
	mix, err := style.ParseMix(name)
	if err != nil {
		return nil, mark(err, ErrUsage)
	}
	w := painting{used: usedFiles{}}
	for _, m := range mix {
		p, err := e.ask(ctx, m.Name, plugin.Request{Intensity: 1}, map[string]string{})
		if err == nil {
			err = e.findParts(&p, &w, map[string]string{})
		}
		if err != nil {
			return nil, err
		}
		w.parts = append(w.parts, part{p, m.Weight})
	}
	t := &task{title: name}
	if t.painter, err = e.painter(w.model); err != nil {
		return nil, err
	}
	if t.plan, err = w.mixed(t.painter); err != nil {
		return nil, err
	}
	if t.plan.Title != "" {
		t.title = t.plan.Title
	}
	return t, nil
}

// paint paints a picture in memory.
func (t *task) paint(ctx context.Context, p *picture.Picture, o style.Options) (*picture.Picture, error) {
	out := picture.New(p.W, p.H)
	if err := t.painter.PaintRaster(ctx, picture.RasterOf(p), picture.RasterOf(out), t.plan, o); err != nil {
		return nil, err
	}
	return out, nil
}

// sheetPhoto opens a photograph at the size at which the network paints, opaque,
// or at that of a cell if it is larger; the sheet reduces the paintings.
func (e *Engine) sheetPhoto(ctx context.Context, path string, side int) (*picture.Picture, error) {
	r, err := picture.OpenRaster(ctx, path, e.Config.pictureLimits(), rasters())
	if err != nil {
		return nil, err
	}
	defer r.Close()
	w, h := r.Size()
	k := max(float64(side)/float64(max(w, h)), min(1, style.BaseSide/float64(min(w, h))))
	p, err := r.Reduce(ctx, max(1, int(float64(w)*k+.5)), max(1, int(float64(h)*k+.5)))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Base(path), err)
	}
	return p.Flatten(1, 1, 1), nil
}

// square lays cells out in rows, each with its caption. The cells of one style
// have a row for each intensity.
func square(title string, cells []*picture.Picture, captions []string, side int) (*picture.Picture, error) {
	columns := 1
	for columns*columns < len(cells) {
		columns++
	}
	sheet := picture.Sheet{Title: title, Size: side}
	if len(cells) == 1+len(sheetIntensities)*len(sheetStrokes) {
		sheet.Cells, sheet.Names = append(sheet.Cells, cells[:1]), append(sheet.Names, captions[:1])
		cells, captions, columns = cells[1:], captions[1:], len(sheetStrokes)
	}
	for at := 0; at < len(cells); at += columns {
		end := min(at+columns, len(cells))
		sheet.Cells, sheet.Names = append(sheet.Cells, cells[at:end]), append(sheet.Names, captions[at:end])
	}
	return sheet.Draw()
}
