### Le poste de l'écoutante et la démonstration.
### Needs native review.

## Header and desk
desk-title = Écoutante
desk-on-duty = de service
desk-on-duty-until = certificat jusqu'au { $date }
desk-asked = prise de service…
desk-break = en pause
desk-off-duty = pas de service
desk-waiting = en attente : { $waiting }
desk-urgent = urgent : { $urgent }
desk-link-connected = connectée
desk-link-reconnecting = reconnexion, vos mots sont gardés
desk-link-offline = pas de connexion ; Hamsa essaie toujours
desk-lock-hint = ^L verrouiller

## Columns
desk-chats = échanges
desk-chat = échange { $number }
desk-this-chat = cet échange
desk-no-chat = Aucun échange.
desk-take-next-when = Appuyez sur n pour prendre la personne suivante, dans l'ordre.
desk-on-duty-first = Appuyez sur o pour prendre votre service.
desk-nobody-yet = Personne n'attend pour l'instant. Vous le verrez ici.
desk-language = langue : { $language }
desk-length = cet échange : { $length }
desk-danger-yes = elle dit être en danger maintenant
desk-danger-no = pas de danger déclaré
desk-state-running = ouvert
desk-state-over = terminé
desk-mail = messages scellés : { $number }
desk-she = elle
desk-me = moi
desk-urgent-mark = urgent
desk-new-mark = nouveau : { $number }
desk-over-mark = terminé

## Her pace
desk-pace-pause-mark = pause
desk-pace-details-mark = sans détails
desk-pace-pause = elle a besoin d'une pause
desk-pace-details = elle ne veut pas de questions sur les détails
desk-pace-told-pause = Elle a besoin d'une pause. Rien n'est attendu d'elle ; ses prochains mots y mettent fin.
desk-pace-told-on = La pause est finie.
desk-pace-told-no-details = Elle vous prie de ne pas demander de détails.
desk-pace-told-details = Elle a retiré sa demande : des questions sur les détails sont de nouveau possibles.

## Keys
desk-key-next = personne suivante
desk-key-break = pause
desk-key-duty = service
desk-key-mail = messages
desk-key-end = terminer
desk-key-block = terminer pour abus
desk-key-transfer = transférer
desk-key-close = fermer l'échange terminé
desk-key-drawer = détails
desk-key-write = écrire
desk-key-commands = commandes
desk-key-blur = flouter
desk-key-send = envoyer
desk-key-newline = à la ligne
desk-key-switch = échange suivant
desk-key-help = aide
desk-key-leave = quitter
desk-key-lock = verrouiller
desk-key-scroll = avant, après
desk-key-edit = ligne : début, fin, effacer le mot, effacer la ligne
desk-key-cancel = retour
desk-key-throw = effacer le brouillon
desk-key-read = montrer les mots
desk-key-next-mail = suivant
desk-key-go-on = continuer
desk-key-stay = rester
desk-mode-commands = commandes
desk-mode-write = écrire

## States of her own messages
desk-sent-written = … pas encore parti
desk-sent-at-node = ✓ en route
desk-sent-received = ✓✓ reçu
desk-sent-failed = ✗ non remis

## Blur
desk-blur-heavy = Contenu difficile.
desk-blur-read = Respirez. Entrée montre les mots, ^B les cache à nouveau.

## Questions
desk-ask-end = Terminer l'échange { $number } pour vous deux ?  y terminer · Échap continuer
desk-ask-block = Terminer l'échange { $number } pour abus ? Qui vient ensuite par le même chemin attend plus, quelques minutes.  y terminer · Échap continuer
desk-ask-leave = Quitter ? L'échange ouvert retourne dans la file.  y quitter · Échap rester
desk-ask-leave-quiet = Quitter ?  y quitter · Échap rester
desk-ask-transfer = Pseudonyme de la collègue (la personne devra accepter) :
desk-mail-title = message scellé { $number } sur { $count }
desk-mail-returning = elle dit être déjà venue
desk-mail-reply = Votre réponse scellée :

## Lock
desk-locked = Verrouillé. Appuyez sur Entrée et donnez votre phrase secrète.
desk-locked-asking = Phrase secrète :
desk-locked-trying = Ouverture…
desk-locked-refused = Le coffre ne s'est pas ouvert. Appuyez sur Entrée pour réessayer.
desk-locked-new-one = nouveaux messages : { $count }, dans 1 échange
desk-locked-new-many = nouveaux messages : { $count }, dans { $chats } échanges

