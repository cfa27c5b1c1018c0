### مكتب المستمعة والعرض التجريبي.
### Needs native review.

## Header and desk
desk-title = المستمعة
desk-on-duty = فالخدمة
desk-on-duty-until = الشهادة صالحة حتى { $date }
desk-asked = كندخلو للخدمة…
desk-break = فاستراحة
desk-off-duty = ماشي فالخدمة
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
desk-no-chat = ما كاينة حتى محادثة
desk-take-next-when = ضغطي على n باش تاخدي الشخص اللي من بعد.
desk-on-duty-first = ضغطي على o باش تبداي الخدمة.
desk-nobody-yet = حتى واحد ما كيتسنى دابا. غادي يبان هنا.
desk-language = اللغة: { $language }
desk-length = مدة هاد المحادثة: { $length }
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
desk-key-next = الشخص اللي من بعد
desk-key-break = استراحة
desk-key-duty = الخدمة
desk-key-mail = الرسائل
desk-key-end = إنهاء
desk-key-block = سالي حيت فيها إساءة
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
desk-key-edit = السطر: الأول، الآخر، مسح كلمة، مسح السطر
desk-key-cancel = رجوع
desk-key-throw = مسح المسودة
desk-key-read = بيان الكلام
desk-key-next-mail = اللي من بعد
desk-key-go-on = كملي
desk-key-stay = بقاي
desk-mode-commands = أوامر
desk-mode-write = كتابة

## States of her own messages
desk-sent-written = … مازال ما مشات
desk-sent-at-node = ✓ فالطريق
desk-sent-received = ✓✓ وصلات
desk-sent-failed = ✗ ما وصلاتش

## Blur
desk-blur-heavy = كلام ثقيل.
desk-blur-read = خدي نفس. Enter كتبيّن الكلام، و ^B كتخبيه.

## Questions
desk-ask-end = تسالي المحادثة { $number } ليكم بجوج؟  y سالي · Esc كملي
desk-ask-block = تسالي المحادثة { $number } حيت فيها إساءة؟ اللي جا من بعد من نفس الطريق كيتسنى كتر، شي دقائق.  y سالي · Esc كملي
desk-ask-leave = تخرجي؟ المحادثة المفتوحة غادي ترجع للدور.  y خرجي · Esc بقاي
desk-ask-leave-quiet = تخرجي؟  y خرجي · Esc بقاي
desk-ask-transfer = الاسم المستعار ديال الزميلة (خاص الشخص يوافق الأول):
desk-mail-title = رسالة مختومة { $number } من { $count }
desk-mail-returning = كتقول بلي جات من قبل
desk-mail-reply = الجواب المختوم ديالك:

## Lock
desk-locked = مقفول. ضغطي على Enter وعطي كلمة السر.
desk-locked-asking = كلمة السر:
desk-locked-trying = كنفتحو…
desk-locked-refused = ما تفتحش. ضغطي على Enter باش تعاودي.
desk-locked-new-one = { $count } جديد فمحادثة وحدة
desk-locked-new-many = { $count } جديد، المحادثات: { $chats }

