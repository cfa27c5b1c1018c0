### The seeker's screen.
### Needs native review.

## Every screen
seek-exit = Ctrl+X leave at once
seek-exit-any = Ctrl+X partir · خروج · leave
seek-small = The window is too small. Make it larger, or start with --plain.
seek-back = Back
seek-go-on = Go on
seek-you = you
seek-counselor = counselor
seek-press-enter = Enter
seek-press-esc = Esc
seek-read-on = Read on
seek-link-looking = connecting…
seek-link-connected = connected
seek-link-reconnecting = reconnecting, your words are kept
seek-link-offline = offline; Hamsa keeps trying
seek-link-stopped = stopped
seek-engine-stopped = The connection to the helpline has stopped. Nothing more can be sent. Close Hamsa, and start it again when you can.
seek-too-long = That is too long for one message. Send it in parts. ({ $bytes } of { $most } bytes)
seek-not-text = Letters are missing: this terminal does not send UTF-8. Set it to UTF-8, then write them again.
seek-locale = The settings of this terminal do not name UTF-8. If letters look wrong or are missing, leave, and start again with LC_ALL=C.UTF-8.
seek-no-text = The association has written nothing here, or it has not come yet. You can ask the counselor.
seek-by-association = { $association } says:
seek-by-association-unknown = The association says:
seek-path-two = Your words pass, sealed, through two associations. One sees this device's network address; the other only sees that a request is waiting. On the way, neither can read your words.
seek-path-one = Your words pass, sealed, through one association only, as far as this device can tell. Its servers see this device's network address and the time; they cannot read your words.

## Language
seek-language-title = Langue · اللغة · Language
seek-calibrate-title = Arabic letters on this terminal
seek-calibrate-ask = Which of these rows reads right? Choose its number. You can change it later with ^K.
seek-calibrate-none = None of them

## Safety and consent
seek-safe-title = Before you write
seek-safe-hello = You can talk here with a trained counselor of { $association }.
seek-safe-hello-unknown = You can talk here with a trained counselor of an association.
seek-safe-danger-now = In danger right now? If you can, get to a safer place first.
seek-safe-watched = Could someone see this screen or check this device? Use another if you can.
seek-safe-limits = Hamsa cannot protect you from a watched screen, an infected device, or someone who makes you unlock it.
seek-safe-spy = Afraid there is a spying app? Do not remove it now; that can make things worse. Use another device.
seek-safe-anonymous = We do not ask your name, number, address or place.
seek-safe-saved = Nothing is saved on this device.
seek-safe-reads = Only counselors read your words; a chat is not stored. Limits: choice 4.
seek-safe-exit = ^X (Ctrl and X together), at any time: the screen clears and the chat ends.
seek-safe-exit-limits = ^X does not hide that this program was started: the command history, the list of running programs, the program itself and the network may show it.
seek-safe-consent = I understand, go on
seek-safe-practice = Try Ctrl+X first
seek-safe-danger = If you are in danger
seek-safe-more = Read more: this device, who reads, how long
seek-safe-return = I have been here before, I have a phrase
seek-safe-refuse = I do not want to talk now

## Not now
seek-refused-title = Information, without a chat
seek-refused-fine = That is fine. None of your words was sent.
seek-refused-leave = Leave
seek-refused-talk = Talk after all

## Danger
seek-danger-title = A question you may skip
seek-danger-ask = Are you in danger now?
seek-danger-why = If you say yes, your request goes ahead of those that are not urgent. It commits you to nothing.
seek-danger-skip = Skip this
seek-danger-yes = Yes, now
seek-danger-no = No
seek-danger-general = If you can, go to where other people are, or to somebody you trust. You can come back here later.

## First words
seek-first-title = First words, if you like
seek-first-ask = What would you like to say first? A few words are enough, in any language, in any letters. Enter sends them.
seek-first-sealed = They wait on this device; only the counselor who answers reads them.
seek-first-pace = You decide what you tell. You can skip anything, at any time.
seek-first-skip = Say nothing yet, only wait for a counselor
seek-first-too-long = That is more than the first message can hold. Nothing is lost: shorten it here, and write the rest while you wait. ({ $bytes } of { $most } bytes)

