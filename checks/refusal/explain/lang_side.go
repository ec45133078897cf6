package explain

// sideTexts are the texts of a language that depend on who must act.
type sideTexts struct {
	perCause texts[cause, ticketText]
	do       texts[side, string]            // where the row's owner is not the one that the cause names
	header   texts[headerNotice, [3]string] // title, what it is, what to do: for a message that arrived
}

// ticketSides holds them by language, in the order of [ticketLanguages].
func ticketSides() []sideTexts {
	return []sideTexts{englishSides, germanSides, frenchSides, spanishSides, italianSides, dutchSides, portugueseSides, japaneseSides}
}

var englishSides = sideTexts{
	texts[cause, ticketText]{
		{causeNoMessage, ticketText{"Nothing known about a message", "%s may or may not have been delivered: the text below does not say.",
			"Please send the complete error message to your administrator."}},
		{causeOwnPolicy, ticketText{"Blocked by a rule of your organization",
			"%s was not sent because a rule of your own organization does not allow it.",
			"You cannot fix this yourself; your administrator needs the details below."}},
		{causeOwnBlocked, ticketText{"Sending is blocked",
			"%s was not sent because your mail service has stopped your account or your organization from sending it.",
			"You cannot fix this yourself; your administrator needs the details below."}},
		{causeOther, ticketText{"Message not delivered", "%s was not delivered for the reason given below.",
			"You cannot fix this yourself; your administrator needs the details below."}},
	},
	texts[side, string]{
		{sideUser, "Please follow the steps below; your administrator can help you with them."},
		{sideRecipient, "Only the recipient's organization can fix this; please inform the recipient by other means."},
		{sideService, "Only the operator of the mail service can fix this; your administrator needs the details below."},
	},
	texts[headerNotice, [3]string]{
		{noticeConfirmed, [3]string{"Sender's domain confirmed", "The domain of the sender confirms that it sent this message.",
			"This does not mean that its content is harmless."}},
		{noticeLikely, [3]string{"Sender's domain confirmed, if it came by mail",
			"If this message arrived in your mailbox by itself, and not as an attachment or a file, the domain of its sender confirms that it sent it.",
			"This does not mean that its content is harmless."}},
		{noticeDoubtful, [3]string{"Sender not confirmed", "The sender of this message is not confirmed; the address may be forged.",
			"Please do not reply and do not open links or attachments until your administrator has checked it."}},
		{noticeUnclear, [3]string{"Sender not checked completely", "This message alone does not prove who sent it.",
			"Please do not open links or attachments until your administrator has read the details below."}},
	},
}

var germanSides = sideTexts{
	texts[cause, ticketText]{
		{causeNoMessage, ticketText{"Nichts über eine Nachricht bekannt", "%s: Der Text unten zeigt nicht, was mit ihr geschehen ist.",
			"Bitte senden Sie die vollständige Fehlermeldung an Ihren Administrator."}},
		{causeOwnPolicy, ticketText{"Durch eine Regel Ihrer Organisation blockiert",
			"%s wurde nicht gesendet, weil eine Regel Ihrer eigenen Organisation das nicht erlaubt.",
			"Sie können das nicht selbst beheben; Ihr Administrator benötigt die Angaben unten."}},
		{causeOwnBlocked, ticketText{"Senden ist gesperrt",
			"%s wurde nicht gesendet, weil Ihr Maildienst Ihr Konto oder Ihre Organisation für das Senden gesperrt hat.",
			"Sie können das nicht selbst beheben; Ihr Administrator benötigt die Angaben unten."}},
		{causeOther, ticketText{"Nachricht wurde nicht zugestellt", "%s wurde aus dem unten genannten Grund nicht zugestellt.",
			"Sie können das nicht selbst beheben; Ihr Administrator benötigt die Angaben unten."}},
	},
	texts[side, string]{
		{sideUser, "Bitte folgen Sie den Schritten unten; Ihr Administrator kann Ihnen dabei helfen."},
		{sideRecipient, "Nur die Organisation des Empfängers kann das beheben; bitte informieren Sie den Empfänger auf anderem Weg."},
		{sideService, "Nur der Betreiber des Maildienstes kann das beheben; Ihr Administrator benötigt die Angaben unten."},
	},
	texts[headerNotice, [3]string]{
		{noticeConfirmed, [3]string{"Domain des Absenders bestätigt", "Die Domain des Absenders bestätigt, dass sie diese Nachricht gesendet hat.",
			"Das bedeutet nicht, dass der Inhalt harmlos ist."}},
		{noticeLikely, [3]string{"Absenderdomain bestätigt, falls per E-Mail eingegangen",
			"Wenn diese Nachricht selbst in Ihrem Postfach eingegangen ist, und nicht als Anhang oder Datei, bestätigt die Domain des Absenders, dass sie sie gesendet hat.",
			"Das bedeutet nicht, dass der Inhalt harmlos ist."}},
		{noticeDoubtful, [3]string{"Absender nicht bestätigt", "Der Absender dieser Nachricht ist nicht bestätigt; die Adresse kann gefälscht sein.",
			"Bitte antworten Sie nicht und öffnen Sie keine Links oder Anlagen, bis Ihr Administrator die Nachricht geprüft hat."}},
		{noticeUnclear, [3]string{"Absender nicht vollständig geprüft", "Diese Nachricht allein beweist nicht, wer sie gesendet hat.",
			"Bitte öffnen Sie keine Links oder Anlagen, bis Ihr Administrator die Angaben unten gelesen hat."}},
	},
}