## Notices
desk-taking = كناخدو الشخص اللي من بعد…
desk-not-on-duty = نتي دابا ماشي فالخدمة. ضغطي على o الأول.
desk-nobody-waits = حتى واحد ما كيتسنى دابا.
desk-no-mail = ما كاينة حتى رسالة مختومة.
desk-mail-gone = الرسالة المختومة { $number }: شي زميلة جاوبات عليها؛ تحيدات من اللائحة ديالك.
desk-mail-gone-begun = الرسالة المختومة { $number }: شي زميلة جاوبات عليها. داكشي اللي بديتي كتكتبي ما تصيفطش.
desk-mail-answered = الرسالة المختومة { $number }: جاوبتي عليها.
desk-chat-new = تفتحات محادثة. غادي يبان كلامك غير ملي تصيفطيه.
desk-chat-urgent = تفتحات محادثة. كتقول راها فخطر دابا.
desk-chat-again = راها هنا عاود. المحادثة كتكمل.
desk-chat-over = هاد المحادثة سالات؛ ما يمكنش تصيفطي.
desk-not-sent-kept = ما تصيفطش، محفوظ
desk-throw-again = Esc مرة أخرى كتمسح المسودة
desk-new-below = جديد لتحت: { $number } · PgDn
desk-new-above = جديد لفوق: { $number } · PgUp
desk-too-long = طويل بزاف لرسالة وحدة. صيفطيه على جوج.
desk-not-text = ناقصين شي حروف: هاد الطيرمينال ما كيصيفطش UTF-8. قاديه على UTF-8 وعاودي كتبيهم.
desk-locale = الإعدادات ديال هاد الطيرمينال ما فيهاش UTF-8. إلا بانو ليك الحروف خاسرين ولا ناقصين، خرجي وعاودي بداي بـ LC_ALL=ar_MA.UTF-8.
desk-transfer-asked = كنسولوها واش موافقة.
desk-five-minutes = الكلام تمسح من هاد الشاشة. خمس دقايق ليك؟
desk-engine-stopped = الاتصال مع خط المساعدة وقف. خرجي ب ^Q وعاودي.
desk-ended-you = ساليتي المحادثة.
desk-ended-seeker = سالات المحادثة من جهتها.
desk-ended-left-quickly = خرجات بالزربة. ما تزيديش تكتبي؛ يمكن ماشي بوحدها.
desk-ended-taken = شي زميلة خدات هاد الشخص من قبل.
desk-ended-gone = ما بقاتش متصلة.
desk-ended-certificate = المحادثة وقفات حيت الشهادة ديالك ما بقاتش صالحة. اتصلي بالجمعية.
desk-ended-transferred = المحادثة عند زميلتك دابا. ما بقيتيش تقدري تقرايها.
desk-off-asked = نتي دابا ماشي فالخدمة. المحادثات المفتوحة كتكمل.
desk-off-revoked = الشهادة ديالك تسحبات. ما يمكنش تاخدي محادثة. اتصلي بالجمعية.
desk-off-expired = الشهادة ديالك سالات. ما يمكنش تاخدي محادثة. طلبي وحدة جديدة من الجمعية.
desk-off-not-yet = الشهادة ديالك مازال ما بدات. شوفي التاريخ ديال هاد الجهاز.
desk-off-unknown = خط المساعدة خرجك من الخدمة. ضغطي على o باش تعاودي.
desk-off-homes-alone = السيرفورات ديال الخط حيدوك من الخدمة؛ الجمعية ديالك لا. ضغطي على o باش ترجعي. وإلا تعاودات، عيطي للجمعية.
desk-off-elsewhere = نتي ماشي فالخدمة هنا: شاشة خرى ديالك، ولّا جهاز آخر، بدا خدمة ولّا سالا هادي. المحادثات اللي كانت مفتوحة هنا يمكن كتكمل تما. ضغطي على o باش ترجعي.
desk-off-shift-over = الوقت ديال الخدمة ديالك سالا. المحادثات المفتوحة كتكمل. ضغطي على o باش تبداي وحدة خرى.
desk-small = النافذة صغيرة بزاف. كبّريها.
desk-pausing = كاين جديد: قرايه وضغطي على شي زر

