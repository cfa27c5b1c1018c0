### The counselor's desk and the demo.

## Header and desk
desk-title = Counselor
desk-on-duty = on duty
desk-on-duty-until = certificate until { $date }
desk-asked = going on duty…
desk-break = on a break
desk-off-duty = off duty
desk-waiting = waiting: { $waiting }
desk-urgent = urgent: { $urgent }
desk-link-connected = connected
desk-link-reconnecting = reconnecting, your words are kept
desk-link-offline = no connection; Hamsa keeps trying
desk-lock-hint = ^L lock

## Columns
desk-chats = chats
desk-chat = chat { $number }
desk-this-chat = this chat
desk-no-chat = No chat yet.
desk-take-next-when = Press n to take the next person in order.
desk-on-duty-first = Press o to go on duty.
desk-nobody-yet = Nobody waits now. You will see it here.
desk-language = language: { $language }
desk-length = this chat: { $length }
desk-danger-yes = she says she is in danger now
desk-danger-no = no danger declared
desk-state-running = open
desk-state-over = over
desk-mail = sealed messages: { $number }
desk-she = she
desk-me = me
desk-urgent-mark = urgent
desk-new-mark = new: { $number }
desk-over-mark = over

## Her pace
desk-pace-pause-mark = pause
desk-pace-details-mark = no details
desk-pace-pause = she needs a pause
desk-pace-details = she wants no questions about details
desk-pace-told-pause = She needs a pause. Nothing is expected of her; her next words end it.
desk-pace-told-on = The pause is over.
desk-pace-told-no-details = She asks you not to ask for details.
desk-pace-told-details = She has taken back that she wants no details.

## Keys
desk-key-next = take next
desk-key-break = break
desk-key-duty = on or off duty
desk-key-mail = messages
desk-key-end = end
desk-key-block = end as abuse
desk-key-transfer = transfer
desk-key-close = close an ended chat
desk-key-drawer = details
desk-key-write = write
desk-key-commands = commands
desk-key-blur = blur
desk-key-send = send
desk-key-newline = new line
desk-key-switch = next chat
desk-key-help = help
desk-key-leave = leave
desk-key-lock = lock
desk-key-scroll = older, newer
desk-key-edit = line: start, end, delete word, delete line
desk-key-cancel = back
desk-key-throw = throw the draft away
desk-key-read = show the words
desk-key-next-mail = next
desk-key-go-on = go on
desk-key-stay = stay
desk-mode-commands = commands
desk-mode-write = write

## States of her own messages
desk-sent-written = … not sent yet
desk-sent-at-node = ✓ on its way
desk-sent-received = ✓✓ received
desk-sent-failed = ✗ not delivered

## Blur
desk-blur-heavy = Heavy content ahead.
desk-blur-read = Take a breath. Enter shows the words, ^B hides them again.

## Questions
desk-ask-end = End chat { $number } for both of you?  y end · Esc go on
desk-ask-block = End chat { $number } as abuse? Whoever comes next by the same way waits longer for some minutes.  y end · Esc go on
desk-ask-leave = Leave? The open chat goes back to the queue.  y leave · Esc stay
desk-ask-leave-quiet = Leave?  y leave · Esc stay
desk-ask-transfer = Colleague's pseudonym (the seeker must agree first):
desk-mail-title = sealed message { $number } of { $count }
desk-mail-returning = she says that she was here before
desk-mail-reply = Your sealed reply:

## Lock
desk-locked = Locked. Press Enter and give your passphrase.
desk-locked-asking = Passphrase:
desk-locked-trying = Opening…
desk-locked-refused = That did not open the vault. Press Enter to try again.
desk-locked-new-one = { $count } new in 1 chat
desk-locked-new-many = { $count } new in { $chats } chats

