### L'écran de la personne qui cherche de l'aide.
### Needs native review.

## Every screen
seek-exit = ^X partir tout de suite
seek-exit-any = ^X partir · خروج · leave
seek-small = La fenêtre est trop petite. Agrandissez-la, ou commencez avec --plain.
seek-back = Retour
seek-go-on = Continuer
seek-you = vous
seek-counselor = écoutante
seek-press-enter = Entrée
seek-press-esc = Échap
seek-read-on = Lire la suite
seek-link-looking = connexion…
seek-link-connected = connecté
seek-link-reconnecting = reconnexion, vos mots sont gardés
seek-link-offline = hors ligne ; Hamsa essaie toujours
seek-link-stopped = arrêté
seek-engine-stopped = La liaison avec la ligne d'écoute s'est arrêtée. Plus rien ne peut être envoyé. Partez, et recommencez quand vous pourrez.
seek-too-long = C'est trop long pour un seul message. Envoyez-le en plusieurs fois.
seek-no-text = L'association n'a rien écrit ici, ou ce n'est pas encore arrivé. Vous pouvez demander à l'écoutante.
seek-by-association = { $association } dit :
seek-by-association-unknown = L'association dit :
seek-path-two = Vos mots passent par deux associations. Aucune ne voit à la fois qui vous êtes et ce que vous demandez.
seek-path-one = Vos mots passent par une seule association : aucune autre n'était joignable.

## Language
seek-language-title = Langue · اللغة · Language
seek-calibrate-title = Les lettres arabes sur ce terminal
seek-calibrate-ask = Quelle ligne se lit bien ? Choisissez son numéro. Vous pourrez le changer plus tard avec ^K.
seek-calibrate-none = Aucune

## Safety and consent
seek-safe-title = Avant d'écrire
seek-safe-hello = Ici, vous pouvez parler avec une écoutante formée ({ $association }).
seek-safe-hello-unknown = Ici, vous pouvez parler avec une écoutante formée d'une association.
seek-safe-danger-now = En danger maintenant ? Pensez d'abord à rejoindre un endroit plus sûr.
seek-safe-watched = On peut voir cet écran ou cet appareil ? Prenez-en un autre, si possible.
seek-safe-limits = Hamsa ne protège pas contre un écran surveillé, un appareil infecté, ou quelqu'un qui vous oblige à l'ouvrir.
seek-safe-spy = Vous pensez à une application espionne ? Ne la retirez pas maintenant, cela peut aggraver les choses. Prenez un autre appareil.
seek-safe-anonymous = Nous ne demandons ni nom, ni numéro, ni adresse, ni lieu.
seek-safe-saved = Rien n'est enregistré sur cet appareil.
seek-safe-reads = Seule l'écoutante lit vos mots ; ils ne sont pas gardés. Limites : choix 4.
seek-safe-exit = ^X à tout moment : l'écran se vide et l'échange s'arrête.
seek-safe-exit-limits = ^X ne cache pas que ce programme a été lancé : l'historique des commandes, la liste des programmes, le programme et le réseau peuvent le montrer.
seek-safe-consent = J'ai compris, continuer
seek-safe-practice = Essayer d'abord ^X
seek-safe-danger = Ce qui aide en cas de danger
seek-safe-more = Lire plus : cet appareil, qui lit, combien de temps
seek-safe-return = J'ai déjà parlé ici, j'ai une phrase
seek-safe-refuse = Je ne veux pas parler maintenant

## Not now
seek-refused-title = De l'aide sans parler
seek-refused-fine = C'est très bien ainsi. Aucun de vos mots n'a été envoyé.
seek-refused-leave = Partir
seek-refused-talk = Parler quand même

## Danger
seek-danger-title = Une question que vous pouvez passer
seek-danger-ask = Êtes-vous en danger maintenant ?
seek-danger-why = Si vous dites oui, on vous prend en premier. Rien d'autre ne change.
seek-danger-skip = Passer
seek-danger-yes = Oui, maintenant
seek-danger-no = Non
seek-danger-general = Si vous pouvez, allez là où il y a du monde, ou chez quelqu'un en qui vous avez confiance. Vous pourrez revenir ici plus tard.