## Waiting room
seek-wait-title = waiting room
seek-wait-sealing = Your request is being sealed and sent.
seek-wait-next = You are next.
seek-wait-ahead = People before you: { $ahead }
seek-wait-ahead-most = People before you: at most { $ahead }
seek-wait-busy = You are in the queue. Your place is kept as long as Hamsa stays open.
seek-wait-more = You can write more while you wait; it will be read with the first.
seek-wait-reopened = The counselor is not reachable any more. You wait again at your old place; what had not arrived is sent again.
seek-wait-gone = The counselor is not reachable any more. What she had not received waits for another one.
seek-wait-passed = Your chat goes to a colleague, { $colleague } first. Nobody has taken it yet.

## Talk
seek-talk-with = { $name } · verified counselor of { $association }
seek-answered = A counselor is here. Esc takes you to her.
seek-answered-note = A counselor is here. Your note stays.
seek-answered-other = Another counselor is with you now. Her pseudonym is at the top.
seek-new-words = The counselor wrote. Esc takes you to her words.
seek-sent-written = … not sent yet
seek-sent-at-node = ✓ on its way
seek-sent-received = ✓✓ received
seek-sent-failed = ✗ not delivered
seek-resend = Send again what the earlier counselor had
seek-opened = Somebody is on duty now. What you were writing stands below; Enter sends it to her.

## Own pace
seek-pace-pause = Ask for a pause
seek-pace-go-on = End the pause
seek-pace-no-details = Please do not ask me for details
seek-pace-details = You can ask me about details again
seek-pace-paused = You asked for a pause. You need not write; your next words end it.
seek-pace-went-on = The pause is over.
seek-pace-noted = Noted: no questions about details. The counselor will see this.
seek-pace-taken-back = Taken back. You can still skip any question.

## Closed
seek-closed-title = Nobody is on duty
seek-closed-nobody = Nobody is on duty at the moment.
seek-closed-hours = Opening hours: { $hours }
seek-closed-kept = If you stay, your place is kept until somebody comes.
seek-closed-menu = ^K: leave a sealed message, or read.
seek-closed-leave = Leave a sealed message
seek-closed-wait = Wait here

## Sealed message
seek-leave-title = A sealed message
seek-leave-ask = Write it below. A counselor can read it when she is next on duty. Enter sends it.
seek-leave-until = It is kept sealed until { $date } at the latest, then it is gone.
seek-leave-phrase = Once it is sent you can take a phrase of eight words, to come back for the answer.
seek-leave-send = Send it as it stands
seek-leave-too-long = That is too long for one sealed message. Leave it in parts, one after the other. ({ $bytes } of { $most } bytes)
seek-left-title = Your sealed message
seek-left-sending = It is being sealed and sent. Wait another moment.
seek-left-not-yet = Your sealed message is not sent yet. If you leave now, it may be lost.
seek-left-kept = It is kept, sealed, until { $date } at the latest.
seek-left-answer = To read the answer you need the return phrase: create it now. Come back in a day or two; an answer stays for two weeks.
seek-left-come-back = Come back with your phrase in a day or two. An answer stays for two weeks.
seek-left-failed = It could not be left. It is still here; nothing is lost.
seek-left-again = Try again

## Coming back
seek-return-title = Coming back
seek-return-ask = Type the eight words of your phrase, with spaces between them, then Enter.
seek-return-watch = The words show on this screen. Whoever reads them could come back in your place.
seek-return-looking = Looking for answers to you. This takes a moment.
seek-mail-title = Answers to you
seek-mail-date = dated { $date }
seek-mail-none = There is no answer yet.
seek-mail-talk = Talk with a counselor now
seek-mail-open = Read the answers to you
seek-mail-came = An answer to you was found. ^K opens it.

## Phrase
seek-phrase-open = A phrase to come back with
seek-phrase-title = A phrase to come back with
seek-phrase-what = Eight words let you read the answer to your sealed message from any device. Nothing is stored on this one.
seek-phrase-lost = If you lose them, nobody can give them back: not we, not the association.
seek-phrase-found = Whoever finds them can come back in your place and read what is answered.
seek-phrase-where = Learn them, or keep them on paper where nobody looks. Better not on this device.
seek-phrase-make = Create my return phrase
seek-phrase-not = Not now
seek-phrase-making = Your phrase is being made. This takes a moment.
seek-phrase-write = These are your words, in this order. Once Hamsa is closed, nobody can show them to you again.
seek-phrase-typeback = I have them; let me type them once
seek-phrase-stop = I do not want a phrase
seek-phrase-type = Type the eight words once, so that you can be sure.
seek-phrase-see = Show them again
seek-phrase-wrong = These are not the same words. Look again and type them once more.
seek-phrase-right = Right. You can come back with these words.

