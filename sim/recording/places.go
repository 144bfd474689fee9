package recording

// Where clues are.
const (
	InEvents     = "kubectl describe pod"
	InNode       = "kubectl describe node"
	InPluginLog  = "/var/log/aws-routed-eni/plugin.log"
	InIPAMDLog   = "/var/log/aws-routed-eni/ipamd.log"
	InCloudTrail = "CloudTrail"
)
