### L'écran de la personne qui cherche de l'aide.
### Needs native review.

## Every screen
seek-exit = Ctrl+X partir tout de suite
seek-exit-any = Ctrl+X partir · خروج · leave
seek-small = La fenêtre est trop petite. Agrandissez-la, ou relancez Hamsa avec --plain.
seek-back = Retour
seek-go-on = Continuer
seek-you = vous
seek-counselor = écoutante
seek-press-enter = Entrée
seek-press-esc = Échap
seek-read-on = Lire la suite
seek-link-looking = connexion…
seek-link-connected = en ligne
seek-link-reconnecting = reconnexion ; vos mots sont encore là
seek-link-offline = hors ligne ; Hamsa essaie toujours
seek-link-stopped = liaison arrêtée
seek-engine-stopped = La liaison avec la ligne d'écoute s'est arrêtée. Plus rien ne peut être envoyé. Fermez Hamsa, puis relancez-le quand vous pourrez.
seek-too-long = C'est trop long pour un seul message. Envoyez-le en plusieurs fois. ({ $bytes } octets sur { $most })
seek-not-text = Il manque des lettres : ce terminal n'envoie pas de l'UTF-8. Réglez-le sur UTF-8, puis récrivez-les.
seek-locale = Les réglages de ce terminal n'indiquent pas UTF-8. Si des lettres s'affichent mal ou manquent, partez, puis relancez avec LC_ALL=fr_FR.UTF-8.
seek-no-text = Les informations de l'association ne sont pas encore arrivées, ou elle n'en donne pas ici. Vous pouvez demander à l'écoutante.
seek-by-association = Texte de l'association ({ $association }) :
seek-by-association-unknown = L'association dit :
seek-path-two = Vos mots passent, scellés, par deux associations. L'une voit l'adresse réseau de cet appareil ; l'autre voit seulement qu'une demande attend. En chemin, aucune ne peut lire vos mots.
seek-path-one = Vos mots passent, scellés, par une seule association, pour autant que cet appareil le sache. Ses serveurs voient l'adresse réseau de cet appareil et l'heure ; ils ne lisent pas vos mots.

## Language
seek-language-title = Langue · اللغة · Language
seek-calibrate-title = Les lettres arabes sur ce terminal
seek-calibrate-ask = Quelle ligne se lit bien ? Choisissez son numéro. Vous pourrez le changer plus tard avec ^K.
seek-calibrate-none = Aucune

## Safety and consent
seek-safe-title = Avant d'écrire
seek-safe-hello = Ici, vous pouvez parler avec une écoutante formée ({ $association }).
seek-safe-hello-unknown = Ici, vous pouvez parler avec une écoutante formée d'une association.
seek-safe-danger-now = En danger maintenant ? Si vous le pouvez, allez d'abord dans un lieu plus sûr.
seek-safe-watched = On peut voir l'écran ou fouiller l'appareil ? Si possible, prenez-en un autre.
seek-safe-limits = Hamsa ne protège pas d'un écran surveillé, d'un appareil infecté, ni de quelqu'un qui vous force à le déverrouiller.
seek-safe-spy = Vous craignez un logiciel espion ? Ne l'enlevez pas maintenant : cela peut aggraver les choses. Prenez un autre appareil.
seek-safe-anonymous = Hamsa ne demande ni nom, ni numéro, ni adresse, ni lieu.
seek-safe-saved = Hamsa n'enregistre rien sur cet appareil, sauf si vous le demandez.
seek-safe-reads = Seules des écoutantes vous lisent ; l'échange n'est pas gardé (voir choix 4).
seek-safe-exit = ^X (Ctrl et X ensemble), à tout moment : l'écran se vide, l'échange s'arrête.
seek-safe-exit-limits = ^X ne cache pas que ce programme a été lancé : l'historique des commandes, la liste des programmes, le programme et le réseau peuvent le montrer.
seek-safe-consent = J'ai compris, continuer
seek-safe-practice = Essayer d'abord Ctrl+X
seek-safe-danger = Ce qui aide en cas de danger
seek-safe-more = Lire plus : cet appareil, qui lit, combien de temps
seek-safe-return = J'ai déjà parlé ici, j'ai une phrase
seek-safe-refuse = Je ne veux pas parler maintenant

