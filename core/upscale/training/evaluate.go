package training

import (
	"context"
	"fmt"
	"math"
	"path/filepath"

	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/nn"
	"github.com/atelier-engine/atelier/core/picture"
	"github.com/atelier-engine/atelier/core/upscale"
)

// Score says how near the enlargements of one method come to the photographs
// that were reduced before.
type Score struct {
	Set      string  // of pictures
	Soft     bool    // the small pictures were blurred, as what a generator draws is
	Method   string  // cubic, lanczos or network
	Pictures int     // that were measured
	PSNR     float64 // of the lights, in decibels: more is nearer
	SSIM     float64 // of the lights: more is nearer, at most 1
	Features float64 // distance of features, in parts of their size: less is nearer
	Grain    float64 // roughness in parts of the photograph's: 1 is as much as there was
}

// softness is the blur of soft small pictures, in pixels.
const softness = .7

// evaluateSide bounds the side of the squares that are measured.
const evaluateSide = 512

// Evaluate enlarges up to count pictures of each set by each method. The sets are
// the held pictures of c's sources, and the folders of others, whose pictures are
// taken evenly. progress may be nil.
func Evaluate(ctx context.Context, c TrainConfig, u *upscale.Upscaler, f *Features, others []string, count int, progress func(part float64)) ([]Score, error) {
	net, err := nn.New(f.Graph, f.Weights, nil)
	if err != nil {
		return nil, fmt.Errorf("evaluate upscale: feature network: %w", err)
	}
	if count < 1 {
		return nil, fmt.Errorf("evaluate upscale: %d pictures: give 1 or more", count)
	}
	sets, err := evaluationSets(ctx, &c, others, count)
	if err != nil {
		return nil, err
	}
	all, done := 0, 0
	for _, s := range sets {
		all += len(s.pictures)
	}
	var scores []Score
	for _, s := range sets {
		sums := make([]Score, 2*len(methods))
		for _, p := range s.pictures {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			if err := compare(ctx, sums, p, u, net); err != nil {
				return nil, err
			}
			if done++; progress != nil {
				progress(float64(done) / float64(all))
			}
		}
		for i := range sums {
			m, n := &sums[i], float64(len(s.pictures))
			m.Set, m.Soft, m.Method, m.Pictures = s.name, i >= len(methods), methods[i%len(methods)], len(s.pictures)
			m.PSNR, m.SSIM, m.Features, m.Grain = m.PSNR/n, m.SSIM/n, m.Features/n, m.Grain/n
		}
		scores = append(scores, sums...)
	}
	return scores, nil
}

// methods are what is compared.
var methods = []string{"cubic", "lanczos", "network"}

// set is a number of pictures to measure.
type set struct {
	name     string
	pictures []*picture.Picture
}

func evaluationSets(ctx context.Context, c *TrainConfig, others []string, count int) ([]set, error) {
	config := *c
	for _, dir := range others {
		config.Source = append(config.Source[:len(config.Source):len(config.Source)], Source{Folder: dir})
	}
	var sets []set
	for i, s := range config.Source {
		dir, every := filepath.Join(c.Data, filepath.FromSlash(s.Folder)), s.Held
		if i >= len(c.Source) {
			dir, every = s.Folder, 1
		}
		if every == 0 {
			continue
		}
		names, err := c.names(ctx, s, dir, func(string) {})
		if err != nil {
			return nil, err
		}
		var held []string
		for k, name := range names {
			if k%every == every-1 {
				held = append(held, name)
			}
		}
		n := min(count, len(held))
		if n == 0 {
			return nil, fmt.Errorf("evaluate upscale: %s holds no picture that is large enough and kept for it: name another folder", dir)
		}
		one := set{name: s.Folder}
		for k := range n {
			p, err := loadPhoto(filepath.Join(dir, held[k*len(held)/n]))
			if err != nil {
				return nil, fmt.Errorf("evaluate upscale: %w", err)
			}
			one.pictures = append(one.pictures, p.middle(evaluateSide))
		}
		sets = append(sets, one)
	}
	if len(sets) == 0 {
		return nil, fmt.Errorf("evaluate upscale: no source keeps pictures for it: set held in the configuration, or name a folder of pictures")
	}
	return sets, nil
}

// compare adds what the methods make of one photograph to their sums.
func compare(ctx context.Context, sums []Score, p *picture.Picture, u *upscale.Upscaler, net *nn.Network) error {
	truth, err := featuresOf(net, p)
	if err != nil {
		return err
	}
	small, err := p.Resize(p.W/upscale.Factor, p.H/upscale.Factor)
	if err != nil {
		return err
	}
	for soft := range 2 {
		if soft == 1 {
			small = blurred(small, softness)
		}
		for i, method := range methods {
			var made *picture.Picture
			switch method {
			case "cubic":
				made, err = small.Resize(p.W, p.H)
			case "lanczos":
				made = lanczos(small)
			default:
				made, err = u.Picture(ctx, small, upscale.Factor)
			}
			if err != nil {
				return err
			}
			s := &sums[soft*len(methods)+i]
			x, y, w, h := lumas(made, p)
			s.PSNR += psnr(x, y)
			s.SSIM += ssim(x, y, w, h)
			s.Grain += roughness(x, w, h) / max(roughness(y, w, h), 1e-9)
			mine, err := featuresOf(net, made)
			if err != nil {
				return err
			}
			s.Features += featureDistance(mine, truth)
		}
	}
	return nil
}

func featuresOf(net *nn.Network, p *picture.Picture) ([]device.Tensor, error) {
	return net.Run(device.Tensor{Data: p.Pix, N: 1, H: p.H, W: p.W, C: 3})
}

// featureDistance is the mean over the layers of Σ|a-b| / Σ|b|.
func featureDistance(a, b []device.Tensor) float64 {
	total := 0.0
	for i := range a {
		apart, size := 0.0, 0.0
		for k, v := range b[i].Data {
			apart += math.Abs(float64(a[i].Data[k] - v))
			size += math.Abs(float64(v))
		}
		total += apart / max(size, 1e-9) / float64(len(a))
	}
	return total
}

// WriteFigures puts the scores into the card of the model in a folder.
func WriteFigures(dir string, scores []Score) error {
	path := filepath.Join(dir, nn.CardFile)
	card, err := nn.ReadCard(path)
	if err != nil {
		return err
	}
	card.Figures = figures(scores)
	return nn.WriteCard(path, card)
}

// figures are the scores as a card names them.
func figures(scores []Score) map[string]float64 {
	all := map[string]float64{}
	for _, s := range scores {
		name := filepath.Base(s.Set) + " " + s.Method
		if s.Soft {
			name += " soft"
		}
		for _, f := range []struct {
			name string
			v    float64
		}{{"psnr", s.PSNR}, {"ssim", s.SSIM}, {"features", s.Features}, {"grain", s.Grain}} {
			all[name+" "+f.name] = math.Round(f.v*1e4) / 1e4
		}
	}
	return all
}

// middle is the square in the middle, of at most side pixels and a multiple of
// Factor.
func (p *photo) middle(side int) *picture.Picture {
	s := min(p.w, p.h, side) / upscale.Factor * upscale.Factor
	return p.part((p.w-s)/2, (p.h-s)/2, s, s)
}
