package training

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/atelier-engine/atelier/core/style"
)

// sources is where training data comes from, read from the lists that lie
// beside it: photos/photos.csv (file, source, licence) and
// paintings/paintings.csv (file, artist, title, year, rights). Either may be
// missing; then the card says that nothing is known.
type sources struct {
	photos    map[string]row // by file name
	paintings map[string]row // by path below paintings/
}

// row is a line of a list, by the names in its first line.
type row map[string]string

func readSources(c *TrainConfig) (s sources, err error) {
	if s.photos, err = readList(c.path("photos", "photos.csv")); err != nil {
		return s, err
	}
	s.paintings, err = readList(c.path("paintings", "paintings.csv"))
	return s, err
}

// readList reads a CSV file with a column named file. A file that is not there
// is an empty list.
func readList(path string) (map[string]row, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list of sources: %w", err)
	}
	defer f.Close()
	r := csv.NewReader(f)
	head, err := r.Read()
	if err != nil && err != io.EOF {
		return nil, fmt.Errorf("list of sources: %s: %w", path, err)
	}
	at := slices.Index(head, "file")
	if at < 0 {
		return nil, fmt.Errorf("list of sources: %s: the first line names no column file: mend or remove the list", path)
	}
	list := map[string]row{}
	for {
		fields, err := r.Read()
		if err == io.EOF {
			return list, nil
		}
		if err != nil {
			return nil, fmt.Errorf("list of sources: %s: %w", path, err)
		}
		one := row{}
		for i, name := range head {
			one[name] = strings.Join(strings.Fields(fields[i]), " ") // one line each
		}
		list[fields[at]] = one
	}
}

// ofPhotos counts photographs by collection (what stands before the colon of
// their source) and licence, the most frequent first.
func (s sources) ofPhotos(names []string) []string {
	count := map[string]int{}
	for _, name := range names {
		from := "unrecorded source"
		if r, ok := s.photos[name]; ok {
			collection, _, _ := strings.Cut(r["source"], ":")
			from = fmt.Sprintf("%s (%s)", collection, r["licence"])
		}
		count[from]++
	}
	var lines []string
	for _, from := range slices.SortedFunc(maps.Keys(count), func(a, b string) int {
		if d := count[b] - count[a]; d != 0 {
			return d
		}
		return strings.Compare(a, b)
	}) {
		lines = append(lines, fmt.Sprintf("photographs, %d: %s", count[from], from))
	}
	return lines
}

// credit says whose work an exemplar is.
func (s sources) credit(exemplar string) style.Credit {
	if kind, seed, ok, err := drawer(exemplar); ok && err == nil {
		return style.Credit{Artist: "Atelier", Title: fmt.Sprintf("%s drawn by the program itself, seed %d", drawers[kind].title, seed), Rights: "Apache-2.0"}
	}
	if r, ok := s.paintings[exemplar]; ok {
		return style.Credit{Artist: r["artist"], Title: r["title"], Year: r["year"], Rights: r["rights"]}
	}
	return style.Credit{Title: strings.TrimSuffix(filepath.Base(exemplar), filepath.Ext(exemplar)), Rights: "unrecorded rights"}
}

// lossSource says where the feature networks come from.
var lossSource = map[string]string{
	style.VGG19:      "normalised VGG-19 (pietrocarbo/deep-transfer, Apache-2.0)",
	style.Distilled:  "VGG-19 distilled 16 times (Wang et al. 2020, MIT)",
	style.SqueezeNet: "style.SqueezeNet 1.1 (rcmalli/keras-squeezenet, MIT)",
}

// lines is what a card says about the data of a training.
func (s sources) lines(c *TrainConfig, photos, references []string) []string {
	lines := s.ofPhotos(photos)
	for _, st := range c.Style {
		for _, e := range st.Exemplars {
			lines = append(lines, "style "+st.Name+": "+s.credit(e).String())
		}
	}
	for _, name := range references {
		lines = append(lines, "predictor: "+s.credit(name).String())
	}
	return append(lines, "predictor: pages drawn by the program itself, and the photographs", "loss network, not shipped: "+lossSource[c.Loss.Network])
}