## Not now
seek-refused-title = S'informer sans échanger
seek-refused-fine = C'est entendu. Aucun de vos mots n'a été envoyé.
seek-refused-leave = Partir
seek-refused-talk = Échanger avec une écoutante

## Danger
seek-danger-title = Une question que vous pouvez passer
seek-danger-ask = Êtes-vous en danger maintenant ?
seek-danger-why = Si vous dites oui, votre demande passe avant celles qui ne sont pas urgentes. Cela ne vous engage à rien.
seek-danger-skip = Passer
seek-danger-yes = Oui, maintenant
seek-danger-no = Non
seek-danger-general = Si vous pouvez, allez là où il y a du monde, ou chez quelqu'un en qui vous avez confiance. Vous pourrez revenir ici plus tard.

## First words
seek-first-title = Quelques mots, si vous voulez
seek-first-ask = Que voulez-vous dire d'abord ? Quelques mots suffisent, dans toute langue et toute écriture. Entrée les envoie.
seek-first-sealed = Ils attendent sur cet appareil ; seule l'écoutante qui répond les lira.
seek-first-pace = Vous décidez de ce que vous dites. Vous pouvez tout passer, à tout moment.
seek-first-skip = Ne rien dire encore, attendre une écoutante
seek-first-too-long = C'est plus long que ce que le premier message peut contenir. Rien n'est perdu : raccourcissez ici, vous écrirez la suite en attendant. ({ $bytes } octets sur { $most })

## Waiting room
seek-wait-title = salle d'attente
seek-wait-sealing = Votre demande est en train d'être scellée et envoyée.
seek-wait-next = Il n'y a personne avant vous.
seek-wait-ahead = Personnes avant vous : { $ahead }
seek-wait-ahead-most = Personnes avant vous : { $ahead } au plus
seek-wait-busy = Vous êtes dans la file. Votre place est gardée tant que Hamsa reste ouvert.
seek-wait-more = Vous pouvez continuer à écrire en attendant ; l'écoutante lira tout ensemble.
seek-wait-reopened = L'écoutante n'est plus joignable. Vous attendez de nouveau à votre ancienne place ; ce qui n'était pas arrivé est renvoyé.
seek-wait-gone = L'écoutante n'est plus joignable. Ce qu'elle n'avait pas reçu attend une autre écoutante.
seek-wait-passed = Votre échange passe à une collègue, d'abord { $colleague }. Personne ne l'a encore pris.

## Talk
seek-talk-with = { $name } · écoutante vérifiée ({ $association })
seek-answered = Une écoutante est là. Échap vous mène à elle.
seek-answered-note = Une écoutante est là. Votre note reste.
seek-answered-other = Une autre écoutante est avec vous maintenant. Son pseudonyme est en haut.
seek-new-words = L'écoutante a écrit. Échap vous mène à ses mots.
seek-sent-written = … pas encore parti
seek-sent-at-node = ✓ en route
seek-sent-received = ✓✓ reçu
seek-sent-failed = ✗ non remis
seek-resend = Renvoyer ce que l'écoutante d'avant avait reçu
seek-opened = Quelqu'un est de service maintenant. Ce que vous écriviez est en bas ; Entrée le lui envoie.

## Own pace
seek-pace-pause = Demander une pause
seek-pace-go-on = Terminer la pause
seek-pace-no-details = Pas de questions sur les détails, s'il vous plaît
seek-pace-details = On peut de nouveau me demander des détails
seek-pace-paused = Vous avez demandé une pause. Rien ne presse ; vos prochains mots y mettent fin.
seek-pace-went-on = La pause est finie.
seek-pace-noted = C'est noté : pas de questions sur les détails. L'écoutante en sera informée.
seek-pace-taken-back = C'est retiré. Vous pouvez toujours passer une question.

## Closed
seek-closed-title = Personne n'est de service
seek-closed-nobody = Personne n'est de service en ce moment.
seek-closed-hours = Heures d'ouverture : { $hours }
seek-closed-kept = Si vous restez, votre place est gardée jusqu'à ce que quelqu'un vienne.
seek-closed-menu = ^K : laisser un message scellé, ou lire.
seek-closed-leave = Laisser un message scellé
seek-closed-wait = Attendre ici

