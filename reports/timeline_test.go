package reports

import (
	"bytes"
	"encoding"
	"encoding/json"
	"math"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"ipamsim/model"
	"ipamsim/sim/explain"
	"ipamsim/sim/inspect"
	"ipamsim/sim/recording"
	"ipamsim/sim/result"
)

func TestTimelineFitsItsWidthAndHasNoColourUnasked(t *testing.T) {
	e := explained(t, 20)
	var text, coloured bytes.Buffer
	if err := Timeline(&text, e, TableOptions{}); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(text.String()) {
		command := strings.HasPrefix(line, "  set: ") || strings.HasPrefix(line, "  add-on configuration: ")
		if n := utf8.RuneCountInString(strings.TrimRight(line, "\n")); n > DefaultWidth+10 && !command {
			t.Errorf("%d columns: %s", n, line)
		}
	}
	if strings.Contains(text.String(), "\x1b") {
		t.Error("colours without being asked for")
	}
	if err := Timeline(&coloured, e, TableOptions{Color: true}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(coloured.String(), "\x1b[1m") {
		t.Error("no colours")
	}
}

// However many sandboxes failed, the rows that are shown fill the pod's way.
func TestTimelineNamesAReleaseThatIsNotTheDefault(t *testing.T) {
	e := explained(t, 20)
	i := slices.IndexFunc(e.Pods, func(p explain.Pod) bool { return p.On != nil })
	e.Pods = e.Pods[i : i+1]
	for _, version := range []string{result.DefaultCNIVersion, "v1.23.2"} {
		e.Pods[0].On.CNIVersion = version
		var text bytes.Buffer
		if err := Timeline(&text, e, TableOptions{}); err != nil {
			t.Fatal(err)
		}
		if said := strings.Contains(text.String(), "VPC CNI "+version); said == (version == result.DefaultCNIVersion) {
			t.Errorf("%s is said: %v", version, said)
		}
	}
}

func TestCondensedPhasesStillFillTheWay(t *testing.T) {
	const second = recording.Time(time.Second)
	phase := func(at explain.Boundary, from, to int) explain.Phase {
		p := explain.Phase{Boundary: at, From: recording.Time(from) * second, To: recording.Time(to) * second}
		if at == explain.AtBackoff {
			p.Meanwhile = []explain.Phase{{Boundary: explain.InLoop, What: "a", From: p.From, To: p.To}}
		}
		return p
	}
	for rounds := range 12 {
		list := []explain.Phase{phase(explain.AtKubelet, 0, 1)}
		for i := range rounds {
			list = append(list, phase(explain.AtPool, 1+12*i, 2+12*i), phase(explain.AtBackoff, 2+12*i, 13+12*i))
		}
		list = append(list, phase(explain.AtStart, 1+12*rounds, 2+12*rounds))
		short := condensed(list)
		at, meanwhile := recording.Time(0), recording.Time(0)
		for _, p := range short {
			if p.From != at {
				t.Fatalf("%d rounds: %v follows on %v", rounds, p.From, at)
			}
			at = p.To
			for _, m := range summed(p.Meanwhile) {
				meanwhile += m.Took()
			}
		}
		if at != list[len(list)-1].To || meanwhile != recording.Time(11*rounds)*second {
			t.Errorf("%d rounds: to %v, meanwhile %v", rounds, at, meanwhile)
		}
		if len(short) > 2+2*roundsMost {
			t.Errorf("%d rounds are %d rows", rounds, len(short))
		}
	}
}

func TestTimelineJSONAddsUpAndHasNoNullLists(t *testing.T) {
	var text bytes.Buffer
	if err := TimelineJSON(&text, explained(t, 5)); err != nil {
		t.Fatal(err)
	}
	var doc struct {
		SchemaVersion string `json:"schema_version"`
		Pods          []struct {
			Name    string
			Created *float64 `json:"created_seconds"`
			End     *float64 `json:"end_seconds"`
			Running *float64 `json:"running_seconds"`
			Outcome string
			Phases  []struct {
				Took  float64 `json:"took_seconds"`
				Share float64
			}
		}
		Nodes []struct{ Calls, Pool, Log []any }
	}
	if err := json.Unmarshal(text.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	if doc.SchemaVersion != "ipamsim.explanation/v2" || len(doc.Pods) != 5 || len(doc.Nodes) == 0 {
		t.Fatalf("%+v", doc)
	}
	for _, p := range doc.Pods {
		took, share := 0.0, 0.0
		for _, ph := range p.Phases {
			took, share = took+ph.Took, share+ph.Share
		}
		if math.Abs(took-(*p.End-*p.Created)) > 1e-9 || math.Abs(share-1) > 1e-9 {
			t.Errorf("%s: %v of %v, share %v", p.Name, took, *p.End-*p.Created, share)
		}
		if (p.Running == nil) != (p.Outcome != "running") {
			t.Errorf("%s is %s at %v", p.Name, p.Outcome, p.Running)
		}
	}
	for _, n := range doc.Nodes {
		if n.Calls == nil || n.Pool == nil || n.Log == nil {
			t.Error("a list is null")
		}
	}
}

// One style of keys in every document: snake case, and a time has its unit last. What
// writes itself, as a phase, is looked at in its text.
func TestKeysAreInSnakeCaseWithTheUnitLast(t *testing.T) {
	snake := regexp.MustCompile(`^[a-z][a-z0-9]*(_[a-z0-9]+)*$`)
	seen := map[reflect.Type]bool{}
	var walk func(reflect.Type)
	walk = func(at reflect.Type) {
		switch at.Kind() {
		case reflect.Pointer, reflect.Slice, reflect.Map:
			walk(at.Elem())
			return
		case reflect.Struct:
		default:
			return
		}
		if seen[at] || !strings.HasPrefix(at.PkgPath(), "ipamsim/") || at.Implements(reflect.TypeFor[encoding.TextMarshaler]()) || at.Implements(reflect.TypeFor[json.Marshaler]()) {
			return
		}
		seen[at] = true
		for i := range at.NumField() {
			f := at.Field(i)
			if !f.IsExported() {
				continue
			}
			key, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			if key == "-" {
				continue
			}
			if !f.Anonymous && !snake.MatchString(key) {
				t.Errorf("%v.%s has the key %q", at, f.Name, key)
			}
			kind := f.Type
			if kind.Kind() == reflect.Pointer {
				kind = kind.Elem()
			}
			if (kind == reflect.TypeFor[recording.Time]() || kind == reflect.TypeFor[time.Duration]()) && !strings.HasSuffix(key, "_seconds") {
				t.Errorf("%v.%s is a time without a unit: %q", at, f.Name, key)
			}
			walk(f.Type)
		}
	}
	for _, document := range []reflect.Type{
		reflect.TypeFor[result.Result](), reflect.TypeFor[explain.Explanation](), reflect.TypeFor[inspect.View](), reflect.TypeFor[inspect.PacketPath](), reflect.TypeFor[[]model.Part](),
	} {
		walk(document)
	}
	if len(seen) < 40 {
		t.Errorf("%d types were looked at", len(seen))
	}
}
