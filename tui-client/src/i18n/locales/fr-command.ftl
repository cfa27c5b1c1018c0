### What the commands say before there is a screen.
### Needs native review.

## Questions and answers
command-passphrase = Phrase secrète :
command-passphrase-again = Encore une fois :
command-weak-offer = Choisissez-en une autre, ou retenez ces mots par cœur et tapez-les : { $words }
command-requested = Votre demande est dans { $path }. Donnez-la à votre association.
command-installed = Le certificat est dans votre coffre. Votre pseudonyme est { $name }.
command-begin = Commencez par `hamsa counsel --vault { $path }`.
command-usage = Hamsa n'a pas compris cette commande ; ce qui ne va pas est écrit au-dessus, en anglais. `hamsa --help` montre ce qui existe.
command-in = Dans { $path } : { $what }

## A file
command-file-missing = Aucun fichier ne se trouve à { $path }
command-advice-file-missing = Vérifiez le chemin, puis essayez encore.
command-file-folder = Ceci est un dossier, pas un fichier : { $path }
command-advice-file-folder = Donnez le chemin du fichier qui est dedans.
command-file-kind = Ceci n'est pas un fichier : { $path }
command-advice-file-kind = Donnez le chemin d'un fichier ; un périphérique ou un tube ne va pas ici.
command-file-large = Ce fichier est trop long pour être ce qui est demandé : { $path }
command-advice-file-large = Vérifiez le chemin. Rien n'y a été changé.
command-file-silent = Rien n'est sorti de ce tube : { $path }
command-advice-file-silent = Vérifiez la commande qui y écrit, ou donnez un fichier.
command-file-denied = Cet appareil ne vous laisse pas utiliser { $path }
command-advice-file-denied = Prenez un fichier dans un dossier à vous, ou demandez à la personne qui s'occupe de cet appareil.
command-file-full = Il n'y a plus de place pour écrire { $path }
command-advice-file-full = Libérez de la place, puis essayez encore. Ce qui était là est comme avant.
command-file-read-only = On ne peut rien écrire sur le disque de { $path }
command-advice-file-read-only = Choisissez un autre chemin.
command-file-other = Le disque a refusé { $path } (numéro { $number })
command-advice-file-other = Vérifiez le chemin et le disque, puis essayez encore. Ce qui était là est comme avant.
command-error-text = La ligne { $line } de { $path } n'est pas du texte UTF-8.
command-advice-text = Enregistrez le fichier en UTF-8, puis essayez encore.

## The address of a helpline
command-error-address-none = Il n'y a pas de fichier { $path }, et ce n'est pas une adresse.
command-advice-address-none = Une adresse commence par hamsa:1: — copiez-la en entier, ou donnez le fichier où elle se trouve.
command-error-address-prefix = Ce n'est pas l'adresse d'une ligne d'écoute.
command-advice-address-prefix = Une adresse commence par hamsa:1: — copiez-la en entier.
command-error-address-words = Il y a d'autres mots avant l'adresse.
command-advice-address-words = Donnez seulement ce qui commence par hamsa:1:
command-error-address-newer = Cette adresse est d'une sorte plus récente que ce programme ne connaît pas.
command-advice-address-newer = Utilisez un Hamsa plus récent.
command-error-address-damaged = L'adresse est abîmée : un caractère est faux ou manque.
command-advice-address-damaged = Copiez l'adresse encore une fois, en entier.
command-error-address-content = Ce que contient cette adresse n'est pas l'adresse d'une ligne d'écoute.
command-advice-address-content = Reprenez l'adresse auprès de la ligne d'écoute elle-même.
command-error-address-exchanged = Les chemins de cette adresse ont été échangés : la ligne d'écoute ne les a pas signés.
command-advice-address-exchanged = Ne l'utilisez pas. Reprenez l'adresse auprès de la ligne d'écoute elle-même.

## The terminal
command-error-no-screen = Il n'y a pas ici de terminal pour un écran.
command-advice-no-screen = Ajoutez --plain pour du texte ligne par ligne, ou --json pour un programme.
command-error-dumb = Ce terminal ne prend pas d'écran entier (TERM=dumb).
command-advice-dumb = Ajoutez --plain pour du texte ligne par ligne.
command-error-no-terminal = Il n'y a pas de terminal pour demander.
command-advice-no-terminal = Utilisez --passphrase-file FICHIER.
command-error-not-typed = Aucune phrase secrète n'a été tapée.
command-advice-not-typed = Rien n'a été fait. Essayez encore quand vous voulez.
command-error-not-text = Ce qui a été tapé n'est pas en UTF-8 ; rien n'en a été pris.
command-advice-not-text = Réglez ce terminal sur UTF-8, puis essayez encore.
command-error-json = La face json ne demande de phrase secrète à personne.
command-advice-json = Ajoutez --passphrase-file FICHIER.
command-error-stopped = Quelque chose dans cet appareil ou ce terminal n'a pas marché, et Hamsa s'est arrêté.
command-advice-stopped = Essayez encore. La ligne en dessous est pour quelqu'un qui vous aide.

