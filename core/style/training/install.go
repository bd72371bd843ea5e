package training

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// move is a file that goes from one name to another of the same disk.
type move struct{ from, to string }

// moveAll renames files in their order. If one fails, those before it are named
// back, so that all have moved or none.
func moveAll(moves []move) error {
	for i, m := range moves {
		err := os.Rename(m.from, m.to)
		if err == nil {
			continue
		}
		for _, done := range reversed(moves[:i]) {
			if e := os.Rename(done.to, done.from); e != nil {
				err = errors.Join(err, fmt.Errorf("and it could not be undone: %w", e))
			}
		}
		return err
	}
	return nil
}

func reversed(moves []move) []move {
	out := make([]move, 0, len(moves))
	for i := len(moves) - 1; i >= 0; i-- {
		out = append(out, moves[i])
	}
	return out
}

// release puts a network and the styles that belong to it in their places.
type release struct {
	vectors []move // of the styles: files made beside their places, and the places
	network []move // the weights first
	rest    []move // what belongs to no network: descriptions, previews
}

// install replaces what is there. The old vectors go first and the new ones come
// last: a vector never lies beside a network that it does not fit, and if the
// machine stops between, a style lacks its vector, which painting reports. What
// is replaced goes to where the new file was, with .old behind its name.
func (r *release) install() error {
	var moves []move
	away := func(list []move) error {
		for _, m := range list {
			_, err := os.Lstat(m.to)
			if errors.Is(err, fs.ErrNotExist) {
				continue
			}
			if err != nil {
				return err
			}
			moves = append(moves, move{m.to, m.from + ".old"})
		}
		return nil
	}
	if err := away(r.vectors); err != nil {
		return err
	}
	for _, list := range [][]move{r.network, r.rest} {
		if err := away(list); err != nil {
			return err
		}
		moves = append(moves, list...)
	}
	return moveAll(append(moves, r.vectors...))
}
