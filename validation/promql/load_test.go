package promql

import (
	"bytes"
	"context"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/textparse"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/tsdb"

	"ipamsim/reports/openmetrics"
	"ipamsim/sim/result"
	"ipamsim/sim/scrape"
)

// load puts what was scraped into a database of Prometheus, through the text
// that users get and Prometheus' own parser.
func load(t *testing.T, s *scrape.Scrapes) *tsdb.DB {
	t.Helper()
	var text bytes.Buffer
	if err := openmetrics.Write(&text, []*scrape.Scrapes{s}); err != nil {
		t.Fatal(err)
	}
	options := tsdb.DefaultOptions()
	options.OutOfOrderTimeWindow = (24 * time.Hour).Milliseconds() // series follow one another
	db, err := tsdb.Open(t.TempDir(), nil, nil, options, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	app, samples := db.Appender(t.Context()), 0
	parser := textparse.NewOpenMetricsParser(text.Bytes(), labels.NewSymbolTable())
	for {
		entry, err := parser.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if entry != textparse.EntrySeries {
			continue
		}
		_, at, value := parser.Series()
		if at == nil {
			t.Fatal("a sample without a time")
		}
		var of labels.Labels
		parser.Labels(&of)
		if _, err := app.Append(0, of, *at, value); err != nil {
			t.Fatal(err)
		}
		samples++
	}
	if err := app.Commit(); err != nil {
		t.Fatal(err)
	}
	if samples != s.Samples() {
		t.Errorf("%d samples were collected and %d are in the text", s.Samples(), samples)
	}
	return db
}

// ask evaluates a rule as often as Prometheus does unless told otherwise, and says
// whether it ever holds, and whether for as long as it has to; at the end of the run
// alone, or at any time.
func ask(t *testing.T, db *tsdb.DB, a *result.Alert, took time.Duration, atTheEnd bool) (holds, fires bool) {
	t.Helper()
	const step = 15 * time.Second
	// A series of a text has no end: without scrapes it lasts for the look back.
	engine := promql.NewEngine(promql.EngineOpts{MaxSamples: 50_000_000, Timeout: 10 * time.Minute, LookbackDelta: scrape.EveryDefault + time.Second})
	begin := time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)
	end := begin.Add(took)
	query, err := engine.NewRangeQuery(context.Background(), db, nil, a.PromQL, begin, end, step)
	if err != nil {
		t.Fatal(err)
	}
	defer query.Close()
	series, err := query.Exec(t.Context()).Matrix()
	if err != nil {
		t.Fatal(err)
	}
	needed := time.Duration(0)
	if a.For != "" {
		if needed, err = time.ParseDuration(a.For); err != nil {
			t.Fatal(err)
		}
	}
	for _, s := range series {
		since, last := int64(0), int64(-1)
		for _, p := range s.Floats {
			if last < 0 || p.T-last > step.Milliseconds() {
				since = p.T
			}
			last = p.T
			if atTheEnd && end.UnixMilli()-p.T >= step.Milliseconds() {
				continue
			}
			holds = true
			if time.Duration(last-since)*time.Millisecond >= needed {
				fires = true
			}
		}
	}
	return holds, fires
}
