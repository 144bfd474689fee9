// Package quiet keeps amazon-vpc-cni-k8s from writing a log file below
// /host/var/log. Its packages open their logger while they are initialised,
// so the environment must be right before that: packages without
// dependencies are initialised in the order of their import paths, and
// "ahead/quiet" sorts before "github.com/aws/...".
package quiet

import "os"

func init() {
	for key, value := range map[string]string{
		"AWS_VPC_K8S_CNI_LOG_FILE": "stderr",
		"AWS_VPC_K8S_CNI_LOGLEVEL": "FATAL",
	} {
		if err := os.Setenv(key, value); err != nil {
			panic(err)
		}
	}
}
