package reports

// slurmFiles are a job array, the job that merges what it has written, and the
// script that submits both (https://slurm.schedmd.com/sbatch.html,
// https://slurm.schedmd.com/job_array.html).
var slurmFiles = []jobTemplate{
	{"{{.Command}}.sbatch", `#!/bin/bash
#SBATCH --job-name={{.ID}}
#SBATCH --array=0-{{last .Shards}}
#SBATCH --ntasks=1
#SBATCH --cpus-per-task=1
#SBATCH --mem=1G
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --output=log-%a.txt
# Where your cluster wants them, take one # away and fill in:
##SBATCH --partition=
##SBATCH --account=
##SBATCH --time=01:00:00

# One of {{.Shards}} shards. The folder that this was submitted in must be one that all
# nodes see. A task that is started again goes on where its file ends.
set -eu
cd "$SLURM_SUBMIT_DIR"
exec {{shell (command . (printf "$SLURM_ARRAY_TASK_ID/%d" .Shards) "")}}
`},
	{"merge.sbatch", `#!/bin/bash
#SBATCH --job-name={{.ID}}-merge
#SBATCH --ntasks=1
#SBATCH --cpus-per-task=1
#SBATCH --mem=1G
#SBATCH --output=log-merge.txt
##SBATCH --partition=
##SBATCH --account=
##SBATCH --time=00:10:00

set -eu
cd "$SLURM_SUBMIT_DIR"
{{range ending . ""}}{{shell .Command}}
{{end}}`},
	{"submit.sh", `#!/bin/sh
# Submits the {{if eq .Command "tune"}}search{{else}}sweep{{end}}, and the merging for when all its tasks have ended well. What
# is given to this script is given to sbatch, such as --partition=batch.
set -eu
cd "$(dirname "$0")"
array=$(sbatch --parsable "$@" {{.Command}}.sbatch)
sbatch --dependency="afterok:${array%%;*}" --kill-on-invalid-dep=yes "$@" merge.sbatch
`},
}

const slurmHow = `Put the folder where all nodes see it, with ipamsim in the PATH of the jobs or IPAMSIM set to where it is, and fill in partition, account and time where your cluster wants them. Then
  sh submit.sh
submits {{.Shards}} tasks and a job that merges what they write into {{written .}}{{if eq .Command "tune"}}, and log-merge.txt with what to apply{{end}}. Tasks that have failed go on when they are submitted again:
  sbatch --array=3,7 {{.Command}}.sbatch{{if gt .Shards 1001}}
Slurm's own limit of an array is 1,001 tasks unless MaxArraySize says more.{{end}}`