## Notices
desk-taking = On prend la personne suivante…
desk-not-on-duty = Vous n'êtes pas de service. Appuyez d'abord sur o.
desk-nobody-waits = Personne n'attend pour l'instant.
desk-no-mail = Il n'y a pas de message scellé.
desk-mail-gone = Message scellé { $number } : une collègue y a répondu ; il a quitté votre liste.
desk-mail-gone-begun = Message scellé { $number } : une collègue y a répondu. Ce que vous aviez commencé à écrire n'a pas été envoyé.
desk-mail-answered = Message scellé { $number } : vous y avez répondu.
desk-chat-new = Un échange est ouvert. La personne verra vos mots quand vous les enverrez.
desk-chat-urgent = Un échange est ouvert. Elle dit être en danger maintenant.
desk-chat-again = Elle est de nouveau là. L'échange continue.
desk-chat-over = Cet échange est terminé ; plus rien ne peut être envoyé.
desk-not-sent-kept = pas envoyé, gardé
desk-throw-again = Échap encore une fois efface le brouillon
desk-new-below = nouveau plus bas : { $number } · PgSuiv
desk-new-above = nouveau plus haut : { $number } · PgPréc
desk-too-long = C'est trop long pour un seul message. Envoyez-le en deux parties.
desk-not-text = Il manque des lettres : ce terminal n'envoie pas de l'UTF-8. Réglez-le sur UTF-8, puis récrivez-les.
desk-locale = Les réglages de ce terminal n'indiquent pas UTF-8. Si des lettres s'affichent mal ou manquent, partez, puis relancez avec LC_ALL=fr_FR.UTF-8.
desk-transfer-asked = On lui demande si elle est d'accord.
desk-five-minutes = Les mots ont quitté cet écran. Cinq minutes pour vous ?
desk-engine-stopped = La liaison avec la ligne d'écoute s'est arrêtée. Quittez avec ^Q et recommencez.
desk-ended-you = Vous avez terminé l'échange.
desk-ended-seeker = Elle a terminé l'échange.
desk-ended-left-quickly = Elle est partie vite. N'écrivez plus ; elle n'est peut-être pas seule.
desk-ended-taken = Une collègue a déjà pris cette personne.
desk-ended-gone = Elle n'est plus joignable.
desk-ended-certificate = L'échange s'est arrêté parce que votre certificat n'est plus valable. Appelez votre association.
desk-ended-transferred = Votre collègue a l'échange maintenant. Vous ne pouvez plus le lire.
desk-off-asked = Vous n'êtes plus de service. Les échanges ouverts continuent.
desk-off-revoked = Votre certificat a été retiré. Aucun échange ne peut être pris. Appelez votre association.
desk-off-expired = Votre certificat a expiré. Aucun échange ne peut être pris. Demandez-en un nouveau à votre association.
desk-off-not-yet = Votre certificat n'est pas encore valable. Vérifiez la date de cet appareil.
desk-off-unknown = La ligne d'écoute a mis fin à votre service. Appuyez sur o pour réessayer.
desk-off-homes-alone = Les serveurs de la ligne ont mis fin à votre service ; votre association, non. Appuyez sur o pour revenir. Si cela se répète, appelez votre association.
desk-off-elsewhere = Vous n'êtes plus de service ici : une autre de vos fenêtres, ou un autre appareil, a commencé un service ou a terminé celui-ci. Les échanges ouverts ici continuent peut-être là-bas. Appuyez sur o pour revenir.
desk-off-shift-over = La durée de votre service est passée. Les échanges ouverts continuent. Appuyez sur o pour en commencer un autre.
desk-small = La fenêtre est trop petite. Agrandissez-la.
desk-pausing = Nouveau : lisez, puis une touche

