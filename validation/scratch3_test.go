package validation
import ("testing";"os";"fmt")
func TestScratch3(t *testing.T) {
	dir := os.Getenv("TRACES3")
	if dir=="" { t.Skip() }
	src, err := Load(dir)
	if err!=nil { t.Fatal(err) }
	for _, sr := range src {
		tr, err := Parse(sr.Data)
		if err!=nil { t.Fatal(err) }
		if tr.FullyStable { continue }
		s := newSample(tr)
		if err := s.run(1000, false); err!=nil { t.Fatal(err) }
		w := s.worst()
		if w.p < 0.05 { fmt.Printf("%-40s N=%d p=%.1e %s / %s at %d\n", tr.Scenario.Name, tr.uniformRuns(), w.p, w.expected, w.got, w.atMS) }
	}
}
