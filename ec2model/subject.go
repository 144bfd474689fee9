package ec2model

// Subject is what a request was about, as CloudTrail has it in the parameters of the
// request and in the elements of its answer: of what attaches, detaches and deletes
// interfaces, and of what ends instances.
type Subject struct {
	NetworkInterfaceID string
	AttachmentID       string // of a detach alone its parameter; of an attach that succeeded its answer
	InstanceIDs        []string
}

// NameSubjects makes observers hear of each attempt what it was about. It costs an
// allocation for each: for those who record single requests.
func (a *Account) NameSubjects() { a.subjects = true }

// subjected is an operation that names what it is about, when it is over.
type subjected interface{ subject(a *Account) *Subject }

func (in AttachNetworkInterfaceInput) subject(a *Account) *Subject {
	s := &Subject{NetworkInterfaceID: in.NetworkInterfaceID, InstanceIDs: []string{in.InstanceID}}
	if e, err := a.interfaceOf(in.NetworkInterfaceID); err == nil && e.attached && e.at.instance.id == in.InstanceID {
		s.AttachmentID = e.at.id()
	}
	return s
}

func (in DetachNetworkInterfaceInput) subject(*Account) *Subject {
	return &Subject{AttachmentID: in.AttachmentID}
}

func (in deleteInterface) subject(*Account) *Subject { return &Subject{NetworkInterfaceID: in.id} }

func (in terminateInstances) subject(*Account) *Subject { return &Subject{InstanceIDs: in.ids} }
