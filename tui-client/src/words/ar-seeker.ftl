### شاشة الشخص اللي كيقلب على المساعدة. الصياغة بالدارجة، وبالفصحى فين ما كايناش كلمة مستقرة فالدارجة.
### Needs native review. (Addressed in the feminine; a reviewer should decide whether that stays.)

## Every screen
seek-exit = Ctrl+X خروج دابا
seek-exit-any = Ctrl+X partir · خروج · leave
seek-small = النافذة صغيرة بزاف. كبّريها، ولّا عاودي حلّي همسة ب --plain.
seek-back = رجوع
seek-go-on = نكمّل
seek-you = نتي
seek-counselor = المستمعة
seek-press-enter = Enter
seek-press-esc = Esc
seek-read-on = نكمّل القراية
seek-link-looking = كنتصلو…
seek-link-connected = كاين اتصال
seek-link-reconnecting = كنعاودو الاتصال، كلامك محفوظ
seek-link-offline = بلا اتصال؛ همسة مازال كتحاول
seek-link-stopped = الاتصال وقف
seek-engine-stopped = الاتصال مع خط المساعدة وقف، وما يمكن يتصيفط والو دابا. سدّي همسة وعاودي حلّيها ملي تقدري.
seek-too-long = هادشي طويل بزاف لرسالة وحدة. صيفطيه على أجزاء. ({ $bytes } من { $most } بايت)
seek-no-text = المعلومات ديال الجمعية مازال ما وصلات، ولّا ما عطات والو هنا. تقدري تسولي المستمعة.
seek-by-association = كلام الجمعية ({ $association }):
seek-by-association-unknown = كتقول الجمعية:
seek-path-two = كلامك كيدوز مختوم من عند جوج جمعيات. وحدة كتشوف عنوان الشبكة ديال هاد الجهاز؛ والأخرى كتشوف غير بللي كاين طلب كيتسنى. فالطريق حتى وحدة ما تقدر تقرا كلامك.
seek-path-one = كلامك كيدوز مختوم من عند جمعية وحدة: ما لقيناش وحدة أخرى. السيرفورات ديالها كيشوفو عنوان الشبكة ديال هاد الجهاز والوقت؛ ما يقدروش يقراو كلامك.

## Language
seek-language-title = Langue · اللغة · Language
seek-calibrate-title = الحروف العربية · Lettres arabes
seek-calibrate-ask =
    أينا سطر كيتقرا مزيان؟
    Quelle ligne se lit bien ?
    تقدري تبدليه من بعد ب ^K.
seek-calibrate-none = حتى واحد · Aucune

## Safety and consent
seek-safe-title = قبل ما تكتبي
seek-safe-hello = هنا تقدري تهضري مع مستمعة عندها تكوين ({ $association }).
seek-safe-hello-unknown = هنا تقدري تهضري مع مستمعة عندها تكوين، ديال شي جمعية.
seek-safe-danger-now = واش فخطر دابا؟ إلا قدرتي، سيري قبل كلشي لبلاصة آمنة كثر.
seek-safe-watched = إلا كان شي واحد يقدر يشوف هاد الشاشة ولّا يراقب هاد الجهاز، استعملي جهاز آخر إلا قدرتي.
seek-safe-limits = همسة ما كتحميش من شاشة مراقبة، ولا جهاز فيه برنامج تجسس، ولا من اللي يفرض عليك تحلّيه.
seek-safe-spy = كتشكي فبرنامج تجسس؟ ما تحيديهش دابا، يقدر يزيد الخطر. استعملي جهاز آخر.
seek-safe-anonymous = ما كنسولوش على السمية، ولا النمرة، ولا العنوان، ولا البلاصة.
seek-safe-saved = والو ما كيتسجل فهاد الجهاز.
seek-safe-reads = غير المستمعات كيقراو كلامك، والمحادثة ما كتتسجلش. الحدود: شوفي الاختيار 4.
seek-safe-exit = فأي وقت ^X (Ctrl و X مجموعين): الشاشة كتخوى والمحادثة كتسالي.
seek-safe-exit-limits = ما كيخبيش ^X بللي هاد البرنامج تخدم: سجل الأوامر، ولائحة البرامج، والبرنامج نفسه، والشبكة يقدرو يبينوه.
seek-safe-consent = فهمت، نكمّل
seek-safe-practice = نجرّب Ctrl+X الأول
seek-safe-danger = شنو يقدر يعاون وقت الخطر
seek-safe-more = نقرا كثر: هاد الجهاز، شكون كيقرا، وشحال كيبقى
seek-safe-return = جيت من قبل، وعندي جملة الرجوع
seek-safe-refuse = ما بغيتش نهضر دابا

