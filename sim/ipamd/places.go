package ipamd

import (
	"slices"
)

// assignPlaces are what differs between tryAssignIPs and tryAssignPrefixes.
type assignPlaces struct {
	allocatable, assign, assignOne, function, describe, insufficient, add, pool string

	notAll  template
	wrapped string // the error that is returned
}

func assignPlacesOf(k kind) assignPlaces {
	if k == prefix {
		return assignPlaces{"ipamd/ipamd.go:1221", "ipamd/ipamd.go:1225", "ipamd/ipamd.go:1229", "ipamd/ipamd.go:1107",
			"ipamd/ipamd.go:1244", "ipamd/ipamd.go:1232", addPrefix, poolAddedPD,
			lineNotAllPD, "failed to allocate one IPv4 prefix on ENI %[1]s, err: %[2]v: %[2]w"}
	}
	return assignPlaces{"ipamd/ipamd.go:1129", "ipamd/ipamd.go:1135", "ipamd/ipamd.go:1139", "ipamd/ipamd.go:1109",
		"ipamd/ipamd.go:1154", "ipamd/ipamd.go:1142", addIP, poolAddedIPs,
		lineNotAllIPs, "failed to allocate one IP addresses on ENI %s, err : %w"}
}

// givePlaces are where CIDRs are taken out and given back.
type givePlaces struct{ remove, prefixes, ips string }

var (
	decreased = givePlaces{"ipamd/ipamd.go:922", "ipamd/ipamd.go:2704", "ipamd/ipamd.go:2708"}
	unusedIPs = givePlaces{"ipamd/ipamd.go:2426", "", "ipamd/ipamd.go:2437"}
	unusedPD  = givePlaces{"ipamd/ipamd.go:2473", "ipamd/ipamd.go:2490", ""}
)

// reconcilePlaces are what differs between the reconciles of addresses and of
// prefixes.
type reconcilePlaces struct {
	function, describe, enter, verify, uncache, add, remove string
}

func reconcilePlacesOf(k kind) reconcilePlaces {
	if k == prefix {
		return reconcilePlaces{"ipamd/ipamd.go:1656", "ipamd/ipamd.go:1761", "ipamd/ipamd.go:1771", "ipamd/ipamd.go:1897",
			"ipamd/ipamd.go:1921", "ipamd/ipamd.go:1925", "ipamd/ipamd.go:1786"}
	}
	return reconcilePlaces{"ipamd/ipamd.go:1652", "ipamd/ipamd.go:1719", "ipamd/ipamd.go:1729", "ipamd/ipamd.go:1824",
		"ipamd/ipamd.go:1848", "ipamd/ipamd.go:1853", "ipamd/ipamd.go:1740"}
}

// name is a block as the reconcile prints it: addresses without a length.
func (p reconcilePlaces) name(b block) blockName { return blockName(b) }

func (p reconcilePlaces) names(blocks []block) []blockName {
	list := make([]blockName, len(blocks))
	for i, b := range blocks {
		list[i] = p.name(b)
	}
	return list
}

type blockName block

func (b blockName) String() string {
	if b.kind == prefix {
		return block(b).String()
	}
	return b.base.String()
}

