package dnsrec

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"unsafe"

	"golang.org/x/sys/windows"
)

// SystemOptions returns the resolvers that this machine uses: those of the
// network adapters that are up and have a gateway, the preferred one first.
func SystemOptions() (Options, error) {
	adapters, err := listAdapters()
	if err != nil {
		return Options{}, fmt.Errorf("resolvers of this machine: %w", err)
	}
	slices.SortStableFunc(adapters, func(a, b *windows.IpAdapterAddresses) int {
		return int(a.Ipv4Metric) - int(b.Ipv4Metric)
	})
	var opts Options
	for _, a := range adapters {
		if a.OperStatus != windows.IfOperStatusUp || a.FirstGatewayAddress == nil {
			continue
		}
		for d := a.FirstDnsServerAddress; d != nil; d = d.Next {
			addDiscovered(&opts, d.Address, a.Ipv6IfIndex)
		}
	}
	if len(opts.Servers) == 0 {
		return Options{}, errors.New("no network adapter names a resolver; give one with --resolver ADDR")
	}
	return opts, nil
}

func addDiscovered(opts *Options, a windows.SocketAddress, adapter uint32) {
	addr, ok := netip.AddrFromSlice(a.IP())
	addr = addr.Unmap()
	// fec0:0:0:ffff::1 to 3 are made up by Windows where no resolver is known.
	if !ok || netip.MustParsePrefix("fec0::/10").Contains(addr) || len(opts.Servers) >= maxConfServers {
		return
	}
	if addr.Is6() && addr.IsLinkLocalUnicast() {
		addr = addr.WithZone(strconv.FormatUint(uint64(adapter), 10))
	}
	s := Server{proto: protoUDP, addr: netip.AddrPortFrom(addr, portDNS)}
	if !slices.Contains(opts.Servers, s) {
		opts.Servers = append(opts.Servers, s)
	}
}

// listAdapters asks until the buffer is large enough, as the function's
// documentation advises.
func listAdapters() ([]*windows.IpAdapterAddresses, error) {
	const flags = windows.GAA_FLAG_INCLUDE_GATEWAYS | windows.GAA_FLAG_INCLUDE_PREFIX
	size := uint32(15 << 10)
	for range 4 {
		buf := make([]byte, size)
		first := (*windows.IpAdapterAddresses)(unsafe.Pointer(&buf[0]))
		err := windows.GetAdaptersAddresses(windows.AF_UNSPEC, flags, 0, first, &size)
		if err == nil {
			var all []*windows.IpAdapterAddresses
			for a := first; a != nil && size > 0; a = a.Next {
				all = append(all, a)
			}
			return all, nil
		}
		if !errors.Is(err, windows.ERROR_BUFFER_OVERFLOW) {
			return nil, err
		}
	}
	return nil, windows.ERROR_BUFFER_OVERFLOW
}