var frenchSides = sideTexts{
	texts[cause, ticketText]{
		{causeNoMessage, ticketText{"Aucune information sur un message", "%s : le texte ci-dessous n'indique pas ce qu'il est devenu.",
			"Veuillez envoyer le message d'erreur complet à votre administrateur."}},
		{causeOwnPolicy, ticketText{"Bloqué par une règle de votre organisation",
			"%s n'a pas été envoyé, car une règle de votre propre organisation ne l'autorise pas.",
			"Vous ne pouvez pas résoudre ce problème vous-même ; votre administrateur a besoin des informations ci-dessous."}},
		{causeOwnBlocked, ticketText{"Envoi bloqué",
			"%s n'a pas été envoyé, car votre service de messagerie a bloqué l'envoi pour votre compte ou votre organisation.",
			"Vous ne pouvez pas résoudre ce problème vous-même ; votre administrateur a besoin des informations ci-dessous."}},
		{causeOther, ticketText{"Le message n'a pas été remis", "%s n'a pas été remis pour la raison indiquée ci-dessous.",
			"Vous ne pouvez pas résoudre ce problème vous-même ; votre administrateur a besoin des informations ci-dessous."}},
	},
	texts[side, string]{
		{sideUser, "Veuillez suivre les étapes ci-dessous ; votre administrateur peut vous aider."},
		{sideRecipient, "Seule l'organisation du destinataire peut résoudre ce problème ; veuillez prévenir le destinataire par un autre moyen."},
		{sideService, "Seul l'exploitant du service de messagerie peut résoudre ce problème ; votre administrateur a besoin des informations ci-dessous."},
	},
	texts[headerNotice, [3]string]{
		{noticeConfirmed, [3]string{"Domaine de l'expéditeur confirmé", "Le domaine de l'expéditeur confirme avoir envoyé ce message.",
			"Cela ne signifie pas que son contenu est sans danger."}},
		{noticeLikely, [3]string{"Domaine de l'expéditeur confirmé, si le message est arrivé par courrier",
			"Si ce message est arrivé tel quel dans votre boîte aux lettres, et non comme pièce jointe ou fichier, le domaine de l'expéditeur confirme l'avoir envoyé.",
			"Cela ne signifie pas que son contenu est sans danger."}},
		{noticeDoubtful, [3]string{"Expéditeur non confirmé", "L'expéditeur de ce message n'est pas confirmé ; l'adresse peut être falsifiée.",
			"Veuillez ne pas répondre et n'ouvrir ni lien ni pièce jointe avant que votre administrateur ne l'ait vérifié."}},
		{noticeUnclear, [3]string{"Expéditeur non entièrement vérifié", "Ce message ne prouve pas à lui seul qui l'a envoyé.",
			"Veuillez n'ouvrir ni lien ni pièce jointe avant que votre administrateur n'ait lu les informations ci-dessous."}},
	},
}

