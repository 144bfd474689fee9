package des

// DefaultLimits are those of a kernel that is given none.
var DefaultLimits = defaultLimits

// Parked says whether the process waits for Wake.
func (p *Process) Parked() bool { return p.parked }
