package replies

// unknownUsers are the phrases of [translations] about a mailbox that does not exist.
const unknownUsers = `
	アドレスは見つかりません
	アドレスが見つかりません
	adresi bulunamadi
	e-postadressen * hittades inte
	e-postadressen * ble ikke funnet
	adres~ * nie znaleziono
	adresa * nebyla nalezena
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
	viesti * ei loytynyt
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
	`
