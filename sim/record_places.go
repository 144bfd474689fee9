package sim

// Where clues are.
const (
	inEvents     = "kubectl describe pod"
	inNode       = "kubectl describe node"
	inPluginLog  = "/var/log/aws-routed-eni/plugin.log"
	inIPAMDLog   = "/var/log/aws-routed-eni/ipamd.log"
	inCloudTrail = "CloudTrail"
)
