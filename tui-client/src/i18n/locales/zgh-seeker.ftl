### ⵜⴰⵎⴰⵣⵉⵖⵜ. In Tifinagh, in part: a sentence that is not here is said in French.
### Needs native review.

seek-exit = Ctrl+X ⴼⴼⵖ ⴷⵖⵉ
seek-back = ⴰⵖⵓⵍ
seek-go-on = ⴷⴷⵓ ⴰⵔ ⴷⴰⵜ
seek-you = ⴽⵎⵎⵉⵏ
seek-danger-yes = ⵢⴰⵀ, ⴷⵖⵉ
seek-danger-no = ⵓⵀⵓ
seek-asked-no = ⵓⵀⵓ
seek-question-yes = ⵢⴰⵀ
seek-question-no = ⵓⵀⵓ
seek-refused-leave = ⴼⴼⵖ
seek-over-leave = ⴼⴼⵖ
seek-key-send = ⴰⵣⵏ
seek-key-choose = ⵙⵜⵉ
seek-key-back = ⴰⵖⵓⵍ
seek-key-menu = ⵓⴳⴳⴰⵔ
seek-key-language = ⵜⵓⵜⵍⴰⵢⵜ
seek-key-help = ⵜⵉⵡⵉⵙⵉ