## Notices
desk-taking = Taking the next person…
desk-not-on-duty = You are not on duty. Press o first.
desk-nobody-waits = Nobody waits now.
desk-no-mail = There are no sealed messages.
desk-mail-gone = Sealed message { $number }: a colleague has answered it; it has left your list.
desk-mail-gone-begun = Sealed message { $number }: a colleague has answered it. What you had begun to write was not sent.
desk-mail-answered = Sealed message { $number }: you have answered it.
desk-chat-new = A chat is open. She sees your words once you send them.
desk-chat-urgent = A chat is open. She says she is in danger now.
desk-chat-again = She is here again. The chat goes on.
desk-chat-over = This chat is over; nothing more can be sent.
desk-not-sent-kept = not sent, kept
desk-throw-again = Esc again throws the draft away
desk-new-below = new below: { $number } · PgDn
desk-new-above = new above: { $number } · PgUp
desk-too-long = That is too long for one message. Send it in two parts.
desk-not-text = Letters are missing: this terminal does not send UTF-8. Set it to UTF-8, then write them again.
desk-locale = The settings of this terminal do not name UTF-8. If letters look wrong or are missing, leave, and start again with LC_ALL=C.UTF-8.
desk-transfer-asked = She is asked whether she agrees.
desk-five-minutes = The words are gone from this screen. Five minutes for you?
desk-engine-stopped = The connection to the helpline has stopped. Leave with ^Q and start again.
desk-ended-you = You ended the chat.
desk-ended-seeker = She ended the chat.
desk-ended-left-quickly = She left quickly. Do not write on; she may not be alone.
desk-ended-taken = A colleague has already taken this person.
desk-ended-gone = She is not reachable any more.
desk-ended-certificate = The chat ended because your certificate is not valid any more. Call your association.
desk-ended-transferred = Your colleague has the chat now. You cannot read it any more.
desk-off-asked = You are off duty. Open chats go on.
desk-off-revoked = Your certificate was withdrawn. No chat can be taken. Call your association.
desk-off-expired = Your certificate has expired. No chat can be taken. Ask your association for a new one.
desk-off-not-yet = Your certificate is not valid yet. Check the date of this device.
desk-off-unknown = The helpline has taken you off duty. Press o to try again.
desk-off-homes-alone = The helpline's machines took you off duty; your association did not. Press o to come back. If it happens again, call your association.
desk-off-elsewhere = You are off duty here: another window or device of yours began a shift, or ended this one. Chats that were open here may go on there. Press o to come back.
desk-off-shift-over = The time of your shift is over. Open chats go on. Press o to begin another.
desk-small = The window is too small. Make it larger.
desk-pausing = New: read it, then press a key

## What the engine reports, by its code
desk-error-too-long = Too long for one message. Send it in parts.
desk-error-queue-full = 256 messages wait to be read. Wait until one is received, then send this one again.
desk-error-over = This chat is over: nothing was sent.
desk-error-duplicate-id = This message was there already. Send it again.
desk-error-bad-id = This message could not be sent. Send it again.
desk-error-empty = Write a few words first.
desk-error-no-chat = This chat is not there any more. Look at the list.
desk-error-no-colleague = No colleague of that name is on duty. Give her pseudonym, as people see it.
desk-error-no-words = No words have come from this person for a minute. The line may be bad, or nobody is there any more. Wait, or take the next.
desk-error-transfer-declined = She stays with you: she did not agree, or your colleague is no longer on duty.
desk-error-nobody-waits = Nobody waits now.
desk-error-enough = You have as many chats as your association allows. End one first.
desk-error-no-mail = This sealed message does not wait any more: a colleague has answered it, or its time is over.
desk-error-taken = A colleague already has it. Take the next.
desk-error-busy = The helpline is full at the moment. Hamsa keeps trying.
desk-error-full = The helpline has no more room for this today. Try again later.
desk-error-disk = The helpline could not keep it. Try again; if it stays so, call your association.
desk-error-no-roster = The helpline is not ready yet. Hamsa keeps trying; if it lasts, call your association.
desk-error-not-listed = The helpline does not know your certificate. Call your association.
desk-error-revoked = Your certificate was withdrawn. Call your association.
desk-error-expired = Something that the association signed has expired, or the date of this device is wrong. Check the date, then call your association.
desk-error-not-yet-valid = Your certificate or your shift is not valid yet. Check the date of this device.
desk-error-refused = The helpline did not accept this. A newer version of this program may be needed.
desk-error-not-the-helpline = Something other than your helpline answered. Nothing was sent there. Call your association.
desk-error-split-view = Two different rosters of your association are in use at once. Chats go on. Call the person who keeps the association's root key today; what is known lies in a file beside your vault.
desk-error-older-roster = A home shows an older roster than the one you had. It was not taken. Call your association.
desk-error-home-gone = The helpline does not answer at the moment. Hamsa keeps trying.
desk-error-no-memory = This device has too little memory free. Close other programs and try again.
desk-error-entry-address = The helpline's address is not right. Ask your association for a new certificate.
desk-error-entry-name = The helpline's name was not found. Check the connection of this device.
desk-error-entry-refused = The way to the helpline is closed at the moment. Hamsa keeps trying.
desk-error-no-route = This device has no connection. Check it; Hamsa keeps trying.
desk-error-entry-silent = The helpline does not answer. Check the connection of this device; Hamsa keeps trying.
desk-error-entry-impostor = Another machine answered at the helpline's address. Nothing was sent to it. Call your association.
desk-error-entry-broken = The connection broke. Hamsa keeps trying.
desk-error-login-page = Something else than the helpline answered. Some networks want a login first: open a web page in a browser, log in, and Hamsa tries again by itself.
desk-error-unknown = Something did not work. If it stays so, leave with ^Q and start again.