## What the engine reports, by its code
desk-error-too-long = طويل بزاف لرسالة وحدة. صيفطيه على جوج.
desk-error-queue-full = 256 رسالة كتتسنى تتقرا. تسناي حتى توصل وحدة، وصيفطي هادي عاود.
desk-error-over = هاد المحادثة سالات: ما تصيفط والو.
desk-error-duplicate-id = هاد الرسالة كاينة من قبل. صيفطيها عاود.
desk-error-bad-id = هاد الرسالة ما قدراتش تمشي. صيفطيها عاود.
desk-error-empty = كتبي شي كلمات الأول.
desk-error-no-chat = هاد المحادثة ما بقاتش. شوفي اللائحة.
desk-error-no-colleague = حتى زميلة بهاد الاسم ما كاينة فالخدمة. عطي الاسم المستعار ديالها كيف كيشوفوه الناس.
desk-error-no-words = ما وصلات حتى كلمة من هاد الشخص هادي دقيقة. يمكن الكونيكسيون عيانة، ولّا ما كاين حتى واحد. تسناي، ولّا خودي اللي من بعد.
desk-error-transfer-declined = باقية معاك: ما وافقاتش، ولا زميلتك ما بقاتش فالخدمة.
desk-error-nobody-waits = حتى واحد ما كيتسنى دابا.
desk-error-enough = عندك المحادثات اللي كتسمح بيهم الجمعية. سالي وحدة الأول.
desk-error-no-mail = هاد الرسالة المختومة ما بقاتش كتتسنى: شي زميلة جاوبات عليها، ولّا الوقت ديالها داز.
desk-error-taken = شي زميلة خداتها. خودي اللي من بعد.
desk-error-busy = الخط عامر دابا. همسة كتعاود بوحدها.
desk-error-full = الخط ما بقاش فيه البلاصة لهادشي اليوم. عاودي من بعد.
desk-error-disk = الخط ما قدرش يحتافظ بيه. عاودي؛ وإلا بقا هاكا، عيطي للجمعية.
desk-error-no-roster = الخط مازال ما واجد. همسة كتعاود بوحدها؛ وإلا طولات، عيطي للجمعية.
desk-error-not-listed = الخط ما كيعرفش الشهادة ديالك. عيطي للجمعية.
desk-error-revoked = الشهادة ديالك تسحبات. عيطي للجمعية.
desk-error-expired = شي حاجة سينياتها الجمعية سالات، ولّا التاريخ ديال هاد الجهاز غالط. شوفي التاريخ، ومن بعد عيطي للجمعية.
desk-error-not-yet-valid = الشهادة ديالك ولّا الخدمة مازال ما بدات. شوفي التاريخ ديال هاد الجهاز.
desk-error-refused = الخط ما قبلش هادشي. يمكن خاص نسخة جديدة من هاد البرنامج.
desk-error-not-the-helpline = جاوبات حاجة خرى ماشي الخط ديالكم. ما تصيفط ليها والو. عيطي للجمعية.
desk-error-split-view = كاينين جوج لوائح مختالفين ديال الجمعية ديالكم فنفس الوقت. الهضرة كتكمل. عيطي ليوم للي عندو المفتاح الأصلي ديال الجمعية؛ اللي معروف كاين فملف حدا الملف المسدود ديالك.
desk-error-older-roster = واحد السيرفر ديال الخط ورّا لائحة أقدم من اللي كانت عندك. ما تقبلاتش. عيطي للجمعية.
desk-error-home-gone = الخط ما كيجاوبش دابا. همسة كتعاود بوحدها.
desk-error-no-memory = هاد الجهاز ما فيهش الذاكرة الكافية. سدي برامج خرين وعاودي.
desk-error-entry-address = العنوان ديال الخط ماشي صحيح. طلبي شهادة جديدة من الجمعية.
desk-error-entry-name = السمية ديال الخط ما تلقاتش. شوفي الاتصال ديال هاد الجهاز.
desk-error-entry-refused = الطريق للخط مسدودة دابا. همسة كتعاود بوحدها.
desk-error-no-route = هاد الجهاز ما عندوش الاتصال. شوفيه؛ همسة كتعاود بوحدها.
desk-error-entry-silent = الخط ما كيجاوبش. شوفي الاتصال ديال هاد الجهاز؛ همسة كتعاود بوحدها.
desk-error-entry-impostor = جاوبات ماكينة خرى فالعنوان ديال الخط. ما تصيفط ليها والو. عيطي للجمعية.
desk-error-entry-broken = الاتصال تقطع. همسة كتعاود بوحدها.
desk-error-login-page = جاوبات حاجة خرى ماشي الخط. شي ريزوات كيطلبو تسجيل الدخول الأول: حلي شي صفحة فالمتصفح ودخلي، وهمسة كتعاود بوحدها.
desk-error-unknown = شي حاجة ما خدماتش. وإلا بقات هاكا، خرجي ب ^Q وعاودي.

## Plain face
desk-plain-hello = مكتب المستمعة، { $pseudonym }.
desk-plain-menu =
    كتبي رقم ومن بعد Enter.
     1 دخول ولّا خروج من الخدمة
     2 الشخص اللي من بعد
     3 استراحة، والرجوع
     4 إنهاء المحادثة
     5 المحادثة اللي من بعد
     6 قفل
     7 رسائل مختومة؛ 7 ورقم باش تسمعي وحدة
     8 بيان كلام المحادثة، والكتابة فيها
     9 خروج
    10 سالي المحادثة حيت فيها إساءة
    اللي من بعد "> " كيتصيفط فالمحادثة، مثلا: > أنا هنا
