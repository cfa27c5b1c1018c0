### What the commands say before there is a screen.
### Needs native review.

## Questions and answers
command-passphrase = Passphrase:
command-passphrase-again = Once more:
command-weak-offer = Choose another, or learn these words by heart and type them: { $words }
command-requested = Your request is in { $path }. Give it to your association.
command-installed = The certificate is in your vault. Your pseudonym is { $name }.
command-begin = Begin with `hamsa counsel --vault { $path }`.
command-usage = Hamsa did not understand this command; what is wrong stands above. `hamsa --help` lists what there is.
command-in = In { $path }: { $what }

## A file
command-file-missing = There is no file at { $path }
command-advice-file-missing = Check the path, and try again.
command-file-folder = This is a folder, not a file: { $path }
command-advice-file-folder = Give the path of the file in it.
command-file-kind = This is not a file: { $path }
command-advice-file-kind = Give the path of a file; a device or a pipe will not do here.
command-file-large = This file is too long to be what was asked for: { $path }
command-advice-file-large = Check the path. The file was left as it is.
command-file-silent = Nothing came out of this pipe: { $path }
command-advice-file-silent = Check the command that writes into it, or give a file.
command-file-denied = This device does not let you use { $path }
command-advice-file-denied = Take a file in a folder of your own, or ask whoever looks after this device.
command-file-full = There is no room left to write { $path }
command-advice-file-full = Free some space, then try again. What was there is as it was.
command-file-read-only = Nothing can be written to the disk of { $path }
command-advice-file-read-only = Choose another path.
command-file-other = The disk refused { $path } (number { $number })
command-advice-file-other = Check the path and the disk, then try again. What was there is as it was.
command-error-text = In { $path }, line { $line } is not UTF-8 text.
command-advice-text = Save the file as UTF-8, then try again.

## The address of a helpline
command-error-address-none = There is no file { $path }, and it is no address.
command-advice-address-none = An address begins with hamsa:1: — copy it whole, or give the file in which it stands.
command-error-address-prefix = This is no address of a helpline.
command-advice-address-prefix = An address begins with hamsa:1: — copy it whole.
command-error-address-words = There are other words before the address.
command-advice-address-words = Give only what begins with hamsa:1:
command-error-address-newer = This address is of a newer kind than this program knows.
command-advice-address-newer = Use a newer Hamsa.
command-error-address-damaged = The address is damaged: a character is wrong or missing.
command-advice-address-damaged = Copy the address again, whole.
command-error-address-content = What this address holds is no address of a helpline.
command-advice-address-content = Take the address again, from the helpline itself.
command-error-address-exchanged = The routes in this address were exchanged: the helpline has not signed them.
command-advice-address-exchanged = Do not use it. Take the address again, from the helpline itself.

## The terminal
command-error-no-screen = There is no terminal here for a screen.
command-advice-no-screen = Add --plain for text line by line, or --json for a program.
command-error-dumb = This terminal does not take a full screen (TERM=dumb).
command-advice-dumb = Add --plain for text line by line.
command-error-no-terminal = There is no terminal to ask on.
command-advice-no-terminal = Use --passphrase-file FILE.
command-error-not-typed = No passphrase was typed.
command-advice-not-typed = Nothing was done. Try again when you want to.
command-error-not-text = What was typed is not UTF-8, and was not taken.
command-advice-not-text = Set this terminal to UTF-8, then try again.
command-error-json = The json face asks nobody for a passphrase.
command-advice-json = Add --passphrase-file FILE.
command-error-stopped = Something in this device or terminal did not work, and Hamsa has stopped.
command-advice-stopped = Try again. The line below is for somebody who helps you with it.

## A passphrase
command-error-differ = The two passphrases differ.
command-advice-differ = Nothing was made. Try again.
command-error-weak = This passphrase is too weak: { $why }
command-advice-weak = Choose several words that nobody would guess.

## The request
command-error-out-vault = --out and --vault are one file: the request would take the place of your keys.
command-error-out-passphrase = --out is the file of the passphrase.
command-error-out-other = There is already something at { $path }, and it is no earlier request.
command-error-out-vault-other = The request at { $path } is of another vault.
command-advice-out = It was left as it is. Choose another path for --out.

## The vault
command-vault-missing = There is no vault at { $path }
command-advice-vault-missing = Check the path, or make a vault with `hamsa counsel request --vault FILE --out REQUEST`.
command-vault-passphrase = The passphrase does not open this vault.
command-advice-vault-passphrase = Try again; mind the keyboard and capital letters. The vault is whole.
command-vault-no-passphrase = A vault needs a passphrase; this one is empty.
command-advice-vault-no-passphrase = Choose several words that nobody would guess.
command-vault-damaged = The vault is damaged, it is not as it was written: { $path }
command-advice-vault-damaged = Nothing was deleted: keep the file. Put back a copy, or make a vault at another path and ask your association for a new certificate.
command-vault-not-a-vault = This file is not a vault: { $path }
command-advice-vault-not-a-vault = It was left as it is. Check the path, or choose another one for the vault.
command-vault-newer = A newer Hamsa wrote this vault: { $path }
command-advice-vault-newer = It was left as it is. Use the newer Hamsa.
command-vault-older = An older Hamsa wrote this vault, and this one does not read it: { $path }
command-advice-vault-older = It was left as it is. Make one at another path with `hamsa counsel request`, and ask your association to certify it and to take the old certificate back.
command-vault-exists = There is already a file at { $path }
command-advice-vault-exists = It was left as it is. Choose another path.
command-vault-in-use = Another window or program has this vault open: { $path }
command-advice-vault-in-use = Close that desk first, here or on another device. Each counselor has a vault of her own.
command-vault-replaced = Another vault has taken the place of this one: { $path }
command-advice-vault-replaced = Start again with the vault that you want.
command-vault-no-certificate = This vault has no certificate yet.
command-advice-vault-no-certificate = Send the request to your association, then `hamsa counsel install --vault FILE --certificate FILE`.
command-certificate-not-yours = This certificate is for the key of another vault.
command-advice-certificate-not-yours = Ask your association for the certificate of this vault's own request.
command-certificate-expired = The certificate has expired.
command-advice-certificate-expired = Make a new request with the same vault, and ask your association to certify it.
command-certificate-not-yet-valid = The certificate is not valid yet.
command-advice-certificate-not-yet-valid = Check the date of this device; if it is right, wait, or ask your association.
command-certificate-file = This is no certificate for a vault, or it was not copied whole.
command-advice-certificate-file = Ask for the file again, and take it as it is, without changing a line.
command-vault-object = What your association signed does not hold here.
command-advice-vault-object = Check the date of this device, and ask your association for a new certificate.
command-vault-device = This device could not do it: no memory, or no random numbers.
command-advice-vault-device = Close other programs and try again; Hamsa needs 64 MiB for a passphrase.
