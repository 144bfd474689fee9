package validation

import (
	"context"
	"os"
	"testing"
	"time"
)

func TestScratch(t *testing.T) {
	dir := os.Getenv("TRACES")
	if dir == "" {
		t.Skip()
	}
	start := time.Now()
	src, err := Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	var r Report
	err = Conform(context.Background(), src, Options{TickIdle: os.Getenv("TICK") != ""}, func(v Verdict) error {
		r.Add(v)
		if !v.Conforms || os.Getenv("V") != "" {
			return v.WriteLine(os.Stdout, os.Getenv("V") != "")
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	r.WriteCount(os.Stdout)
	r.WriteSummary(os.Stdout)
	println(time.Since(start).String())
}