## Asked
seek-asked-title = The counselor asks you
seek-asked-transfer = { $name } asks whether a colleague may go on with you: { $colleague }
seek-asked-transfer-means = If you agree, the colleague gets new keys, and the first counselor can read nothing more.
seek-asked-free = You are free to say no; the chat then goes on as it is.
seek-asked-key = ^Y answers. Until then nothing changes.
seek-asked-open = Answer what the counselor asks
seek-asked-later = Not now
seek-asked-yes = Yes, I agree
seek-asked-no = No
seek-asked-gone = The question about a colleague is gone. You go on as before.

## Menu
seek-menu-title = What you can do here

## End
seek-end = End the chat
seek-end-title = End the chat?
seek-end-ask = The chat ends for both of you, and the keys are gone. What is on the screen disappears when you leave.
seek-end-no = No, go on
seek-end-yes = Yes, end it
seek-over-title = The chat is over
seek-over-thanks = Thank you for your trust. You can come back whenever you like.
seek-over-nothing = Hamsa wrote nothing on this device, except a notebook if you made one. The program itself is still here.
seek-over-shell = The terminal may keep the line that started Hamsa, in its history. Closing the window does not remove it.
seek-over-unsent = What you had begun to write was not sent.
seek-over-leave = Leave
seek-over-again = Start a new chat
seek-over-reread = Read the chat once more
seek-ended-you = You ended the chat.
seek-ended-counselor = The counselor ended the chat.
seek-ended-revoked = The chat was stopped, because this counselor may not answer for the association any more. This is not because of you. You can start again with another one.
seek-ended-transferred = The colleague has the chat now.
seek-ended-helpline = The helpline ended the chat. You can start again.
seek-ended-notice = The chat is over. Esc takes you back to it.

## Three questions
seek-questions-open = Three questions, if you like
seek-questions-title = Three questions
seek-questions-yours = Skip what you like. At the end you choose whether your answers are sent.
seek-question-heard = Did you feel heard?
seek-question-step = Do you know what your next step could be?
seek-question-safer = Do you feel a little safer than before?
seek-question-yes = Yes
seek-question-no = No
seek-question-skip = Skip
seek-questions-unsure = Thank you for saying so. You can come back at any time, and ask for another counselor in your first words.
seek-questions-done = Thank you. Take care of yourself.
seek-survey-ask = Would you like to share your answers with the association? It only gets monthly totals, without your words or your chat.
seek-survey-how = They travel on their own, apart from your chat. Only the time they arrive could let someone at the servers guess whose they are.
seek-survey-how-one = They travel apart from your chat, but through servers of the same association. This device's network address could show that they are yours.
seek-survey-open = Let the association have them
seek-survey-again = Answer once more
seek-survey-keep = Keep them to myself
seek-survey-send = Send my answers
seek-survey-sending = They are being sent.
seek-survey-counted = They are counted. Thank you.
seek-survey-failed = No word came that they were counted. You can try again, or leave it.
seek-survey-before = Your earlier answers go to the association. These stay on this screen.

## Practice
seek-practice-title = Try the way out
seek-practice-now = Hold the Ctrl key and press X now.
seek-practice-empty = The screen clears. When you really leave, Hamsa closes and you are back at your usual prompt. The program stays on the device.
seek-practice-back = In this practice, press Enter on the empty screen to come back here. A second ^X really leaves.
seek-practice-done = That was it. It works the same on every screen.

