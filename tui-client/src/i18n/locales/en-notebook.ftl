### The evidence notebook on the command line.
### Needs native review.

## Is it safe?
notebook-safe =
    Is it safe to keep this here?
    · The notebook is one file on this device. What is in it is sealed; that it is there can be seen.
    · Whoever can make you type the passphrase can read it. A passphrase that is forgotten cannot be recovered.
    · If somebody looks through this device, or may have put a spying program on it, keep nothing here. Another device, or somebody you trust, may be safer.
    · If a picture shows somebody under 18, do not copy it: talk with a counselor first.
notebook-safe-open =
    Is it safe to keep an unprotected copy here?
    · The folder is not sealed: whoever opens this device can read and see everything in it.
    · Make it just before you hand it over, best on a stick that you keep with you, and delete it afterwards. Deleting hides it; somebody with the right tools may still find it.
notebook-safe-question = Type yes to go on; anything else stops:

## Questions
notebook-ask-url = Where can it be seen? A link, or Enter to skip:
notebook-ask-account = Whose account? Or Enter to skip:
notebook-ask-date = When? For example 2026-11-25 or 2026-11-25T18:30. Enter for now:
notebook-ask-note = What happened, in your words, on one line? Or Enter to skip:
notebook-ask-file = A file to keep with it? Its path, or Enter when there is none:

## Answers
notebook-made = The notebook is made: { $path }
notebook-kept = Kept as number { $number }. The original files are still where they were.
notebook-empty = Nothing is in it yet.
notebook-exported = The unprotected copy is here: { $path }
notebook-lawyer = Before you hand it in or file a complaint, talk with the association's lawyer: a complaint can have consequences for you too.
notebook-entry = Number { $number }
notebook-happened = When: { $value }
notebook-added = Written down: { $value }
notebook-url = Where: { $value }
notebook-account = Account: { $value }
notebook-note = Note:
notebook-file = File: { $name } · bytes: { $bytes } · SHA-256: { $sum }

## What went wrong, and what to do next
notebook-error-missing = There is no notebook at { $path }
notebook-advice-missing = Check the path, or make one with `hamsa notebook new --lang en --file FILE`.
notebook-error-exists = There is already something at { $path }
notebook-advice-exists = It was left as it is. Choose another path.
notebook-error-passphrase = The passphrase does not open this notebook.
notebook-advice-passphrase = Try again; mind the keyboard and capital letters. The notebook is whole.
notebook-error-no-passphrase = A notebook needs a passphrase; this one is empty.
notebook-advice-no-passphrase = Choose several words that nobody would guess.
notebook-weak-common = many people use it, or one like it
notebook-weak-keyboard = its letters stand side by side on the keyboard
notebook-weak-repeated = it says the same again and again
notebook-weak-sequence = its letters or digits follow each other, like abc or 123
notebook-weak-date = a date or a year is guessed soon
notebook-weak-name = a name is guessed soon
notebook-weak-word = a word by itself is guessed soon
notebook-weak-short = it would be guessed too soon
notebook-error-damaged = The notebook is damaged, it is not as it was written: { $path }
notebook-advice-damaged = Nothing was deleted. Keep the file, and put back a copy if you have one.
notebook-error-other = This file is not a notebook: { $path }
notebook-advice-other = It was left as it is. Check the path.
notebook-error-newer = A newer Hamsa wrote this notebook: { $path }
notebook-advice-newer = It was left as it is. Use the newer Hamsa.
notebook-error-large = Too large for a notebook (128 MiB in all): { $path }
notebook-advice-large = Nothing was changed. Begin another notebook, or keep large films elsewhere and note where.
notebook-error-no-file = This is not a file that can be kept: { $path }
notebook-advice-no-file = Name a file, not a folder.
notebook-error-long = This text is too long for one entry.
notebook-advice-long = Make several entries of it, or keep it as a file.
notebook-error-nothing = There is nothing to keep.
notebook-advice-nothing = Give a link, an account, a note or a file.
notebook-error-date = This date was not understood.
notebook-advice-date = Write it as 2026-11-25 or 2026-11-25T18:30.
notebook-error-not-safe = Nothing was written: nobody said that it is safe here.
notebook-advice-not-safe = You decide, and you can come back to it any time. A program says it with --yes-it-is-safe-here.
notebook-error-bag = The folder is not what was written: { $path }
notebook-advice-bag = Check the disk and export again. The notebook is as it was.
notebook-error-device = This device could not do it: no memory, or no random numbers.
notebook-advice-device = Close other programs and try again. The notebook is as it was.
