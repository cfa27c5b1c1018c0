### Tamazight in Latin letters, in part: a sentence that is not here is said in French.
### Needs native review.

seek-exit = Ctrl+X ffeɣ dɣi
seek-back = Aɣul
seek-go-on = Ddu ar dat
seek-you = kemmin
seek-danger-yes = Yah, dɣi
seek-danger-no = Uhu
seek-asked-no = Uhu
seek-question-yes = Yah
seek-question-no = Uhu
seek-refused-leave = Ffeɣ
seek-over-leave = Ffeɣ
seek-key-send = azen
seek-key-choose = sti
seek-key-back = aɣul
seek-key-menu = uggar
seek-key-language = tutlayt
seek-key-help = tiwisi
