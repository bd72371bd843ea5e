package faces

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/atelier-engine/atelier/core/portrait"
	"github.com/atelier-engine/atelier/core/portrait/faces/facestest"
)

// celebaTable writes a table as CelebA has it: CR LF, a space at the end of the
// header, two spaces before a 1 but before the first. Each row names the
// attributes that are there.
func celebaTable(count string, rows ...string) string {
	names := strings.Fields(facestest.CelebAAttributes)
	text := count + "\r\n" + facestest.CelebAAttributes + " \r\n"
	for _, row := range rows {
		file, there, _ := strings.Cut(row, ":")
		text += file
		for i, n := range names {
			switch on := slices.Contains(strings.Fields(there), n); {
			case on && i > 0:
				text += "  1"
			case on:
				text += " 1"
			default:
				text += " -1"
			}
		}
		text += "\r\n"
	}
	return text
}

func TestCelebAAsDistributed(t *testing.T) {
	dir := t.TempDir()
	os.MkdirAll(filepath.Join(dir, "Anno"), 0o755)
	os.MkdirAll(filepath.Join(dir, "Img", "img_align_celeba"), 0o755)
	os.WriteFile(filepath.Join(dir, "Anno", "list_attr_celeba.txt"), []byte(celebaTable("202599",
		"000001.jpg: Young Smiling Mouth_Slightly_Open High_Cheekbones", "000002.jpg: 5_o_Clock_Shadow Male Young Smiling",
		"000003.jpg: Male Gray_Hair Blurry", "000004.jpg: Bald Male Mouth_Slightly_Open", "000005.jpg:", "000006.jpg: Gray_Hair Young")), 0o644)
	l := readCelebADir(t, dir)
	if len(l.records) != 6 || len(l.refused) != 0 {
		t.Fatalf("%d records, refused %v", len(l.records), l.refused)
	}
	if want := "list_attr_celeba.txt: its first line says 202599 rows, it has 6: those are used"; !strings.Contains(strings.Join(l.notes, "\n"), want) {
		t.Errorf("notes %q, want %q", l.notes, want)
	}
	for i, want := range []portrait.Condition{ // ages are the means
		{Age: 28, Gender: -1, Emotions: [7]float64{0, 1}},
		{Age: 28, Gender: 1, Emotions: [7]float64{0.2, 0.8}},
		{Age: 66, Gender: 1, Emotions: [7]float64{1}},
		{Age: 58, Gender: 1, Emotions: [7]float64{0.9, 0, 0, 0, 0, 0, 0.1}},
		{Age: 49, Gender: -1, Emotions: [7]float64{1}},
		{Age: 46, Gender: -1, Emotions: [7]float64{1}},
	} {
		got := l.records[i].cond
		if math.Abs(got.Age-want.Age) > 18 || got.Age == want.Age {
			t.Errorf("face %d is %g years old, want about %g, drawn", i, got.Age, want.Age)
		}
		got.Age = want.Age
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("face %d: %s", i, d)
		}
	}
	if r := l.records[0]; r.points[0] != celebaPoints[0] || r.frame != celebaSize {
		t.Errorf("without landmarks: %v in %v", r.points, r.frame)
	}
	if again := readCelebADir(t, dir); again.records[3].cond != l.records[3].cond {
		t.Error("read again, a face has another age")
	}
}

