package replies

// translations holds phrases of rows in other languages than English: those of
// the non-delivery reports of Exchange, whose first part is in the language of
// the sender's organization and often the only part that people paste, and of
// mailbox providers.
var translations = map[string]string{
	"common.user-unknown": `
		<blocked> & recipient filter agent
		adresse * est introuvable
		adresse * n'a pas ete trouvee
		no se encontro la direccion
		no se pudo encontrar la direccion
		direccion * no se encontro
		indirizzo * non e stato trovato
		<mailbox> * niet gevonden
		endereco * nao pode ser encontrado
		endereco * nao foi encontrado
		nie mozna odnalezc * adres~
		adres~ * nie * odnalezion~
		inte att hitta * e-postadress~
		posta adresi bulunamadi
		не удалось найти * адрес
		адрес * не найден
		找不到 * 电子邮件地址
		<not> + <listed> & domino
		<not> + domino + <listed>
		niet bekend bij ons
		bij ons niet bekend
		modtager~ findes ikke
		konto nie istnieje
		adres nie istnieje
		користувача не знайдено
		користувач не існує
		δεν βρέθηκε
		δεν υπάρχει
		غير موجود
		존재하지 않는 사용자~
		không tồn tại
		<group> + <existiert> + <not>
		nachricht * wurde * nicht gefunden
		konnte * nicht zugestellt * nicht gefunden
		unbekannte an-adresse
		empfaenger wurde nicht gefunden
		adresse wurde nicht gefunden
		message * introuvable
		message * n'a pas ete trouve
		adresse de destination inconnue
		adresse introuvable
		mensaje * no se encontro
		direccion para desconocida
		messaggio * non trovato
		messaggio * non e stato trovato
		messaggio * impossibile trovare
		indirizzo a sconosciuto
		mensagem * nao foi encontrado
		endereco para desconhecido
		bericht * is niet gevonden
		bericht * niet gevonden in
		onbekend aan-adres
		wiadomosci * nie znaleziono
		wiadomosc * nie znaleziono
		nieznany adres
		nie ma takiego uzytkownika
		meddelandet * hittades inte
		mottagaren hittades inte
		meddelelsen * blev ikke fundet
		meldingen * ble ikke funnet
		viesti * ei löytynyt
		zprav~ * nebyl nalezen
		uzivatel neexistuje
		uzenet~ * nem talalhato
		iletiniz * bulunamadi
		kullanici bulunamadi
		пользователь не найден
		пользователь не существует
		нет такого пользователя
		адрес не существует
		почтовый ящик не найден
		почтовый ящик не существует
		получатель не найден
		сообщение * не найден
		が見つかりませんでした
		メールアドレスが見つかりません
		ユーザーが見つかりません
		ユーザが見つかりません
		宛先が見つかりません
		メールアドレスは存在しません
		メールアドレスが存在しません
		ユーザーは存在しません
		用户不存在
		收件人不存在
		邮箱不存在
		地址不存在
		找不到收件人
		메시지 * 찾을 수 없
		사용자 * 찾을 수 없
		アドレスは見つかりません
		アドレスが見つかりません
		adresi bulunamadi
		e-postadressen * hittades inte
		e-postadressen * ble ikke funnet
		adres~ * nie znaleziono
		adresa * nebyla nalezena
		viesti * ei loytynyt
		`,
	"common.temporary": `
		docasne odmitnuto
		zkuste to pozdeji
		sprobuj pozniej
		попробуйте позже
		спробуйте пізніше
		稍后再试
		後でもう一度
		probleme temporaire
		voruebergehende stoerung
		voruebergehender fehler
		problema temporal
		problema temporaneo
		problema temporario
		tijdelijke storing
		tijdelijk probleem
		`,
	"common.mailbox-full": `
		postlada * full
		受信者のメールボックスは容量
		收件人的邮箱已满
		메일함 * 가득
		caixa postal * lotada
		caixa * lotada
		скринька * переповнена
		γραμματοκιβώτιο * πλήρες
		תיבת הדואר מלאה
		ممتلئ
		hộp thư đã đầy
		사서함 * 가득
		postfach des empfaengers ist voll
		boite aux lettres * pleine
		boite de reception * pleine
		buzon * lleno
		cassetta postale * piena
		casella di posta * piena
		caixa de correio * cheia
		caixa postal * cheia
		postvak * vol
		mailbox * vol
		skrzynka * pelna
		skrzynka * przepelniona
		brevlada * full
		postkasse * fuld
		postboks * full
		postilaatikko * täynnä
		schranka * plna
		postafiok * megtelt
		posta kutusu dolu
		ящик переполнен
		ящик * переполнен
		превышена квота
		メールボックスがいっぱい
		メールボックスの容量
		容量を超え
		邮箱已满
		邮箱空间不足
		편지함 * 가득
		`,
	"common.internal-only": `
		berechtigung * an diesen empfaenger
		nicht berechtigt * an diesen empfaenger
		autorisation d'envoyer * destinataire
		autorise a envoyer * destinataire
		permiso para enviar * destinatario
		autorizzazione * questo destinatario
		machtiging * geadresseerde
		toestemming * ontvanger
		permissao para enviar * destinatario
		uprawnien do wysylania * adresata
		opravneni * prijemci
		behorighet att skicka * mottagare~
		tilladelse til at sende * modtager~
		tillatelse til a sende * mottaker~
		oikeutta lahettaa * vastaanottaja~
		jogosultsaga * cimzett~
		разрешения на отправку * получател~
		прав на отправку * получател~
		alıcıya * gönderme izniniz yok
		没有权限将邮件发送给此收件人
		没有向此收件人发送
		受信者に * 送信する * 権限がありません
		받는 사람 * 보낼 * 권한이 없
		zustellung an diese adresse + eingeschraenkt
		zustellung an diese adresse * einschraenkung~
		remise a cette adresse + restreinte
		remise a cette adresse + limitee
		entrega a esta direccion + restringida
		recapito a questo indirizzo + limitato
		consegna a questo indirizzo + limitata
		bezorging aan dit adres + beperkt
		entrega para este endereco + restrita
		entrega a este endereco + restrita
		dostarczanie na ten adres + ograniczone
		doruceni na tuto adresu + omezeno
		leverans till den har adressen + begränsad
		このアドレスへの配信は制限
		доставка на этот адрес ограничена
		<only> + <members>
		<group> * <only> * <members>
		<group> * <only> * <entitled>
		<group> * <not> * <external>
		<not> * <external> * <group>
		<not> * <entitled> * <group>
		<entitled> * <group>
		<group> * <only> * <organization>
		<only> * <organization> * <group>
		<group> * not * outside
		会員のみ
		外部の送信者
		グループ * 外部
		メンバーのみ
		仅允许成员
		外部发件人
		nur personen * organisation * gruppe
		nur absender * organisation
		nur von personen innerhalb * organisation
		seules les personnes de l'organisation
		seuls les expediteurs * organisation
		solo * personas * organizacion * grupo
		solo * remitentes * organizacion
		solo * persone * organizzazione * gruppo
		apenas pessoas * organizacao * grupo
		alleen personen * organisatie * groep
		組織内の * のみ
		`,
	"common.sending-suspended": `
		nicht als gueltiger absender erkannt
		pas ete reconnu * expediteur valide
		pas ete identifie * expediteur valide
		no se le * remitente valido
		non * riconosciuto * mittente valido
		nao * reconhecido * remetente valido
		niet * herkend als * geldige afzender
		有効な送信者として認識
		not recognized as a valid sender
		`,
	"common.too-large": `
		prekracuje * velikost
		limite de tamano actual del sistema
		limite de tamanho atual do sistema
		större än * storlek~
		ileti boyutu * sinir~
		メッセージのサイズが制限
		サイズが制限を超え
		邮件大小超出
		大小超出了限制
		meghaladja a megengedett
		przekracza * rozmiar
		przekroczono * rozmiar
		ueberschreitet * groesse
		depasse la taille
		supera * dimensione
		supera * tamano
		excede * tamano
		excede * tamanho
		overschrijdt * grootte
		meddelandet * för stort
		meddelelsen * for stor
		meldingen * for stor
		zprava je prilis velka
		mesaj * çok büyük
		размер сообщения превышает
		сообщение слишком большое
		превышен * размер
		邮件过大
		邮件大小超过
		サイズが上限を超え
		サイズ制限を超え
		크기 * 초과
		nachricht ist zu gross
		nachricht * zu gross
		message est trop volumineux
		message * trop volumineux
		mensaje es demasiado grande
		mensaje * demasiado grande
		messaggio * troppo grande
		mensagem * muito grande
		mensagem * demasiado grande
		bericht * te groot
		wiadomosc * zbyt duza
		メッセージが大きすぎ
		メッセージのサイズが大きすぎ
		`,
	"common.spam": `
		<blocked> & content filter agent
		<blocked> & spamfilter~
		<blocked> & antispam~
		spamfilter * abgewiesen
		abgewiesen + als spam
		odrzucona jako spam
		odmitnuta jako spam
		avvisades som skrappost
		отклонено как спам
		спам-фильтр~ + отклон~
		podejrzenie spamu
		podozreni na spam
		za spam
		jako spam
		como spam
		comme spam
		als spam
		come spam
		스팸~
		roskaposti~
		niechciana wiadomosc
		istenmeyen
		als spam eingestuft
		comme du spam
		comme spam
		como spam
		come spam
		jako spam
		スパムと判定
		スパムメール
		垃圾邮件
		спам
		`,
	"common.policy": `
		durch eine regel * organisation
		flussregel~
		regle de flux
		regla de flujo
		regola * flusso di posta
		regra de fluxo
		regula przeplywu
		von einer nachrichtenflussregel
		regle de flux de messagerie
		regla de flujo de correo
		regola del flusso di posta
		regra de fluxo de email
		regra de fluxo de mensagens
		stroomregel
		`,
	"common.timeout": `
		serververbindung * fehlgeschlagen * smtp
		smtp server + not respond~
		smtp-server * antwortet nicht
		<cant> + <connect> + smtp
		smtp + <cant> + <connect>
		smtp + <connect> + <cant>
		<cant> + <connect> + mailserver
		<cant> + <connect> * serveur de messagerie
		<cant> + <connect> * correo
		<cant> + <connect> * posta
		smtp sunucusuna baglanilamiyor
		smtpサーバーに接続できません
		サーバーに接続できませんでした smtp
		无法连接到 smtp
		serveur * n'a pas repondu
		servidor * no respondio
		server * non ha risposto
		server * nicht geantwortet
		konnte keine verbindung hergestellt werden
		keine verbindung * zielcomputer
		zielcomputer die verbindung verweigerte
		verbindung mit dem remoteserver kann nicht hergestellt werden
		zeitlimit * ueberschritten
		aucune connexion n'a pu etre etablie
		impossible de se connecter au serveur distant
		delai d'attente depasse
		no se puede establecer una conexion
		no es posible conectar con el servidor remoto
		impossibile stabilire la connessione
		impossibile effettuare la connessione
		nao foi possivel conectar
		kan geen verbinding
		`,
	"common.client-dns": `
		remotename konnte nicht aufgeloest werden
		der angegebene host ist unbekannt
		hostname konnte nicht aufgeloest werden
		nom distant n'a pas pu etre resolu
		hote inconnu
		no se puede resolver el nombre remoto
		host desconocido
		impossibile risolvere il nome remoto
		host sconosciuto
		nao foi possivel resolver o nome
		kan de externe naam niet omzetten
		`,
	"common.relay-denied": `
		relay non consentito
		relay no permitido
		relayage refuse
		relayage interdit
		weiterleitung nicht gestattet
		weiterleitung verweigert
		relay nao permitido
		пересылка запрещена
		релей запрещен
		не разрешена пересылка
		拒绝中继
		中継は許可されていません
		relais verweigert
		relais refuse
		relaying denegado
		relay denegado
		relay negato
		relay negado
		`,
	"common.auth-failed": `
		benutzername * passwort * falsch
		benutzername * passwort * ungueltig
		benutzername * kennwort * falsch
		benutzername * kennwort * ungueltig
		mot de passe + incorrect
		contrasena + incorrecta
		password + errata
		password + non corretta
		wachtwoord + onjuist
		senha + incorreta
		haslo + nieprawidlowe
		heslo + nespravne
		lösenord + felaktigt
		parola + yanlis
		パスワードが正しく
		密码错误
		неверный * пароль
		неправильный * пароль
		autenticazione * non riuscita
		verificatie mislukt
		authenticatie mislukt
		aanmelden mislukt
		uwierzytelnianie * nie powiodlo
		uwierzytelnienie * nie powiodlo
		overeni * nezdarilo
		overeni * selhalo
		autentiseringen misslyckades
		inloggningen misslyckades
		kimlik dogrulamasi basarisiz
		認証に失敗
		şifre hatali
		неправильний пароль
		λάθος κωδικός
		falha na autenticacao
		usuario ou senha invalid~
		usuario ou senha incorret~
		error de autenticacion
		blad uwierzytelniania
		uwierzytelnianie nie powiodlo
		nieprawidlow~ * haslo
		autentisering misslyckades
		godkendelse mislykkedes
		autentisering mislyktes
		prihlaseni se nezdarilo
		overeni * selhalo
		kimlik dogrulama * basarisiz
		неверный логин или пароль
		неверное имя пользователя или пароль
		ошибка аутентификации
		ошибка авторизации
		用户名或密码错误
		密码错误
		パスワードが正しくありません
		인증에 실패
		anmeldung * fehlgeschlagen
		benutzername oder kennwort * falsch
		benutzername oder passwort * falsch
		nom d'utilisateur ou mot de passe incorrect
		nombre de usuario o contrasena incorrect~
		nome utente o password errat~
		gebruikersnaam of wachtwoord * onjuist
		認証に失敗
		认证失败
		身份验证失败
		`,
	"common.dnsbl": `
		kara liste~
		lista negra
		liste noire
		lista nera
		черном списке
		черный список
		黑名单
		ブラックリスト
		czarnej liscie
		svartlistad
		`,
	"common.greylisted": `
		серый список
		серых списков
		灰名单
		グレイリスト
		liste grise
		lista gris
		lista grigia
		lista cinza
		`,
	"common.mailbox-disabled": `
		ящик заблокирован
		ящик отключен
		учетная запись отключена
		账号已停用
		邮箱已停用
		帐户已禁用
		アカウントは無効
		konto zablokowane
		konto inaktiverat
		compte * desactive
		cuenta * desactivada
		account * disattivato
		conta * desativada
		`,
	"common.rate": `
		przekroczono limit
		prekrocen * limit
		versandlimit
		sendelimit
		limite de envios
		gönderim limiti
		превышен лимит
		превышено количество сообщений
		слишком много сообщений
		слишком много писем
		发送频率
		发信数量超过
		超过发送限制
		送信数の上限
		送信制限
		limite * envoi
		limite de envio
		limite de invio
		limite di invio
		verzendlimiet
		`,
	"common.spf": `
		nao possui spf
		sem spf
		weryfikacji spf
		отклонен * spf
		отклонён * spf
		spf * отклонен
		spf * отклонён
		проверка spf не пройдена
		spf检查失败
		spf認証に失敗
		`,
	"common.ptr": `
		dns inverse
		enregistrement dns inverse
		dns inverso
		обратная запись
		обратная зона
		反向解析
		逆引き
		`,
	"common.too-many-connections": `
		trop de connexions
		zu viele verbindungen
		demasiadas conexiones
		troppe connessioni
		te veel verbindingen
		zbyt wiele polaczen
		`,
	"common.ip-reputation": `
		ip bloquead~
		ip-adresse * gesperrt
		adresse ip * bloquee
		adres ip * zablokowan~
		ip адрес * заблокирован
		aus ihrem netz wird nicht angenommen
		ipアドレス * 拒否
		ip地址 * 拒绝
		`,
	"common.sender-domain": `
		afzender * geen geldig dns
		送信者ドメイン * 確認できません
		домен отправителя не
		`,
	"common.expired": `
		ohne erfolg * eingestellt
		erfolglos versucht
		sans succes * cesse
		sin exito * ha dejado
		senza esito * ha smesso
		zonder succes * gestopt
		sem exito * parou
		sem sucesso * parou
		uden held * holdt op
		utan att lyckas * slutat
		bez powodzenia * zaprzestal
		безуспешно * прекратил
		`,
	"common.sender-rejected": `
		adresse de l'expediteur n'est pas valide
		absenderadresse * ungueltig
		absenderadresse * abgelehnt
		direccion del remitente no es valida
		indirizzo del mittente non * valido
		endereco do remetente * invalido
		`,
	"common.delayed": `
		<note> * noch nicht zugestellt
		zustellung * empfaenger * verzoegert
		<note> * pas encore ete remis
		remise * destinataires * retardee
		<note> * aun no se ha entregado
		entrega * destinatarios * retrasado
		<note> * non e stato ancora recapitato
		<note> * non e stato ancora consegnato
		<note> * nog niet bezorgd
		<note> * ainda nao foi entregue
		<note> * nie zostala jeszcze dostarczona
		<note> * dosud nebyla dorucena
		<note> * ännu inte levererats
		<note> * henuz teslim edilmedi
		<note> * еще не доставлено
		メッセージはまだ配信されていません
		邮件尚未
		`,
	"common.loop": `
		mailschleife
		nachrichtenschleife
		boucle de messagerie
		boucle de courrier
		bucle de correo
		loop di posta
		loop de email
		mail-lus
		petla poczty
		メールループ
		`,
	"common.attachment": `
		<attachment> & unerlaubt~
		nicht erlaubten anhang
		nicht erlaubter anhang
		piece jointe * pas autorisee
		archivo adjunto * no permitido
		allegato * non consentito
		anexo * nao permitido
		bijlage * niet toegestaan
		niedozwolony zalacznik
		`,
	"common.domain-not-found": `
		domaene + nicht gefunden
		domaene des empfaengers + nicht gefunden
		domain des empfaengers + nicht gefunden
		domaine * introuvable
		no se encontro el dominio
		dominio * no se encontro
		dominio * non e stato trovato
		domein * niet gevonden
		dominio * nao foi encontrado
		domeny * nie znaleziono
		domena * nebyla nalezena
		домен * не найден
		`,
	"common.moved": `
		adresse * empfaengers * geaendert
		adresse * destinataire a change
		direccion * destinatario ha cambiado
		indirizzo * destinatario e cambiato
		`,
}
