package plugin

import (
	"context"
	"fmt"

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

func (a *analyzer) Analyze(ctx context.Context, texts []string) ([]sentiment.Reading, error) {
	readings := make([]sentiment.Reading, 0, len(texts))
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
		part, err := a.analyze(ctx, texts[done:done+n])
		if err != nil {
			if n < len(texts) { // the plugin counts from the first of its part
				err = fmt.Errorf("texts %d to %d: %w", done+1, done+n, err)
			}
			return nil, err
		}
		readings = append(readings, part...)
		done += n
	}
	return readings, nil
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