## Plain face
desk-plain-hello = Counselor's desk, { $pseudonym }.
desk-plain-menu =
    Type a number and Enter.
     1 on or off duty
     2 take next
     3 break, and back
     4 end the chat
     5 next chat
     6 lock
     7 sealed messages; 7 and a number hears one
     8 show the words of the chat, and write in it
     9 leave
    10 end the chat as abuse
    Anything after "> " is sent to the chat, for example: > I am here
desk-plain-unknown = Not understood. Type a number from the menu, or > and your words.
desk-plain-long = That line is too long; it was not read.
desk-plain-not-text = That line is not UTF-8: nothing of it was taken or sent. Set this terminal to UTF-8, then type it again.
desk-plain-confirm = Type yes to confirm, anything else to go on.
desk-plain-chat = Chat { $number }, language { $language }.
desk-plain-shown = Now in chat { $number }.
desk-plain-heavy = Heavy content ahead. Type 8 to hear the words.
desk-plain-open = This chat takes no words yet. Type 8 to write in it. Nothing was sent.
desk-plain-mail-open = Its words may be heavy. Type 7 { $number } to hear them.
desk-plain-question-gone = The question is no longer asked: what it was about has changed.
desk-plain-came = The desk changed while you were typing. Your line did nothing and was not sent. This is how it stands now.
desk-plain-state = your message { $id }: { $state }
desk-plain-locked = Locked. Type 6 to unlock.
desk-plain-refused = That did not open the vault.
desk-plain-reply = Type r and the number and your words to answer, for example: r 1 thank you
desk-plain-no-chat = There is no open chat.
desk-plain-pasted = Several lines came at once: that was a paste, and nothing of it was sent. Paste one line after >, and press Enter yourself.

## Demo
demo-seeker = seeker
demo-counselor = counselor { $name }
demo-entry = entry node of { $name }
demo-home = home node of { $name }
demo-words-read = words this node could read: 0
demo-sizes-only = sees only sizes: one size
demo-starting = Two associations are being set up in a temporary directory. Real nodes, real encryption.
demo-hint = Tab other person · Enter send · ^X quick exit of the seeker · ^Q leave
demo-press-n = Press n to take the person who waits.
demo-wait-home = The seeker is looking for a counselor.
demo-left = The seeker left quickly. Her side is empty; nothing was written.
demo-strip-entry = The entry of { $name } passed { $bytes } bytes; it does not know which words they carry or to whom they will be shown.
demo-strip-home-ticket = The home node of { $name } keeps a sealed ticket. It cannot open it, and does not know from where it came.
demo-strip-home-cell = The home node of { $name } passed a sealed cell on; every cell has the same size.
demo-strip-home-beat = A heartbeat: it looks like everything else from outside.
demo-strip-duty = { $name } is on duty: her key for this shift is published, her name of everyday life is not.
demo-strip-waiting = The request waits, sealed for the counselors on duty alone. It holds no words: these go to the one who answers.
demo-strip-taken = The counselor opened the ticket with her key; now both make new keys for this chat.
demo-strip-answered = The seeker checked the counselor's certificate: { $name }, of { $association }.
demo-strip-said-seeker = The seeker's words were sealed on her side, and opened on the counselor's side only.
demo-strip-said-counselor = The counselor's words were sealed on her side, and opened on the seeker's side only.
demo-strip-received = Received: the other side showed the message and said so.
demo-strip-ended = The chat is over; its keys are gone.
demo-split = two associations on the way: { $split }
demo-yes = yes
demo-no = no
demo-row-in = →
demo-row-out = ←
