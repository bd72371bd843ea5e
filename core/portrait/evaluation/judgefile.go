package evaluation

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/atelier-engine/atelier/core/autodiff"
	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/nn"
	"github.com/atelier-engine/atelier/core/portrait/faces"
)

// JudgeKind is the kind of model in the card of a judge.
const JudgeKind = "portrait judge"

// ErrOtherData is in the error of a folder whose judge learnt from other
// photographs, or by another recipe, than asked for.
var ErrOtherData = errors.New("this judge was trained on other photographs or by another recipe")

// JudgeName names the judge of a recipe and a data set: a hash of both.
func JudgeName(r Recipe, set *faces.Faces) (string, error) {
	h := sha256.New()
	enc := json.NewEncoder(h)
	for _, v := range []any{"judge 2", r, set.Source} {
		if err := enc.Encode(v); err != nil {
			return "", fmt.Errorf("judge: %w", err)
		}
	}
	return fmt.Sprintf("%x", h.Sum(nil)[:8]), nil
}

// OpenJudge reads the judge in dir, or trains it and keeps it there. It errs with
// ErrOtherData when dir holds a judge of other photographs or another recipe, and
// when ctx ends: the next call then goes on with the training. The judge runs on a
// device, nil being the processor.
func OpenJudge(ctx context.Context, on device.Device, dir string, r Recipe, set *faces.Faces, progress func(done, total int, left time.Duration)) (*Judge, error) {
	name, err := JudgeName(r, set)
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(filepath.Join(dir, nn.CardFile)); err == nil {
		return readJudge(on, dir, r, name)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("open judge: %w: name another folder", err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil { // before the work, not after it
		return nil, fmt.Errorf("train judge: %w: name a folder that can be written", err)
	}
	began := time.Now()
	store := &autodiff.Store{Dir: filepath.Join(dir, "training-"+name), Keep: 1}
	p, err := train(ctx, r, set, store, progress)
	if err != nil {
		return nil, fmt.Errorf("train judge: %w", err)
	}
	card := nn.Card{
		Name: name, Kind: JudgeKind, Created: time.Now().UTC().Truncate(time.Second), Time: time.Since(began).Seconds(),
		Data:    []string{fmt.Sprintf("%d labelled faces", len(set.Conds))},
		Licence: "that of the photographs it was trained on",
		Recipe:  fmt.Sprintf("%d steps of %d pairs, Adam %g, average %g, labels from %g, made %g from %g, identity %g, seed %d", r.Steps, r.Pairs, r.LearnRate, r.Average, r.Sure, r.Made, r.Least, r.Identity, r.Seed),
		Text:    judgeText,
	}
	if err := nn.Save(dir, card, p.Weights(), false); err != nil {
		return nil, err
	}
	if err := os.RemoveAll(store.Dir); err != nil {
		return nil, fmt.Errorf("train judge: %w", err)
	}
	return readJudge(on, dir, r, name)
}

func readJudge(on device.Device, dir string, r Recipe, name string) (*Judge, error) {
	m, err := nn.Open(dir)
	if err != nil {
		return nil, fmt.Errorf("open judge: %w: remove %s, and it is trained anew", err, dir)
	}
	if m.Card.Kind != JudgeKind {
		return nil, fmt.Errorf("open judge: %s is a model of kind %q: name a folder of its own for the judge", dir, m.Card.Kind)
	}
	if m.Card.Name != name {
		return nil, fmt.Errorf("open judge: %s: %w: name another folder, or remove this one and it is trained anew", dir, ErrOtherData)
	}
	net, err := m.Network(judgeGraph(r.Side), on)
	if err != nil {
		return nil, fmt.Errorf("open judge: %w: remove %s, and it is trained anew", err, dir)
	}
	j := &Judge{net: net, side: r.Side, sure: r.Sure, Name: name, dir: dir, hash: m.Hash}
	if on != nil && on.Name() != "cpu" {
		j.on = device.Label(on)
	}
	return j, nil
}

const judgeText = `# Judge of portraits

It tells emotion, age and gender of a face, and persons from each other, for ` + "`atelier evaluate portrait`" + `.
It was trained on the labels of photographs, apart from any generator. It is made to compare pictures of people
who do not exist with photographs: do not use it to identify, sort or judge anyone.
`
