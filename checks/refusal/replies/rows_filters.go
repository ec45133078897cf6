package replies

// filters holds the replies of filters in front of the recipient's server that
// have no file of their own, one block a product.
var filters = []saying{
	// Barracuda.
	{"common.spam", "barracuda.spam", Barracuda, "message content rejected due to\nrejecting banned content\nblocked by barracuda"},
	{"common.ip-reputation", "barracuda.ip-reputation", Barracuda, "barracuda reputation\nblocked by barracuda reputation"},
	{"common.domain-listed", "barracuda.spam-url", Barracuda, "rejected due to spam url in content"},
	{"common.spoof", "barracuda.spoof", Barracuda, "rejecting spoofed message"},
	{"common.policy", "barracuda.policy", Barracuda, "policy rejection abuse\n!permanent failure for one or more recipients + blocked"},

	// Symantec Email Security.cloud (MessageLabs).
	{"common.spam", "symantec.spam-filtered", Symantec, "message filtered"},
	{"common.relay-denied", "symantec.relay-denied", Symantec, "trying to use me * as a relay"},
	{"common.temporary", "symantec.temporary", Symantec, "requested action aborted"},

	// Cisco Secure Email: SenderBase (Talos) reputation.
	{"common.ip-reputation", "cisco.ip-reputation", Cisco, "access to submit messages to this email system has been rejected\naccess to this mail system has been rejected due to the sending mta's poor reputation"},

	// Trend Micro Email Security.
	{"common.ip-reputation", "trendmicro.ip-reputation", TrendMicro, "!ers-customized-block\n!ers-dul\n!ers-rbl\n!ers-qil"},
	{"common.recipient-blocked", "trendmicro.recipient-blocked", TrendMicro, "!block-rcpt"},
	{"common.blocked-by-recipient", "trendmicro.sender-blocked", TrendMicro, "!block-send-er\n!block-sender"},
	{"common.user-unknown", "trendmicro.user-unknown", TrendMicro, "!recipient address rejected invalid-recipient"},
	{"common.domain-not-hosted", "trendmicro.domain-not-hosted", TrendMicro, "!recipient address rejected no-domain"},

	// Sophos Email, FireEye ETP.
	{"common.policy", "sophos.policy", Sophos, "command rejected\nsophos * rejected"},
	{"common.dmarc", "fireeye.dmarc", Any, "etp205 dmarc failure"},

	// Rackspace: the letter G and a number name the rule.
	{"common.recipient-rate", "rackspace.recipient-rate", Rackspace, "received too much email in a short period of time"},
	{"common.virus", "rackspace.virus", Any, "!header contenttype 1"},
	{"common.format", "rackspace.format", Any, "!header contenttype 2"},
}