## First words
seek-first-title = Quelques mots, si vous voulez
seek-first-ask = Que voulez-vous dire d'abord ? Quelques mots suffisent, dans toute langue et toute écriture. Entrée les envoie.
seek-first-sealed = Ils attendent, scellés ; seule l'écoutante qui prend votre échange peut les lire.
seek-first-pace = Vous décidez de ce que vous dites. Vous pouvez tout passer, à tout moment.
seek-first-skip = Ne rien dire encore, attendre une écoutante
seek-first-too-long = C'est trop long pour commencer. Commencez par moins ; vous écrirez le reste en attendant.

## Waiting room
seek-wait-title = salle d'attente
seek-wait-sealing = Votre demande est en train d'être scellée et envoyée.
seek-wait-next = C'est bientôt à vous.
seek-wait-ahead = Personnes avant vous : { $ahead }
seek-wait-busy = Toutes les écoutantes sont occupées. Votre place est gardée.
seek-wait-more = Vous pouvez écrire encore en attendant ; ce sera lu avec le début.
seek-wait-reopened = L'écoutante n'est plus joignable. Vous attendez de nouveau à votre ancienne place ; ce qui n'était pas arrivé est renvoyé.
seek-wait-gone = L'écoutante n'est plus joignable. Ce qu'elle n'avait pas reçu attend une autre écoutante.
seek-wait-passed = L'échange est transmis : { $colleague }

## Talk
seek-talk-with = { $name } · écoutante vérifiée ({ $association })
seek-answered = Une écoutante est là. Échap vous mène à elle.
seek-answered-note = Une écoutante est là. Votre note reste.
seek-answered-other = Une autre écoutante est avec vous maintenant. Son nom est en haut.
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
seek-pace-noted = Vous avez demandé : pas de détails. On le dit à qui est avec vous.
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
seek-leave-ask = Écrivez-le en bas. Une écoutante le lira quand elle sera de service. Entrée l'envoie.
seek-leave-until = Il est gardé, scellé, jusqu'au { $date } au plus tard, puis il disparaît.
seek-leave-phrase = Une fois envoyé, vous pourrez prendre une phrase de huit mots, pour revenir lire la réponse.
seek-leave-send = L'envoyer tel quel
seek-leave-too-long = C'est trop long pour un seul message scellé. Laissez-le en plusieurs fois, l'un après l'autre.
seek-left-title = Votre message scellé
seek-left-sending = Il est en train d'être scellé et envoyé. Attendez encore un moment.
seek-left-not-yet = Votre message scellé n'est pas encore parti. Si vous partez maintenant, il peut être perdu.
seek-left-kept = Il est gardé, scellé, jusqu'au { $date } au plus tard.
seek-left-answer = Pour lire la réponse, il vous faut la phrase : prenez-la maintenant. Revenez avec elle dans un jour ou deux.
seek-left-come-back = Revenez avec votre phrase dans un jour ou deux.
seek-left-failed = Il n'a pas pu être déposé. Il est encore ici ; rien n'est perdu.
seek-left-again = Essayer encore

## Coming back
seek-return-title = Revenir
seek-return-ask = Tapez les huit mots de votre phrase, avec un espace entre eux, puis Entrée.
seek-return-watch = Les mots se voient sur cet écran. Qui les lit pourrait revenir à votre place.
seek-return-looking = On cherche ce qui vous attend. Cela prend un moment.
seek-mail-title = Les réponses pour vous
seek-mail-date = datée du { $date }
seek-mail-none = Il n'y a pas encore de réponse.
seek-mail-talk = Parler maintenant à une écoutante
seek-mail-open = Lire les réponses pour vous
seek-mail-came = Une réponse pour vous a été trouvée. ^K l'ouvre.