## Not now
seek-refused-title = معلومات بلا محادثة
seek-refused-fine = ماشي مشكل. حتى كلمة منك ما تصيفطات.
seek-refused-leave = خروج
seek-refused-talk = نهضر مع مستمعة

## Danger
seek-danger-title = سؤال تقدري تفوتيه
seek-danger-ask = واش نتي فخطر دابا؟
seek-danger-why = إلا قلتي آه، الطلب ديالك كيدوز قبل اللي ماشي مستعجل. هادشي ما كيلزمك بوالو.
seek-danger-skip = نفوتو
seek-danger-yes = آه، دابا
seek-danger-no = لا
seek-danger-general = إلا قدرتي، سيري فين كاينين الناس، ولا عند شي حد كتيقي فيه. تقدري ترجعي لهنا من بعد.

## First words
seek-first-title = كلمات للبداية، إلا بغيتي
seek-first-ask = شنو بغيتي تقولي الأول؟ شوية ديال الكلام كافي، بأي لغة وأي حروف. ب Enter كيتصيفط.
seek-first-sealed = كيتسنى مختوم؛ غير المستمعات اللي فالخدمة يقدرو يحلّوه.
seek-first-pace = نتي اللي كتقرري شنو تقولي. تقدري تفوتي أي حاجة، فأي وقت.
seek-first-skip = ما نقول والو دابا، نتسنى المستمعة
seek-first-too-long = هادشي كثر من اللي كتقد عليه الرسالة الأولى. ما ضاع والو: نقصي منو هنا، وكتبي الباقي ونتي كتسناي. ({ $bytes } من { $most } بايت)

## Waiting room
seek-wait-title = قاعة الانتظار
seek-wait-sealing = الطلب ديالك كيتختم وكيتصيفط.
seek-wait-next = الدور ديالك هو الجاي.
seek-wait-ahead = الناس اللي قبل منك: { $ahead }
seek-wait-busy = راك فالدور. البلاصة ديالك محفوظة ما دامت همسة محلولة.
seek-wait-more = تقدري تزيدي تكتبي ونتي كتسناي؛ المستمعة غادي تقرا كلشي مجموع.
seek-wait-reopened = المستمعة ما بقاتش متصلة. كتسناي فبلاصتك القديمة؛ واللي ما وصلش كيتعاود يتصيفط.
seek-wait-gone = المستمعة ما بقاتش متصلة. اللي ما وصلهاش كيتسنى مستمعة أخرى.
seek-wait-passed = المحادثة كتدوز عند: { $colleague }

## Talk
seek-talk-with = مستمعة متحقق منها ({ $association }) · { $name }
seek-answered = كاينة مستمعة دابا. ب Esc تمشي عندها.
seek-answered-note = كاينة مستمعة دابا. اللي كتبتي باقي.
seek-answered-other = كاينة معاك مستمعة أخرى دابا. الاسم المستعار ديالها لفوق.
seek-new-words = المستمعة كتبات. ب Esc تمشي للكلام ديالها.
seek-sent-written = … مازال ما مشا
seek-sent-at-node = ✓ فالطريق
seek-sent-received = ✓✓ وصل
seek-sent-failed = ✗ ما وصلش
seek-resend = نعاود نصيفط اللي كان وصل للمستمعة اللي قبل
seek-opened = كاينة دابا شي وحدة فالخدمة. اللي كنتي كتكتبي راه لتحت؛ ب Enter كيتصيفط ليها.

## Own pace
seek-pace-pause = بغيت نرتاح شوية
seek-pace-go-on = نكملو
seek-pace-no-details = بلا أسئلة على التفاصيل عافاك
seek-pace-details = يمكن تسولوني على التفاصيل
seek-pace-paused = طلبتي ترتاحي شوية. ما كاين علاش تزربي؛ ملي تكتبي كتسالي الراحة.
seek-pace-went-on = الراحة سالات.
seek-pace-noted = طلبتي بلا تفاصيل. كيتقال هادشي للي معاك.
seek-pace-taken-back = تحيد الطلب. ديما تقدري تفوتي أي سؤال.

## Closed
seek-closed-title = ما كاينة حتى مستمعة فالخدمة
seek-closed-nobody = ما كاينة حتى مستمعة فالخدمة دابا.
seek-closed-hours = أوقات العمل: { $hours }
seek-closed-kept = إلا بقيتي، البلاصة ديالك محفوظة حتى يجي شي حد.
seek-closed-menu = باش تخلي رسالة مختومة، ولا تقراي: ^K
seek-closed-leave = نخلي رسالة مختومة
seek-closed-wait = نتسنى هنا

