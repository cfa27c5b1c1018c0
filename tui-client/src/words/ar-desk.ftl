### مكتب المستمعة والعرض التجريبي.
### Needs native review.

## Header and desk
desk-title = المستمعة
desk-on-duty = فالخدمة
desk-on-duty-until = الشهادة صالحة حتى { $date }
desk-asked = كندخلو للخدمة…
desk-break = فاستراحة
desk-off-duty = خارج الخدمة
desk-waiting = كيتسناو: { $waiting }
desk-urgent = مستعجل: { $urgent }
desk-link-connected = متصلة
desk-link-reconnecting = كنعاودو الاتصال، كلامك محفوظ
desk-link-offline = ما كاينش اتصال؛ همسة مازال كتحاول
desk-lock-hint = ^L قفل

## Columns
desk-chats = المحادثات
desk-chat = محادثة { $number }
desk-this-chat = هاد المحادثة
desk-no-chat = مازال ما كاينة حتى محادثة.
desk-take-next-when = برك على n باش تاخد اللي عليها الدور.
desk-on-duty-first = برك على o باش تبداي الخدمة.
desk-nobody-yet = حتى واحد ما كيتسنى دابا. غادي يبان هنا.
desk-language = اللغة: { $language }
desk-danger-yes = كتقول راها فخطر دابا
desk-danger-no = ما صرحاتش بالخطر
desk-state-running = مفتوحة
desk-state-over = سالات
desk-mail = رسائل مختومة: { $number }
desk-she = هي
desk-me = أنا
desk-urgent-mark = مستعجل
desk-new-mark = جديد: { $number }
desk-over-mark = سالات

## Her pace
desk-pace-pause-mark = راحة
desk-pace-details-mark = بلا تفاصيل
desk-pace-pause = محتاجة ترتاح شوية
desk-pace-details = ما بغاتش أسئلة على التفاصيل
desk-pace-told-pause = محتاجة ترتاح شوية. ما كنتسناو منها والو؛ ملي تكتب كتسالي الراحة.
desk-pace-told-on = الراحة سالات.
desk-pace-told-no-details = كتطلب منك ما تسوليهاش على التفاصيل.
desk-pace-told-details = حيدات الطلب ديال بلا تفاصيل.

## Keys
desk-key-next = خدي اللي عليها الدور
desk-key-break = استراحة
desk-key-duty = الخدمة
desk-key-mail = الرسائل
desk-key-end = إنهاء
desk-key-transfer = تحويل
desk-key-close = سدّي محادثة سالات
desk-key-drawer = تفاصيل
desk-key-write = كتابة
desk-key-commands = أوامر
desk-key-blur = إخفاء
desk-key-send = صيفطي
desk-key-newline = سطر جديد
desk-key-switch = المحادثة اللي من بعد
desk-key-help = مساعدة
desk-key-leave = خروج
desk-key-lock = قفل
desk-key-scroll = قبل، من بعد
desk-key-cancel = رجوع
desk-mode-commands = أوامر
desk-mode-write = كتابة

## States of her own messages
desk-sent-written = … مازال ما مشا
desk-sent-at-node = ✓ فالطريق
desk-sent-received = ✓✓ وصلات
desk-sent-failed = ✗ ما وصلاتش

## Blur
desk-blur-heavy = كلام ثقيل.
desk-blur-read = خدي نفس. Enter كتبيّن الكلام، و ^B كتخبيه.

## Questions
desk-ask-end = تسالي هاد المحادثة ليكم بجوج؟  y سالي · Esc كملي
desk-ask-leave = كاينة محادثة مفتوحة. تخرجي واخا هكاك؟ غادي ترجع للدور.  y خرجي · Esc بقاي
desk-ask-transfer = الاسم المستعار ديال الزميلة (خاصها هي توافق الأول):
desk-mail-title = رسالة مختومة { $number } من { $count }
desk-mail-returning = كتقول بلي جات من قبل
desk-mail-reply = الجواب المختوم ديالك:
desk-mail-keys = Enter صيفطي · Tab اللي من بعد · Esc رجوع

## Lock
desk-locked = مقفول. برك على Enter وعطي العبارة السرية.
desk-locked-asking = العبارة السرية:
desk-locked-trying = كنفتحو…
desk-locked-refused = ما تفتحش. برك على Enter باش تعاودي.