## What the engine reports, by its code
desk-error-too-long = Trop long pour un seul message. Envoyez-le en plusieurs parties.
desk-error-queue-full = 256 messages attendent d'être lus. Attendez qu'un soit reçu, puis renvoyez celui-ci.
desk-error-over = Cet échange est terminé : rien n'a été envoyé.
desk-error-duplicate-id = Ce message existe déjà. Envoyez-le encore une fois.
desk-error-bad-id = Ce message n'a pas pu partir. Envoyez-le encore une fois.
desk-error-empty = Écrivez d'abord quelques mots.
desk-error-no-chat = Cet échange n'est plus là. Regardez la liste.
desk-error-no-colleague = Aucune collègue de ce nom n'est de service. Donnez son pseudonyme, tel que les personnes le voient.
desk-error-no-words = Aucun mot n'est venu de cette personne depuis une minute. Sa connexion est peut-être mauvaise, ou personne n'est là. Attendez, ou prenez la suivante.
desk-error-transfer-declined = Elle reste avec vous : elle n'a pas accepté, ou votre collègue n'est plus de service.
desk-error-nobody-waits = Personne n'attend pour l'instant.
desk-error-enough = Vous avez autant d'échanges que l'association le permet. Terminez-en un d'abord.
desk-error-no-mail = Ce message scellé n'attend plus : une collègue y a répondu, ou son temps est passé.
desk-error-taken = Une collègue s'en occupe déjà. Prenez le suivant.
desk-error-busy = La ligne est pleine pour l'instant. Hamsa essaie toujours.
desk-error-full = La ligne n'a plus de place pour cela aujourd'hui. Essayez plus tard.
desk-error-disk = La ligne n'a pas pu le garder. Essayez encore ; si cela reste, appelez votre association.
desk-error-no-roster = La ligne n'est pas encore prête. Hamsa essaie toujours ; si cela dure, appelez votre association.
desk-error-not-listed = La ligne ne connaît pas votre certificat. Appelez votre association.
desk-error-revoked = Votre certificat a été retiré. Appelez votre association.
desk-error-expired = Quelque chose que l'association a signé n'est plus valable, ou la date de cet appareil est fausse. Vérifiez la date, puis appelez votre association.
desk-error-not-yet-valid = Votre certificat ou votre service n'est pas encore valable. Vérifiez la date de cet appareil.
desk-error-refused = La ligne n'a pas accepté cela. Une version plus récente de ce programme est peut-être nécessaire.
desk-error-not-the-helpline = Autre chose que votre ligne a répondu. Rien n'y a été envoyé. Appelez votre association.
desk-error-split-view = Deux listes différentes de votre association circulent en même temps. Les échanges continuent. Appelez aujourd'hui la personne qui garde la clé racine de l'association ; ce que l'on sait se trouve dans un fichier à côté de votre coffre.
desk-error-older-roster = Un nœud d'accueil montre une liste plus ancienne que celle que vous aviez. Elle a été refusée. Appelez votre association.
desk-error-home-gone = La ligne ne répond pas pour l'instant. Hamsa essaie toujours.
desk-error-no-memory = Cet appareil a trop peu de mémoire libre. Fermez d'autres programmes, puis réessayez.
desk-error-entry-address = L'adresse de la ligne n'est pas juste. Demandez à votre association un nouveau certificat.
desk-error-entry-name = Le nom de la ligne est introuvable. Vérifiez la connexion de cet appareil.
desk-error-entry-refused = Le chemin vers la ligne est fermé pour l'instant. Hamsa essaie toujours.
desk-error-no-route = Cet appareil n'a pas de connexion. Vérifiez-la ; Hamsa essaie toujours.
desk-error-entry-silent = La ligne ne répond pas. Vérifiez la connexion de cet appareil ; Hamsa essaie toujours.
desk-error-entry-impostor = Une autre machine a répondu à l'adresse de la ligne. Rien ne lui a été envoyé. Appelez votre association.
desk-error-entry-broken = La connexion s'est coupée. Hamsa essaie toujours.
desk-error-login-page = Autre chose que la ligne a répondu. Certains réseaux demandent d'abord de se connecter : ouvrez une page dans un navigateur, connectez-vous, et Hamsa réessaie tout seul.
desk-error-unknown = Quelque chose n'a pas marché. Si cela reste, quittez avec ^Q et recommencez.

## Plain face
desk-plain-hello = Poste de l'écoutante, { $pseudonym }.
desk-plain-menu =
    Tapez un numéro puis Entrée.
     1 prendre ou quitter le service
     2 personne suivante
     3 pause, et retour
     4 terminer l'échange
     5 échange suivant
     6 verrouiller
     7 messages scellés ; 7 et un numéro en fait entendre un
     8 montrer les mots de l'échange, et y écrire
     9 quitter
    10 terminer l'échange pour abus
    Ce qui suit "> " est envoyé dans l'échange, par exemple : > je suis là