## Phrase
seek-phrase-open = Une phrase pour revenir
seek-phrase-title = Une phrase pour revenir
seek-phrase-what = Huit mots vous permettent de lire la réponse à votre message scellé depuis n'importe quel appareil. Rien n'est enregistré sur celui-ci.
seek-phrase-lost = Si vous les perdez, personne ne peut vous les rendre : ni nous, ni l'association.
seek-phrase-found = Qui les trouve peut revenir à votre place et lire ce qui est répondu.
seek-phrase-where = Apprenez-les, ou gardez-les sur un papier que personne ne regarde. Plutôt pas sur cet appareil.
seek-phrase-make = Faire ma phrase
seek-phrase-not = Pas maintenant
seek-phrase-making = Votre phrase se prépare. Cela prend un moment.
seek-phrase-write = Voici vos mots, dans cet ordre. Après votre départ, personne ne pourra les montrer encore.
seek-phrase-typeback = Je les ai ; je les tape une fois
seek-phrase-stop = Je ne veux pas de phrase
seek-phrase-type = Tapez les huit mots une fois, pour vérifier.
seek-phrase-see = Les montrer encore
seek-phrase-wrong = Ce ne sont pas les mêmes mots. Regardez encore et tapez-les de nouveau.
seek-phrase-right = C'est juste. Vous pouvez revenir avec ces mots.

## Asked
seek-asked-title = L'écoutante vous demande
seek-asked-transfer = { $name } demande si une collègue peut continuer avec vous : { $colleague }
seek-asked-transfer-means = Si vous êtes d'accord, la collègue reçoit de nouvelles clés, et la première écoutante ne peut plus rien lire.
seek-asked-free = Vous êtes libre de dire non ; l'échange continue alors comme avant.
seek-asked-key = ^Y pour répondre. D'ici là, rien ne change.
seek-asked-open = Répondre à ce que l'écoutante demande
seek-asked-later = Pas maintenant
seek-asked-yes = Oui, je suis d'accord
seek-asked-no = Non
seek-asked-gone = Il n'y a plus de question.

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
seek-over-nothing = Hamsa ne laisse rien sur cet appareil, sauf un carnet si vous en avez créé un.
seek-over-shell = Le terminal peut garder dans son historique la ligne qui a lancé Hamsa. Fermer la fenêtre ne l'efface pas.
seek-over-unsent = Ce que vous aviez commencé à écrire n'a pas été envoyé.
seek-over-leave = Partir
seek-over-again = Commencer un nouvel échange
seek-over-reread = Relire l'échange
seek-ended-you = Vous avez terminé l'échange.
seek-ended-counselor = L'écoutante a terminé l'échange.
seek-ended-revoked = L'échange a été arrêté, car cette écoutante ne peut plus répondre pour l'association. Vous n'avez rien fait de mal. Vous pouvez recommencer avec une autre.
seek-ended-expired = L'échange a été arrêté, car l'autorisation de l'écoutante a pris fin. Vous n'avez rien fait de mal. Vous pouvez recommencer.
seek-ended-gone = L'écoutante n'est plus joignable. Vous pouvez recommencer.
seek-ended-transferred = La collègue a l'échange maintenant.
seek-ended-helpline = La ligne d'écoute a terminé l'échange. Vous pouvez recommencer.
seek-ended-notice = L'échange est terminé. Échap vous y ramène.

