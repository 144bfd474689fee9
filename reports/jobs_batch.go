package reports

import "fmt"

// batchMost is the most children of an array job
// (https://docs.aws.amazon.com/batch/latest/userguide/array_jobs.html).
const batchMost = 10_000

// batchFiles are a job definition, an array job, the jobs that put together what it
// has written, and the script that submits them
// (https://docs.aws.amazon.com/batch/latest/APIReference/API_RegisterJobDefinition.html,
// https://docs.aws.amazon.com/batch/latest/APIReference/API_SubmitJob.html).
var batchFiles = []jobTemplate{
	{"job-definition.json", `{
  "jobDefinitionName": "{{.ID}}",
  "type": "container",
  "platformCapabilities": ["FARGATE"],
  "retryStrategy": {
    "attempts": 3,
    "evaluateOnExit": [
      {"onExitCode": "2", "action": "EXIT"},
      {"onReason": "*", "action": "RETRY"}
    ]
  },
  "containerProperties": {
    "image": "FILL-IN-IMAGE",
    "executionRoleArn": "FILL-IN-EXECUTION-ROLE",
    "resourceRequirements": [
      {"type": "VCPU", "value": "1"},
      {"type": "MEMORY", "value": "2048"}
    ],
    "networkConfiguration": {"assignPublicIp": "DISABLED"},
    "fargatePlatformConfiguration": {"platformVersion": "LATEST"},
    "volumes": [
      {
        "name": "{{.Command}}",
        "efsVolumeConfiguration": {"fileSystemId": "FILL-IN-FILE-SYSTEM", "transitEncryption": "ENABLED"}
      }
    ],
    "mountPoints": [
      {"sourceVolume": "{{.Command}}", "containerPath": "/{{.Command}}", "readOnly": false}
    ]
  }
}
`},
	{"{{.Command}}.json", `{
  "jobName": "{{.ID}}",
  "jobQueue": "FILL-IN-QUEUE",
  "jobDefinition": "{{.ID}}",
{{- if gt .Shards 1}}
  "arrayProperties": {"size": {{.Shards}}},
{{- end}}
  "containerOverrides": {
    "command": {{json (command . (sharded .) (printf "/%s/" .Command))}}
  }
}
`},
	{"submit.sh", `#!/bin/sh
# Submits the {{if eq .Command "tune"}}search{{else}}sweep{{end}}, and the merging for when all its children have ended well.
set -eu
cd "$(dirname "$0")"
if grep -n FILL-IN ./*.json; then
  echo "these are to be filled in first" >&2
  exit 1
fi
aws batch register-job-definition --cli-input-json file://job-definition.json
job=$(aws batch submit-job --cli-input-json file://{{.Command}}.json --query jobId --output text)
{{- range ending . ""}}
job=$(aws batch submit-job --cli-input-json file://{{.Name}}.json --depends-on "jobId=$job" --query jobId --output text)
{{- end}}
echo "$job"
`},
	{"Dockerfile", dockerfile},
}

const batchHow = `Fill in FILL-IN-IMAGE (an image with ipamsim in its PATH; the Dockerfile makes one), FILL-IN-EXECUTION-ROLE (the ARN of a role that may pull it and write logs), FILL-IN-FILE-SYSTEM (the ID of an EFS file system that the queue's subnets reach) and FILL-IN-QUEUE (a job queue on Fargate). Where subnets have no NAT gateway, assignPublicIp is ENABLED.{{if .Files}} Copy {{range $i, $f := .Files}}{{if $i}}, {{end}}{{$f.Name}}{{end}} to the root of the file system.{{end}} Then
  sh submit.sh
submits {{.Shards}} children and {{if eq .Command "tune"}}two jobs after them, one that merges what they write and one that writes {{written .}} to the root of the file system, and what to apply to its log.{{else}}a job that merges what they write into {{written .}} in the root of the file system.{{end}} A child that is tried again goes on where its file ends.`

// batchSteps are the jobs that are run once, after the array.
func batchSteps(j *Job) (files []JobFile, err error) {
	for _, s := range j.ending("/" + j.Command + "/") {
		command, err := jsonList(s.Command)
		if err != nil {
			return nil, err
		}
		id := j.ID()
		files = append(files, JobFile{s.Name + ".json", fmt.Appendf(nil, `{
  "jobName": "%s-%s",
  "jobQueue": "FILL-IN-QUEUE",
  "jobDefinition": "%s",
  "containerOverrides": {
    "command": %s
  }
}
`, id, s.Name, id, command)})
	}
	return files, nil
}
