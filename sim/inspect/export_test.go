package inspect

import (
	"ipamsim/sim/hostnet"
	"ipamsim/sim/machine"
)

// Namespace and Documents are what a view shows of a machine.
func Namespace(m *machine.Machine) hostnet.View { return inside{Machine: m}.namespace() }

// Documents of its ipamd.
func Documents(m *machine.Machine) []Command { return inside{Machine: m}.documents() }

// PodOn is Pod where the node is known.
var PodOn = podOn

// Commands show a namespace.
var Commands = commands

// Paths of documents, and the version of a view's own.
const (
	IntrospectURL  = introspectURL
	CheckpointPath = checkpointPath
	ViewSchema     = viewSchema
)