## Notices
desk-taking = كناخدو اللي عليها الدور…
desk-not-on-duty = نتي ماشي فالخدمة. برك على o الأول.
desk-nobody-waits = حتى واحد ما كيتسنى دابا.
desk-no-mail = ما كاينة حتى رسالة مختومة.
desk-mail-gone = شي زميلة جاوبات على هاد الرسالة المختومة؛ تحيدات من اللائحة ديالك.
desk-mail-gone-begun = شي زميلة جاوبات على رسالة مختومة. داكشي اللي بديتي كتكتبي ما تصيفطش.
desk-chat-new = تفتحات محادثة. غادي تقرا كلامك ملي تكتبي.
desk-chat-urgent = تفتحات محادثة. كتقول راها فخطر دابا.
desk-chat-again = راها هنا عاود. المحادثة كتكمل.
desk-chat-over = هاد المحادثة سالات؛ ما يمكنش تصيفطي.
desk-too-long = طويل بزاف لرسالة وحدة. صيفطيه على جوج.
desk-transfer-asked = كنسولوها واش موافقة.
desk-five-minutes = الكلام تمسح من هاد الشاشة. خمس دقايق ليك؟
desk-engine-stopped = الاتصال مع خط المساعدة وقف. خرجي ب ^Q وعاودي.
desk-ended-you = ساليتي المحادثة.
desk-ended-seeker = سالات المحادثة من جهتها.
desk-ended-left-quickly = خرجات بالزربة. ما تزيديش تكتبي؛ يمكن ماشي بوحدها.
desk-ended-taken = زميلة سبقات. راه كاين اللي معاها.
desk-ended-gone = ما بقاتش متصلة.
desk-ended-certificate = المحادثة وقفات حيت الشهادة ديالك ما بقاتش صالحة. اتصلي بالجمعية.
desk-ended-transferred = المحادثة عند زميلتك دابا. ما بقيتيش تقدري تقرايها.
desk-off-asked = نتي خارج الخدمة. المحادثات المفتوحة كتكمل.
desk-off-revoked = الشهادة ديالك تسحبات. ما يمكنش تاخدي محادثة. اتصلي بالجمعية.
desk-off-expired = الشهادة ديالك سالات. ما يمكنش تاخدي محادثة. طلبي وحدة جديدة من الجمعية.
desk-off-not-yet = الشهادة ديالك مازال ما بدات. شوفي التاريخ ديال هاد الجهاز.
desk-off-unknown = خط المساعدة خرجك من الخدمة. برك على o باش تعاودي.
desk-off-homes-alone = الماكينات ديال الخط حيدوك من الخدمة؛ الجمعية ديالك لا. كليكي o باش ترجعي. وإلا تعاودات، عيطي للجمعية.
desk-off-elsewhere = نتي خارج الخدمة هنا: شاشة خرى ديالك، ولا جهاز آخر، بدا خدمة ولا سالا هادي. المحادثات اللي كانت مفتوحة هنا يمكن كتكمل تما. برك على o باش ترجعي.
desk-off-shift-over = الوقت ديال الخدمة ديالك سالا. المحادثات المفتوحة كتكمل. برك على o باش تبداي وحدة خرى.
desk-small = النافذة صغيرة بزاف.

## Plain face
desk-plain-hello = مكتب المستمعة، { $pseudonym }.
desk-plain-menu =
    كتبي رقم ومن بعد Enter.
     1 دخول أو خروج من الخدمة
     2 خدي اللي عليها الدور
     3 استراحة، والرجوع
     4 إنهاء المحادثة
     5 المحادثة اللي من بعد
     6 قفل
     7 رسائل مختومة
     9 خروج
    اللي من بعد "> " كيتصيفط فالمحادثة، مثلا: > أنا هنا
desk-plain-unknown = ما تفهمش. كتبي رقم من اللائحة، أو > وكلامك.
desk-plain-long = السطر طويل بزاف؛ ما تقراش.
desk-plain-confirm = كتبي نعم باش تأكدي، أو أي حاجة أخرى باش تكملي.
desk-plain-yes = نعم
desk-plain-chat = محادثة { $number }، اللغة { $language }.
desk-plain-shown = دابا فالمحادثة { $number }.
desk-plain-heavy = كلام ثقيل. كتبي 8 باش تسمعيه.
desk-plain-state = الرسالة ديالك { $id }: { $state }
desk-plain-locked = مقفول. كتبي 6 باش تفتحي.
desk-plain-reply = كتبي r والرقم وكلامك باش تجاوبي، مثلا: r 1 شكرا
desk-plain-no-chat = ما كاينة حتى محادثة مفتوحة.
desk-plain-pasted = جاو بزاف ديال السطور دقة وحدة: هادا لصق، وما تصيفط منو والو. لصقي سطر واحد من بعد > وضغطي على Enter بيديك.

## Demo
demo-seeker = السائلة
demo-counselor = المستمعة { $name }
demo-entry = باب الدخول ديال { $name }
demo-home = العقدة ديال { $name }
demo-words-read = الكلمات اللي قدرات تقراها هاد العقدة: 0
demo-sizes-only = كتشوف غير القياس: قياس واحد
demo-starting = كنوجدو جوج جمعيات فدوسي مؤقت. عقد حقيقية، وتشفير حقيقي.
demo-hint = Tab الشخص الآخر · Enter صيفطي · ^X خروج سريع · ^Q خروج
demo-press-n = برك على n باش تاخد اللي كتسنى.
demo-wait-home = السائلة كتقلب على مستمعة.
demo-left = السائلة خرجات بالزربة. جهتها خاوية؛ ما تكتب والو.
demo-strip-entry = باب { $name } دوّز { $bytes } بايت؛ ما كيعرف لا الكلام اللي فيها ولا شكون غادي يقراه.
demo-strip-home-ticket = العقدة ديال { $name } عندها طلب مختوم. ما تقدر تفتحو، وما كتعرف منين جا.
demo-strip-home-cell = العقدة ديال { $name } دوّزات خلية مختومة؛ كلهم عندهم نفس القياس.
demo-strip-home-beat = نبضة: من برّا كتشبه لكلشي.
demo-strip-duty = { $name } فالخدمة: المفتاح ديال اليوم منشور، السمية الحقيقية لا.
demo-strip-waiting = الكلام الأول كيتسنى، مختوم غير للمستمعات اللي فالخدمة.
demo-strip-taken = المستمعة فتحات الطلب بالمفتاح ديالها؛ دابا كيصاوبو بجوج مفاتيح جداد لهاد المحادثة.
demo-strip-answered = السائلة تأكدات من شهادة المستمعة: { $name }، من { $association }.
demo-strip-said-seeker = كلام السائلة تختم عندها، وتفتح غير عند المستمعة.
demo-strip-said-counselor = كلام المستمعة تختم عندها، وتفتح غير عند السائلة.
demo-strip-received = وصلات: الجهة الأخرى بيّنات الرسالة وقالت ليها.
demo-strip-ended = المحادثة سالات؛ المفاتيح ديالها ما بقاوش.
demo-split = جوج جمعيات فالطريق: { $split }
demo-yes = نعم
demo-no = لا
demo-row-in = →
demo-row-out = ←
