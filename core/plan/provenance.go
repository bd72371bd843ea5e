package plan

import (
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
)

// Provenance is the document that says how a result came to be. It holds no
// date, no duration and no folder, so the same recipe writes the same bytes.
type Provenance struct {
	About map[string]string `json:"about,omitempty"`
	Steps []Made            `json:"steps"`
}

// Made is one step of a Provenance.
type Made struct {
	ID      int               `json:"id"`
	Kind    string            `json:"kind"`
	Version int               `json:"version"`
	Origin  string            `json:"origin,omitempty"` // recipe's file name and line
	Params  Params            `json:"params,omitempty"`
	Inputs  []int             `json:"inputs,omitempty"`
	Digests map[string]string `json:"digests,omitempty"`
	Hash    string            `json:"hash"`
}

// Provenance describes the steps that lead to the one being executed, itself
// left out, as JSON. IDs count from 1 in the order of work.
func (c *Call) Provenance() ([]byte, error) {
	used := make([]bool, len(c.plan.Nodes))
	for _, in := range c.node.Inputs {
		used[in] = true
	}
	for i := len(c.plan.Nodes) - 1; i >= 0; i-- {
		if used[i] {
			for _, in := range c.plan.Nodes[i].Inputs {
				used[in] = true
			}
		}
	}
	doc := Provenance{About: c.options.About, Steps: []Made{}}
	id := make([]int, len(c.plan.Nodes))
	for i, n := range c.plan.Nodes {
		if !used[i] {
			continue
		}
		id[i] = len(doc.Steps) + 1
		m := Made{
			ID: id[i], Kind: n.kind.Name, Version: n.kind.Version, Origin: n.Step.origin.base(),
			Params: n.Step.params, Digests: n.Facts.Digests, Hash: n.Hash.String(),
		}
		for _, name := range n.kind.Where {
			if n.Step.Text(name) == "" {
				continue
			}
			m.Params = maps.Clone(m.Params)
			m.Params[name] = filepath.Base(n.Step.Text(name))
		}
		for _, in := range n.Inputs {
			m.Inputs = append(m.Inputs, id[in])
		}
		doc.Steps = append(doc.Steps, m)
	}
	text, err := json.Marshal(doc)
	if err != nil {
		return nil, fmt.Errorf("write the provenance: %w", err)
	}
	return text, nil
}