## Reading
seek-read-shelf = Something to read
seek-read-place = Your place is kept while you read.
seek-read-counselor = How a counselor can help
seek-read-proof = Keeping evidence with care
seek-read-tonight = Small steps for tonight
seek-read-device = A device that may be watched
seek-read-complaint = Before a complaint
seek-read-danger = If you are in danger
seek-read-services = Services and opening hours
seek-read-confidentiality = Who reads, and how long it is kept
seek-counselor-1 = She listens and believes you. She does not judge and does not decide for you.
seek-counselor-2 = She can sort things with you: what happened, what you want, what may come first.
seek-counselor-3 = She knows what the association can offer, and whom else you could ask.
seek-counselor-4 = She does not know who you are, unless you tell her. You need not.
seek-proof-1 = If it is safe for you, keep the messages instead of deleting them, even when they hurt. You do not have to look at them again.
seek-proof-2 = Note for each one: the address of the page, the account, the date and the hour.
seek-proof-3 = Keep pictures of the screen where nobody else looks; not on a device or account you share.
seek-proof-4 = Before you give proof to an authority, talk to the association's lawyer first.
seek-proof-5 = An intimate image, and you are 18 or older: some services recognise it by a number computed on your own device. Only that number leaves it, never the image.
seek-proof-6 = Such a service gives a case number and a code. Nobody can give them to you a second time: keep them somewhere safe.
seek-proof-7 = If you are under 18, it is different: ask the counselor about child protection. Nobody should ask you to send an image here.
seek-tonight-1 = You need not solve everything tonight. One small thing is enough.
seek-tonight-2 = What was done to you is not your fault.
seek-tonight-3 = If there is somebody you trust, you could ask them only to stay near.
seek-tonight-4 = Have some water. Breathe out slowly. You can stop reading or writing whenever you like.
seek-device-1 = If somebody knows things only your phone could tell, it may be watched. Use a device that person never had in hand.
seek-device-2 = Do not remove a spying app at once: the person who put it there may notice and become dangerous.
seek-device-3 = First make a plan with a counselor, from another device.
seek-device-4 = Encryption does not help on a device that is watched: what you type is seen before it is sealed.
seek-complaint-1 = Talk to the association's lawyer first. A complaint can also have consequences for the person who makes it.
seek-complaint-2 = Asking first commits you to nothing. Nobody here files anything for you without you.
seek-confidential-1 = Only the counselor you chat with can read the chat, from your first words on. A sealed message can be opened by other counselors of the association too. The servers in between only see sealed pieces of one size.
seek-confidential-2 = A live chat is not stored on those servers. It stays on your screen until you leave. You can ask the counselor what she writes down.

## Help
seek-help-title = Keys
seek-help-signs = ^ means the Ctrl key. … not sent yet, ✓ on its way, ✓✓ received by the counselor, ✗ not delivered.
seek-key-exit = leave at once (^C does the same)
seek-key-send = send
seek-key-choose = choose
seek-key-mark = move
seek-key-number = choose by number
seek-key-back = back
seek-key-asked = answer
seek-key-menu = menu
seek-key-focus = choices
seek-key-write = write
seek-key-language = language
seek-key-help = help
seek-key-newline = new line
seek-key-go-on = go on
seek-key-scroll = older, newer
seek-key-read-on = read on
seek-help-send = send (while you write)
seek-help-choose = choose (in a list)
seek-help-read-on = read on (in a text)
seek-help-scroll = older, newer (in a chat)
seek-help-focus = between your message and the choices

