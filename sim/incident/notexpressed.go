package incident

// Left is a public report that no scenario is made after.
type Left struct {
	What   string `json:"what"`
	Source string `json:"source"`
	Why    string `json:"why"` // there is none
}

const cni = "https://github.com/aws/amazon-vpc-cni-k8s/issues/"

// notExpressed are reports with numbers that the language cannot say, or the
// model does not have.
var notExpressed = []Left{
	{"170 pods with security groups of their own wait 1 to 3 min for their branch interfaces", "https://github.com/aws/amazon-vpc-resource-controller-k8s/issues/124",
		"security groups for pods (trunk and branch interfaces) are not modelled"},
}
