package migrate

import (
	"slices"
	"strings"
	"testing"
	"time"
)

const (
	wantMX  = "contoso.test MX 0 contoso-test.mail.protection.outlook.com"
	wantSRV = "_sipfederationtls._tcp.contoso.test SRV 100 1 5061 sipfed.online.lync.com"
	wantSPF = "contoso.test TXT v=spf1 include:spf.protection.outlook.com -all"
	wantCN  = "autodiscover.contoso.test CNAME autodiscover.outlook.com"
)

// Each form of the file says the same.
func TestReadExpected(t *testing.T) {
	forms := map[string]string{
		"lines": "# from the admin center\n@ MX 0 Contoso-test.mail.protection.outlook.com.\ncontoso.test TXT \"v=spf1 include:spf.protection.outlook.com -all\"\nautodiscover CNAME autodiscover.outlook.com\n_sipfederationtls._tcp SRV 100 1 5061 sipfed.online.lync.com\n",
		"csv":   "\xef\xbb\xbfType,Priority,Host name,Points to address or value,TTL,Weight,Port\nMX,0,@,contoso-test.mail.protection.outlook.com,1 Hour,,\nTXT,,@,v=spf1 include:spf.protection.outlook.com -all,1 Hour,,\nCNAME,,autodiscover,autodiscover.outlook.com,1 Hour,,\nSRV,100,_sipfederationtls._tcp,sipfed.online.lync.com,1 Hour,1,5061\n",
		"csv2":  "Type;Name;Value;Priority;Service;Protocol;Weight;Port\r\nMX;contoso.test;contoso-test.mail.protection.outlook.com;0;;;;\r\nTXT;contoso.test;v=spf1 include:spf.protection.outlook.com -all;;;;;\r\nCNAME;autodiscover.contoso.test;autodiscover.outlook.com;;;;;\r\nSRV;@;sipfed.online.lync.com;100;_sipfederationtls;_tcp;1;5061\r\n",
		"graph": `{"value":[{"label":"contoso.test","recordType":"Mx","mailExchange":"contoso-test.mail.protection.outlook.com","preference":0},{"label":"contoso.test","recordType":"Txt","text":"v=spf1 include:spf.protection.outlook.com -all"},{"label":"autodiscover.contoso.test","recordType":"CName","canonicalName":"autodiscover.outlook.com"},{"label":"_sipfederationtls._tcp.contoso.test","recordType":"Srv","nameTarget":"sipfed.online.lync.com","port":5061,"priority":100,"weight":1,"protocol":"_tcp","service":"_sipfederationtls"}]}`,
		"powershell": `[{"Id":"1","Label":"contoso.test","RecordType":"Mx","SupportedService":"Email","Ttl":3600,"AdditionalProperties":{"@odata.type":"#microsoft.graph.domainDnsMxRecord","mailExchange":"contoso-test.mail.protection.outlook.com","preference":0}},
			{"Label":"contoso.test","RecordType":"Txt","AdditionalProperties":{"text":"v=spf1 include:spf.protection.outlook.com -all"}},{"Label":"autodiscover.contoso.test","RecordType":"CName","AdditionalProperties":{"canonicalName":"autodiscover.outlook.com"}},
			{"Label":"contoso.test","RecordType":"Srv","AdditionalProperties":{"nameTarget":"sipfed.online.lync.com","port":5061,"priority":100,"weight":1,"protocol":"_tcp","service":"_sipfederationtls"}}]`,
	}
	want := []string{wantMX, wantSPF, wantCN, wantSRV}
	for name, text := range forms {
		list, err := ReadExpected(strings.NewReader(text), domain)
		var got []string
		for _, e := range list {
			got = append(got, e.Name+" "+string(e.Type)+" "+e.Value)
		}
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %v\n%s", name, err, strings.Join(got, "\n"))
		}
	}
}

func TestReadExpectedFaults(t *testing.T) {
	for _, text := range []string{"", "# nothing\n", "@ MX\n", "@ MX ten hosts and more\n", "@ HINFO a b\n", "[{", `[{"RecordType":"Mx"}]`,
		"Type,Name,Value\nWKS,@,x\n", strings.Repeat("x", maxExpected+1)} {
		if list, err := ReadExpected(strings.NewReader(text), domain); err == nil {
			t.Errorf("%.40q: %v", text, list)
		}
	}
}

// What the tenant expects decides: its MX host is used, its DKIM targets fill the
// steps, and what is missing after the move is a reason.
func TestExpectedDecides(t *testing.T) {
	w, _ := spec{origin: FromGoogle}.build()
	const host = "contoso-test.k-v1.mx.microsoft"
	w.set(host, "A", 300, "192.0.2.12")
	list, err := ReadExpected(strings.NewReader("@ MX 0 "+host+"\nselector1._domainkey CNAME selector1-contoso-test._domainkey.contoso.n-v1.dkim.mail.microsoft\n"), domain)
	if err != nil {
		t.Fatal(err)
	}
	r := w.assess(t, Options{Expected: list})
	all := strings.Join(steps(r), "\n")
	for _, want := range []string{"+[0 " + host + ".]", "+[selector1-contoso-test._domainkey.contoso.n-v1.dkim.mail.microsoft.]"} {
		if !strings.Contains(all, want) {
			t.Errorf("no step with %s:\n%s", want, all)
		}
	}
	w.set(domain, "MX", 300, "0 "+target)
	w.now = w.now.Add(time.Hour)
	r = w.assess(t, Options{Expected: list})
	if !slices.ContainsFunc(r.Reasons, func(x Reason) bool { return x.Code == "expected.different" }) || r.ExitCode() != 1 {
		t.Errorf("exit code %d\n%s", r.ExitCode(), strings.Join(steps(r), "\n"))
	}
}
