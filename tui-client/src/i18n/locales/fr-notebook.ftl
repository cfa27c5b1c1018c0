### Le carnet de preuves en ligne de commande.
### Needs native review.

## Is it safe?
notebook-safe =
    Est-ce sans risque pour vous de garder cela ici ?
    · Le carnet est un fichier sur cet appareil. Son contenu est scellé ; mais on peut voir qu'il est là.
    · Qui peut vous faire taper la phrase secrète peut le lire. Une phrase secrète oubliée ne se retrouve pas.
    · Si quelqu'un fouille cet appareil, ou y a peut-être mis un logiciel espion, ne gardez rien ici. Un autre appareil, ou une personne de confiance, peut être plus sûr.
    · Si une image montre une personne de moins de 18 ans, ne la copiez pas : parlez-en d'abord à une écoutante.
notebook-safe-open =
    Est-ce sans risque pour vous de garder une copie non protégée ici ?
    · Le dossier n'est pas scellé : qui ouvre cet appareil peut tout y lire et tout y voir.
    · Faites-le juste avant de le remettre, de préférence sur une clé USB que vous gardez sur vous, et effacez-le ensuite. L'effacer ne fait que le cacher : avec les bons outils, on peut le retrouver.
notebook-safe-question = Tapez oui pour continuer ; toute autre réponse arrête :

## Questions
notebook-ask-url = Où peut-on le voir ? Un lien, ou Entrée pour passer :
notebook-ask-account = Le compte de qui ? Ou Entrée pour passer :
notebook-ask-date = Quand ? Par exemple 2026-11-25 ou 2026-11-25T18:30. Entrée pour maintenant :
notebook-ask-note = Que s'est-il passé, avec vos mots, sur une ligne ? Ou Entrée pour passer :
notebook-ask-file = Un fichier à garder avec ? Son chemin, ou Entrée s'il n'y en a pas :

## Answers
notebook-made = Le carnet est fait : { $path }
notebook-kept = Gardé sous le numéro { $number }. Les fichiers d'origine sont toujours à leur place.
notebook-empty = Il n'y a encore rien dedans.
notebook-exported = La copie non protégée est ici : { $path }
notebook-lawyer = Avant de le remettre ou de porter plainte, parlez avec l'avocate de l'association : une plainte peut avoir des suites pour vous aussi.
notebook-entry = Numéro { $number }
notebook-happened = Quand : { $value }
notebook-added = Noté : { $value }
notebook-url = Où : { $value }
notebook-account = Compte : { $value }
notebook-note = Note :
notebook-file = Fichier : { $name } · octets : { $bytes } · SHA-256 : { $sum }

## What went wrong, and what to do next
notebook-error-missing = Il n'y a pas de carnet à { $path }
notebook-advice-missing = Vérifiez le chemin, ou faites-en un avec `hamsa notebook new --lang fr --file FICHIER`.
notebook-error-exists = Il y a déjà quelque chose à { $path }
notebook-advice-exists = Rien n'y a été changé. Choisissez un autre chemin.
notebook-error-passphrase = Cette phrase secrète n'ouvre pas ce carnet.
notebook-advice-passphrase = Essayez encore ; attention au clavier et aux majuscules. Le carnet est intact.
notebook-error-no-passphrase = Un carnet a besoin d'une phrase secrète ; celle-ci est vide.
notebook-advice-no-passphrase = Choisissez plusieurs mots que personne ne devinerait.
notebook-weak-common = beaucoup de gens l'utilisent, ou une qui lui ressemble
notebook-weak-keyboard = ses lettres se suivent sur le clavier
notebook-weak-repeated = elle répète toujours la même chose
notebook-weak-sequence = ses lettres ou ses chiffres se suivent, comme abc ou 123
notebook-weak-date = une date ou une année se devine vite
notebook-weak-name = un nom se devine vite
notebook-weak-word = un mot seul se devine vite
notebook-weak-short = elle serait devinée trop vite
notebook-error-damaged = Le carnet est endommagé : il n'est pas comme il a été écrit : { $path }
notebook-advice-damaged = Rien n'a été effacé. Gardez le fichier, et remettez une copie si vous en avez une.
notebook-error-other = Ce fichier n'est pas un carnet : { $path }
notebook-advice-other = Rien n'y a été changé. Vérifiez le chemin.
notebook-error-newer = Carnet écrit par une version plus récente de Hamsa : { $path }
notebook-advice-newer = Rien n'y a été changé. Utilisez le Hamsa plus récent.
notebook-error-large = Trop grand pour un carnet (128 Mio en tout) : { $path }
notebook-advice-large = Rien n'a été changé. Commencez un autre carnet, ou gardez les longs films ailleurs et notez où.
notebook-error-no-file = Ceci n'est pas un fichier que l'on peut garder : { $path }
notebook-advice-no-file = Donnez un fichier, pas un dossier.
notebook-error-long = Ce texte est trop long pour une seule note.
notebook-advice-long = Faites-en plusieurs, ou gardez-le comme fichier.
notebook-error-nothing = Il n'y a rien à garder.
notebook-advice-nothing = Donnez un lien, un compte, une note ou un fichier.
notebook-error-date = Cette date n'a pas été comprise.
notebook-advice-date = Écrivez-la comme 2026-11-25 ou 2026-11-25T18:30.
notebook-error-not-safe = Rien n'a été écrit : personne n'a dit que c'est sans risque ici.
notebook-advice-not-safe = C'est vous qui décidez, et vous pouvez y revenir quand vous voulez. Un programme le dit avec --yes-it-is-safe-here.
notebook-error-bag = Le dossier n'est pas ce qui a été écrit : { $path }
notebook-advice-bag = Vérifiez le disque et exportez encore. Le carnet est comme avant.
notebook-error-device = Cet appareil n'a pas pu le faire : pas de mémoire, ou pas de nombres aléatoires.
notebook-advice-device = Fermez d'autres programmes et essayez encore. Le carnet est comme avant.
