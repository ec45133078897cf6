package message

import (
	"net/netip"
	"strings"

	"maildiag/checks/refusal/message/received"
)

// The servers of Exchange Online hand messages to each other over public
// addresses, so their names and networks must be known to find the border.

// edges are the names of the servers that take mail from the Internet, by
// cloud. Source: the Received fields that they write.
var edges = []string{".mail.protection.outlook.com", ".olc.protection.outlook.com", ".mail.protection.office365.us",
	".mail.protection.partner.outlook.cn", ".mail.protection.outlook.de"}

// edge reports whether a server is known to take mail only from outside, be it
// from other customers of the same provider.
func edge(by string) bool { return microsoftEdge(by) || strings.EqualFold(by, googleEdge) }

const googleEdge = "mx.google.com"

// microsoftEdge reports whether a server takes mail from the Internet for
// Exchange Online.
func microsoftEdge(by string) bool { return hasSuffix(by, edges) }

// filterHosts are the names of the edges within Exchange Online.
var filterHosts = []string{".prod.protection.outlook.com"}

// microsoftHosts are the names of all servers of Exchange Online.
var microsoftHosts = append([]string{".prod.outlook.com", ".prod.protection.outlook.com", ".outlook.office365.com",
	".outbound.protection.outlook.com", ".prod.exchangelabs.com", ".office365.us", ".partner.outlook.cn", ".protection.gbl"}, edges...)

func hasSuffix(host string, list []string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	for _, s := range list {
		if strings.HasSuffix(host, s) {
			return true
		}
	}
	return false
}

// outbound are the names of the servers that send mail of tenants to the
// Internet, and to other tenants.
var outbound = []string{".outbound.protection.outlook.com", ".outbound.protection.office365.us",
	".outbound.protection.partner.outlook.cn"}

func outboundMicrosoft(names ...string) bool {
	for _, n := range names {
		if hasSuffix(n, outbound) {
			return true
		}
	}
	return false
}

// mailboxServer reports whether a server holds mailboxes of Exchange Online.
func mailboxServer(by string) bool { return hasSuffix(by, []string{".prod.outlook.com"}) }

// insideMicrosoft reports whether a hop leads from one server of Exchange
// Online to another. The client's address must be in Exchange's own networks;
// its name is the client's word and proves nothing. The edge servers take mail
// from outside over such addresses too: that is a border.
func insideMicrosoft(h *received.Hop) bool {
	if !hasSuffix(h.By, microsoftHosts) || outboundMicrosoft(h.HELO, h.RDNS) {
		return false
	}
	return !microsoftEdge(h.By) && (exchangeBackbone(h.IP) || frontDoor.Contains(h.IP) ||
		h.IP.IsPrivate() || h.IP.IsLoopback()) // of older servers, and of one that hands it to itself
}

// exchangeBackbone reports whether an address is one that mailbox and front-end
// servers have, 2603:10x6::/32 for each x. Azure has the networks beside them.
func exchangeBackbone(ip netip.Addr) bool {
	b := ip.As16()
	return ip.Is6() && b[0] == 0x26 && b[1] == 0x03 && b[2] == 0x10 && b[3]&0x0f == 0x06
}

// frontDoor is the network of the filtering servers.
var frontDoor = netip.MustParsePrefix("2a01:111:f400::/48")
