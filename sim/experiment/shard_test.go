package experiment

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestShardsAreThePartsOfAWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows, of := rapid.IntRange(0, 50).Draw(t, "rows"), rapid.IntRange(1, 60).Draw(t, "of")
		seen := make([]int, rows)
		for index := range of {
			s := Shard{index, of}
			for i := range s.Rows(rows) {
				seen[s.row(i)]++
			}
		}
		for row, n := range seen {
			if n != 1 {
				t.Fatalf("row %d of %d is in %d of %d shards", row, rows, n, of)
			}
		}
	})
}

func TestEnginesSayWhichShardItIs(t *testing.T) {
	for _, test := range []struct{ flag, variables, want string }{
		{"", "", "0/1"},
		{"2/5", "", "2/5"},
		{"2/5", "JOB_COMPLETION_INDEX=3", "2/5"},
		{"", "SLURM_ARRAY_TASK_ID=7 SLURM_ARRAY_TASK_MIN=0 SLURM_ARRAY_TASK_MAX=15 SLURM_ARRAY_TASK_STEP=1 SLURM_ARRAY_TASK_COUNT=16", "7/16"},
		{"", "SLURM_ARRAY_TASK_ID=16 SLURM_ARRAY_TASK_MIN=1 SLURM_ARRAY_TASK_MAX=16 SLURM_ARRAY_TASK_COUNT=16", "15/16"},
		{"/3", "SLURM_ARRAY_TASK_ID=4 SLURM_ARRAY_TASK_MIN=0 SLURM_ARRAY_TASK_MAX=4 SLURM_ARRAY_TASK_STEP=2 SLURM_ARRAY_TASK_COUNT=3", "2/3"},
		{"", "SLURM_ARRAY_TASK_ID=5 SLURM_ARRAY_TASK_MIN=1 SLURM_ARRAY_TASK_MAX=9 SLURM_ARRAY_TASK_STEP=1 SLURM_ARRAY_TASK_COUNT=3", "error: no range of 3 numbers"},
		{"/16", "SLURM_ARRAY_TASK_ID=7 SLURM_ARRAY_TASK_MIN=7 SLURM_ARRAY_TASK_MAX=7 SLURM_ARRAY_TASK_COUNT=1", "error: --shard $SLURM_ARRAY_TASK_ID/16"},
		{"", "AWS_BATCH_JOB_ARRAY_INDEX=9 AWS_BATCH_JOB_ARRAY_SIZE=10", "9/10"},
		{"/10", "AWS_BATCH_JOB_ARRAY_INDEX=0", "0/10"},
		{"/10", "JOB_COMPLETION_INDEX=9", "9/10"},
		{"", "JOB_COMPLETION_INDEX=9 IPAMSIM_SHARDS=12", "9/12"},
		{"", "JOB_COMPLETION_INDEX=9", "error: nothing says of how many shards"},
		{"", "JOB_COMPLETION_INDEX=12 IPAMSIM_SHARDS=12", "error: shard 12 of 12"},
		{"", "JOB_COMPLETION_INDEX=x IPAMSIM_SHARDS=12", `error: JOB_COMPLETION_INDEX is "x"`},
		{"/0", "", "error: from 1 to"}, {"5", "", "error: i/n was expected"}, {"-1/5", "", "error: count from 0"}, {"5/5", "", "error: the last is 4"}, {"/5", "", "error: says which"},
		{"1/2/3", "", "error: from 1 to"},
	} {
		variables := map[string]string{}
		for _, v := range strings.Fields(test.variables) {
			name, value, _ := strings.Cut(v, "=")
			variables[name] = value
		}
		s, _, err := FindShard(test.flag, func(name string) string { return variables[name] })
		got := s.String()
		if err != nil {
			got = fmt.Sprintf("error: %v", err)
		}
		want, wrong := strings.CutPrefix(test.want, "error: ")
		if wrong != (err != nil) || wrong && !strings.Contains(got, want) || !wrong && got != want {
			t.Errorf("--shard %q, %s: %s, want %s", test.flag, test.variables, got, test.want)
		}
	}
}