## Three questions
seek-questions-open = Trois questions, si vous voulez
seek-questions-title = Trois questions
seek-questions-yours = Passez ce que vous voulez. À la fin, vous choisissez si vos réponses sont envoyées.
seek-question-heard = Avez-vous eu le sentiment qu'on vous écoutait ?
seek-question-step = Savez-vous quel pourrait être votre prochain pas ?
seek-question-safer = Vous sentez-vous un peu plus en sécurité qu'avant ?
seek-question-yes = Oui
seek-question-no = Non
seek-question-skip = Passer
seek-questions-unsure = Vous pouvez revenir et le dire. Dans vos premiers mots, vous pouvez demander une autre écoutante.
seek-questions-done = Bien. Prenez soin de vous.
seek-survey-ask = Donner vos réponses à l'association ? Elle les compte seulement, mois par mois : sans vos mots, sans votre échange.
seek-survey-how = Elles passent par un chemin à part. Seule l'heure pourrait laisser deviner, sur ses machines, de qui elles viennent.
seek-survey-how-one = Elles passent à part de l'échange, mais par les machines de la même association. À votre adresse, elle pourrait savoir qu'elles sont de vous.
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
seek-practice-now = Appuyez maintenant sur ^X.
seek-practice-empty = L'écran devient vide. Pour de vrai, Hamsa n'est plus là non plus, et il n'y a que votre invite habituelle.
seek-practice-back = Dans cet essai, appuyez sur Entrée sur l'écran vide pour revenir ici. Un second ^X part vraiment.
seek-practice-done = C'était cela. C'est pareil sur chaque écran.

## Reading
seek-read-shelf = De quoi lire
seek-read-place = Votre place est gardée pendant que vous lisez.
seek-read-counselor = Ce que peut faire une écoutante
seek-read-proof = Garder des preuves sans danger
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
seek-proof-1 = N'effacez pas les messages, même s'ils font mal. Vous n'avez pas besoin de les regarder encore.
seek-proof-2 = Notez pour chacun : l'adresse de la page, le compte, la date et l'heure.
seek-proof-3 = Gardez les images de l'écran là où personne d'autre ne regarde ; pas sur un appareil ou un compte partagé.
seek-proof-4 = Avant de donner des preuves à une autorité, parlez d'abord à l'avocate de l'association.
seek-proof-5 = Une image intime, et vous êtes majeure : certains services reconnaissent une image à un nombre calculé sur votre propre appareil. Seul ce nombre en sort, jamais l'image.
seek-proof-6 = Un tel service donne un numéro de dossier et un code. Personne ne peut vous les redonner : gardez-les en lieu sûr.
seek-proof-7 = Avant 18 ans, le chemin est autre : demandez à l'écoutante la protection de l'enfance de l'association. Personne ne doit vous demander d'envoyer une image ici.
seek-tonight-1 = Vous n'avez pas à tout résoudre ce soir. Une petite chose suffit.
seek-tonight-2 = Ce qu'on vous a fait n'est pas votre faute.
seek-tonight-3 = S'il y a quelqu'un en qui vous avez confiance, vous pourriez lui demander seulement de rester près de vous.
seek-tonight-4 = Buvez quelque chose. Soufflez lentement. Vous pouvez arrêter de lire ou d'écrire quand vous voulez.
seek-device-1 = Si quelqu'un sait des choses que seul votre téléphone pouvait dire, il est peut-être surveillé. Prenez un appareil que cette personne n'a jamais eu en main.
seek-device-2 = Ne retirez pas tout de suite une application espionne : la personne qui l'a mise peut le remarquer et devenir dangereuse.
seek-device-3 = Faites d'abord un plan avec une écoutante, depuis un autre appareil.
seek-device-4 = Le chiffrement n'aide pas sur un appareil surveillé : ce que vous tapez est vu avant d'être scellé.
seek-complaint-1 = Parlez d'abord à l'avocate de l'association. Une plainte peut aussi avoir des suites pour la personne qui la dépose.
seek-complaint-2 = Vous ne perdez rien à demander d'abord. Ici, personne ne dépose rien pour vous sans vous.
seek-confidential-1 = Seule l'écoutante qui prend votre échange peut le lire. Les machines en chemin passent des morceaux scellés, tous de la même taille.
seek-confidential-2 = Un échange en direct n'y est pas enregistré. Il disparaît quand il se termine.

