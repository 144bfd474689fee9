package ipamd

// line is a line that the daemon may write to its log: a number, and in its
// upper half the place that writes it; see from. What it looks like is the
// release's.
//
// Left out are most of the debug lines that say only that a function was
// entered, and those about what the model has no notion of: IPv6, trunk
// interfaces, the host's iptables, events, the API server.
type line uint32

// from is a line as a place writes it that is not its first.
func (l line) from(p place) line { return l | line(p)<<16 }

func (l line) number() int  { return int(l & 0xffff) }
func (l line) place() place { return place(l >> 16) }

const (
	noLine line = iota

	// The process: cmd/aws-k8s-agent/main.go, pkg/ipamd/ipamd.go nodeInit and
	// what it calls, pkg/ipamd/rpc_handler.go.
	lineStarting
	lineInitFailed
	lineInit
	lineLimits
	lineDescribed
	lineDatastore
	lineDiscovered
	lineENISetUp
	lineSetupGivenUp
	lineSetupFailed
	lineNoLink
	lineSetupAgain
	linePoolLow
	lineInitDone
	linePoolManager
	lineServing

	// Attached interfaces: DescribeAllENIs, TagENI, setUnmanagedENIs,
	// filterUnmanagedENIs, setupENI, and RefreshSGIDs.
	lineDescribeFailed
	lineNotInEC2
	lineNoAddresses
	lineUnmanaged
	lineSkipped
	lineSkippedCard
	lineSkippedEFA
	lineTagging
	lineTagged
	lineTagFailed
	lineAddENI
	lineExcluded
	lineExclusion
	lineExcludeFailed
	lineSubnetEvent
	lineNetwork
	lineENIHas
	lineGroup
	lineGroups
	lineGroupsFailed

	// Recovery from the checkpoint: datastore/data_store.go ReadBackingStore; and
	// the rules of the pods that were found.
	lineRecovery
	lineNoFile
	lineStale
	linePruning
	linePruneTo
	linePruneFrom
	lineRecovered
	lineUnknownIP
	lineRecoveryDone
	lineUpdateRules

	// Each pass: updateIPPoolIfRequired and its decisions.
	linePass
	lineTooLow
	linePoolStats
	lineTooHigh
	lineNoDecrease
	lineDecrease
	lineDecreased
	lineNoneFreeable
	lineExtraPrefix
	lineSpareENI
	lineEmptyENI

	// Growing: increaseDatastorePool, tryAssignIPs, tryAssignPrefixes,
	// tryAllocateENI, and pkg/awsutils.
	lineIncrease
	lineCordoned
	linePause
	lineIncreaseFull
	lineAllocateFailed
	lineMaxENI
	lineHasRoom
	linePrefixTarget
	lineToAllocate
	lineAllocatable
	lineAssign
	lineAssigned
	lineAssignedPD
	lineAssignFailed
	lineNotAllIPs
	lineNotAllPD
	lineInsufficient
	lineInsufficientBy
	lineLimitExceeded
	lineNoENIConfig
	lineNothingNeeded
	lineAllocENIFailed
	lineAllocIPsFailed
	lineAllocateFull
	lineWaitFailed
	lineNewSetupFailed
	lineNewENI
	lineCreating
	lineSubnetsFailed
	linePrimarySubnet
	lineSubnetNoTag
	lineSubnetTag0
	lineSubnetOthers
	linePrimaryNoTag
	linePrimaryNotUsed
	lineCreated
	lineCreateFailed
	lineNoInstance
	lineFreeDevice
	lineAttachFailed
	lineUndoFailed
	lineAttached
	lineSweepFailed
	lineSeen
	lineNoneYet
	lineNotYet
	lineOnlySomeIPs
	lineOnlySomePD
	lineAddCIDR
	lineKnownCIDR
	lineAddedCIDR

	// Shrinking: tryUnassignCidrsFromAll, tryFreeENI, getDeletableENI, and
	// pkg/awsutils.
	lineDeletedCIDR
	lineUnassignIPs
	lineUnassignPD
	lineFreedIPs
	lineFreedPD
	lineUnassignIPsFail
	lineUnassignPDFail
	lineNotFreeing
	lineIsPrimary
	lineTooYoung
	lineIsCooling
	lineHasPods
	lineIsEFA
	lineForWarmIP
	lineForMinimum
	lineForPrefix
	lineDeletable
	lineRemoveENI
	lineFreeing
	lineFreeFailed
	lineFree
	lineAlreadyFree
	lineNoAttachID
	lineENINotRead
	lineAttachID
	lineDetachFail
	lineDetached
	lineNotDetached
	lineFreed
	lineDelete
	lineGone
	lineDeleteFail
	lineDeleted

	// Interfaces in excluded subnets, and CIDRs of the mode that is off:
	// cleanupExcludedENI, tryUnassignIPFromENI, tryUnassignPrefixFromENI,
	// deallocateEmptyCIDR.
	lineExcludedENI
	lineExcludedDone
	lineTryIPs
	lineTryPrefixes
	lineNoFreeableIPs
	lineGaveIPsBack
	lineGavePDBack
	lineEmptyCIDR
	lineDropCIDR
	lineDroppedCIDR

	// Reconciling: nodeIPPoolReconcile and what it calls.
	lineReconcile
	lineReconcileFail
	lineReconcileNone
	lineNewSeen
	lineReconcileEC2
	lineReconcileIPs
	lineReconcilePD
	lineMismatch
	lineMismatchPD
	lineAskEC2
	lineEC2Failed
	lineGivenBack
	lineVerify
	lineVerifyFailed
	lineVerified
	lineNotVerified
	lineOffCache
	lineTryAdd
	lineReconcileDelIP
	lineReconcileDelPD
	lineReconcileTag
	lineReconcileNew
	lineReconcileSetup
	lineDetachedENI
	lineForceENI
	lineRemovedENI
	lineForceIP
	lineReconciled
	linePrimaryIP

	// AddNetwork and DelNetwork: pkg/ipamd/rpc_handler.go, called by the generated
	// code in rpc/rpc_grpc.pb.go, and the datastore under it.
	lineAdd
	lineAddRequest
	lineMultiNIC
	lineAssignStats
	lineTwice
	lineSkipExclude
	lineReleased
	lineFreeIP
	lineReturnFree
	lineNoFreeIP
	lineNotFromCIDR
	lineNewIP
	lineAllocating
	lineAssignIP
	lineENIFull
	lineNoIP
	lineAddFailed
	lineAddFailure
	lineAddFrom
	lineAddCount
	lineAddReply
	lineDel
	lineDelRequest
	lineDelStats
	lineDelOldKey
	lineDelUnknown
	lineUnassignIP
	lineCooldown
	lineUnassigned
	lineDelCount
	lineDelPrefix
	lineDelFound
	lineDelReply

	// The job for leaked interfaces: cleanUpLeakedENIs, getLeakedENIs.
	lineLeakedCheck
	lineLeakedFailed
	lineLeakedNone
	lineLeakedFound
	lineLeakedYoung
	lineLeakedTag
	lineLeakedKept
	lineLeakedGone

	lines // how many there are
)