// Other places that call a function of the table.
const (
	describeAtStart    = "ipamd/ipamd.go:488"
	describeReconcile  = "ipamd/ipamd.go:1622"
	unmanagedAtStart   = "ipamd/ipamd.go:494"
	unmanagedReconcile = "ipamd/ipamd.go:1638"
	managedAtStart     = "ipamd/ipamd.go:497"
	managedSeen        = "ipamd/ipamd.go:1597"
	managedDescribed   = "ipamd/ipamd.go:1641"
	tagAtStart         = "ipamd/ipamd.go:531"
	tagReconcile       = "ipamd/ipamd.go:1665"
	tagUntagged        = "awsutils/awsutils.go:2416"
	tagWrong           = "awsutils/awsutils.go:2405"

	addIP     = "ipamd/ipamd.go:1350" // AddIPv4CidrToStore
	addPrefix = "ipamd/ipamd.go:1371"

	removeFailed     = "ipamd/ipamd.go:1322" // RemoveENIFromDataStore, by setupENI
	removeReconcile  = "ipamd/ipamd.go:1689"
	lostENI          = "datastore/data_store.go:1197" // unassignPodIPAddressUnsafe
	assignedRestored = "datastore/data_store.go:399"  // assignPodIPAddressUnsafe

	increaseInPass  = "ipamd/ipamd.go:807"
	increaseAtStart = "ipamd/ipamd.go:679"
	tooLowAtStart   = "ipamd/ipamd.go:676"
	wantedOnENI     = "ipamd/ipamd.go:1218" // getPrefixesNeeded
	wantedOnNewENI  = "ipamd/ipamd.go:2558"

	insufficientIncrease = "ipamd/ipamd.go:985"
	insufficientAllocate = "ipamd/ipamd.go:1076"

	createCustom     = "awsutils/awsutils.go:1150" // tryCreateNetworkInterface
	createFallback   = "awsutils/awsutils.go:1170"
	createDiscovered = "awsutils/awsutils.go:1192"
	createPrimary    = "awsutils/awsutils.go:1214"

	poolAddedIPs   = "ipamd/ipamd.go:1357" // logPoolStats
	poolAddedPD    = "ipamd/ipamd.go:1378"
	poolGrown      = "ipamd/ipamd.go:1047"
	poolSpare      = "ipamd/ipamd.go:1506"
	poolExtra      = "ipamd/ipamd.go:1526"
	poolDecreased  = "ipamd/ipamd.go:845"
	poolReconciled = "ipamd/ipamd.go:1701"

	deletedFreed   = "awsutils/awsutils.go:1475" // deleteENI
	deletedNew     = "awsutils/awsutils.go:986"
	deletedLeaked  = "awsutils/awsutils.go:2311"
	setupAtStart   = "ipamd/ipamd.go:540" // setupENI
	setupNew       = "ipamd/ipamd.go:1091"
	setupReconcile = "ipamd/ipamd.go:1674"

	unusedIPsAtStart  = "ipamd/ipamd.go:2408" // tryUnassignIPFromENI
	unusedIPsExcluded = "ipamd/ipamd.go:2510"
	unusedPDAtStart   = "ipamd/ipamd.go:2452" // tryUnassignPrefixFromENI
	unusedPDExcluded  = "ipamd/ipamd.go:2506"
	unusedPDAfterDel  = "ipamd/rpc_handler.go:381"
)

// elsewhere are the lines of functions with several callers, from the others.
func elsewhere() []template {
	list := slices.Concat(
		each(lineDelete, deletedNew, deletedLeaked),
		each(lineENIHas, setupNew, setupReconcile),
		each(lineNoFreeableIPs, unusedIPsExcluded), each(lineGavePDBack, unusedPDExcluded, unusedPDAfterDel),
		each(lineDescribeFailed, describeReconcile), each(lineUnmanaged, unmanagedReconcile),
		each(lineSkipped, managedSeen, managedDescribed), each(lineTagging, tagReconcile), each(lineLeakedTag, tagWrong),
		each(lineRemovedENI, removeFailed), each(lineForceIP, lostENI), each(lineAssignIP, assignedRestored),
		each(lineIncrease, increaseAtStart), each(lineTooLow, tooLowAtStart), each(lineToAllocate, wantedOnNewENI),
		each(lineInsufficient, insufficientAllocate), each(lineCreated, createCustom, createFallback, createPrimary),
		each(linePoolStats, poolAddedIPs, poolAddedPD, poolGrown, poolSpare, poolExtra, poolDecreased, poolReconciled),
	)
	for k := range kinds {
		a, r := assignPlacesOf(k), reconcilePlacesOf(k)
		list = slices.Concat(list,
			each(lineAllocatable, a.allocatable), each(lineAssign, a.assign, a.assignOne), each(lineLimitExceeded, a.function),
			each(lineENINotRead, a.describe, r.describe, r.verify), each(lineInsufficient, a.insufficient),
			each(lineAddCIDR, a.add, r.add), each(linePoolStats, a.pool), each(lineAskEC2, r.function),
			each(lineVerify, r.enter), each(lineOffCache, r.uncache), each(lineDeletedCIDR, r.remove))
	}
	for _, g := range []givePlaces{decreased, unusedIPs, unusedPD} {
		list = slices.Concat(list, each(lineDeletedCIDR, g.remove), each(lineUnassignPD, g.prefixes), each(lineUnassignIPs, g.ips))
	}
	return slices.DeleteFunc(list, func(t template) bool { return t.caller == "" })
}

func each(t template, callers ...string) []template {
	list := make([]template, len(callers))
	for i, c := range callers {
		list[i] = t.from(c)
	}
	return list
}