## Help
seek-help-title = Touches
seek-help-signs = … pas encore parti, ✓ en route, ✓✓ reçu par l'écoutante, ✗ non remis.
seek-key-exit = partir tout de suite (^C fait de même)
seek-key-send = envoyer
seek-key-choose = choisir
seek-key-mark = marquer
seek-key-number = choisir par numéro
seek-key-back = retour
seek-key-asked = répondre
seek-key-menu = plus
seek-key-focus = choix
seek-key-write = écrire
seek-key-language = langue
seek-key-help = aide
seek-key-newline = à la ligne
seek-key-go-on = continuer
seek-key-scroll = avant, après
seek-key-read-on = lire
seek-help-send = envoyer (dans les mots)
seek-help-choose = choisir (dans les choix)
seek-help-read-on = lire la suite (dans un texte)
seek-help-scroll = avant, après (dans l'échange)
seek-help-focus = des mots aux choix, et retour

## Errors
seek-error-too-long = C'est trop long. Envoyez-le en plusieurs fois.
seek-error-queue-full = Trop de messages attendent de partir. Attendez que quelques-uns soient arrivés, puis envoyez-le encore.
seek-error-over = Cet échange est terminé. Vous pouvez en commencer un autre.
seek-error-already = Un échange est déjà ouvert. Continuez-le, ou terminez-le d'abord.
seek-error-leave-busy = Votre message d'avant est encore en chemin. Attendez qu'il soit gardé, puis laissez le suivant.
seek-error-not-available = Ce n'est pas encore possible dans cette version. Continuez sans cela.
seek-error-expired = Ce que l'association a signé n'est pas valable à cette date. Vérifiez la date et l'heure de cet appareil.
seek-error-not-yet-valid = Ce que l'association a signé n'est pas valable à cette date. Vérifiez la date et l'heure de cet appareil.
seek-error-not-the-helpline = Ce n'est pas la ligne d'écoute qui a répondu. Rien de ce que vous avez écrit n'y a été envoyé. Vérifiez l'adresse avec quelqu'un de confiance.
seek-error-home-gone = La ligne d'écoute ne répond pas en ce moment. Hamsa essaie encore ; vous pouvez aussi revenir plus tard.
seek-error-busy = La ligne d'écoute est pleine en ce moment. Hamsa essaie encore ; restez si vous pouvez.
seek-error-no-roster = La ligne d'écoute n'est pas encore prête. Hamsa essaie encore ; vous pouvez aussi revenir plus tard.
seek-error-revoked = La ligne d'écoute n'accepte plus cette écoutante. Vous n'avez rien fait de mal. Vous pouvez recommencer.
seek-error-not-listed = La ligne d'écoute n'accepte plus cette écoutante. Vous n'avez rien fait de mal. Vous pouvez recommencer.
seek-error-refused = La ligne d'écoute n'a pas accepté cela. Il faut peut-être une version plus récente de ce programme.
seek-error-nothing-asked = Il n'y a pas de question. Continuez à écrire.
seek-error-entry-address = L'adresse de la ligne d'écoute n'est pas juste. Copiez-la encore, en entier.
seek-error-entry-name = Le nom de la ligne d'écoute n'a pas été trouvé. Vérifiez la connexion de cet appareil, puis l'adresse.
seek-error-entry-refused = Le chemin vers la ligne d'écoute est fermé en ce moment. Hamsa essaie encore.
seek-error-no-route = Cet appareil n'a pas de connexion. Vérifiez-la ; Hamsa essaie encore.
seek-error-entry-silent = La ligne d'écoute ne répond pas. Vérifiez la connexion de cet appareil ; Hamsa essaie encore.
seek-error-entry-impostor = Une autre machine a répondu à l'adresse de la ligne d'écoute. Rien ne lui a été envoyé. Vérifiez l'adresse avec quelqu'un de confiance.
seek-error-entry-broken = La connexion s'est rompue. Hamsa essaie encore.
seek-error-stopped = La liaison s'est arrêtée. Partez et recommencez.
seek-error-bad-phrase = Ces mots ne sont pas une phrase. Regardez chaque mot et leur ordre, corrigez ce qui n'est pas juste, puis Entrée.
seek-error-bad-phrase-plain = Ces mots ne sont pas une phrase. Regardez chaque mot et leur ordre, et tapez encore les huit.
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
seek-plain-keys = Un numéro choisit. 0 redit cette page. x fait partir tout de suite.
seek-plain-write = Pour écrire, tapez > et vos mots, puis Entrée. Par exemple : > bonjour
seek-plain-unknown = Pas compris. Tapez un numéro, ou > et vos mots, ou x pour partir tout de suite.
seek-plain-long = Cette ligne est trop longue ; elle n'a pas été lue.
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
seek-plain-more = Sur chaque page : m pour ce que vous pouvez faire ici, l pour les langues, h pour l'aide.
seek-help-title-plain = Aide
seek-help-plain = Avec vos propres mots, vous entendez où ils en sont : pas encore envoyé, en route, reçu, non remis.
seek-plain-exit-key = Contrôle et X ensemble font aussi partir tout de suite, sans Entrée.
seek-pasted-title = Ce que vous avez collé
seek-pasted-lines = Lignes : { $lines }
seek-pasted-not-sent = Rien n'en a été envoyé. L'envoyer ?
seek-pasted-send = L'envoyer en un seul message
seek-pasted-drop = Le jeter
seek-pasted-nowhere = Rien de ce que vous avez collé n'a été envoyé. On ne peut rien écrire ici : tapez un numéro.

## Le carnet
seek-notebook-open = Un carnet de ce qui s'est passé
seek-notebook-only = Le carnet est la seule chose que Hamsa écrit jamais sur cet appareil : un fichier scellé, à l'endroit que vous nommez, et seulement si vous dites oui.
seek-notebook-nobody = Il n'est envoyé à personne. L'écoutante ne le voit pas.
seek-notebook-shown = Ici, une phrase secrète se verrait pendant que vous la tapez. Utilisez cette commande dans un autre terminal :
seek-notebook-not = Non, ne rien écrire
seek-notebook-make = Oui, c'est sûr ici : créer un carnet
seek-notebook-mine = Oui, c'est sûr ici : ouvrir mon carnet
seek-notebook-path-new = Où mettre le fichier ? Tapez son chemin, puis Entrée. Rien n'est encore écrit.
seek-notebook-path-name = Un nom qui ne dit rien est plus sûr.
seek-notebook-path = Où est le fichier ? Tapez son chemin, puis Entrée.
seek-notebook-passphrase-new = Choisissez une phrase secrète de plusieurs mots, que personne ne devinerait. Si vous l'oubliez, personne ne peut la retrouver. Puis Entrée.
seek-notebook-passphrase = Tapez sa phrase secrète, puis Entrée.
seek-notebook-again = Tapez-la encore une fois, puis Entrée. Le fichier est créé ensuite.
seek-notebook-hidden = Ce que vous tapez ne s'affiche pas.
seek-notebook-differ = Les deux ne sont pas pareilles. Rien n'a été créé. Choisissez à nouveau.
seek-notebook-busy = Un instant.
seek-notebook-empty = Il n'y a encore rien dedans.
seek-notebook-note-do = Noter quelque chose
seek-notebook-note-on = Continuer la note commencée
seek-notebook-draft = La note commencée n'est pas encore gardée. Le choix 1 la continue ; le choix 3 ferme le carnet sans elle.
seek-notebook-file-do = Garder un fichier
seek-notebook-close = Fermer le carnet
seek-notebook-note = Que s'est-il passé, avec vos mots ? Un lien, un compte ou une date peuvent y figurer. Entrée le garde.
seek-notebook-file = Quel fichier ? Tapez son chemin, puis Entrée.
seek-notebook-file-stays = Il est gardé octet par octet, avec son SHA-256. Le fichier lui-même reste où il est.
seek-notebook-export = Pour le remettre, cette commande en fait une copie ouverte. Parlez d'abord avec l'avocate de l'association.
seek-notebook-note-plain = Que s'est-il passé, avec vos mots ? Tapez-les sur une ligne, puis Entrée. Un lien, un compte ou une date peuvent y figurer.
seek-notebook-hidden-plain = Ce que vous tapez ne s'affiche pas et ne se dit pas.