desk-plain-unknown = ما تفهمش. كتبي رقم من اللائحة، ولّا > وكلامك.
desk-plain-long = السطر طويل بزاف؛ ما تقراش.
desk-plain-not-text = هاد السطر ماشي UTF-8: ما تقرا وما تصيفط منو والو. قادي هاد الطيرمينال على UTF-8 وعاودي كتبيه.
desk-plain-confirm = كتبي نعم باش تأكدي، ولّا أي حاجة أخرى باش تكملي.
desk-plain-chat = محادثة { $number }، اللغة { $language }.
desk-plain-shown = دابا فالمحادثة { $number }.
desk-plain-heavy = كلام ثقيل. كتبي 8 باش تسمعيه.
desk-plain-open = هاد المحادثة مازال ما كتاخد كلام. كتبي 8 باش تكتبي فيها. ما تصيفط والو.
desk-plain-mail-open = يقدر يكون كلام ثقيل. كتبي 7 { $number } باش تسمعيه.
desk-plain-question-gone = السؤال ما بقاش: اللي كان عليه تبدل.
desk-plain-came = المكتب تبدل ونتي كتكتبي. السطر ديالك ما دار والو وما تصيفطش. هاكا راه دابا.
desk-plain-state = الرسالة ديالك { $id }: { $state }
desk-plain-locked = مقفول. كتبي 6 باش تفتحي.
desk-plain-refused = ما تفتحش.
desk-plain-reply = كتبي r والرقم وكلامك باش تجاوبي، مثلا: r 1 شكرا
desk-plain-no-chat = ما كاينة حتى محادثة مفتوحة.
desk-plain-pasted = جاو بزاف ديال السطور دقة وحدة: هادا لصق، وما تصيفط منو والو. لصقي سطر واحد من بعد > وضغطي على Enter بيديك.

## Demo
demo-seeker = الشخص
demo-counselor = المستمعة { $name }
demo-entry = باب الدخول ديال { $name }
demo-home = السيرفر ديال { $name }
demo-words-read = الكلمات اللي قدر يقراها هاد السيرفر: 0
demo-sizes-only = كتشوف غير القياس: قياس واحد
demo-starting = كنوجدو جوج جمعيات فدوسي مؤقت. سيرفورات حقيقية، وتشفير حقيقي.
demo-hint = Tab الشخص الآخر · Enter صيفطي · ^X خروج سريع · ^Q خروج
demo-press-n = ضغطي على n باش تاخدي اللي كيتسنى.
demo-wait-home = الشخص كيقلب على مستمعة.
demo-left = الشخص خرج بالزربة. جهتو خاوية؛ ما تكتب والو.
demo-strip-entry = باب { $name } دوّز { $bytes } بايت؛ ما كيعرف لا الكلام اللي فيها ولا شكون غادي يقراه.
demo-strip-home-ticket = السيرفر ديال { $name } عندو طلب مختوم. ما يقدر يفتحو، وما كيعرف منين جا.
demo-strip-home-cell = السيرفر ديال { $name } دوّز خلية مختومة؛ كلهم عندهم نفس القياس.
demo-strip-home-beat = نبضة: من برّا كتشبه لكلشي.
demo-strip-duty = { $name } فالخدمة: المفتاح ديال اليوم منشور، السمية الحقيقية لا.
demo-strip-waiting = الطلب كيتسنى، مختوم غير للمستمعات اللي فالخدمة. ما فيه حتى كلمة: الكلام كيمشي للي تجاوب.
demo-strip-taken = المستمعة فتحات الطلب بالمفتاح ديالها؛ دابا كيصاوبو بجوج مفاتيح جداد لهاد المحادثة.
demo-strip-answered = الشخص تأكد من شهادة المستمعة: { $name } ({ $association }).
demo-strip-said-seeker = كلام الشخص تختم عندو، وتفتح غير عند المستمعة.
demo-strip-said-counselor = كلام المستمعة تختم عندها، وتفتح غير عند الشخص.
demo-strip-received = وصلات: الجهة الأخرى بيّنات الرسالة وقالت ليها.
demo-strip-ended = المحادثة سالات؛ المفاتيح ديالها ما بقاوش.
demo-split = جوج جمعيات فالطريق: { $split }
demo-yes = نعم
demo-no = لا
demo-row-in = →
demo-row-out = ←