// readCelebADir reads a folder with the shipped mapping, blurred faces too.
func readCelebADir(t *testing.T, dir string) *labelled {
	t.Helper()
	m, err := ParseMapping("[attributes]\ndrop = []")
	if err != nil {
		t.Fatal(err)
	}
	_, in, err := recognise(dir, "")
	if err != nil {
		t.Fatal(err)
	}
	l, err := readCelebA(context.Background(), in, m)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestCelebABadRows(t *testing.T) {
	dir := facestest.WriteCelebA(t, 3)
	rest := strings.Repeat(" -1", 39)
	addTo(t, filepath.Join(dir, "list_attr_celeba.txt"),
		"000001.jpg -1"+rest+"\n\n../x.jpg 1"+rest+"\n4.jpg 1\n5.jpg 0"+rest+"\n6.jpg  \t 1"+rest+"  \r\n")
	addTo(t, filepath.Join(dir, "list_landmarks_align_celeba.txt"), "6.jpg 1 2 3\n")
	addTo(t, filepath.Join(dir, "list_eval_partition.txt"), "6.jpg 7\n")
	l := readCelebADir(t, dir)
	if len(l.records) != 4 || l.records[3].file != "6.jpg" || l.records[3].split != unsplit || l.records[3].points[0] != celebaPoints[0] {
		t.Errorf("records %+v", l.records)
	}
	want := []Refused{
		{"list_attr_celeba.txt", 6, "000001.jpg", reasonTwice, "named twice: the first one is used"},
		{"list_attr_celeba.txt", 8, "../x.jpg", reasonName, `the file name "../x.jpg" is empty or leads out of the folder`},
		{"list_attr_celeba.txt", 9, "4.jpg", reasonRow, "the row has 1 attributes, the header names 40"},
		{"list_attr_celeba.txt", 10, "5.jpg", reasonAttribute, `5_o_Clock_Shadow is "0", neither 1 nor -1`},
	}
	if d := cmp.Diff(want, l.refused); d != "" {
		t.Error(d)
	}
	notes := strings.Join(l.notes, "\n")
	for _, want := range []string{"list_attr_celeba.txt: its first line says 3 rows, it has 8", "list_landmarks_align_celeba.txt:6: 6.jpg: it has 3 numbers", `split "7" is none of 0, 1 and 2`} {
		if !strings.Contains(notes, want) {
			t.Errorf("notes %q lack %q", notes, want)
		}
	}
	for i, want := range []Split{Train, Valid, Test} {
		if got := l.records[i].split; got != want {
			t.Errorf("face %d is of split %v, want %v", i, got, want)
		}
	}
}

func addTo(t *testing.T, path, text string) {
	t.Helper()
	old, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, append(old, text...), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestScanTable(t *testing.T) {
	for _, c := range []struct {
		name, text, head, rows string
		claimed                int
		err                    string
	}{
		{name: "as distributed", text: "2\r\na b \r\n1.jpg  1 -1\r\n2.jpg -1 -1\r\n", head: "a b", rows: "1.jpg 1 -1;2.jpg -1 -1", claimed: 2},
		{name: "comma separated", text: "\ufeffimage_id,a,b\n1.jpg,1,-1\n", head: "a b", rows: "1.jpg 1 -1", claimed: -1},
		{name: "blank lines", text: "\n\n1\n\na\n\n1.jpg 1\n\n", head: "a", rows: "1.jpg 1", claimed: 1},
		{name: "tabs", text: "1\na\tb\n1.jpg\t1\t\t1", head: "a b", rows: "1.jpg 1 1", claimed: 1},
		{name: "no rows", text: "0\na\n", head: "a", claimed: 0},
		{name: "no header", text: "1\n1.jpg 1\n", err: "line 2: the names"},
		{name: "another file", text: "hello\n", err: "is it the right file?"},
		{name: "empty", err: "no header"},
		{name: "an endless line", text: "1\na\n1.jpg" + strings.Repeat(" 1", 1<<20), err: "over a megabyte"},
	} {
		var rows []string
		head := ""
		n, claimed, err := scanTable(context.Background(), strings.NewReader(c.text), func(_ int, name string, values []string) {
			rows = append(rows, strings.Join(append([]string{name}, values...), " "))
		}, func(names []string) error { head = strings.Join(names, " "); return nil })
		if (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
			t.Errorf("%s: error %v, want %q", c.name, err, c.err)
		}
		if err == nil && (head != c.head || strings.Join(rows, ";") != c.rows || claimed != c.claimed || n != len(rows)) {
			t.Errorf("%s: head %q, rows %q, %d of %d", c.name, head, rows, n, claimed)
		}
	}
}

func FuzzCelebA(f *testing.F) {
	f.Add("1\nMale Young\n1.jpg 1 -1\n", "1\nx y\n1.jpg 1 2 3 4 5 6 7 8 9 10\n")
	f.Add("Male,Young\n1.jpg,1,-1\n", "")
	m, err := ParseMapping("[attributes]\ndrop = []\n[[attributes.age]]\nwhen = [\"Young\"]\nyears = 25\n[[attributes.age]]\nyears = 50\nspread = 30\n" +
		"[[attributes.gender]]\nvalue = 0.5\n[[attributes.emotion]]\nweights = {sad = 2}")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, attributes, landmarks string) {
		ctx, l := context.Background(), &labelled{}
		var names []string
		var bound *boundMapping
		points := map[string][][2]float64{}
		scanTable(ctx, strings.NewReader(landmarks), func(_ int, name string, values []string) {
			if p, err := celebaLandmarks(values); err == nil {
				points[name] = p
			}
		})
		scanTable(ctx, strings.NewReader(attributes), func(line int, name string, values []string) {
			r := record{file: name, labels: "list_attr_celeba.txt", line: line, points: points[name]}
			var err error
			r.cond, err = celebaCondition(bound, names, name, values)
			l.add(r, err)
		}, func(head []string) (err error) {
			names = head
			bound, err = m.bind("list_attr_celeba.txt", head)
			return err
		})
		sane(t, l)
	})
}