## A passphrase
command-error-differ = Les deux phrases secrètes ne sont pas les mêmes.
command-advice-differ = Rien n'a été fait. Essayez encore.
command-error-weak = Cette phrase secrète est trop faible : { $why }
command-advice-weak = Choisissez plusieurs mots que personne ne devinerait.

## The request
command-error-out-vault = --out et --vault sont un même fichier : la demande prendrait la place de vos clés.
command-error-out-passphrase = --out est le fichier de la phrase secrète.
command-error-out-other = Il y a déjà quelque chose à { $path }, et ce n'est pas une demande d'avant.
command-error-out-vault-other = La demande à { $path } est celle d'un autre coffre.
command-advice-out = Rien n'y a été changé. Choisissez un autre chemin pour --out.

## The vault
command-vault-missing = Il n'y a pas de coffre à { $path }
command-advice-vault-missing = Vérifiez le chemin, ou faites un coffre avec `hamsa counsel request --vault FICHIER --out DEMANDE`.
command-vault-passphrase = Cette phrase secrète n'ouvre pas ce coffre.
command-advice-vault-passphrase = Essayez encore ; attention au clavier et aux majuscules. Le coffre est intact.
command-vault-no-passphrase = Un coffre a besoin d'une phrase secrète ; celle-ci est vide.
command-advice-vault-no-passphrase = Choisissez plusieurs mots que personne ne devinerait.
command-vault-damaged = Le coffre est endommagé : il n'est pas comme il a été écrit : { $path }
command-advice-vault-damaged = Rien n'a été effacé : gardez le fichier. Remettez une copie, ou faites un coffre à un autre chemin et demandez un nouveau certificat à votre association.
command-vault-not-a-vault = Ce fichier n'est pas un coffre : { $path }
command-advice-vault-not-a-vault = Rien n'y a été changé. Vérifiez le chemin, ou choisissez-en un autre pour le coffre.
command-vault-newer = Coffre écrit par une version plus récente de Hamsa : { $path }
command-advice-vault-newer = Rien n'y a été changé. Utilisez le Hamsa plus récent.
command-vault-older = Coffre écrit par une version plus ancienne de Hamsa, que celle-ci ne lit pas : { $path }
command-advice-vault-older = Rien n'y a été changé. Faites-en un à un autre chemin avec `hamsa counsel request`, et demandez à votre association de le certifier et de retirer l'ancien certificat.
command-vault-exists = Il y a déjà un fichier à { $path }
command-advice-vault-exists = Rien n'y a été changé. Choisissez un autre chemin.
command-vault-in-use = Une autre fenêtre ou un autre programme a ouvert ce coffre : { $path }
command-advice-vault-in-use = Fermez d'abord ce bureau, ici ou sur un autre appareil. Chaque écoutante a son propre coffre.
command-vault-replaced = Un autre coffre a pris la place de celui-ci : { $path }
command-advice-vault-replaced = Recommencez avec le coffre que vous voulez.
command-vault-no-certificate = Ce coffre n'a pas encore de certificat.
command-advice-vault-no-certificate = Envoyez la demande à votre association, puis `hamsa counsel install --vault FICHIER --certificate FICHIER`.
command-certificate-not-yours = Ce certificat est pour la clé d'un autre coffre.
command-advice-certificate-not-yours = Demandez à votre association le certificat de la demande de ce coffre.
command-certificate-expired = Le certificat n'est plus valable.
command-advice-certificate-expired = Faites une nouvelle demande avec le même coffre, et demandez à votre association de la certifier.
command-certificate-not-yet-valid = Le certificat n'est pas encore valable.
command-advice-certificate-not-yet-valid = Vérifiez la date de cet appareil ; si elle est juste, attendez, ou demandez à votre association.
command-certificate-file = Ce n'est pas un certificat pour un coffre, ou il n'a pas été copié en entier.
command-advice-certificate-file = Demandez encore le fichier, et prenez-le tel quel, sans changer une ligne.
command-vault-object = Ce que votre association a signé n'est pas valable ici.
command-advice-vault-object = Vérifiez la date de cet appareil, et demandez un nouveau certificat à votre association.
command-vault-device = Cet appareil n'a pas pu le faire : pas de mémoire, ou pas de nombres aléatoires.
command-advice-vault-device = Fermez d'autres programmes et essayez encore ; Hamsa a besoin de 64 Mio pour une phrase secrète.
