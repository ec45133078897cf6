package replies

import (
	"strings"
	"sync"
)

// vocabulary holds the classes of words that phrases name in angle brackets,
// in the languages in which servers answer.
var vocabulary = map[string]string{
	"mailbox": `inbox e-mailadres e-mailadresse modtager modtageren brugeren cuenta conta compte indirizzo endereco customer adressat member user username recipient recipients mailbox account address addressee person alias destinatario destinataire
		utilisateur usuario utente utilizador benutzer empfaenger empfaengeradresse postfach buzon casella caixa gebruiker
		mottagare mottagaren schranka skrzynka brevlada postkasse emailadres mailadres emailadresse mailadresse konto kontot adresse usuari odbiorca`,
	"unknown": `unknown unknow unkown unknwon uknown invalid nonexistent unbekannt inconnu inconnue inexistant inexistante desconocido sconosciuto desconhecido onbekend
		inexistente inesistente unallocated unrecognized unrouteable bogus obsolete nieznany`,
	"not":       `not no non nicht kein keine keinen geen pas never niet nao inte ikke nie ei`,
	"exist":     `exist exists existent found known valid recognized recognised listed registered existe esiste existiert bekannt gefunden match here`,
	"existiert": `existiert existieren existe existent esiste bestaat finns istnieje findes finnes olemassa letezik neexistuje`,
	"full":      `full voll pleine plein lleno llena pieno piena cheia cheio overflowing vol plna pelna pelny przepelniona przepelniona fuld täynnä`,
	"quota":     `quota storage space cuota speicherplatz limit`,
	"exceed": `exeed exeeds exeeded exceded execeeded exceed exceeds exceeded exceeding over above reached reach surpassed excedida exceeda prekrocena prekrocen przekroczono przekroczony przekroczona przekroczyl overskredet overskridet overskriden ylitetty hit exhausted exhaust used ueberschritten depasse superado
		superato`,
	"disabled": `disabled inactive suspended deactivated locked frozen closed expired blocked dormant discontinued terminated deaktiviert
		gesperrt desactive desactivada cancelled`,
	"denies": `deny denies denied refuse refuses refused reject rejects rejected disallow disallows disallowed forbid forbids forbidden
		prohibit prohibits prohibited decline declines declined`,
	"blocked": `blocked block banned blacklisted blocklisted denylisted refused rejected denied barred gesperrt bloquee bloque bloqueada
		blocking listed abgelehnt rejete rejetee rechazado rechazada rifiutato rifiutata geweigerd recusado odrzucono odrzucony`,
	"attachment": `attachment attachments file filename extension anhang allegato adjunto anexo bijlage zalacznik zip executable archive`,
	"forbidden":  `unacceptable prohibited forbidden banned blocked disallowed dangerous unsafe illegal restricted denied suspicious verboten verbotener verbotene interdite interdit prohibido vietato verboden zabroniony`,
	"fail":       `unsuccessful fail failed fails failure failing invalid bad broken error permerror softfail hardfail missing`,
	"required":   `required requires require needed need needs mandatory must enforce enforced requise requis requerida requerido richiesta erforderlich vereist wymagane`,
	"tls":        `tls ssl starttls encryption encrypted`,
	"login":      `login logon signin authentication authorization authenticate credentials password passcode auth authentification authentifizierung autenticacion autenticazione autenticacao anmeldung`,
	"mistaken":   `wrong bad incorrect invalid rejected failed fail fails failure denied mismatch unsuccessful`,
	"wrong":      `wrong bad incorrect invalid rejected failed fail fails failure denied mismatch unsuccessful error`,
	"period":     `minute hour day hourly daily second session connection`,
	"shown":      `error code errorcode err ng failed fault scan send sending smtp message task status reported fehler erreur`,
	"maker":      `xerox fujifilm fuji canon kyocera triumph utax olivetti`,
	"extension":  `exe scr js jse vbs vbe bat cmd com jar zip rar 7z iso img docm xlsm pptm lnk ps1 hta ace cab msi wsf html htm`,
	"pause":      `minute second wait retry back delayed deferred`,
	"clock":      `minute hour day hourly daily month monthly`,
	"connection": `session connection envelope`,
	"allowed":    `allowed accepted supported permitted authorized authorised entitled permission gestattet erlaubt zulaessig autorise permitido consentito toegestaan dozwolone`,
	"list":       `list group members mailing distribution`,
	"group": `gruppe verteiler verteilerliste verteilergruppe mailingliste liste lista groupe grupo gruppo groep grupa grupy gruppen gruppen lijst mailinglijst
		distributiegroep distributielijst verteilerlisten diffusion distribucion distribuzione distribuicao skupina csoport ryhma`,
	"organization": `organisation organisationen organizacion organizzazione organizacao organisatie organizacji organisationens organisaation organizace`,
	"external": `extern externe externen externer externem externo externos externa externas externes esterni esterno esterna zewnetrznych zewnetrzni
		externí externich kulso ulkoiset eksterne`,
	"entitled": `berechtigt berechtigung autorise autorisation autorizado autorizacion permiso autorizzato autorizzazione permesso permissao
		gemachtigd toestemming bevoegd uprawnien uprawniony zgody behoerighet tilladelse tillatelse`,
	"only": `nur seuls seul seulement uniquement solo solamente soltanto unicamente alleen enkel apenas somente tylko wylacznie endast kun bara`,
	"members": `mitglieder mitgliedern membres miembros suscriptores membri iscritti leden abonnees membros assinantes czlonkowie czlonkow
		subskrybenci medlemmar medlemmer abonnes abonnenten inscritos`,
	"large":      `large big oversized gross grande`,
	"listname":   `blacklist blocklist blacklists blocklists rbl dnsbl denylist barracuda abusix spamhaus sorbs spamcop`,
	"publiclist": `spamhaus sorbs spamcop abusix uceprotect mailspike barracudacentral psbl abuseat spamrats senderscore invaluement`,
	"sender":     `sender sender's from mailfrom originator absender remitente emetteur mittente expediteur absenderadresse afzender nadawcy nadawca remetente`,
	"relay":      `relay relays relaying relayed weiterleitung relais`,
	"header":     `header headers subject date`,
	"person":     `who person name directory box inbox schranka skrzynka brevlada postkasse mailboxes users directory`,
	"domain":     `domain host server domaene dominio domaine domein domena`,
	"size":       `size mb kb mib megabyte megabytes kilobyte bytes taille tamano dimensione groesse tamanho grootte weighs long max maximum limit bytes`,
	"waiting":    `day days hour hours queue time expired retry retries attempts`,
	"loop":       `loop loops looping hop hops`,
	"command":    `command commands mail rcpt data helo ehlo sequence order syntax argument parameter`,
	"many":       `many too`,
	"format":     `mime format encoding charset characters structure malformed 8bit line lines boundary`,
	"dkim":       `dkim signature signatures signed`,
	"spf":        `spf permitted designate`,
	"reverse":    `ptr reverse inverse inverso rdns hostname dns`,
	"address":    `ip rbl dnsbl blacklist blocklist reputation`,
	"content":    `spam virus malware attachment content url link junk`,
	"measure": `network country region subnet access restricted rate throttled authentication authenticated login relay dmarc greylisted permission
		greylist quarantined`,
	"restriction": `policy rate throttled authentication authenticated login relay dmarc greylisted permission greylist quarantined`,
	"negation":    `not no never without neither nor nicht kein keine nie ne pas jamais sans non ni niet geen nunca jamais sem nao nie`,
	"filler":      `a an the been be being is was were are any yet considered marked found on in one of it this as`,
	"determiner":  `that these those your our its their his her such please sorry`,
	"mine":        `my mine mein meine meinem meiner meinen mon ma mes mi mis mijn mio mia meu minha`,
	"state": `full unknown denied failed fail failure failing rejected refused expired exceeded invalid disabled timed closed lost error required incorrect
		unreachable voll unbekannt pleine lleno llena pieno piena cheia vol detected found suspended unavailable timeout fehlgeschlagen refused not
		inconnu desconocido sconosciuto blocked listed blacklisted bounced inactive locked reset dropped unauthorized exists exist
		busy overloaded mismatch unrouteable unroutable undeliverable unsupported unsuccessful aborted incorrecta incorrect`,
	"mailing": `helo ehlo rcpt mx smtp esmtp mail mailbox message messages recipient sender server host port domain mx dns tls ssl starttls relay account user
		queue delivery delivered socket 25 465 587 2525`,
	"mail": `mailbox sending send recipient sender starttls esmtp sasl device printer copier nachricht mensaje messaggio bericht mensagem`,
	"ofmail": `haraka opensmtpd mailbox mailboxes postfach boite buzon casella caixa postvak skrzynka brevlada postkasse recipient recipients addressee
		destinatario destinataire destinatari empfaenger empfaengeradresse ontvanger odbiorca odbiorcy sender senders absender remitente
		mittente expediteur afzender nadawca remetente nachricht messaggio mensagem postfix exim qmail helo ehlo rcpt starttls dsn ndr
		bounced undeliverable undelivered deferred greylisted greylisting relay relays relaying inbox outlook thunderbird exchange hop spf dkim
		dmarc dnsbl rbl spamhaus schranka prijemce prijemci mottagare mottagaren mottagarens mottakeren modtager modtageren modtagerens vastaanottajalle
		adresata adresatowi geadresseerde geadresseerden alici aliciya почта ящик получатель получателя получателю письмо mensaje wiadomosc wiadomosci zprava zpravy meddelandet meldingen сообщение`,
	"tale": `called calls asked asks tells says wrote complains complained yesterday today morning department colleague colleagues boss
		dear thanks gestern heute kollege kollegin kunde hier aujourd`,
	"greeting":  `hello hi hallo bonjour hola ciao`,
	"elsewhere": `teams zoom slack sharepoint onedrive vpn wifi`,
	"programs": `site website browser webpage desktop rdp backend upstream docker kubernetes pod cluster container database sql jdbc odbc redis
		mongodb mysql postgres postgresql oracle ldap openvpn vpn ssh app repository registry cache`,
	"ours": `we our wir unser unsere unserem unseren nous notre nos nosotros nuestro nuestra noi nostro nostra wij ons onze nosso nossa`,
	"yours": `remote mx you your yours message recipient sender server sie ihr ihre ihrem vous votre vos usted su sus tu lei suo sua u uw voce seu
		sua nachricht mensaje messaggio bericht mensagem`,
	"pitch": `click clicking klick klicken klicke klickt cliquez cliquer clic clicca clique pinche kliknij klik holen sichern bestellen
		buy kaufen acheter offer angebot angebote offre oferta offerta gratis kostenlos gratuit gratuito reactivate
		revalidate reaktivieren bestaetigen bestaetige confirmez conferma confermi`,
	"cant":    `impossible impossibile imposible nicht kein keine non no not nao inte nie nelze niet geen kan ne не`,
	"connect": `verbindung verbinden verbunden connecter connexion conectar conexion conexao connettersi connettere connessione verbinding verbinden polaczyc polaczenie polaczenia pripojit pripojeni ansluta anslutning forbindelse подключиться подключение соединение соединиться`,
	"note":    `message messages nachricht mensaje messaggio mensagem bericht wiadomosc zprava meddelandet meddelelsen meldingen viesti ileti iletiniz сообщение письмо`,
	"listed":  `listed aufgefuehrt aufgelistet eingetragen repertorie repertoriee liste figura encuentra elencato vermeld opgenomen listado`,
	"almost":  `almost nearly approaching fast beinahe bald presque bientot quasi casi bijna prawie`,
	"reason":  `reason cause problem issue error fault grund ursache`,
	"fault": `full unknown invalid nonexistent blocked block banned blacklisted blacklist blocklisted blocklist denied refused rejected spam
		virus infected malware phishing fail failed failure failing error exceeded exceeds expired disabled suspended
		inactive unauthenticated spoofed spoofing forged loop looping timeout greylisted greylist greylisting listed
		voll unbekannt plein pleine lleno lleno piena pleno virus dnsbl rbl quota overquota abuse unauthorized`,
}

// class returns the stems of the words of a class.
func class(name string) map[string]bool { return vocabularyStems()[name] }

var vocabularyStems = sync.OnceValue(func() map[string]map[string]bool {
	all := map[string]map[string]bool{}
	for name, words := range vocabulary {
		all[name] = map[string]bool{}
		for w := range strings.FieldsSeq(words) {
			for _, f := range fields(w) {
				all[name][stem(f)] = true
			}
		}
	}
	return all
})
