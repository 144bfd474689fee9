package ipamd

// place is where a line comes from that several places write: what the daemon
// is doing. Where that is in the source is the release's; see release.
type place uint8

const (
	once place = iota // the only one, or the first

	atStart          // nodeInit
	inRecovery       // ReadBackingStore
	inPass           // updateIPPoolIfRequired
	inReconcile      // nodeIPPoolReconcile
	withNewENI       // the same, after it has asked EC2 about an interface that is new to it
	afterDel         // DelNetwork
	afterFailedSetup // setupENI
	onENI            // tryAssignIPs, tryAssignPrefixes
	onNewENI         // tryAllocateENI
	withCIDR         // pods that go with their CIDR
	withENI          // and with their interface

	// CreateNetworkInterface in a subnet that was found
	byDiscovery
	byENIConfig
	byDefault        // discovery has failed
	withoutDiscovery // it is off

	// deleteENI of an interface
	ofFreed
	ofUnattached // that could not be attached
	ofLeaked

	ofExcluded // cleanupExcludedENI
	undated    // leaked interfaces without the createdAt tag
	misdated   // and with one that cannot be read

	// logPoolStats
	whenLow
	whenSpare
	whenOver
	whenGrown
	whenDecreased

	// Functions that are there twice: for addresses, and one further for
	// prefixes; see of.
	entering // addENIsecondaryIPsToDataStore
	_
	assigning // tryAssignIPs
	_
	assigningOne // its second try
	_
	reconcilingENI // eniIPPoolReconcile
	_
	verifying // verifyAndAddIPsToDatastore
	_
	unused // tryUnassignIPFromENI
	_
)

// of is the function for a kind of CIDR.
func (p place) of(k kind) place { return p + place(k) }
