// Package dkim knows the DKIM key records that domains publish in the DNS
// (RFC 6376 3.6, 8301, 8463): it parses and writes them, tells what is wrong
// with a broken one and where, and looks selectors up.
//
// A signing server adds a header to each message that names a domain (d=) and
// a selector (s=). The receiver asks the DNS for the TXT record at
// "selector._domainkey.domain", takes the public key from it and verifies the
// signature. The record may be a CNAME to another party's zone: Microsoft 365
// has its customers publish two of these, and changes the keys behind them.
//
// Nobody can list a domain's selectors: who wants to know whether a domain
// signs has to guess their names. A guess that finds nothing proves nothing.
//
// Signatures are not this package's business.
package dkim