var spanishSides = sideTexts{
	texts[cause, ticketText]{
		{causeNoMessage, ticketText{"No se sabe nada de un mensaje", "%s: el texto siguiente no indica qué ocurrió con él.",
			"Envíe el mensaje de error completo a su administrador."}},
		{causeOwnPolicy, ticketText{"Bloqueado por una regla de su organización",
			"%s no se ha enviado porque una regla de su propia organización no lo permite.",
			"Usted no puede solucionarlo por su cuenta; su administrador necesita los datos que figuran abajo."}},
		{causeOwnBlocked, ticketText{"El envío está bloqueado",
			"%s no se ha enviado porque su servicio de correo ha bloqueado el envío de su cuenta o de su organización.",
			"Usted no puede solucionarlo por su cuenta; su administrador necesita los datos que figuran abajo."}},
		{causeOther, ticketText{"El mensaje no se ha entregado", "%s no se ha entregado por el motivo que figura abajo.",
			"Usted no puede solucionarlo por su cuenta; su administrador necesita los datos que figuran abajo."}},
	},
	texts[side, string]{
		{sideUser, "Por favor, siga los pasos que figuran abajo; su administrador puede ayudarle."},
		{sideRecipient, "Solo la organización del destinatario puede solucionarlo; por favor, avise al destinatario por otro medio."},
		{sideService, "Solo el operador del servicio de correo puede solucionarlo; su administrador necesita los datos que figuran abajo."},
	},
	texts[headerNotice, [3]string]{
		{noticeConfirmed, [3]string{"Dominio del remitente confirmado", "El dominio del remitente confirma que ha enviado este mensaje.",
			"Esto no significa que su contenido sea inofensivo."}},
		{noticeLikely, [3]string{"Dominio del remitente confirmado, si llegó por correo",
			"Si este mensaje llegó directamente a su buzón, y no como archivo adjunto, el dominio del remitente confirma que lo ha enviado.",
			"Esto no significa que su contenido sea inofensivo."}},
		{noticeDoubtful, [3]string{"Remitente no confirmado", "El remitente de este mensaje no está confirmado; la dirección puede ser falsa.",
			"Por favor, no responda ni abra enlaces o archivos adjuntos hasta que su administrador lo haya comprobado."}},
		{noticeUnclear, [3]string{"Remitente no comprobado por completo", "Este mensaje por sí solo no demuestra quién lo ha enviado.",
			"Por favor, no abra enlaces ni archivos adjuntos hasta que su administrador haya leído los datos que figuran abajo."}},
	},
}

var italianSides = sideTexts{
	texts[cause, ticketText]{
		{causeNoMessage, ticketText{"Nessuna informazione su un messaggio", "%s: il testo seguente non indica che cosa gli è successo.",
			"Invii il messaggio di errore completo all'amministratore."}},
		{causeOwnPolicy, ticketText{"Bloccato da una regola della Sua organizzazione",
			"%s non è stato inviato perché una regola della Sua organizzazione non lo consente.",
			"Non è possibile risolvere il problema senza l'amministratore, che ha bisogno dei dati riportati sotto."}},
		{causeOwnBlocked, ticketText{"Invio bloccato",
			"%s non è stato inviato perché il servizio di posta ha bloccato l'invio per il Suo account o la Sua organizzazione.",
			"Non è possibile risolvere il problema senza l'amministratore, che ha bisogno dei dati riportati sotto."}},
		{causeOther, ticketText{"Il messaggio non è stato recapitato", "%s non è stato recapitato per il motivo riportato sotto.",
			"Non è possibile risolvere il problema senza l'amministratore, che ha bisogno dei dati riportati sotto."}},
	},
	texts[side, string]{
		{sideUser, "La preghiamo di seguire i passaggi riportati sotto; l'amministratore può aiutarLa."},
		{sideRecipient, "Solo l'organizzazione del destinatario può risolvere il problema; La preghiamo di avvisare il destinatario con un altro mezzo."},
		{sideService, "Solo il gestore del servizio di posta può risolvere il problema; l'amministratore ha bisogno dei dati riportati sotto."},
	},
	texts[headerNotice, [3]string]{
		{noticeConfirmed, [3]string{"Dominio del mittente confermato", "Il dominio del mittente conferma di aver inviato questo messaggio.",
			"Ciò non significa che il contenuto sia innocuo."}},
		{noticeLikely, [3]string{"Dominio del mittente confermato, se arrivato per posta",
			"Se questo messaggio è arrivato direttamente nella Sua casella, e non come allegato o file, il dominio del mittente conferma di averlo inviato.",
			"Ciò non significa che il contenuto sia innocuo."}},
		{noticeDoubtful, [3]string{"Mittente non confermato", "Il mittente di questo messaggio non è confermato; l'indirizzo può essere falsificato.",
			"La preghiamo di non rispondere e di non aprire link o allegati finché l'amministratore non lo avrà verificato."}},
		{noticeUnclear, [3]string{"Mittente non verificato del tutto", "Questo messaggio da solo non dimostra chi lo ha inviato.",
			"La preghiamo di non aprire link o allegati finché l'amministratore non avrà letto i dati riportati sotto."}},
	},
}