desk-plain-unknown = Pas compris. Tapez un numéro du menu, ou > et vos mots.
desk-plain-long = Cette ligne est trop longue ; elle n'a pas été lue.
desk-plain-not-text = Cette ligne n'est pas en UTF-8 : rien n'en a été pris ni envoyé. Réglez ce terminal sur UTF-8, puis retapez-la.
desk-plain-confirm = Tapez oui pour confirmer, autre chose pour continuer.
desk-plain-chat = Échange { $number }, langue { $language }.
desk-plain-shown = Vous êtes dans l'échange { $number }.
desk-plain-heavy = Contenu difficile. Tapez 8 pour entendre les mots.
desk-plain-open = Cet échange ne prend pas encore de mots. Tapez 8 pour y écrire. Rien n'a été envoyé.
desk-plain-mail-open = Son contenu peut être difficile. Tapez 7 { $number } pour entendre les mots.
desk-plain-question-gone = La question n'est plus posée : ce dont elle parlait a changé.
desk-plain-came = Le poste a changé pendant que vous tapiez. Votre ligne n'a rien fait et n'est pas partie. Voici ce qu'il en est maintenant.
desk-plain-state = votre message { $id } : { $state }
desk-plain-locked = Verrouillé. Tapez 6 pour déverrouiller.
desk-plain-refused = Le coffre ne s'est pas ouvert.
desk-plain-reply = Tapez r, le numéro et vos mots pour répondre, par exemple : r 1 merci
desk-plain-no-chat = Il n'y a pas d'échange ouvert.
desk-plain-pasted = Plusieurs lignes sont venues d'un coup : c'était un collage, rien n'en a été envoyé. Collez une ligne après >, et appuyez vous-même sur Entrée.

## Demo
demo-seeker = la personne
demo-counselor = écoutante { $name }
demo-entry = nœud d'entrée ({ $name })
demo-home = nœud d'accueil ({ $name })
demo-words-read = mots que ce nœud a pu lire : 0
demo-sizes-only = ne voit que des tailles : une seule taille
demo-starting = Deux associations s'installent dans un dossier temporaire. De vrais nœuds, un vrai chiffrement.
demo-hint = Tab l'autre personne · Entrée envoyer · ^X sortie rapide · ^Q quitter
demo-press-n = Appuyez sur n pour prendre la personne qui attend.
demo-wait-home = La personne cherche une écoutante.
demo-left = La personne est partie vite. Son côté est vide ; rien n'a été écrit.
demo-strip-entry = Le nœud d'entrée ({ $name }) a transmis { $bytes } octets ; il ne sait ni quels mots ils portent ni à qui on les montrera.
demo-strip-home-ticket = Le nœud d'accueil ({ $name }) garde une demande scellée. Il ne peut pas l'ouvrir et ne sait pas d'où elle vient.
demo-strip-home-cell = Le nœud d'accueil ({ $name }) a transmis une cellule scellée ; toutes ont la même taille.
demo-strip-home-beat = Un battement : de l'extérieur, il ressemble à tout le reste.
demo-strip-duty = { $name } est de service : sa clé du jour est publiée, son nom de tous les jours non.
demo-strip-waiting = La demande attend, scellée pour les seules écoutantes de service. Elle ne contient aucun mot : ils vont à celle qui répond.
demo-strip-taken = L'écoutante a ouvert la demande avec sa clé ; les deux font maintenant de nouvelles clés pour cet échange.
demo-strip-answered = La personne a vérifié le certificat de l'écoutante : { $name } ({ $association }).
demo-strip-said-seeker = Les mots de la personne ont été scellés chez elle, et ouverts chez l'écoutante seulement.
demo-strip-said-counselor = Les mots de l'écoutante ont été scellés chez elle, et ouverts chez la personne seulement.
demo-strip-received = Reçu : l'autre côté a montré le message et l'a dit.
demo-strip-ended = L'échange est terminé ; ses clés n'existent plus.
demo-split = deux associations sur le chemin : { $split }
demo-yes = oui
demo-no = non
demo-row-in = →
demo-row-out = ←