## Sealed message
seek-leave-title = رسالة مختومة
seek-leave-ask = كتبيها لتحت. تقدر تقراها مستمعة ملي تكون فالخدمة. ب Enter كتتصيفط.
seek-leave-until = كتبقى محفوظة ومختومة، وآخر أجل هو { $date }، ومن بعد كتتمسح.
seek-leave-phrase = ملي تتصيفط، تقدري تاخدي جملة ديال ثمانية ديال الكلمات، باش ترجعي تقراي الجواب.
seek-leave-send = نصيفطها كيف ما هي
seek-leave-too-long = هادشي طويل بزاف لرسالة مختومة وحدة. خليه على أجزاء، واحد من بعد واحد. ({ $bytes } من { $most } بايت)
seek-left-title = الرسالة المختومة ديالك
seek-left-sending = كتتختم وكتتصيفط. تسناي شوية مازال.
seek-left-not-yet = الرسالة المختومة مازال ما مشات. إلا خرجتي دابا تقدر تضيع.
seek-left-kept = راها محفوظة ومختومة، وآخر أجل هو { $date }
seek-left-answer = باش تقراي الجواب خاصك جملة الرجوع: صاوبيها دابا. ورجعي بيها من هنا نهار ولّا يومين؛ الجواب كيبقى جوج سيمانات.
seek-left-come-back = رجعي بالجملة من هنا نهار ولّا يومين. الجواب كيبقى جوج سيمانات.
seek-left-failed = ما قدرناش نحطوها. راها مازال هنا؛ ما ضاع والو.
seek-left-again = نعاود

## Coming back
seek-return-title = الرجوع بالجملة
seek-return-ask = كتبي الثمانية ديال الكلمات ديال الجملة، بالحروف اللاتينية، وبيناتهم فراغ، ومن بعد Enter.
seek-return-watch = الكلمات كيبانو فهاد الشاشة. اللي قراهم يقدر يرجع فبلاصتك.
seek-return-looking = كنقلبو واش كاين شي جواب ليك. خاص شوية ديال الوقت.
seek-mail-title = الأجوبة اللي وصلاتك
seek-mail-date = التاريخ: { $date }
seek-mail-none = مازال ما كاين جواب.
seek-mail-talk = نهضر مع مستمعة دابا
seek-mail-open = نقرا الأجوبة اللي ليا
seek-mail-came = لقينا جواب ليك. ب ^K كيتحل.

## Phrase
seek-phrase-open = جملة الرجوع
seek-phrase-title = جملة الرجوع
seek-phrase-what = ثمانية ديال الكلمات، بالفرنسية ولّا بالإنجليزية، كيخليوك تقراي الجواب على الرسالة المختومة من أي جهاز. والو ما كيتسجل فهاد الجهاز.
seek-phrase-lost = إلا ضاعو ليك، حتى واحد ما يقدر يردهم: لا حنا، لا الجمعية.
seek-phrase-found = اللي لقاهم يقدر يرجع فبلاصتك ويقرا الجواب.
seek-phrase-where = حفظيهم، ولا كتبيهم فورقة ما كيشوفها حد. الأحسن ماشي فهاد الجهاز.
seek-phrase-make = صاوبو ليا الجملة
seek-phrase-not = ماشي دابا
seek-phrase-making = الجملة ديالك كتتصاوب. خاص شوية ديال الوقت.
seek-phrase-write = هادو هوما الكلمات ديالك، بهاد الترتيب. ملي تتسدّ همسة، حتى واحد ما يقدر يبينهم ليك عاوتاني.
seek-phrase-typeback = راهم عندي؛ نكتبهم مرة
seek-phrase-stop = ما بغيتش جملة
seek-phrase-type = كتبي الثمانية ديال الكلمات مرة وحدة، غير باش نتأكدو.
seek-phrase-see = نشوفهم مرة أخرى
seek-phrase-wrong = ماشي نفس الكلمات. شوفي مزيان وعاودي كتبيهم.
seek-phrase-right = صحيح. تقدري ترجعي بهاد الكلمات.

## Asked
seek-asked-title = المستمعة كتسولك
seek-asked-transfer = كتسولك { $name } واش تكمل معاك زميلة ديالها: { $colleague }
seek-asked-transfer-means = إلا وافقتي، الزميلة كتاخد مفاتيح جداد، والمستمعة الأولى ما بقات تقرا والو.
seek-asked-free = من حقك تقولي لا؛ والمحادثة كتكمل كيف ما هي.
seek-asked-key = جاوبي ب ^Y. حتى لداك الساعة ما كيتبدل والو.
seek-asked-open = نجاوب على سؤال المستمعة
seek-asked-later = ماشي دابا
seek-asked-yes = آه، قبلت
seek-asked-no = لا
seek-asked-gone = ما بقى حتى سؤال.

## Menu
seek-menu-title = شنو تقدري ديري هنا