var dutchSides = sideTexts{
	texts[cause, ticketText]{
		{causeNoMessage, ticketText{"Niets bekend over een bericht", "%s: de tekst hieronder laat niet zien wat ermee is gebeurd.",
			"Stuur de volledige foutmelding naar uw beheerder."}},
		{causeOwnPolicy, ticketText{"Geblokkeerd door een regel van uw organisatie",
			"%s is niet verzonden omdat een regel van uw eigen organisatie dit niet toestaat.",
			"U kunt dit niet zelf oplossen; uw beheerder heeft de gegevens hieronder nodig."}},
		{causeOwnBlocked, ticketText{"Verzenden is geblokkeerd",
			"%s is niet verzonden omdat uw maildienst het verzenden door uw account of uw organisatie heeft geblokkeerd.",
			"U kunt dit niet zelf oplossen; uw beheerder heeft de gegevens hieronder nodig."}},
		{causeOther, ticketText{"Het bericht is niet bezorgd", "%s is niet bezorgd om de reden die hieronder staat.",
			"U kunt dit niet zelf oplossen; uw beheerder heeft de gegevens hieronder nodig."}},
	},
	texts[side, string]{
		{sideUser, "Volg de stappen hieronder; uw beheerder kan u daarbij helpen."},
		{sideRecipient, "Alleen de organisatie van de ontvanger kan dit oplossen; laat dit de ontvanger op een andere manier weten."},
		{sideService, "Alleen de beheerder van de maildienst kan dit oplossen; uw eigen beheerder heeft de gegevens hieronder nodig."},
	},
	texts[headerNotice, [3]string]{
		{noticeConfirmed, [3]string{"Domein van de afzender bevestigd", "Het domein van de afzender bevestigt dat het dit bericht heeft verzonden.",
			"Dit betekent niet dat de inhoud onschadelijk is."}},
		{noticeLikely, [3]string{"Domein van de afzender bevestigd, mits per e-mail ontvangen",
			"Als dit bericht zelf in uw postvak is aangekomen, en niet als bijlage of bestand, bevestigt het domein van de afzender dat het dit heeft verzonden.",
			"Dit betekent niet dat de inhoud onschadelijk is."}},
		{noticeDoubtful, [3]string{"Afzender niet bevestigd", "De afzender van dit bericht is niet bevestigd; het adres kan vervalst zijn.",
			"Antwoord niet en open geen koppelingen of bijlagen voordat uw beheerder het bericht heeft gecontroleerd."}},
		{noticeUnclear, [3]string{"Afzender niet volledig gecontroleerd", "Dit bericht alleen bewijst niet wie het heeft verzonden.",
			"Open geen koppelingen of bijlagen voordat uw beheerder de gegevens hieronder heeft gelezen."}},
	},
}