## Sealed message
seek-leave-title = Un message scellé
seek-leave-ask = Écrivez-le en bas. Une écoutante pourra le lire à son prochain service. Entrée l'envoie.
seek-leave-until = Il est gardé, scellé, jusqu'au { $date } au plus tard, puis il disparaît.
seek-leave-phrase = Une fois envoyé, vous pourrez prendre une phrase de huit mots, pour revenir lire la réponse.
seek-leave-send = L'envoyer tel quel
seek-leave-too-long = C'est trop long pour un seul message scellé. Laissez-le en plusieurs fois, l'un après l'autre. ({ $bytes } octets sur { $most })
seek-left-title = Votre message scellé
seek-left-sending = Il est en train d'être scellé et envoyé. Attendez encore un moment.
seek-left-not-yet = Votre message scellé n'est pas encore parti. Si vous partez maintenant, il peut être perdu.
seek-left-kept = Il est gardé, scellé, jusqu'au { $date } au plus tard.
seek-left-answer = Pour lire la réponse, il vous faut la phrase de retour : créez-la maintenant. Revenez dans un jour ou deux ; une réponse reste deux semaines.
seek-left-come-back = Revenez avec votre phrase dans un jour ou deux. Une réponse reste deux semaines.
seek-left-failed = Il n'a pas pu être déposé. Il est encore ici ; rien n'est perdu.
seek-left-again = Essayer encore

## Coming back
seek-return-title = Revenir
seek-return-ask = Tapez les huit mots de votre phrase, avec un espace entre eux, puis Entrée.
seek-return-watch = Les mots se voient sur cet écran. Toute personne qui les lit pourrait revenir à votre place.
seek-return-looking = Recherche d'une réponse pour vous. Cela prend un moment.
seek-mail-title = Les réponses pour vous
seek-mail-date = datée du { $date }
seek-mail-none = Il n'y a pas encore de réponse.
seek-mail-talk = Parler maintenant à une écoutante
seek-mail-open = Lire les réponses pour vous
seek-mail-came = Une réponse pour vous est arrivée. ^K, puis « Lire les réponses pour vous ».

## Phrase
seek-phrase-open = Une phrase de retour
seek-phrase-title = Une phrase de retour
seek-phrase-what = Huit mots vous permettent de lire la réponse à votre message scellé depuis n'importe quel appareil. Rien n'est enregistré sur celui-ci.
seek-phrase-lost = Si vous les perdez, personne ne peut vous les rendre : ni nous, ni l'association.
seek-phrase-found = Toute personne qui les trouve peut revenir à votre place et lire ce qui est répondu.
seek-phrase-where = Apprenez-les, ou notez-les sur un papier que personne ne verra. Mieux vaut ne pas les garder sur cet appareil.
seek-phrase-make = Créer ma phrase de retour
seek-phrase-not = Pas maintenant
seek-phrase-making = Votre phrase se prépare. Cela prend un moment.
seek-phrase-write = Voici vos mots, dans cet ordre. Une fois Hamsa fermé, personne ne pourra vous les remontrer.
seek-phrase-typeback = Je les ai ; je les tape une fois
seek-phrase-stop = Je ne veux pas de phrase
seek-phrase-type = Tapez les huit mots une fois, pour vérifier.
seek-phrase-see = Les montrer encore
seek-phrase-wrong = Ce ne sont pas les mêmes mots. Regardez encore et tapez-les de nouveau.
seek-phrase-right = C'est juste. Vous pouvez revenir avec ces mots.

## Asked
seek-asked-title = L'écoutante vous demande
seek-asked-transfer = { $name } vous propose de continuer avec une collègue : { $colleague }
seek-asked-transfer-means = Si vous acceptez, la collègue reçoit de nouvelles clés et la première écoutante ne lit plus la suite. Vous pourrez renvoyer ce que vous aviez déjà écrit.
seek-asked-free = Vous êtes libre de dire non ; l'échange continue alors comme avant.
seek-asked-key = ^Y pour répondre. D'ici là, rien ne change.
seek-asked-open = Répondre à ce que l'écoutante demande
seek-asked-later = Pas maintenant
seek-asked-yes = Oui, je suis d'accord
seek-asked-no = Non
seek-asked-gone = La question d'une collègue ne se pose plus. Rien ne change pour vous.

## Menu
seek-menu-title = Ce que vous pouvez faire ici

