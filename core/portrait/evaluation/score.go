package evaluation

import (
	"context"
	"fmt"

	"github.com/atelier-engine/atelier/core/picture"
	"github.com/atelier-engine/atelier/core/portrait"
)

// Maker makes a portrait for each condition and seed, all of one square size; the
// same two give the same picture.
type Maker func(ctx context.Context, conds []portrait.Condition, seeds []uint64) ([]*picture.Picture, error)

// makeBatch is the number of portraits made and looked at together, so that
// thousands of large ones need not be kept.
const makeBatch = 32

// shownPairs is the number of portraits, for each kind of distance, that are
// shown beside their nearest training photograph.
const shownPairs = 8

// Score asks a generator for the conditions of the grid, then for those of the
// held-out photographs, and appends the figures to the report. The grid tells
// what the judge sees, whether persons stay themselves, and variety; the others
// are spread as photographs are; both are searched for copies.
func (b *Bench) Score(ctx context.Context, name string, generate Maker) error {
	list := grid(b.Seed, b.Seeds)
	ofGrid := len(list)
	conds := make([]portrait.Condition, len(b.held))
	for i, h := range b.held {
		conds[i] = h.cond
	}
	list = append(list, likeThese(conds, b.Seed+uint64(b.Seeds))...)
	c := Column{Name: name, Pictures: len(list)}
	tick := b.stage("portraits of "+name, len(list))
	var seen []Sight
	for lo := 0; lo < len(list); lo += makeBatch {
		part := list[lo:min(lo+makeBatch, len(list))]
		pics, err := b.make(ctx, part, generate)
		if err != nil {
			return err
		}
		c.Side = pics[0].W
		looked, err := b.eye.look(ctx, portraits(pics), true, tick)
		if err != nil {
			return err
		}
		seen = append(seen, looked...)
		for i, q := range part {
			if q.cell >= 0 && q.seed == b.Seed {
				c.shown = append(c.shown, pics[i])
			}
		}
	}
	v := b.scale.apply(features(seen))
	if err := b.spread(&c, v[ofGrid:], traits(seen[ofGrid:])); err != nil {
		return err
	}
	c.Agreement = agree(list[:ofGrid], seen[:ofGrid], nil)
	c.Identity = keptPerson(list[:ofGrid], seen[:ofGrid], b.Seeds)
	var cells []asked
	for lo := 0; lo < ofGrid; lo += b.Seeds {
		cells = append(cells, list[lo])
	}
	photos := alike(cells, b.labels, b.all, sureLabels(b.labels, b.opts.Judge.sure))
	c.Variety = Variety{ratio(within(v[:ofGrid], b.Seeds), photos), closest(list, v) / b.typical}
	nearest := [2][]near{b.gallery.persons(seen), b.gallery.pixels(seen)}
	c.Memory = Memory{copying(nearest[0], b.near[0]), copying(nearest[1], b.near[1])}
	if err := b.pair(ctx, &c, list, nearest, generate); err != nil {
		return err
	}
	b.Models = append(b.Models, c)
	return nil
}

func (b *Bench) make(ctx context.Context, part []asked, generate Maker) ([]*picture.Picture, error) {
	conds, seeds := make([]portrait.Condition, len(part)), make([]uint64, len(part))
	for i, q := range part {
		conds[i], seeds[i] = q.cond, q.seed
	}
	pics, err := generate(ctx, conds, seeds)
	if err == nil && len(pics) != len(part) {
		err = fmt.Errorf("evaluate portraits: %d portraits came of %d: the generator is broken", len(pics), len(part))
	}
	return pics, err
}

// pair makes the portraits again that are nearest to training photographs.
func (b *Bench) pair(ctx context.Context, c *Column, list []asked, nearest [2][]near, generate Maker) error {
	for kind, name := range []string{"person", "pixels"} {
		for _, i := range closestPairs(nearest[kind], list, shownPairs) {
			pics, err := b.make(ctx, list[i:i+1], generate)
			if err != nil {
				return err
			}
			n := nearest[kind][i]
			c.pairs = append(c.pairs, pair{pics[0], b.train[n.face], n, name})
		}
	}
	return nil
}