## Errors
seek-error-too-long = That is too long. Send it in parts.
seek-error-queue-full = Too many messages wait to be sent. Wait until some have arrived, then send it again.
seek-error-over = This chat is over. You can start a new one.
seek-error-already = A chat is open already. Go on in it, or end it first.
seek-error-leave-busy = Your message before is still on its way. Wait until it is kept, then leave the next.
seek-error-not-available = This is not possible in this version yet. Go on without it.
seek-error-expired = The association's papers are not valid on this device's date. Check its date and time; if they are right, try again later.
seek-error-not-yet-valid = The association's papers are not valid on this device's date. Check its date and time; if they are right, try again later.
seek-error-not-the-helpline = Something other than the helpline answered. Nothing you wrote was sent there. Check the address with the association.
seek-error-split-view = Two different lists of this helpline's counselors are in use at once. That should not happen. It is not because of you, and you can go on. If you can, ask the association in another way before you tell more.
seek-error-home-gone = The helpline does not answer at the moment. Hamsa keeps trying; you can also come back later.
seek-error-busy = The helpline is full at the moment. Hamsa keeps trying; stay if you can.
seek-error-no-roster = The helpline is not ready yet. Hamsa keeps trying; you can also come back later.
seek-error-revoked = The helpline does not accept this counselor any more. This is not because of you. You can start again.
seek-error-not-listed = The helpline does not accept this counselor any more. This is not because of you. You can start again.
seek-error-refused = The helpline did not accept this. A newer version of this program may be needed.
seek-error-nothing-asked = There is no question to answer. Go on writing.
seek-error-entry-address = The address of the helpline is not right. Copy it again, whole.
seek-error-entry-name = The helpline's name was not found. Check the connection of this device, then the address.
seek-error-entry-refused = The way to the helpline is closed at the moment. Hamsa keeps trying.
seek-error-no-route = This device has no connection. Check it; Hamsa keeps trying.
seek-error-entry-silent = The helpline does not answer. Check the connection of this device; Hamsa keeps trying.
seek-error-entry-impostor = Another machine answered at the helpline's address. Nothing was sent to it. Check the address with the association.
seek-error-entry-broken = The connection broke. Hamsa keeps trying.
seek-error-login-page = Something else than the helpline answered. Some networks want a login first: open a web page in a browser, log in, and Hamsa tries again by itself.
seek-error-stopped = The connection has stopped. Close Hamsa and start it again.
seek-error-bad-phrase = These words are not a phrase. Look at each word and at their order, change what is not right, then Enter.
seek-error-bad-phrase-plain = These words are not a phrase. Look at each word and at their order, and type all eight again.
seek-error-no-mail = There is no answer for these words yet. Try again tomorrow, or talk with a counselor now.
seek-error-mail-refused = There is an answer of somebody who may not answer for the association any more; it is not shown. Talk with a counselor, or leave another message.
seek-error-phrase-busy = The words before are still being looked at. Wait a moment, then type them again.
seek-error-no-memory = This device has too little memory free for that. Close other programs and try again.
seek-error-nobody-reads = Nobody at the helpline can read a sealed message at the moment. It was not sent. Come back in the opening hours, if you can.
seek-error-full = The helpline has no room for more sealed messages today. Try again tomorrow, or when somebody is on duty.
seek-error-disk = The helpline could not keep it. It was not left; try again later.
seek-error-empty = Write a few words first.
seek-error-closed-hours = Nobody is on duty at the moment. You can leave a sealed message.

## Plain face
seek-plain-keys = A number chooses. 0 says this page again. x leaves at once.
seek-plain-write = To write, type > and your words, then Enter. For example: > hello
seek-plain-unknown = Not understood. Type a number, or > and your words, or x to leave at once.
seek-plain-long = That line is too long; it was not read.
seek-plain-not-text = That line is not UTF-8: nothing of it was taken or sent. Set this terminal to UTF-8, then type it again.
seek-plain-nothing-to-write = Nothing can be written here. Type a number.
seek-plain-state = { $words }: { $state }
seek-safe-exit-plain = Type x and Enter at any time: Hamsa ends at once, and tries to empty the window.
seek-safe-exit-limits-plain = x does not hide that this program was started, nor what was read aloud; some windows keep what was scrolled away.
seek-safe-practice-plain = Try x first
seek-first-ask-plain = What would you like to say first? A few words are enough, in any language, in any letters.
seek-leave-ask-plain = Write it in one line. A counselor reads it when she is on duty.
seek-return-ask-plain = Type the eight words of your phrase in one line, with spaces between them.
seek-answered-plain = A counselor is here. Choose "Back" to talk with her.
seek-new-words-plain = The counselor wrote.
seek-opened-plain = Somebody is on duty now. Type your words again to send them to her.
seek-closed-menu-plain = You can leave a sealed message, or read: both are among the choices.
seek-mail-came-plain = An answer to you was found. It is among the choices.
seek-asked-key-plain = You can answer among the choices. Until then nothing changes.
seek-ended-notice-plain = The chat is over.
seek-practice-now-plain = Type x and Enter now.
seek-practice-empty-plain = When you really leave, Hamsa ends and tries to empty the window.
seek-practice-back-plain = In this practice you stay here. A second x really leaves.
seek-plain-more = On every page: m for what you can do here, l for the languages, h for help.
seek-help-title-plain = Help
seek-help-plain = Beside your own words you hear how far they came: not sent yet, on its way, received, not delivered.
seek-plain-exit-key = Control and X together leave at once too, without Enter.
seek-pasted-title = What you pasted
seek-pasted-lines = Lines: { $lines }
seek-pasted-not-sent = Nothing of it was sent. Send it?
seek-pasted-over = The chat has ended meanwhile: nothing of what you pasted was sent, and it cannot be sent any more.
seek-pasted-send = Send it in one message
seek-pasted-drop = Throw it away
seek-pasted-nowhere = Nothing of what you pasted was sent. Nothing can be written here: type a number.

