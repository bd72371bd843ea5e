package training

import (
	"context"
	"encoding/csv"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"github.com/atelier-engine/atelier/core/picture"
	"github.com/atelier-engine/atelier/core/upscale"
)

// mostSide is the shorter side to which larger pictures are reduced on loading.
const mostSide = 900

// photo is a picture of the corpus, 8 bits a channel.
type photo struct {
	name string
	w, h int
	pix  []uint8 // (H,W,3)
}

// folder is a source in memory.
type folder struct {
	Source
	photos, held []photo
	credits      []string // for the card
}

// corpus is what a training crops from.
type corpus struct {
	folders []folder
	shares  float64
}

// load reads the sources of a configuration. Pictures that cannot be read or are
// smaller than a crop are left out and told of.
func load(ctx context.Context, c *TrainConfig, note func(string)) (*corpus, error) {
	all := &corpus{}
	for _, s := range c.Source {
		f, err := loadFolder(ctx, c, s, note)
		if err != nil {
			return nil, err
		}
		all.folders = append(all.folders, *f)
		all.shares += s.Share
	}
	return all, nil
}

func loadFolder(ctx context.Context, c *TrainConfig, s Source, note func(string)) (*folder, error) {
	dir := filepath.Join(c.Data, filepath.FromSlash(s.Folder))
	names, err := c.names(ctx, s, dir, note)
	if err != nil {
		return nil, err
	}
	f := &folder{Source: s}
	for i, name := range names {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		p, err := loadPhoto(filepath.Join(dir, name))
		switch {
		case err != nil:
			note(fmt.Sprintf("left out: %v", err))
		case s.Held > 1 && i%s.Held == s.Held-1:
			f.held = append(f.held, p)
		default:
			f.photos = append(f.photos, p)
		}
	}
	if len(f.photos) == 0 {
		return nil, fmt.Errorf("upscale training: %s holds no picture that is large enough: name a folder of photographs, or lower least or size", dir)
	}
	f.credits, err = f.credit(dir)
	return f, err
}

// names are the pictures of a source that are used, in order.
func (c *TrainConfig) names(ctx context.Context, s Source, dir string, note func(string)) ([]string, error) {
	names, err := picture.Photographs(dir)
	if err != nil {
		return nil, fmt.Errorf("upscale training: %w, or change the sources in a file for --config", err)
	}
	least := max((c.Size+margin)*upscale.Factor, s.Least)
	if names, err = largeEnough(ctx, dir, names, least, note); err != nil || s.Most == 0 || len(names) <= s.Most {
		return names, err
	}
	kept := make([]string, s.Most)
	for i := range kept {
		kept[i] = names[i*len(names)/s.Most]
	}
	return kept, nil
}

// largeEnough are the names of pictures whose shorter side has at least so many
// pixels; smaller ones and what is no picture are left out.
func largeEnough(ctx context.Context, dir string, names []string, least int, note func(string)) ([]string, error) {
	var kept []string
	small := 0
	for _, name := range names {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		switch info, err := picture.Stat(filepath.Join(dir, name)); {
		case err != nil:
			note(fmt.Sprintf("left out: %v", err))
		case min(info.W, info.H) < least:
			small++
		default:
			kept = append(kept, name)
		}
	}
	if small > 0 {
		note(fmt.Sprintf("left out of %s: %d pictures with a shorter side below %d pixels", dir, small, least))
	}
	return kept, nil
}

func loadPhoto(path string) (photo, error) {
	p, err := picture.Open(path)
	if err != nil {
		return photo{}, err
	}
	p = p.Flatten(1, 1, 1)
	if s := min(p.W, p.H); s > mostSide {
		if p, err = p.Resize((p.W*mostSide+s/2)/s, (p.H*mostSide+s/2)/s); err != nil {
			return photo{}, err
		}
	}
	q := photo{name: filepath.Base(path), w: p.W, h: p.H, pix: make([]uint8, len(p.Pix))}
	for i, v := range p.Pix {
		q.pix[i] = uint8(min(max(v, 0), 1)*255 + .5)
	}
	return q, nil
}

// credit reads who made the pictures: one line for each licence and collection.
func (f *folder) credit(dir string) ([]string, error) {
	used := map[string]bool{}
	for _, p := range f.photos {
		used[p.name] = true
	}
	if f.Credits == "" {
		return []string{fmt.Sprintf("%d pictures of %s: %s", len(used), f.Folder, f.Note)}, nil
	}
	file, err := os.Open(filepath.Join(dir, f.Credits))
	if err != nil {
		return nil, fmt.Errorf("upscale training: credits: %w: name the table of sources and licences, or leave credits empty", err)
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("upscale training: credits %s: %w: mend the table", file.Name(), err)
	}
	count := map[string]int{}
	for _, r := range rows {
		if len(r) >= 3 && used[r[0]] {
			collection, _, _ := strings.Cut(r[1], ":")
			count[collection+" ("+r[2]+")"]++
			delete(used, r[0])
		}
	}
	if len(used) > 0 {
		count["pictures that "+f.Credits+" does not name"] = len(used)
	}
	var lines []string
	for what, n := range count {
		lines = append(lines, fmt.Sprintf("photographs, %d: %s", n, what))
	}
	sort.Strings(lines)
	return lines, nil
}

// crop gives a random square of side pixels, seen at a random scale, mirrored
// half of the time.
func (c *corpus) crop(side int, r *rand.Rand) (*picture.Picture, error) {
	f, u := &c.folders[0], r.Float64()*c.shares
	for i := range c.folders {
		f = &c.folders[i]
		if u -= f.Share; u < 0 {
			break
		}
	}
	p := &f.photos[r.IntN(len(f.photos))]
	short := min(p.w, p.h)
	scale := min(max(f.Zoom[0]+(f.Zoom[1]-f.Zoom[0])*r.Float64(), float64(side)/float64(short)), 1)
	cut := min(int(float64(side)/scale+.5), short)
	q := p.part(r.IntN(p.w-cut+1), r.IntN(p.h-cut+1), cut, cut)
	if r.IntN(2) == 0 {
		q = q.FlipH()
	}
	if cut == side {
		return q, nil
	}
	return q.Resize(side, side)
}

func (p *photo) part(x, y, w, h int) *picture.Picture {
	q := picture.New(w, h)
	for r := range h {
		for i, v := range p.pix[3*((y+r)*p.w+x):][:3*w] {
			q.Pix[3*r*w+i] = float32(v) / 255
		}
	}
	return q
}

// shown are the middles of held pictures, from all sources in turn.
func (c *corpus) shown(count int) []*picture.Picture {
	const side = 256
	var all []*picture.Picture
	for i := 0; len(all) < count; i++ {
		before := len(all)
		for f := range c.folders {
			if held := c.folders[f].held; i < len(held) && len(all) < count {
				all = append(all, held[i].middle(side))
			}
		}
		if len(all) == before {
			break
		}
	}
	return all
}
