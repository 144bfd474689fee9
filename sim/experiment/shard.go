package experiment

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"ipamsim/internal/words"
	"ipamsim/sim/result"
)

// Shard is a part of the rows of a sweep: every Of-th one, from Index on.
type Shard struct{ Index, Of int }

// Whole is all of a sweep.
var Whole = Shard{0, 1}

// Rows is how many of a sweep's rows the shard has.
func (s Shard) Rows(of int) int { return max(0, (of-s.Index+s.Of-1)/s.Of) }

// row is the number in the sweep of the shard's i-th row.
func (s Shard) row(i int) int { return s.Index + i*s.Of }

// String is i/n.
func (s Shard) String() string { return fmt.Sprintf("%d/%d", s.Index, s.Of) }

// The variables of batch engines that say which one of how many tasks runs, and
// ours for engines that do not say how many there are.
//
//   - Kubernetes, an Indexed Job: https://kubernetes.io/docs/concepts/workloads/controllers/job/#completion-mode
//   - Slurm, a job array: https://slurm.schedmd.com/job_array.html#env_vars
//   - AWS Batch, an array job: https://docs.aws.amazon.com/batch/latest/userguide/job_env_vars.html
const (
	shardsVariable = "IPAMSIM_SHARDS"

	kubernetesIndex = "JOB_COMPLETION_INDEX"
	slurmIndex      = "SLURM_ARRAY_TASK_ID"
	slurmFirst      = "SLURM_ARRAY_TASK_MIN"
	slurmLast       = "SLURM_ARRAY_TASK_MAX"
	slurmStep       = "SLURM_ARRAY_TASK_STEP"
	slurmCount      = "SLURM_ARRAY_TASK_COUNT"
	batchIndex      = "AWS_BATCH_JOB_ARRAY_INDEX"
	batchCount      = "AWS_BATCH_JOB_ARRAY_SIZE"
)

// FindShard is the shard that --shard names: i/n, or /n where the number is the
// batch engine's; without it both are the engine's, and without an engine it is
// the whole sweep. from is the variable that said which one, empty for none.
func FindShard(flag string, variable func(string) string) (s Shard, from string, err error) {
	index, count, given := "", "", flag != ""
	if given {
		var found bool
		if index, count, found = strings.Cut(flag, "/"); !found {
			return s, "", errors.New("i/n was expected, such as 0/16 for the first of 16 shards, or /16 where a batch engine says which")
		}
		if s.Of, err = strconv.Atoi(count); err != nil || s.Of < 1 || s.Of > result.MostRows {
			return s, "", fmt.Errorf("the number of shards must be from 1 to %s, got %q", words.Count(result.MostRows), count)
		}
	}
	if index != "" {
		if s.Index, err = strconv.Atoi(index); err != nil || s.Index < 0 || s.Index >= s.Of {
			return s, "", fmt.Errorf("shards count from 0: of %d the last is %d, got %q", s.Of, s.Of-1, index)
		}
		return s, "", nil
	}
	of := s.Of
	if s, from, err = engineShard(of, variable); err != nil {
		return s, from, err
	}
	switch {
	case from == "" && given:
		return s, "", fmt.Errorf("/%d says of how many, and none of %s says which", of, words.And([]string{kubernetesIndex, slurmIndex, batchIndex}))
	case from == "":
		return Whole, "", nil
	case s.Index < 0 || s.Index >= s.Of:
		return s, from, fmt.Errorf("%s makes this shard %d of %d: they count from 0", from, s.Index, s.Of)
	}
	return s, from, nil
}

// engineShard asks the variables. of is how many shards --shard says there are, 0
// where it says nothing.
func engineShard(of int, variable func(string) string) (s Shard, from string, err error) {
	number := func(name string, absent int) int {
		text := variable(name)
		if text == "" {
			return absent
		}
		n, e := strconv.Atoi(text)
		if e != nil && err == nil {
			err = fmt.Errorf("%s is %q, and no number", name, text)
		}
		return n
	}
	var said int // how many the engine says there are; 0 for nothing
	switch {
	case variable(slurmIndex) != "":
		from, said = slurmIndex, number(slurmCount, 0)
		first, step := number(slurmFirst, 0), max(1, number(slurmStep, 1))
		s.Index = (number(slurmIndex, 0) - first) / step
		if last := number(slurmLast, first); said > 0 && (last-first)/step+1 != said {
			err = errors.Join(err, fmt.Errorf("the job array is no range of %d numbers at equal distances: say which shard each task is, such as --shard $%s/%d", said, slurmIndex, max(of, said)))
		}
	case variable(batchIndex) != "":
		from, said = batchIndex, number(batchCount, 0)
		s.Index = number(batchIndex, 0)
	case variable(kubernetesIndex) != "":
		from, said = kubernetesIndex, number(shardsVariable, 0)
		s.Index = number(kubernetesIndex, 0)
	default:
		return s, "", nil
	}
	s.Of = max(of, said)
	switch {
	case err != nil:
	case s.Of == 0:
		err = fmt.Errorf("%s is set, and nothing says of how many shards: --shard /n, or %s=n; --shard 0/1 is the whole sweep", from, shardsVariable)
	case of > 0 && said > 0 && of != said:
		err = fmt.Errorf("--shard /%d, and the engine has %s: who repeats some of them says which, such as --shard $%s/%d", of, words.Plural(said, "task"), from, of)
	}
	return s, from, err
}
