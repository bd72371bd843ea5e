package faces

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

const header = "file,age,gender,p_neutral,p_happy\n"

func TestReadManifest(t *testing.T) {
	for _, c := range []struct {
		name, text string
		records    int
		refused    []string
		notes      int
		err        string
	}{
		{name: "plain", text: header + "a.jpg,30,male,0.2,0.8\n", records: 1},
		{name: "crlf and spaces", text: "\ufefffile, age, gender, p_neutral, p_happy\r\na.jpg, 30, Female , 0.2, 0.8\r\n\r\n", records: 1},
		{name: "rows refused", text: header + "a.jpg,30,male,0.2,0.8\na.jpg,31,male,1,0\n../b.jpg,30,male,1,0\nc.jpg,12,male,1,0\nd.jpg,x,male,1,0\ne.jpg,30,?,1,0\nf.jpg,30,male,0,0\ng.jpg,30,male,nope,0\nh.jpg\n",
			records: 1, refused: []string{"named twice", "leads out", "age \"12\"", "age \"x\"", "gender \"?\"", "all emotion weights", "\"nope\", not a weight", "age \"\""}},
		{name: "weights", text: header + "a.jpg,30,male,-1,2\nb.jpg,30,male,NaN,1\nc.jpg,30,male,1,Inf\nd.jpg,30,male,1,0,5\ne.jpg,200,male,1,0\nf.jpg,NaN,male,1,0\n",
			refused: []string{"\"-1\", not", "\"NaN\", not", "\"Inf\", not", "6 values, the header names 5", "age \"200\"", "age \"NaN\""}},
		{name: "very old", text: header + "a.jpg,110,male,1,0\n", records: 1},
		{name: "splits", text: "split,file,age,gender,p_sad\ntrain,a,20,m,1\nTEST,b,20,f,1\n,c,20,f,1\ntrian,d,20,f,1\n", records: 3, refused: []string{`did you mean "train"?`}},
		{name: "other columns", text: "file,age,gender,p_sad,race\na,20,m,1,x\n", records: 1, notes: 1},
		{name: "misspelt emotion", text: "file,age,gender,p_hapy\na,20,m,1\n", err: `column "p_hapy" is no emotion: did you mean "p_happy"?`},
		{name: "column twice", text: "file,age,age,gender,p_sad\n", err: `column "age" is there twice`},
		{name: "no column", text: "file,age\na,1\n", err: `no column "gender"`},
		{name: "no emotion", text: "file,age,gender\na,20,m\n", err: "no column of an emotion"},
		{name: "semicolons", text: "file;age;gender;p_sad\na;20;m;1\n", err: "with commas between"},
		{name: "empty", err: "no header"},
		{name: "broken quotes", text: header + "\"a,30,male\n", err: "line 2"},
	} {
		l, err := readManifest(context.Background(), strings.NewReader(c.text))
		if (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
			t.Errorf("%s: error %v, want %q", c.name, err, c.err)
		}
		if err != nil {
			continue
		}
		if len(l.records) != c.records || len(l.refused) != len(c.refused) || len(l.notes) != c.notes {
			t.Errorf("%s: %d records, refused %v, notes %q", c.name, len(l.records), l.refused, l.notes)
			continue
		}
		for i, want := range c.refused {
			if got := l.refused[i]; !strings.Contains(got.Why, want) || got.Row < 2 || got.Reason == "" || got.Labels != "labels.csv" {
				t.Errorf("%s: refused %+v, want %q", c.name, got, want)
			}
		}
	}
}

// sane checks what every reader must keep to.
func sane(t *testing.T, l *labelled) {
	t.Helper()
	for _, r := range l.records {
		if err := r.cond.Check(); err != nil || !filepath.IsLocal(filepath.FromSlash(r.file)) || r.split > unsplit {
			t.Errorf("accepted %+v: %v", r, err)
		}
		if m, err := r.place(16, 60, 60); err == nil {
			resample(make([]byte, 16*16*3), 16, make([]float32, 60*60*3), 60, 60, m)
		}
	}
	for _, r := range l.refused {
		if r.Reason == "" || r.Why == "" || strings.ContainsAny(r.String(), "\n\r") {
			t.Errorf("refused without a reason, or in two lines: %+v", r)
		}
	}
}

func FuzzManifest(f *testing.F) {
	f.Add(header + "a.jpg,30,male,0.2,0.8\n")
	all := "file,age,gender,p_happy"
	row := "a,20,female,1"
	for i := range 68 {
		all += fmt.Sprintf(",x%d,y%d", i, i)
		row += ",3,NaN"
	}
	f.Add(all + "\n" + row + "\n")
	f.Add(all + "\n" + strings.ReplaceAll(row, "NaN", "5.5") + "\n")
	f.Fuzz(func(t *testing.T, text string) {
		if l, err := readManifest(context.Background(), strings.NewReader(text)); err == nil {
			sane(t, l)
		}
	})
}
