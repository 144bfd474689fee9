package reports

import (
	"bytes"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

// mostConfigMap is how much a ConfigMap may hold
// (https://kubernetes.io/docs/concepts/configuration/configmap/).
const mostConfigMap = 1 << 20

// kubernetesFiles are an Indexed Job with what it needs, and the Job that merges
// (https://kubernetes.io/docs/concepts/workloads/controllers/job/).
func kubernetesFiles(j *Job) (files []JobFile, how string, err error) {
	config, err := configMap(j)
	if err != nil {
		return nil, "", err
	}
	inside := *j
	if len(j.Files) > 0 { // what a ConfigMap holds is mounted
		inside.Scenario, inside.Files = "/scenario/"+j.Scenario, nil
	}
	for _, t := range []jobTemplate{{j.Command + ".yaml", kubernetesArray}, {"merge.yaml", kubernetesMerge}, {"Dockerfile", dockerfile}} {
		text, err := fillText(t.text, &inside)
		if err != nil {
			return nil, "", err
		}
		if len(j.Files) > 0 && t.name != "Dockerfile" {
			text = strings.Replace(text, noScenario, withScenario(j), 1)
			text = strings.ReplaceAll(text, noMount, "            - {name: scenario, mountPath: /scenario, readOnly: true}\n")
			if t.name != "merge.yaml" {
				text = config + "---\n" + text
			}
		}
		text = strings.NewReplacer(noScenario, "", noMount, "").Replace(text)
		files = append(files, JobFile{t.name, []byte(text)})
	}
	how, err = fillText(kubernetesHow, &inside)
	return files, how, err
}

// configMap holds the scenario's files. Its keys have no slashes: the n-th file
// is mounted by its path.
func configMap(j *Job) (string, error) {
	if len(j.Files) == 0 {
		return "", nil
	}
	type object struct {
		APIVersion string `yaml:"apiVersion"`
		Kind       string `yaml:"kind"`
		Metadata   struct {
			Name string `yaml:"name"`
		} `yaml:"metadata"`
		Data map[string]string `yaml:"data"`
	}
	o, size := object{APIVersion: "v1", Kind: "ConfigMap", Data: map[string]string{}}, 0
	o.Metadata.Name = j.ID()
	for i, f := range j.Files {
		o.Data[configKey(i)] = string(f.Text)
		size += len(f.Text)
	}
	if size > mostConfigMap {
		return "", fmt.Errorf("the scenario and its files have %d KiB, and a ConfigMap holds %d KiB", size>>10, mostConfigMap>>10)
	}
	var b bytes.Buffer
	enc := yaml.NewEncoder(&b)
	enc.SetIndent(2)
	if err := enc.Encode(&o); err != nil {
		return "", err
	}
	return b.String(), enc.Close()
}

// kubernetesList is a command, in which the kubelet replaces $(NAME) unless the
// dollar is doubled.
func kubernetesList(list []string) (string, error) {
	text, err := jsonList(list)
	return strings.ReplaceAll(text, "$(", "$$("), err
}

func configKey(i int) string { return fmt.Sprintf("file-%d", i) }

// Lines of the template that a scenario of one's own replaces.
const (
	noScenario = "        # the scenario's volume\n"
	noMount    = "            # the scenario's mount\n"
)

// withScenario is the volume of the scenario's files.
func withScenario(j *Job) string {
	var b strings.Builder
	fmt.Fprintf(&b, "        - name: scenario\n          configMap:\n            name: %s\n            items:\n", j.ID())
	for i, f := range j.Files {
		path, err := jsonList([]string{f.Name})
		if err != nil {
			panic(err) // strings have JSON
		}
		fmt.Fprintf(&b, "              - {key: %s, path: %s}\n", configKey(i), strings.Trim(path, "[]"))
	}
	return b.String()
}

const kubernetesArray = `# Where the shards write their rows: a volume that pods on several nodes can write.
apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  name: {{.ID}}
spec:
  accessModes: [ReadWriteMany]
  storageClassName: FILL-IN-STORAGE-CLASS
  resources:
    requests:
      storage: 1Gi
---
apiVersion: batch/v1
kind: Job
metadata:
  name: {{.ID}}
spec:
  completionMode: Indexed
  completions: {{.Shards}}
  parallelism: {{.Shards}}
  backoffLimitPerIndex: 3
  podFailurePolicy:
    rules:
      - action: FailJob # bad input is bad for every shard
        onExitCodes: {containerName: {{.Command}}, operator: In, values: [2]}
      - action: Ignore # a pod that was evicted is made again, and goes on
        onPodConditions: [{type: DisruptionTarget, status: "True"}]
  template:
    spec:
      restartPolicy: Never
      automountServiceAccountToken: false
      containers:
        - name: {{.Command}}
          image: FILL-IN-IMAGE
          command: {{kubernetes (command . (sharded .) "/rows/")}}
          resources:
            requests: {cpu: "1", memory: 1Gi}
            limits: {memory: 1Gi}
          volumeMounts:
            - {name: rows, mountPath: /rows}
            # the scenario's mount
      volumes:
        - name: rows
          persistentVolumeClaim: {claimName: {{.ID}}}
        # the scenario's volume
`

const kubernetesMerge = `apiVersion: batch/v1
kind: Job
metadata:
  name: {{.ID}}-merge
spec:
  backoffLimit: 0
  template:
    spec:
      restartPolicy: Never
      automountServiceAccountToken: false
{{- $steps := ending . "/rows/"}}
{{- range $i, $s := $steps}}
{{- if and (eq $i 0) (gt (len $steps) 1)}}
      initContainers:
{{- else if eq $i (last (len $steps))}}
      containers:
{{- end}}
        - name: {{$s.Name}}
          image: FILL-IN-IMAGE
          command: {{kubernetes $s.Command}}
          resources:
            requests: {cpu: "1", memory: 1Gi}
            limits: {memory: 1Gi}
          volumeMounts:
            - {name: rows, mountPath: /rows}
{{- if eq $s.Name "recommend"}}
            # the scenario's mount
{{- end}}
{{- end}}
      volumes:
        - name: rows
          persistentVolumeClaim: {claimName: {{.ID}}}
{{- if eq .Command "tune"}}
        # the scenario's volume
{{- end}}
`

// dockerfile is an image of the program, which needs nothing else.
const dockerfile = `# CGO_ENABLED=0 go build -o ipamsim ./cmd/ipamsim, in a clone; then docker build here.
FROM scratch
ENV PATH=/usr/local/bin
COPY ipamsim /usr/local/bin/ipamsim
`

const kubernetesHow = `Fill in FILL-IN-IMAGE (an image with ipamsim in its PATH; the Dockerfile makes one) in {{.Command}}.yaml and merge.yaml, and FILL-IN-STORAGE-CLASS (one with ReadWriteMany, such as that of the EFS CSI driver) in {{.Command}}.yaml. Requests of CPU and memory are for small fleets. Kubernetes 1.29 and newer has backoffLimitPerIndex. Then
  kubectl apply -f {{.Command}}.yaml
  kubectl wait --for=condition=complete --timeout=-1s job/{{.ID}}
  kubectl apply -f merge.yaml
writes {{written .}} to the volume of the claim {{.ID}}; kubectl logs job/{{.ID}}-merge has {{if eq .Command "tune"}}what to apply{{else}}the table{{end}}.`