## End
seek-end = Terminer l'échange
seek-end-title = Terminer l'échange ?
seek-end-ask = L'échange se termine pour vous deux, et ses clés disparaissent. Ce qui est à l'écran disparaît quand vous partez.
seek-end-no = Non, continuer
seek-end-yes = Oui, terminer
seek-over-title = L'échange est terminé
seek-over-thanks = Merci de votre confiance. Vous pouvez revenir quand vous voulez.
seek-over-nothing = Hamsa n'a rien écrit sur cet appareil, sauf le carnet si vous l'avez créé. Le programme lui-même y est toujours.
seek-over-shell = Le terminal peut garder dans son historique la ligne qui a lancé Hamsa. Fermer la fenêtre ne l'efface pas.
seek-over-unsent = Ce que vous aviez commencé à écrire n'a pas été envoyé.
seek-over-leave = Partir
seek-over-again = Commencer un nouvel échange
seek-over-reread = Relire l'échange
seek-ended-you = Vous avez terminé l'échange.
seek-ended-counselor = L'écoutante a terminé l'échange.
seek-ended-revoked = L'échange a été arrêté, car cette écoutante ne peut plus répondre pour l'association. Cela ne vient pas de vous. Vous pouvez recommencer avec une autre.
seek-ended-transferred = La collègue a l'échange maintenant.
seek-ended-helpline = La ligne d'écoute a terminé l'échange. Vous pouvez recommencer.
seek-ended-notice = L'échange est terminé. Échap vous y ramène.

## Three questions
seek-questions-open = Trois questions, si vous voulez
seek-questions-title = Trois questions
seek-questions-yours = Passez ce que vous voulez. À la fin, vous choisissez si vos réponses sont envoyées.
seek-question-heard = Avez-vous eu le sentiment qu'on vous écoutait ?
seek-question-step = Savez-vous quel pourrait être votre prochain pas ?
seek-question-safer = Vous sentez-vous un peu plus en sécurité qu'avant ?
seek-question-yes = Oui
seek-question-no = Non
seek-question-skip = Passer
seek-questions-unsure = Merci de le dire. Vous pouvez revenir quand vous voulez, et demander une autre écoutante dès vos premiers mots.
seek-questions-done = Merci. Prenez soin de vous.
seek-survey-ask = Voulez-vous donner vos réponses à l'association ? Elle ne reçoit que des totaux par mois, sans vos mots ni votre échange.
seek-survey-how = Elles passent par un chemin à part. Seule l'heure pourrait laisser deviner, sur ses machines, de qui elles viennent.
seek-survey-how-one = Elles passent à part de l'échange, mais par les serveurs de la même association. L'adresse réseau de cet appareil pourrait lui montrer qu'elles viennent de vous.
seek-survey-open = Les confier à l'association
seek-survey-again = Répondre encore une fois
seek-survey-keep = Les garder pour moi
seek-survey-send = Envoyer mes réponses
seek-survey-sending = Elles partent.
seek-survey-counted = Elles sont comptées. Merci.
seek-survey-failed = Rien ne dit qu'elles ont été comptées. Vous pouvez essayer encore, ou laisser.
seek-survey-before = Vos réponses d'avant vont à l'association. Celles-ci restent sur cet écran.

## Practice
seek-practice-title = Essayer la sortie
seek-practice-now = Tenez la touche Ctrl et appuyez sur X, maintenant.
seek-practice-empty = L'écran se vide. Quand vous partez vraiment, Hamsa se ferme et la ligne de commande habituelle revient. Le programme reste sur l'appareil.
seek-practice-back = Dans cet essai, appuyez sur Entrée sur l'écran vide pour revenir ici. Un second ^X part vraiment.
seek-practice-done = C'était cela. C'est pareil sur chaque écran.