## End
seek-end = نسالي المحادثة
seek-end-title = تسالي المحادثة؟
seek-end-ask = المحادثة كتسالي ليكم بجوج، والمفاتيح ديالها كيتمسحو. اللي فالشاشة كيتمسح ملي تخرجي.
seek-end-no = لا، نكمّل
seek-end-yes = آه، نسالي
seek-over-title = المحادثة سالات
seek-over-thanks = شكرا على الثقة. تقدري ترجعي وقت ما بغيتي.
seek-over-nothing = همسة ما كتبات والو فهاد الجهاز، غير الدفتر إلا صاوبتيه. والبرنامج براسو باقي هنا.
seek-over-shell = الطيرمينال يقدر يخلي فسجل الأوامر السطر اللي بدا همسة. سدّان النافذة ما كيمسحوش.
seek-over-unsent = اللي بديتي كتكتبي ما تصيفطش.
seek-over-leave = خروج
seek-over-again = نبدا محادثة جديدة
seek-over-reread = نعاود نقرا المحادثة
seek-ended-you = ساليتي المحادثة.
seek-ended-counselor = المستمعة سالات المحادثة.
seek-ended-revoked = المحادثة توقفات، حيت هاد المستمعة ما بقاش ليها الحق تجاوب باسم الجمعية. هادشي ما عندو حتى علاقة بيك. تقدري تعاودي مع وحدة أخرى.
seek-ended-expired = المحادثة توقفات، حيت الإذن ديال المستمعة سالا. هادشي ما عندو حتى علاقة بيك. تقدري تعاودي.
seek-ended-gone = المستمعة ما بقاتش متصلة. تقدري تعاودي.
seek-ended-transferred = المحادثة عند الزميلة دابا.
seek-ended-helpline = خط المساعدة سالا المحادثة. تقدري تعاودي.
seek-ended-notice = المحادثة سالات. ب Esc ترجعي ليها.

## Three questions
seek-questions-open = ثلاثة ديال الأسئلة، إلا بغيتي
seek-questions-title = ثلاثة ديال الأسئلة
seek-questions-yours = فوتي اللي بغيتي. فاللخر نتي اللي كتقرري واش الأجوبة يتصيفطو.
seek-question-heard = واش حسيتي بللي تسمعتي؟
seek-question-step = واش عندك فكرة شنو تقدر تكون الخطوة الجاية؟
seek-question-safer = واش حسيتي بشوية ديال الأمان كثر من قبل؟
seek-question-yes = آه
seek-question-no = لا
seek-question-skip = نفوتو
seek-questions-unsure = شكرا حيت قلتيها. تقدري ترجعي وقت ما بغيتي، وتطلبي مستمعة أخرى فالكلام الأول.
seek-questions-done = شكرا. تهلاي فراسك.
seek-survey-ask = نعطيو الأجوبة ديالك للجمعية؟ كتحسبهم وصافي، شهر بشهر: بلا كلامك، وبلا المحادثة.
seek-survey-how = كيمشيو من طريق بوحدهم. غير الوقت اللي يقدر يخلي شي حد فالماكينات ديالها يخمن ديال من.
seek-survey-how-one = كيمشيو بوحدهم، ولكن من السيرفورات ديال نفس الجمعية. من عنوان الشبكة ديال هاد الجهاز تقدر تعرف بللي ديالك.
seek-survey-open = نعطيهم للجمعية
seek-survey-again = نجاوب مرة أخرى
seek-survey-keep = نخليهم عندي
seek-survey-send = نصيفط الأجوبة
seek-survey-sending = كيتصيفطو.
seek-survey-counted = تحسبو. شكرا ليك.
seek-survey-failed = ما جانا والو بللي تحسبو. تقدري تعاودي، ولا تخليهم.
seek-survey-before = الأجوبة اللي قبل كيمشيو للجمعية. هادو كيبقاو فهاد الشاشة.

## Practice
seek-practice-title = تجربة ديال الخروج
seek-practice-now = شدّي Ctrl وضغطي على X دابا
seek-practice-empty = الشاشة كتخوى. ملي تخرجي بصح، همسة كتتسدّ وكيبان السطر العادي ديالك. البرنامج كيبقى فالجهاز.
seek-practice-back = فهاد التجربة، ضغطي على Enter فالشاشة الخاوية باش ترجعي. إلا عاودتي ^X راك كتخرجي بصح.
seek-practice-done = هادشي هو. بحال بحال فكل شاشة.