var portugueseSides = sideTexts{
	texts[cause, ticketText]{
		{causeNoMessage, ticketText{"Nada se sabe sobre uma mensagem", "%s: o texto abaixo não mostra o que aconteceu com ela.",
			"Envie a mensagem de erro completa ao seu administrador."}},
		{causeOwnPolicy, ticketText{"Bloqueada por uma regra da sua organização",
			"%s não foi enviada porque uma regra da sua própria organização não permite.",
			"Não é possível resolver isso sem o administrador, que precisa dos dados abaixo."}},
		{causeOwnBlocked, ticketText{"O envio está bloqueado",
			"%s não foi enviada porque o seu serviço de e-mail bloqueou o envio pela sua conta ou pela sua organização.",
			"Não é possível resolver isso sem o administrador, que precisa dos dados abaixo."}},
		{causeOther, ticketText{"A mensagem não foi entregue", "%s não foi entregue pelo motivo indicado abaixo.",
			"Não é possível resolver isso sem o administrador, que precisa dos dados abaixo."}},
	},
	texts[side, string]{
		{sideUser, "Por favor, siga as etapas abaixo; o administrador pode ajudar."},
		{sideRecipient, "Somente a organização do destinatário pode resolver isso; por favor, avise o destinatário por outro meio."},
		{sideService, "Somente o operador do serviço de e-mail pode resolver isso; o administrador precisa dos dados abaixo."},
	},
	texts[headerNotice, [3]string]{
		{noticeConfirmed, [3]string{"Domínio do remetente confirmado", "O domínio do remetente confirma que enviou esta mensagem.",
			"Isso não significa que o conteúdo seja inofensivo."}},
		{noticeLikely, [3]string{"Domínio do remetente confirmado, se recebido por e-mail",
			"Se esta mensagem chegou diretamente à sua caixa de correio, e não como anexo ou arquivo, o domínio do remetente confirma que a enviou.",
			"Isso não significa que o conteúdo seja inofensivo."}},
		{noticeDoubtful, [3]string{"Remetente não confirmado", "O remetente desta mensagem não está confirmado; o endereço pode ter sido falsificado.",
			"Por favor, não responda nem abra links ou anexos até que o administrador a tenha verificado."}},
		{noticeUnclear, [3]string{"Remetente não verificado por completo", "Esta mensagem sozinha não prova quem a enviou.",
			"Por favor, não abra links nem anexos até que o administrador tenha lido os dados abaixo."}},
	},
}

var japaneseSides = sideTexts{
	texts[cause, ticketText]{
		{causeNoMessage, ticketText{"メッセージの状況は不明です", "%s: 以下の文面からは、どうなったか分かりません。",
			"エラーメッセージ全体を管理者に送ってください。"}},
		{causeOwnPolicy, ticketText{"所属組織のルールによりブロックされました",
			"%sは、ご自身の組織のルールで許可されていないため、送信されませんでした。",
			"ご自身では解決できませんので、以下の情報を管理者にお知らせください。"}},
		{causeOwnBlocked, ticketText{"送信がブロックされています",
			"%sは、ご利用のメールサービスがご自身のアカウントまたは組織からの送信を停止しているため、送信されませんでした。",
			"ご自身では解決できませんので、以下の情報を管理者にお知らせください。"}},
		{causeOther, ticketText{"メールを配信できませんでした", "%sは、以下に示す理由により配信されませんでした。",
			"ご自身では解決できませんので、以下の情報を管理者にお知らせください。"}},
	},
	texts[side, string]{
		{sideUser, "以下の手順をお試しください。ご不明な点は管理者にご相談ください。"},
		{sideRecipient, "この問題を解決できるのは受信者の組織だけです。別の方法で受信者にご連絡ください。"},
		{sideService, "この問題を解決できるのはメールサービスの運営者だけです。以下の情報を管理者にお知らせください。"},
	},
	texts[headerNotice, [3]string]{
		{noticeConfirmed, [3]string{"送信元ドメインが確認されました", "送信元のドメインは、このメールを送信したことを確認しています。",
			"ただし、内容が安全であることを示すものではありません。"}},
		{noticeLikely, [3]string{"メールとして届いた場合、送信元ドメインは確認済みです",
			"このメールが添付やファイルとしてではなく、直接メールボックスに届いた場合、送信元のドメインは、このメールを送信したことを確認しています。",
			"ただし、内容が安全であることを示すものではありません。"}},
		{noticeDoubtful, [3]string{"送信者を確認できません", "このメールの送信者は確認されていません。アドレスが偽装されている可能性があります。",
			"管理者が確認するまで、返信したり、リンクや添付ファイルを開いたりしないでください。"}},
		{noticeUnclear, [3]string{"送信者の確認が完了していません", "このメールだけでは、誰が送信したかは証明されません。",
			"管理者が以下の情報を確認するまで、リンクや添付ファイルを開かないでください。"}},
	},
}