## The notebook
seek-notebook-open = A notebook of what happened
seek-notebook-only = The notebook is the only thing Hamsa ever writes on this device: one sealed file, at the place you name, and only if you say yes.
seek-notebook-nobody = It is sent to nobody. The counselor does not see it.
seek-notebook-shown = Here a passphrase would be seen while you type it. Use this command in another terminal:
seek-notebook-not = No, write nothing
seek-notebook-make = Yes, it is safe here: make a notebook
seek-notebook-mine = Yes, it is safe here: open my notebook
seek-notebook-path-new = Where shall the file be? Type its path, then Enter. Nothing is written yet.
seek-notebook-path-name = A name that says nothing is safer.
seek-notebook-path = Where is the file? Type its path, then Enter.
seek-notebook-passphrase-new = Choose a passphrase of several words that nobody would guess. If you forget it, nobody can recover it. Then Enter.
seek-notebook-passphrase = Type its passphrase, then Enter.
seek-notebook-again = Type it once more, then Enter. After that the file is made.
seek-notebook-hidden = What you type is not shown.
seek-notebook-differ = The two are not the same. Nothing was made. Choose again.
seek-notebook-busy = One moment.
seek-notebook-empty = Nothing is in it yet.
seek-notebook-note-do = Write something down
seek-notebook-note-on = Go on with the note you began
seek-notebook-draft = The note you began is not kept yet. Choice 1 goes on with it; choice 3 closes the notebook without it.
seek-notebook-file-do = Keep a file
seek-notebook-close = Close the notebook
seek-notebook-note = What happened, in your own words? You can include a link, an account or a date. Enter keeps it.
seek-notebook-file = Which file? Type its path, then Enter.
seek-notebook-file-stays = It is kept byte for byte, with its SHA-256. The file itself stays where it is.
seek-notebook-export = To hand it over, this command makes an unprotected copy that anyone can read. Talk to the association's lawyer first.
seek-notebook-note-plain = What happened, in your own words? Type them in one line, then Enter. You can include a link, an account or a date.
seek-notebook-hidden-plain = What you type is not shown and not said.

## Pause, duty, errors without another text
seek-pausing = New page: read it, then press a key
seek-offers-pausing = Something new: read it, then press a key
seek-open-now = A counselor is on duty.
seek-urgent-answered = A counselor is here. Go on to write to her.
seek-urgent-waits = Your request is waiting. Urgent requests go first.
seek-counselor-locked = { $name } has locked her screen for a moment. Your words arrive and wait for her.
seek-counselor-asking = { $name } has asked a colleague.
seek-ended-draft = What you were writing was not sent. Tab leads on.
seek-closed-unread = Nobody can read a sealed message at the moment. ^K: menu.
seek-error-unknown = Something did not work. If it stays like this, close Hamsa and start it again.
seek-error-leave-later = Your message was not kept: the helpline takes no more sealed messages in this visit. Keep its words elsewhere; when you start Hamsa again, you can leave it.
seek-error-not-kept = Your message could not be kept. Send it again.
seek-error-taken = A colleague already has it.
seek-error-duplicate-id = This message was there already. Send it again.
seek-error-bad-id = This message could not be sent. Send it again.
seek-error-no-colleague = This colleague is not on duty.
seek-error-no-chat = This chat may be over already.
seek-error-no-phrase = Create a return phrase first.
seek-error-bad-language = The language was not understood. Choose it again.
seek-plain-came = The page changed while you were typing. Your line chose nothing and was not sent. This is the page now.