## Reading
seek-read-shelf = معلومات تقدر تنفعك
seek-read-place = البلاصة ديالك محفوظة ونتي كتقراي.
seek-read-counselor = شنو تقدر تدير معاك المستمعة
seek-read-proof = كيفاش تحتافظي بالدليل بحذر
seek-read-tonight = خطوات صغار لهاد الليلة
seek-read-device = جهاز يقدر يكون مراقب
seek-read-complaint = قبل الشكاية
seek-read-danger = شنو يقدر يعاون وقت الخطر
seek-read-services = الخدمات وأوقات العمل
seek-read-confidentiality = شكون كيقرا، وشحال كيبقى
seek-counselor-1 = كتسمع ليك وكتصدقك. ما كتحكمش عليك، وما كتقررش فبلاصتك.
seek-counselor-2 = تقدر ترتب معاك الأمور: شنو وقع، شنو بغيتي، وشنو يجي الأول.
seek-counselor-3 = كتعرف شنو عند الجمعية، وعند من تقدري تسولي عاوتاني.
seek-counselor-4 = ما كتعرفش شكون نتي، غير إلا قلتيها ليها. وماشي ضروري.
seek-proof-1 = إلا ما كانش فيها خطر عليك، خلي الرسائل وما تمسحيهمش، واخا كيوجعو. ما خاصكش تعاودي تشوفيهم.
seek-proof-2 = قيدي لكل وحدة: عنوان الصفحة، والحساب، والتاريخ والساعة.
seek-proof-3 = حتافظي بصور الشاشة فين ما كيشوف حد؛ ماشي فجهاز ولا حساب كتشاركي فيه.
seek-proof-4 = قبل ما تعطي الدليل لشي سلطة، هضري الأول مع محامية الجمعية.
seek-proof-5 = إلا كانت شي صورة حميمية وعندك 18 عام ولّا كثر: كاينين خدمات كتعرف الصورة برقم كيتحسب فالجهاز ديالك. غير داك الرقم اللي كيخرج، الصورة عمرها ما كتخرج.
seek-proof-6 = هاد الخدمات كتعطي رقم الملف وكود. حتى واحد ما يقدر يعاود يعطيهم ليك: حتافظي بيهم فبلاصة آمنة.
seek-proof-7 = تحت 18 عام كاين طريق آخر: سولي المستمعة شكون المكلف بحماية الطفولة. حتى واحد ما خاصو يطلب منك تصيفطي شي صورة هنا.
seek-tonight-1 = ما خاصكش تحلي كلشي هاد الليلة. حاجة صغيرة كافية.
seek-tonight-2 = اللي تدار ليك ماشي ذنبك.
seek-tonight-3 = إلا كان شي حد كتيقي فيه، تقدري تطلبي منو غير يبقى قريب.
seek-tonight-4 = شربي شوية ديال الما. خرّجي النفس بشوية. تقدري توقفي القراية ولّا الكتابة وقت ما بغيتي.
seek-device-1 = إلا كان شي واحد كيعرف أمور ما كاينة غير فتيليفونك، يقدر يكون مراقب. استعملي جهاز ما عمرو شدّو.
seek-device-2 = ما تحيديش برنامج التجسس دغيا: اللي حطّو يقدر يعرف، ويولي خطير عليك.
seek-device-3 = صاوبي الأول خطة مع مستمعة، من جهاز آخر.
seek-device-4 = التشفير ما كينفعش فجهاز مراقب: اللي كتكتبي كيتشاف قبل ما يتختم.
seek-complaint-1 = هضري الأول مع محامية الجمعية. الشكاية تقدر تكون عندها عواقب حتى على اللي دارها.
seek-complaint-2 = السؤال ما كيلزمك بوالو. هنا حتى واحد ما كيدير شكاية فبلاصتك بلا بيك.
seek-confidential-1 = المحادثة كتقراها غير المستمعة اللي معاك؛ والكلام الأول والرسالة المختومة يقدرو يحلّوهم حتى مستمعات خرين ديال الجمعية. السيرفورات اللي فالطريق ما كيشوفو غير قطع مختومة، كاملين بقياس واحد.
seek-confidential-2 = المحادثة المباشرة ما كتتسجلش فهاد السيرفورات. كتبقى فالشاشة ديالك حتى تخرجي. تقدري تسولي المستمعة شنو كتقيّد.

## Help
seek-help-title = أزرار الكلافيي
seek-help-signs = ^ كتعني Ctrl. العلامات: … مازال ما مشا، ✓ فالطريق، ✓✓ وصل للمستمعة، ✗ ما وصلش.
seek-key-exit = خروج دابا (^C كيدير نفس الشي)
seek-key-send = إرسال
seek-key-choose = اختيار
seek-key-mark = فوق، تحت
seek-key-number = اختاري بالرقم
seek-key-back = رجوع
seek-key-asked = جواب
seek-key-menu = القائمة
seek-key-focus = اختيارات
seek-key-write = كتابة
seek-key-language = اللغة
seek-key-help = مساعدة
seek-key-newline = سطر جديد
seek-key-go-on = متابعة
seek-key-scroll = قبل، من بعد
seek-key-read-on = التتمة
seek-help-send = إرسال (ملي تكتبي)
seek-help-choose = اختيار (فلائحة)
seek-help-read-on = التتمة (فالنص)
seek-help-scroll = قبل، من بعد (فالمحادثة)
seek-help-focus = من الكتابة للاختيارات، ورجوع