## Reading
seek-read-shelf = De quoi lire
seek-read-place = Votre place est gardée pendant que vous lisez.
seek-read-counselor = Ce que peut faire une écoutante
seek-read-proof = Garder des preuves avec prudence
seek-read-tonight = De petits pas pour ce soir
seek-read-device = Un appareil peut-être surveillé
seek-read-complaint = Avant une plainte
seek-read-danger = Ce qui aide en cas de danger
seek-read-services = Services et heures d'ouverture
seek-read-confidentiality = Qui lit, et combien de temps c'est gardé
seek-counselor-1 = Elle écoute et vous croit. Elle ne juge pas et ne décide pas pour vous.
seek-counselor-2 = Elle peut démêler avec vous : ce qui s'est passé, ce que vous voulez, ce qui peut venir d'abord.
seek-counselor-3 = Elle sait ce que l'association peut offrir, et à qui d'autre vous pourriez demander.
seek-counselor-4 = Elle ne sait pas qui vous êtes, sauf si vous le lui dites. Rien ne vous y oblige.
seek-proof-1 = Si c'est sans danger pour vous, gardez les messages au lieu de les effacer, même s'ils font mal. Vous n'avez pas à les relire.
seek-proof-2 = Notez pour chacun : l'adresse de la page, le compte, la date et l'heure.
seek-proof-3 = Gardez les images de l'écran là où personne d'autre ne regarde ; pas sur un appareil ou un compte partagé.
seek-proof-4 = Avant de donner des preuves à une autorité, parlez d'abord à l'avocate de l'association.
seek-proof-5 = Une image intime, et vous avez 18 ans ou plus : certains services reconnaissent une image grâce à un nombre calculé sur votre appareil. Seul ce nombre en sort, jamais l'image.
seek-proof-6 = Un tel service donne un numéro de dossier et un code. Personne ne peut vous les redonner : gardez-les en lieu sûr.
seek-proof-7 = Si vous avez moins de 18 ans, c'est différent : demandez à l'écoutante qui s'occupe de la protection de l'enfance. Personne ne doit vous demander d'envoyer une image ici.
seek-tonight-1 = Vous n'avez pas à tout résoudre ce soir. Une petite chose suffit.
seek-tonight-2 = Ce qu'on vous a fait n'est pas votre faute.
seek-tonight-3 = S'il y a quelqu'un en qui vous avez confiance, vous pourriez lui demander seulement de rester près de vous.
seek-tonight-4 = Buvez un peu d'eau. Soufflez lentement. Vous pouvez arrêter de lire ou d'écrire quand vous voulez.
seek-device-1 = Si quelqu'un sait des choses que seul votre téléphone pouvait dire, il est peut-être surveillé. Prenez un appareil que cette personne n'a jamais eu en main.
seek-device-2 = Ne retirez pas tout de suite une application espionne : la personne qui l'a mise peut le remarquer et devenir dangereuse.
seek-device-3 = Faites d'abord un plan avec une écoutante, depuis un autre appareil.
seek-device-4 = Le chiffrement n'aide pas sur un appareil surveillé : ce que vous tapez est vu avant d'être scellé.
seek-complaint-1 = Parlez d'abord à l'avocate de l'association. Une plainte peut aussi avoir des conséquences pour la personne qui la dépose.
seek-complaint-2 = Demander d'abord ne vous engage à rien. Ici, personne ne dépose de plainte à votre place sans vous.
seek-confidential-1 = Seule l'écoutante avec qui vous échangez lit l'échange, dès vos premiers mots. D'autres écoutantes de l'association peuvent ouvrir un message scellé. Les serveurs en chemin ne voient que des morceaux scellés de même taille.
seek-confidential-2 = Un échange en direct n'est pas enregistré sur ces serveurs. Il reste à votre écran jusqu'à votre départ. Vous pouvez demander à l'écoutante ce qu'elle note.

