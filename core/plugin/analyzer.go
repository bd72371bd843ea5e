package plugin

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/atelier-engine/atelier/core/plugin/proto"
	"github.com/atelier-engine/atelier/core/plugin/wire"
	"github.com/atelier-engine/atelier/core/sentiment"
)

// Analyzer returns the analyzer that the plugin of this name serves. Nothing
// is looked for or started before its first use. Batches of any length are
// taken; the readings are checked.
func (s *Supervisor) Analyzer(name string) sentiment.Analyzer { return &analyzer{s, name} }

type analyzer struct {
	s    *Supervisor
	name string
}

// atOnce is how many calls of one Analyze run at the same time: one is packed or
// unpacked here while the plugin works on another, on two cores or more.
const atOnce = 4

func (a *analyzer) Analyze(ctx context.Context, texts []string) ([]sentiment.Reading, error) {
	parts, err := a.split(texts)
	if err != nil {
		return nil, err
	}
	readings := make([]sentiment.Reading, len(texts))
	failed := make([]error, len(parts))
	limit, cancel := context.WithCancel(ctx)
	defer cancel()
	var next atomic.Int64
	var busy sync.WaitGroup
	for range min(atOnce, len(parts)) {
		busy.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(parts); i = int(next.Add(1)) - 1 {
				p := parts[i]
				got, err := a.analyze(limit, texts[p.from:p.to])
				if err != nil {
					if len(parts) > 1 { // the plugin counts from the first of its part
						err = fmt.Errorf("texts %d to %d: %w", p.from+1, p.to, err)
					}
					failed[i] = err
					cancel()
					return
				}
				copy(readings[p.from:], got)
			}
		})
	}
	busy.Wait()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	for _, err := range failed { // not those that only ended because another failed
		if err != nil && !errors.Is(err, context.Canceled) {
			return nil, err
		}
	}
	return readings, errors.Join(failed...)
}

// part is a range of texts that one call takes.
type part struct{ from, to int }

// split cuts texts into parts within the limits of a call.
func (a *analyzer) split(texts []string) (parts []part, err error) {
	for done := 0; done < len(texts); {
		n, size := 0, 0
		for n < wire.MaxBatch && done+n < len(texts) && size+len(texts[done+n]) <= wire.MaxBatchBytes {
			size += len(texts[done+n])
			n++
		}
		if n == 0 {
			return nil, &Error{Name: a.name, Err: fmt.Errorf("%w: text %d has %d bytes: at most %d are taken: shorten it",
				ErrRequest, done+1, len(texts[done]), wire.MaxBatchBytes)}
		}
		parts = append(parts, part{done, done + n})
		done += n
	}
	return parts, nil
}

// analyze is one call of at most wire.MaxBatch texts.
func (a *analyzer) analyze(ctx context.Context, texts []string) ([]sentiment.Reading, error) {
	req := &proto.AnalyzeRequest{Texts: make([][]byte, len(texts))}
	for i, t := range texts {
		req.Texts[i] = []byte(t)
	}
	readings := make([]sentiment.Reading, len(texts))
	err := a.s.call(ctx, a.name, wire.KindAnalyzer, func(ctx context.Context, p *process) error {
		resp, err := proto.NewAnalyzerClient(p.conn).Analyze(ctx, req)
		if err != nil {
			return err
		}
		if got := len(resp.GetReadings()); got != len(texts) {
			return fmt.Errorf("%w: %d readings of %d texts", ErrAnswer, got, len(texts))
		}
		for i, m := range resp.GetReadings() {
			if readings[i], err = wire.ReadingFrom(texts[i], m); err != nil {
				return fmt.Errorf("%w: text %d: %w", ErrAnswer, i+1, err)
			}
			if readings[i].Analyzer == "" {
				readings[i].Analyzer = a.name
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return readings, nil
}