## Errors
seek-error-too-long = هادشي طويل بزاف. صيفطيه على أجزاء.
seek-error-queue-full = بزاف ديال الرسائل كيتسناو. تسناي حتى يوصلو شي وحدين، وعاودي صيفطيها.
seek-error-over = هاد المحادثة سالات. تقدري تبداي وحدة جديدة.
seek-error-already = راه كاينة محادثة مفتوحة. كمّلي فيها، ولا ساليها الأول.
seek-error-leave-busy = الرسالة اللي قبل مازال فالطريق. تسناي حتى تتحفظ، وخلي الجاية.
seek-error-not-available = هادشي مازال ما ممكنش فهاد النسخة. كمّلي بلا بيه.
seek-error-expired = الوثائق ديال الجمعية ما صالحينش فالتاريخ ديال هاد الجهاز. شوفي التاريخ والساعة ديالو.
seek-error-not-yet-valid = الوثائق ديال الجمعية ما صالحينش فالتاريخ ديال هاد الجهاز. شوفي التاريخ والساعة ديالو.
seek-error-not-the-helpline = اللي جاوب ماشي هو خط المساعدة. والو ما تصيفط ليه. تأكدي من العنوان مع الجمعية.
seek-error-home-gone = خط المساعدة ما كيجاوبش دابا. همسة كتعاود بوحدها؛ وتقدري ترجعي من بعد.
seek-error-busy = خط المساعدة عامر دابا. همسة كتعاود بوحدها؛ بقاي إلا قدرتي.
seek-error-no-roster = خط المساعدة مازال ما واجد. همسة كتعاود بوحدها؛ وتقدري ترجعي من بعد.
seek-error-revoked = خط المساعدة ما بقاش كيقبل هاد المستمعة. هادشي ما عندو حتى علاقة بيك. تقدري تعاودي.
seek-error-not-listed = خط المساعدة ما بقاش كيقبل هاد المستمعة. هادشي ما عندو حتى علاقة بيك. تقدري تعاودي.
seek-error-refused = خط المساعدة ما قبلش هادشي. يمكن خاص نسخة جديدة ديال هاد البرنامج.
seek-error-nothing-asked = ما كاين حتى سؤال. كمّلي الكتابة.
seek-error-entry-address = العنوان ديال خط المساعدة ماشي صحيح. عاودي نقليه كامل.
seek-error-entry-name = السمية ديال خط المساعدة ما تلقاتش. شوفي الاتصال ديال هاد الجهاز، ومن بعد العنوان.
seek-error-entry-refused = الطريق لخط المساعدة مسدودة دابا. همسة كتعاود بوحدها.
seek-error-no-route = هاد الجهاز ما عندوش اتصال. شوفيه؛ همسة كتعاود بوحدها.
seek-error-entry-silent = خط المساعدة ما كيجاوبش. شوفي الاتصال ديال هاد الجهاز؛ همسة كتعاود بوحدها.
seek-error-entry-impostor = جاوبات آلة أخرى فالعنوان ديال خط المساعدة. والو ما تصيفط ليها. تأكدي من العنوان مع الجمعية.
seek-error-entry-broken = الاتصال تقطع. همسة كتعاود بوحدها.
seek-error-login-page = جاوبت حاجة أخرى ماشي خط المساعدة. شي شبكات كيطلبو الدخول قبل: حلّي صفحة فالمتصفح ودخلي، وهمسة كتعاود بوحدها.
seek-error-stopped = الاتصال وقف. سدّي همسة وعاودي حلّيها.
seek-error-bad-phrase = هاد الكلمات ما كيكوّنوش جملة الرجوع. شوفي كل كلمة والترتيب ديالهم، صلحي اللي ماشي صحيح، ومن بعد Enter.
seek-error-bad-phrase-plain = هاد الكلمات ما كيكوّنوش جملة الرجوع. شوفي كل كلمة والترتيب ديالهم، وعاودي كتبي الثمانية.
seek-error-no-mail = مازال ما كاين جواب لهاد الكلمات. عاودي غدا، ولا هضري مع مستمعة دابا.
seek-error-mail-refused = كاين جواب ديال شي حد ما بقاش ليه الحق يجاوب باسم الجمعية؛ ما غاديش يبان. هضري مع مستمعة، ولا خلي رسالة أخرى.
seek-error-phrase-busy = الكلمات اللي قبل مازال كيتشافو. تسناي شوية، وعاودي كتبيهم.
seek-error-no-memory = هاد الجهاز ما فيهش الذاكرة الكافية لهادشي. سدّي برامج أخرى وعاودي.
seek-error-nobody-reads = حتى واحد فخط المساعدة ما يقدر يقرا رسالة مختومة دابا. ما تصيفطاتش. رجعي فأوقات العمل، إلا قدرتي.
seek-error-full = خط المساعدة ما بقات عندو بلاصة لرسالة مختومة ليوم. عاودي غدا، ولا فأوقات العمل.
seek-error-disk = خط المساعدة ما قدرش يحفظها. عاودي من بعد.
seek-error-empty = كتبي شوية ديال الكلام الأول.
seek-error-closed-hours = حتى واحد ما فالخدمة دابا. تقدري تخلي رسالة مختومة.

