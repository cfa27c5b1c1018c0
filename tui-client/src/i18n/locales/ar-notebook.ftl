### دفتر الأدلة فسطر الأوامر. الصياغة بالدارجة، وبالفصحى فين ما كايناش كلمة مستقرة فالدارجة.
### Needs native review. (Addressed in the feminine; a reviewer should decide whether that stays.)

## Is it safe?
notebook-safe =
    واش ما كاينش خطر تخلي هادشي هنا؟
    · الدفتر ملف واحد فهاد الجهاز. اللي فيه مختوم؛ ولكن يقدر يبان بللي كاين.
    · اللي يقدر يفرض عليك تكتبي كلمة السر يقدر يقراه. كلمة السر إلا تنسات ما كترجعش.
    · إلا كان شي واحد كيقلب فهاد الجهاز، ولّا يقدر يكون حط فيه برنامج تجسس، ما تخلي والو هنا. جهاز آخر، ولّا شي حد كتيقي فيه، يقدر يكون آمن كثر.
    · إلا كانت شي صورة فيها شي حد تحت 18 عام، ما تنسخيهاش: هضري مع مستمعة الأول.
notebook-safe-open =
    واش ما كاينش خطر تخلي نسخة بلا حماية هنا؟
    · المجلد ماشي مختوم: اللي حل هاد الجهاز يقدر يقرا ويشوف كلشي.
    · ديريه غير قبل ما تعطيه، وحسن فمفتاح USB كيبقى معاك، ومسحيه من بعد. المسح كيخبيه؛ واللي عندو الأدوات يقدر يلقاه.
notebook-safe-question = كتبي نعم ولّا آه باش تكملي؛ أي حاجة أخرى كتوقف:

## Questions
notebook-ask-url = فين كيبان؟ رابط، ولّا Enter باش تفوتي:
notebook-ask-account = حساب من؟ ولّا Enter باش تفوتي:
notebook-ask-date = فوقاش؟ مثلا 2026-11-25 ولّا 2026-11-25T18:30. Enter يعني دابا:
notebook-ask-note = شنو وقع، بكلامك، فسطر واحد؟ ولّا Enter باش تفوتي:
notebook-ask-file = شي ملف يبقى معاه؟ المسار ديالو، ولّا Enter إلا ما كانش:

## Answers
notebook-made = الدفتر تصاوب: { $path }
notebook-kept = تحفظ برقم { $number }. الملفات الأصلية باقيين فبلاصتهم.
notebook-empty = مازال ما فيه والو.
notebook-exported = النسخة بلا حماية هنا: { $path }
notebook-lawyer = قبل ما تعطيه ولّا تديري شكاية، هضري مع محامية الجمعية: الشكاية تقدر تكون عندها عواقب حتى عليك.
notebook-entry = رقم { $number }
notebook-happened = فوقاش: { $value }
notebook-added = تكتب: { $value }
notebook-url = فين: { $value }
notebook-account = الحساب: { $value }
notebook-note = ملاحظة:
notebook-file = ملف: { $name } · بايت: { $bytes } · SHA-256: { $sum }

## What went wrong, and what to do next
notebook-error-missing = ما كاينش دفتر ف { $path }
notebook-advice-missing = شوفي المسار، ولّا صاوبي واحد ب `hamsa notebook new --lang ar --file FILE`.
notebook-error-exists = كاينة شي حاجة من قبل ف { $path }
notebook-advice-exists = بقات كيف ما كانت. ختاري مسار آخر.
notebook-error-passphrase = كلمة السر هادي ما كتحلش هاد الدفتر.
notebook-advice-passphrase = عاودي؛ ردي البال للكلافيي وللحروف الكبار. الدفتر سليم.
notebook-error-no-passphrase = الدفتر خاصو كلمة سر؛ هادي خاوية.
notebook-advice-no-passphrase = ختاري بزاف ديال الكلمات اللي حتى واحد ما يعرفهم.
notebook-weak-common = بزاف ديال الناس كيستعملوها، ولا وحدة بحالها
notebook-weak-keyboard = الحروف ديالها جنب بعضياتها فالكلافيي
notebook-weak-repeated = كتعاود نفس الحاجة
notebook-weak-sequence = الحروف ولا الأرقام ديالها متابعين، بحال abc ولا 123
notebook-weak-date = التاريخ ولا العام كيتعرف دغيا
notebook-weak-name = السمية كتعرف دغيا
notebook-weak-word = كلمة وحدة بوحدها كتعرف دغيا
notebook-weak-short = غادي يعرفوها دغيا
notebook-error-damaged = الدفتر تضرر، ما بقاش كيف تكتب: { $path }
notebook-advice-damaged = ما تمسح والو. خلي الملف، ورجعي نسخة إلا كانت عندك.
notebook-error-other = هاد الملف ماشي دفتر: { $path }
notebook-advice-other = بقى كيف ما كان. شوفي المسار.
notebook-error-newer = همسة جديدة كثر هي اللي كتبات هاد الدفتر: { $path }
notebook-advice-newer = بقى كيف ما كان. استعملي همسة الجديدة.
notebook-error-large = كبير بزاف على دفتر (128 MiB فالمجموع): { $path }
notebook-advice-large = ما تبدل والو. بداي دفتر آخر، ولّا خلي الفيديوهات الكبار فبلاصة أخرى وكتبي فين.
notebook-error-no-file = هادا ماشي ملف اللي يتحفظ: { $path }
notebook-advice-no-file = عطي ملف، ماشي مجلد.
notebook-error-long = هاد النص طويل بزاف.
notebook-advice-long = قسميه، ولّا حفظيه كملف.
notebook-error-nothing = ما كاين ما يتحفظ.
notebook-advice-nothing = عطي رابط، ولّا حساب، ولّا ملاحظة، ولّا ملف.
notebook-error-date = هاد التاريخ ما تفهمش.
notebook-advice-date = كتبيه بحال 2026-11-25 ولّا 2026-11-25T18:30.
notebook-error-not-safe = ما تكتب والو: حتى واحد ما قال بللي ما كاينش خطر هنا.
notebook-advice-not-safe = نتي اللي كتقرري، وتقدري ترجعي فأي وقت. البرنامج كيقولها ب --yes-it-is-safe-here.
notebook-error-bag = المجلد ماشي هو اللي تكتب: { $path }
notebook-advice-bag = شوفي القرص وعاودي التصدير. الدفتر كيف ما كان.
notebook-error-device = هاد الجهاز ما قدرش: ما كايناش الذاكرة، ولا أرقام عشوائية.
notebook-advice-device = سدي برامج أخرى وعاودي. الدفتر كيف ما كان.