## Help
seek-help-title = Touches
seek-help-signs = ^ veut dire la touche Ctrl. … pas encore parti, ✓ en route, ✓✓ reçu par l'écoutante, ✗ non remis.
seek-key-exit = partir tout de suite (^C fait de même)
seek-key-send = envoyer
seek-key-choose = choisir
seek-key-mark = se déplacer
seek-key-number = choisir par numéro
seek-key-back = retour
seek-key-asked = répondre
seek-key-menu = menu
seek-key-focus = choix
seek-key-write = écrire
seek-key-language = langue
seek-key-help = aide
seek-key-newline = à la ligne
seek-key-go-on = continuer
seek-key-scroll = plus ancien, plus récent
seek-key-read-on = lire
seek-help-send = envoyer (quand vous écrivez)
seek-help-choose = choisir (dans une liste)
seek-help-read-on = lire la suite (dans un texte)
seek-help-scroll = plus ancien, plus récent (dans l'échange)
seek-help-focus = passer du message aux choix, et retour

## Errors
seek-error-too-long = C'est trop long. Envoyez-le en plusieurs fois.
seek-error-queue-full = Trop de messages attendent de partir. Attendez que quelques-uns soient arrivés, puis envoyez-le encore.
seek-error-over = Cet échange est terminé. Vous pouvez en commencer un autre.
seek-error-already = Un échange est déjà ouvert. Continuez-le, ou terminez-le d'abord.
seek-error-leave-busy = Votre message d'avant est encore en chemin. Attendez qu'il soit gardé, puis laissez le suivant.
seek-error-not-available = Ce n'est pas encore possible dans cette version. Continuez sans cela.
seek-error-expired = Ce que l'association a signé n'est pas valable à cette date. Vérifiez la date et l'heure de cet appareil.
seek-error-not-yet-valid = Ce que l'association a signé n'est pas valable à cette date. Vérifiez la date et l'heure de cet appareil.
seek-error-not-the-helpline = Ce n'est pas la ligne d'écoute qui a répondu. Rien de ce que vous avez écrit n'y a été envoyé. Vérifiez l'adresse auprès de l'association.
seek-error-split-view = Deux listes différentes des écoutantes de cette ligne circulent en même temps. Cela ne devrait pas arriver. Cela ne vient pas de vous, et vous pouvez continuer. Si possible, vérifiez auprès de l'association par un autre moyen avant d'en dire plus.
seek-error-home-gone = La ligne d'écoute ne répond pas en ce moment. Hamsa essaie encore ; vous pouvez aussi revenir plus tard.
seek-error-busy = La ligne d'écoute est pleine en ce moment. Hamsa essaie encore ; restez si vous pouvez.
seek-error-no-roster = La ligne d'écoute n'est pas encore prête. Hamsa essaie encore ; vous pouvez aussi revenir plus tard.
seek-error-revoked = La ligne d'écoute n'accepte plus cette écoutante. Cela ne vient pas de vous. Vous pouvez recommencer.
seek-error-not-listed = La ligne d'écoute n'accepte plus cette écoutante. Cela ne vient pas de vous. Vous pouvez recommencer.
seek-error-refused = La ligne d'écoute n'a pas accepté cela. Il faut peut-être une version plus récente de ce programme.
seek-error-nothing-asked = Il n'y a pas de question. Continuez à écrire.
seek-error-entry-address = L'adresse de la ligne d'écoute n'est pas juste. Copiez-la encore, en entier.
seek-error-entry-name = Le nom de la ligne d'écoute n'a pas été trouvé. Vérifiez la connexion de cet appareil, puis l'adresse.
seek-error-entry-refused = Le chemin vers la ligne d'écoute est fermé en ce moment. Hamsa essaie encore.
seek-error-no-route = Cet appareil n'a pas de connexion. Vérifiez-la ; Hamsa essaie encore.
seek-error-entry-silent = La ligne d'écoute ne répond pas. Vérifiez la connexion de cet appareil ; Hamsa essaie encore.
seek-error-entry-impostor = Une autre machine a répondu à l'adresse de la ligne d'écoute. Rien ne lui a été envoyé. Vérifiez l'adresse auprès de l'association.
seek-error-entry-broken = La connexion s'est rompue. Hamsa essaie encore.
seek-error-login-page = Autre chose que la ligne d'écoute a répondu. Certains réseaux demandent d'abord de se connecter : ouvrez une page web dans un navigateur, connectez-vous, Hamsa réessaie ensuite.
seek-error-stopped = La liaison s'est arrêtée. Fermez Hamsa et relancez-le.
seek-error-bad-phrase = Ces mots ne forment pas une phrase de retour. Regardez chaque mot et l'ordre, corrigez ce qui n'est pas juste, puis Entrée.
seek-error-bad-phrase-plain = Ces mots ne forment pas une phrase de retour. Regardez chaque mot et l'ordre, et tapez encore les huit.
seek-error-no-mail = Il n'y a pas encore de réponse pour ces mots. Essayez demain, ou parlez avec une écoutante maintenant.
seek-error-mail-refused = Il y a une réponse de quelqu'un qui ne peut plus répondre pour l'association ; elle n'est pas montrée. Parlez avec une écoutante, ou laissez un autre message.
seek-error-phrase-busy = Les mots d'avant sont encore examinés. Attendez un moment, puis tapez-les encore.
seek-error-no-memory = Cet appareil a trop peu de mémoire libre pour cela. Fermez d'autres programmes et essayez encore.
seek-error-nobody-reads = Personne à la ligne d'écoute ne peut lire un message scellé en ce moment. Il n'a pas été envoyé. Revenez aux heures d'ouverture, si vous pouvez.
seek-error-full = La ligne d'écoute n'a plus de place pour un message scellé aujourd'hui. Essayez demain, ou aux heures d'ouverture.
seek-error-disk = La ligne d'écoute n'a pas pu le garder. Essayez encore plus tard.
seek-error-empty = Écrivez d'abord quelques mots.
seek-error-closed-hours = Personne n'est de service en ce moment. Vous pouvez laisser un message scellé.

## Plain face
seek-plain-keys = Tapez un numéro pour choisir, 0 pour réentendre cette page, x pour partir tout de suite ; puis Entrée.
seek-plain-write = Pour écrire, tapez > et vos mots, puis Entrée. Par exemple : > bonjour
seek-plain-unknown = Pas compris. Tapez un numéro, ou > et vos mots, ou x pour partir tout de suite.
seek-plain-long = Cette ligne est trop longue ; elle n'a pas été prise en compte.
seek-plain-not-text = Cette ligne n'est pas en UTF-8 : rien n'en a été pris ni envoyé. Réglez ce terminal sur UTF-8, puis retapez-la.
seek-plain-nothing-to-write = Rien ne peut s'écrire ici. Tapez un numéro.
seek-plain-state = { $words } : { $state }
seek-safe-exit-plain = Tapez x puis Entrée à tout moment : Hamsa s'arrête aussitôt et tente de vider la fenêtre.
seek-safe-exit-limits-plain = x ne cache pas que ce programme a été lancé, ni ce qui a été lu à voix haute ; certaines fenêtres gardent ce qui a défilé.
seek-safe-practice-plain = Essayer d'abord x
seek-first-ask-plain = Que voulez-vous dire d'abord ? Quelques mots suffisent, dans toute langue et toute écriture.
seek-leave-ask-plain = Écrivez-le en une ligne. Une écoutante le lira quand elle sera de service.
seek-return-ask-plain = Tapez les huit mots de votre phrase en une ligne, avec un espace entre eux.
seek-answered-plain = Une écoutante est là. Choisissez « Retour » pour lui parler.
seek-new-words-plain = L'écoutante a écrit.
seek-opened-plain = Quelqu'un est de service maintenant. Tapez encore vos mots pour les lui envoyer.
seek-closed-menu-plain = Vous pouvez laisser un message scellé, ou lire : c'est parmi les choix.
seek-mail-came-plain = Une réponse pour vous a été trouvée. Elle est parmi les choix.
seek-asked-key-plain = Vous pouvez répondre parmi les choix. D'ici là, rien ne change.
seek-ended-notice-plain = L'échange est terminé.
seek-practice-now-plain = Tapez maintenant x puis Entrée.
seek-practice-empty-plain = Pour de vrai, Hamsa s'arrête alors et tente de vider la fenêtre.
seek-practice-back-plain = Dans cet essai, vous restez ici. Un second x part vraiment.
seek-plain-more = Sur chaque page : m pour ce que vous pouvez faire ici, l pour les langues, h pour l'aide.
seek-help-title-plain = Aide
seek-help-plain = Avec vos propres mots, vous entendez où ils en sont : pas encore envoyé, en route, reçu, non remis.
seek-plain-exit-key = Contrôle et X ensemble font aussi partir tout de suite, sans Entrée.
seek-pasted-title = Ce que vous avez collé
seek-pasted-lines = Lignes : { $lines }
seek-pasted-not-sent = Rien n'en a été envoyé. L'envoyer ?
seek-pasted-over = L'échange s'est terminé entre-temps : rien de ce que vous avez collé n'est parti, et ce n'est plus possible de l'envoyer.
seek-pasted-send = L'envoyer en un seul message
seek-pasted-drop = Le jeter
seek-pasted-nowhere = Rien de ce que vous avez collé n'a été envoyé. On ne peut rien écrire ici : tapez un numéro.

## Le carnet
seek-notebook-open = Un carnet de ce qui s'est passé
seek-notebook-only = Hamsa n'écrit rien d'autre que ce carnet sur cet appareil : un seul fichier scellé, à l'endroit que vous choisissez, et seulement si vous dites oui.
seek-notebook-nobody = Il n'est envoyé à personne. L'écoutante ne le voit pas.
seek-notebook-shown = Ici, une phrase secrète se verrait pendant que vous la tapez. Utilisez cette commande dans un autre terminal :
seek-notebook-not = Non, ne rien écrire
seek-notebook-make = Oui, c'est sans risque ici : créer un carnet
seek-notebook-mine = Oui, c'est sûr ici : ouvrir mon carnet
seek-notebook-path-new = Où mettre le fichier ? Tapez son chemin, puis Entrée. Rien n'est encore écrit.
seek-notebook-path-name = Un nom qui ne dit rien est plus sûr.
seek-notebook-path = Où est le fichier ? Tapez son chemin, puis Entrée.
seek-notebook-passphrase-new = Choisissez une phrase secrète de plusieurs mots, que personne ne devinerait. Si vous l'oubliez, personne ne peut la retrouver. Puis Entrée.
seek-notebook-passphrase = Tapez sa phrase secrète, puis Entrée.
seek-notebook-again = Tapez-la encore une fois, puis Entrée. Le fichier est créé ensuite.
seek-notebook-hidden = Ce que vous tapez ne s'affiche pas.
seek-notebook-differ = Les deux ne sont pas pareilles. Rien n'a été créé. Choisissez à nouveau.
seek-notebook-busy = Un instant.
seek-notebook-empty = Il n'y a encore rien dedans.
seek-notebook-note-do = Noter quelque chose
seek-notebook-note-on = Continuer la note commencée
seek-notebook-draft = La note commencée n'est pas encore gardée. Le choix 1 la continue ; le choix 3 ferme le carnet sans elle.
seek-notebook-file-do = Garder un fichier
seek-notebook-close = Fermer le carnet
seek-notebook-note = Que s'est-il passé, avec vos mots ? Un lien, un compte ou une date peuvent y figurer. Entrée le garde.
seek-notebook-file = Quel fichier ? Tapez son chemin, puis Entrée.
seek-notebook-file-stays = Il est gardé octet par octet, avec son SHA-256. Le fichier lui-même reste où il est.
seek-notebook-export = Pour le remettre à quelqu'un, cette commande en fait une copie non protégée, que tout le monde peut lire. Parlez d'abord avec l'avocate de l'association.
seek-notebook-note-plain = Que s'est-il passé, avec vos mots ? Tapez-les sur une ligne, puis Entrée. Un lien, un compte ou une date peuvent y figurer.
seek-notebook-hidden-plain = Ce que vous tapez ne s'affiche pas et ne se dit pas.

## Pause, duty, errors without another text
seek-pausing = Nouvelle page : lisez, puis une touche
seek-offers-pausing = Du nouveau : lisez, puis une touche
seek-open-now = Une écoutante est de service.
seek-urgent-answered = Une écoutante est là. Continuez pour lui écrire.
seek-urgent-waits = Votre demande attend. Les demandes urgentes passent avant les autres.
seek-counselor-locked = { $name } a verrouillé son écran un moment. Vos mots arrivent et l'attendent.
seek-counselor-asking = { $name } a posé une question à une collègue.
seek-ended-draft = Ce que vous écriviez n'est pas parti. Tab mène à la suite.
seek-closed-unread = Personne ne peut lire un message scellé en ce moment. ^K : menu.
seek-error-unknown = Quelque chose n'a pas marché. Si cela dure, fermez Hamsa et relancez-le.
seek-error-leave-later = Votre message n'a pas été gardé : la ligne d'écoute ne prend plus de messages scellés dans cette visite. Gardez ses mots ailleurs ; quand vous relancerez Hamsa, vous pourrez le laisser.
seek-error-not-kept = Votre message n'a pas pu être gardé. Envoyez-le encore.
seek-error-taken = Une collègue l'a déjà.
seek-error-duplicate-id = Ce message était déjà là. Envoyez-le encore.
seek-error-bad-id = Ce message n'a pas pu partir. Envoyez-le encore.
seek-error-no-colleague = Cette collègue n'est pas de service.
seek-error-no-chat = Cet échange est peut-être déjà terminé.
seek-error-no-phrase = Créez d'abord une phrase de retour.
seek-error-bad-language = La langue n'a pas été comprise. Choisissez-la encore.
seek-plain-came = La page a changé pendant que vous tapiez. Votre ligne n'a rien choisi et n'est pas partie. Voici la page maintenant.