## Plain face
seek-plain-keys = كتبي الرقم باش تختاري، 0 باش تعاودي هاد الصفحة، x ولّا خ باش تخرجي دابا؛ ومن بعد Enter.
seek-plain-write = باش تكتبي، ديري علامة أكبر من (>) وكلامك موراها، ومن بعد Enter. مثلا: > سلام
seek-plain-unknown = ما تفهمش. كتبي رقم، ولا > وكلامك، ولا x ولا خ باش تخرجي دابا.
seek-plain-long = هاد السطر طويل بزاف؛ ما تقراش.
seek-plain-nothing-to-write = ما يمكنش تكتبي هنا. كتبي رقم.
seek-plain-state = { $words }: { $state }
seek-safe-exit-plain = فأي وقت كتبي x ولا خ ومن بعد Enter: همسة كتوقف دغيا وكتحاول تخوي النافذة.
seek-safe-exit-limits-plain = ما كيخبيش x بللي هاد البرنامج تخدم، ولا اللي تقرا بالصوت؛ وشي نوافذ كيحفظو اللي داز.
seek-safe-practice-plain = نجرّب x ولا خ الأول
seek-first-ask-plain = شنو بغيتي تقولي الأول؟ شوية ديال الكلام كافي، بأي لغة وأي حروف.
seek-leave-ask-plain = كتبيها فسطر واحد. غادي تقراها مستمعة ملي تكون فالخدمة.
seek-return-ask-plain = كتبي الثمانية ديال الكلمات ديال الجملة فسطر واحد، بالحروف اللاتينية، وبيناتهم فراغ.
seek-answered-plain = كاينة مستمعة دابا. اختاري «رجوع» باش تهضري معاها.
seek-new-words-plain = المستمعة كتبات.
seek-opened-plain = كاينة دابا شي وحدة فالخدمة. عاودي كتبي كلامك باش يتصيفط ليها.
seek-closed-menu-plain = تقدري تخلي رسالة مختومة، ولا تقراي: راهم فالاختيارات.
seek-mail-came-plain = لقينا جواب ليك. راه فالاختيارات.
seek-asked-key-plain = تقدري تجاوبي من الاختيارات. حتى لداك الساعة ما كيتبدل والو.
seek-ended-notice-plain = المحادثة سالات.
seek-practice-now-plain = كتبي دابا x ولا خ ومن بعد Enter.
seek-practice-empty-plain = فالصح همسة كتوقف وكتحاول تخوي النافذة.
seek-practice-back-plain = فهاد التجربة كتبقاي هنا. إلا عاودتي x ولا خ راك كتخرجي بصح.
seek-plain-more = فكل صفحة كتبي: «م» للقائمة، «ل» للغات، «ه» للمساعدة؛ ومن بعد Enter.
seek-help-title-plain = مساعدة
seek-help-plain = مع الكلام ديالك كتسمعي فين وصل: مازال ما تصيفط، فالطريق، وصل، ما وصلش.
seek-plain-exit-key = Control و X مجموعين كيخرجوك دابا حتى هما، بلا Enter.
seek-pasted-title = داكشي اللي لصقتي
seek-pasted-lines = السطور: { $lines }
seek-pasted-not-sent = ما تصيفط منو والو. نصيفطوه؟
seek-pasted-send = نصيفطو فرسالة وحدة
seek-pasted-drop = نلوحو
seek-pasted-nowhere = ما تصيفط والو من داكشي اللي لصقتي. هنا ما يمكنش تكتبي: كتبي رقم.

