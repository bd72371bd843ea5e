package faces

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"github.com/atelier-engine/atelier/core/picture"
)

// Refused is a row or a picture that cannot be used, and why.
type Refused struct {
	Labels string `json:",omitempty"` // the file of labels; empty: the picture's own name or file says it
	Row    int    `json:",omitempty"` // line of that file; 0: none
	File   string // the picture, as the data set names it
	Reason string // in few words, the same for all that have it
	Why    string // what is wrong with this one
}

// String is `labels.csv:12: 003.jpg: why`.
func (r Refused) String() string {
	text := ""
	if r.Labels != "" {
		text = r.Labels + ": "
		if r.Row > 0 {
			text = fmt.Sprintf("%s:%d: ", r.Labels, r.Row)
		}
	}
	if r.File != "" {
		text += r.File + ": "
	}
	return oneLine(text + r.Why)
}

// The reasons that are not a picture's own.
const (
	reasonName      = "a file name that cannot be used"
	reasonTwice     = "named twice"
	reasonSame      = "the same face as another"
	reasonBlank     = "nothing to be seen"
	reasonRow       = "a row with too few or too many values"
	reasonAge       = "no age, or one out of range"
	reasonGender    = "no gender"
	reasonEmotion   = "no emotion, or a weight that is none"
	reasonAttribute = "an attribute that is neither 1 nor -1"
	reasonLandmarks = "landmarks that cannot be"
	reasonSplit     = "a split that is none"
	reasonSmall     = "too small"
	reasonMapping   = "left out by the mapping"
	reasonFeatures  = "features that say no face"
	reasonPicture   = "a picture that cannot be read"
)

// refusal is the error of a face that is left out.
type refusal struct{ reason, why string }

func (e *refusal) Error() string { return e.why }

func refusef(reason, format string, args ...any) error {
	return &refusal{reason, fmt.Sprintf(format, args...)}
}

// refuse says why a record is left out.
func (r *record) refuse(err error) Refused {
	out := Refused{Labels: r.labels, Row: r.line, File: r.file, Reason: reasonPicture, Why: err.Error()}
	var ours *refusal
	var pic *picture.Error
	switch {
	case errors.As(err, &ours):
		out.Reason = ours.reason
	case errors.As(err, &pic):
		out.Why = pic.What
		if pic.Kind != nil {
			out.Reason = pic.Kind.Error()
		}
	}
	return out
}

// Summary says in one line for each reason how many were left out for it, the
// most frequent first, with the first of them.
func Summary(all []Refused) []string {
	count := map[string]int{}
	firsts := map[string]Refused{}
	var reasons []string
	for _, r := range all {
		if count[r.Reason]++; count[r.Reason] == 1 {
			reasons, firsts[r.Reason] = append(reasons, r.Reason), r
		}
	}
	slices.SortStableFunc(reasons, func(a, b string) int { return cmp.Compare(count[b], count[a]) })
	lines := make([]string, len(reasons))
	for i, reason := range reasons {
		such := "such as "
		if count[reason] == 1 {
			such = ""
		}
		lines[i] = fmt.Sprintf("left out %d, %s: %s%s", count[reason], reason, such, firsts[reason])
	}
	return lines
}

// RefusedFile is the table of what was left out of a pack, beside it.
func RefusedFile(pack string) string {
	return strings.TrimSuffix(pack, filepath.Ext(pack)) + ".refused.tsv"
}

// writeRefused writes the table, or removes the one of before when there is
// nothing to say.
func writeRefused(path string, all []Refused) error {
	if len(all) == 0 {
		if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("pack faces: %w: remove it", err)
		}
		return nil
	}
	var b strings.Builder
	b.WriteString("labels\tline\tpicture\treason\twhy\n")
	for _, r := range all {
		fmt.Fprintf(&b, "%s\t%d\t%s\t%s\t%s\n", oneLine(r.Labels), r.Row, oneLine(r.File), oneLine(r.Reason), oneLine(r.Why))
	}
	tmp := path + ".tmp"
	err := os.WriteFile(tmp, []byte(b.String()), 0o644)
	if err == nil {
		err = os.Rename(tmp, path)
	}
	if err != nil {
		os.Remove(tmp)
		return fmt.Errorf("pack faces: %w: free some space, or choose another folder", err)
	}
	return nil
}

// oneLine makes a text of a data set fit for a line of a terminal or a table.
func oneLine(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, text)
}