## الدفتر
seek-notebook-open = دفتر ديال شنو وقع
seek-notebook-only = الدفتر هو الحاجة الوحيدة اللي كتكتبها همسة فهاد الجهاز: ملف واحد مختوم، فالبلاصة اللي تسمّي، وغير إلا قلتي آه.
seek-notebook-nobody = ما كيتصيفط لحد. المستمعة ما كتشوفوش.
seek-notebook-shown = هنا كلمة السر غادي تبان ونتي كتكتبيها. استعملي هاد الأمر فواحد الطيرمينال آخر:
seek-notebook-not = لا، ما نكتب والو
seek-notebook-make = آه، ما كاينش خطر هنا: نصاوب دفتر
seek-notebook-mine = آه، آمن هنا: نحل الدفتر ديالي
seek-notebook-path-new = فين غادي يكون الملف؟ كتبي المسار ديالو، ومن بعد Enter. والو ما تكتب حتى لدابا.
seek-notebook-path-name = سمية ما كتقول والو أحسن.
seek-notebook-path = فين كاين الملف؟ كتبي المسار ديالو، ومن بعد Enter.
seek-notebook-passphrase-new = ختاري كلمة السر من بزاف ديال الكلمات، ما يقدر يعرفها حد. إلا نسيتيها، حتى واحد ما يقدر يرجعها. ومن بعد Enter.
seek-notebook-passphrase = كتبي كلمة السر ديالو، ومن بعد Enter.
seek-notebook-again = عاودي كتبيها، ومن بعد Enter. ديك الساعة كيتصاوب الملف.
seek-notebook-hidden = اللي كتكتبي ما كيبانش.
seek-notebook-differ = بجوج ماشي بحال بحال. ما تصاوب والو. ختاري من جديد.
seek-notebook-busy = واحد الشوية.
seek-notebook-empty = ما فيه والو حتى لدابا.
seek-notebook-note-do = نكتب شي حاجة
seek-notebook-note-on = نكمّل اللي بديت نكتب
seek-notebook-draft = اللي بديتي تكتبي مازال ما تحفظ. الاختيار 1 كيكمّلو؛ والاختيار 3 كيسد الدفتر بلا بيه.
seek-notebook-file-do = نحتافظ بشي ملف
seek-notebook-close = نسد الدفتر
seek-notebook-note = شنو وقع، بالكلام ديالك؟ يمكن يكون فيه رابط ولا حساب ولا تاريخ. ب Enter كيتحفظ.
seek-notebook-file = أشمن ملف؟ كتبي المسار ديالو، ومن بعد Enter.
seek-notebook-file-stays = كيتحفظ كيف ما هو بالضبط، مع SHA-256 ديالو. والملف براسو كيبقى فبلاصتو.
seek-notebook-export = باش تعطيه لشي حد، هاد الأمر كيصاوب منو نسخة بلا حماية، أي واحد يقدر يقراها. هضري الأول مع المحامية ديال الجمعية.
seek-notebook-note-plain = شنو وقع، بالكلام ديالك؟ كتبيه فسطر واحد، ومن بعد Enter. يمكن يكون فيه رابط ولا حساب ولا تاريخ.
seek-notebook-hidden-plain = اللي كتكتبي ما كيبانش وما كيتقراش.

## Pause, duty, errors without another text
seek-pausing = صفحة جديدة: قرايها وضغطي على شي زر
seek-open-now = كاينة مستمعة فالخدمة.
seek-urgent-answered = كاينة معاك مستمعة. كمّلي باش تكتبي ليها.
seek-urgent-waits = الطلب ديالك كيتسنى. الطلبات المستعجلة كيدوزو قبل لخرين.
seek-counselor-locked = { $name }: الشاشة ديالها مقفولة شي شوية. كلامك كيوصل وكيتسناها.
seek-counselor-asking = { $name } سولات شي زميلة.
seek-ended-draft = اللي كنتي كتكتبي ما تصيفطش. باش تكمّلي: Tab
seek-closed-unread = حتى واحد ما يقدر يقرا رسالة مختومة دابا. القائمة: ^K
seek-error-unknown = شي حاجة ما خدماتش. إلا بقات هكا، سدّي همسة وعاودي حلّيها.
seek-error-not-kept = الرسالة ديالك ما تحفظاتش. عاودي صيفطيها.
seek-error-taken = شي زميلة خداتها من قبل.
seek-error-duplicate-id = هاد الرسالة كانت ديجا. عاودي صيفطيها.
seek-error-bad-id = هاد الرسالة ما قدراتش تمشي. عاودي صيفطيها.
seek-error-no-colleague = هاد الزميلة ماشي فالخدمة.
seek-error-no-chat = هاد المحادثة يمكن سالات.
seek-error-no-phrase = صاوبي جملة الرجوع الأول.
seek-error-bad-language = اللغة ما تفهماتش. عاودي ختاريها.
seek-plain-came = الصفحة تبدلات ونتي كتكتبي. السطر ديالك ما ختار والو وما تصيفطش. هادي هي الصفحة دابا.
