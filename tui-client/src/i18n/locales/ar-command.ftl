### What the commands say before there is a screen.
### Needs native review.

## Questions and answers
command-passphrase = كلمة السر:
command-passphrase-again = مرة أخرى:
command-weak-offer = ختاري وحدة خرى، ولا حفظي هاد الكلمات وكتبيهم: { $words }
command-requested = الطلب ديالك راه ف { $path }. عطيه للجمعية ديالك.
command-installed = الشهادة راها فالملف المختوم ديالك. الاسم المستعار ديالك هو { $name }.
command-begin = بداي ب `hamsa counsel --vault { $path }`.
command-usage = همسة ما فهماتش هاد الأمر؛ شنو ما مزيانش راه مكتوب الفوق بالإنجليزية. `hamsa --help` كيبيّن شنو كاين.
command-in = ف { $path }: { $what }

## A file
command-file-missing = ما كاينش ملف ف { $path }
command-advice-file-missing = شوفي المسار، وعاودي.
command-file-folder = هادا مجلد، ماشي ملف: { $path }
command-advice-file-folder = عطي المسار ديال الملف اللي فيه.
command-file-kind = هادا ماشي ملف: { $path }
command-advice-file-kind = عطي المسار ديال ملف؛ جهاز ولا أنبوب ما كيصلحش هنا.
command-file-large = هاد الملف طويل بزاف باش يكون هو المطلوب: { $path }
command-advice-file-large = شوفي المسار. الملف بقى كيف ما كان.
command-file-silent = ما خرج والو من هاد الأنبوب: { $path }
command-advice-file-silent = شوفي الأمر اللي كيكتب فيه، ولا عطي ملف.
command-file-denied = هاد الجهاز ما كيخليكش تستعملي { $path }
command-advice-file-denied = خدي ملف فشي مجلد ديالك، ولا سولي اللي مكلف بهاد الجهاز.
command-file-full = ما بقاتش البلاصة باش يتكتب { $path }
command-advice-file-full = خوي شي بلاصة، وعاودي. اللي كان بقى كيف ما كان.
command-file-read-only = ما يمكن يتكتب والو فالقرص ديال { $path }
command-advice-file-read-only = ختاري مسار آخر.
command-file-other = القرص رفض { $path } (رقم { $number })
command-advice-file-other = شوفي المسار والقرص، وعاودي. اللي كان بقى كيف ما كان.
command-error-text = السطر { $line } ديال { $path } ماشي نص UTF-8.
command-advice-text = سجلي الملف ب UTF-8، وعاودي.

## The address of a helpline
command-error-address-none = ما كاينش ملف { $path }، وماشي عنوان.
command-advice-address-none = العنوان كيبدا ب hamsa:1: — نقليه كامل، ولا عطي الملف اللي فيه.
command-error-address-prefix = هادا ماشي عنوان ديال خط الاستماع.
command-advice-address-prefix = العنوان كيبدا ب hamsa:1: — نقليه كامل.
command-error-address-words = كاين كلام آخر قبل العنوان.
command-advice-address-words = عطي غير داكشي اللي كيبدا ب hamsa:1:
command-error-address-newer = هاد العنوان من نوع جديد ما كيعرفوش هاد البرنامج.
command-advice-address-newer = استعملي همسة جديدة.
command-error-address-damaged = العنوان خاسر: شي حرف غالط ولا ناقص.
command-advice-address-damaged = نقلي العنوان عاود، كامل.
command-error-address-content = داكشي اللي فهاد العنوان ماشي عنوان ديال خط الاستماع.
command-advice-address-content = خدي العنوان عاود، من عند خط الاستماع براسو.
command-error-address-exchanged = الطرق اللي فهاد العنوان تبدلو: خط الاستماع ما وقّعش عليهم.
command-advice-address-exchanged = ما تستعمليهش. خدي العنوان عاود، من عند خط الاستماع براسو.

## The terminal
command-error-no-screen = ما كاينش هنا طيرمينال للشاشة.
command-advice-no-screen = زيدي --plain باش يكون الكلام سطر بسطر، ولا --json لشي برنامج.
command-error-dumb = هاد الطيرمينال ما كيقبلش شاشة كاملة (TERM=dumb).
command-advice-dumb = زيدي --plain باش يكون الكلام سطر بسطر.
command-error-no-terminal = ما كاينش الطيرمينال فين نسولو.
command-advice-no-terminal = استعملي --passphrase-file FILE.
command-error-not-typed = ما تكتبات حتى كلمة سر.
command-advice-not-typed = ما تدار والو. عاودي وقتما بغيتي.
command-error-not-text = داكشي اللي تكتب ماشي UTF-8، وما تاخد منو والو.
command-advice-not-text = قادي هاد الطيرمينال على UTF-8 وعاودي.
command-error-json = الوجه json ما كيسول حتى واحد على كلمة السر.
command-advice-json = زيدي --passphrase-file FILE.
command-error-stopped = شي حاجة فهاد الجهاز ولا فالطيرمينال ما خدماتش، وهمسة وقفات.
command-advice-stopped = عاودي. السطر اللي لتحت هو للي غادي يعاونك.

## A passphrase
command-error-differ = الكلمات بجوج ماشي بحال بحال.
command-advice-differ = ما تصاوب والو. عاودي.
command-error-weak = كلمة السر هادي ساهلة بزاف: { $why }
command-advice-weak = ختاري بزاف ديال الكلمات اللي حتى واحد ما يعرفهم.

## The request
command-error-out-vault = الملف ديال --out هو ديال --vault: الطلب غادي ياخد بلاصة السوارت ديالك.
command-error-out-passphrase = الملف ديال --out هو ملف كلمة السر.
command-error-out-other = كاينة شي حاجة من قبل ف { $path }، وماشي طلب قديم.
command-error-out-vault-other = الطلب اللي ف { $path } ديال ملف مختوم آخر.
command-advice-out = بقات كيف ما كانت. ختاري مسار آخر ل --out.

## The vault
command-vault-missing = ما كاينش الملف المختوم ف { $path }
command-advice-vault-missing = شوفي المسار، ولا صاوبي واحد ب `hamsa counsel request --vault FILE --out REQUEST`.
command-vault-passphrase = كلمة السر هادي ما كتحلش هاد الملف المختوم.
command-advice-vault-passphrase = عاودي؛ ردي البال للكلافيي وللحروف الكبار. الملف سليم.
command-vault-no-passphrase = الملف المختوم خاصو كلمة سر؛ هادي خاوية.
command-advice-vault-no-passphrase = ختاري بزاف ديال الكلمات اللي حتى واحد ما يعرفهم.
command-vault-damaged = الملف المختوم تضرر، ما بقاش كيف تكتب: { $path }
command-advice-vault-damaged = ما تمسح والو: خلي الملف. رجعي نسخة منو، ولا صاوبي واحد فمسار آخر وطلبي شهادة جديدة من الجمعية ديالك.
command-vault-not-a-vault = هاد الملف ماشي ديال السوارت: { $path }
command-advice-vault-not-a-vault = بقى كيف ما كان. شوفي المسار، ولا ختاري واحد آخر.
command-vault-newer = همسة جديدة كثر هي اللي كتبات هاد الملف المختوم: { $path }
command-advice-vault-newer = بقى كيف ما كان. استعملي همسة الجديدة.
command-vault-older = همسة قديمة هي اللي كتبات هاد الملف المختوم، وهادي ما كتقراهش: { $path }
command-advice-vault-older = بقى كيف ما كان. صاوبي واحد فمسار آخر ب `hamsa counsel request`، وطلبي من الجمعية ديالك تعطيك شهادة ليه وتسحب القديمة.
command-vault-exists = كاين شي ملف من قبل ف { $path }
command-advice-vault-exists = بقى كيف ما كان. ختاري مسار آخر.
command-vault-in-use = شي نافذة ولا برنامج آخر حال هاد الملف المختوم: { $path }
command-advice-vault-in-use = سدي داك المكتب الأول، هنا ولا فجهاز آخر. كل مستمعة عندها الملف ديالها.
command-vault-replaced = ملف مختوم آخر خدا بلاصة هادا: { $path }
command-advice-vault-replaced = عاودي بداي بالملف اللي بغيتي.
command-vault-no-certificate = هاد الملف المختوم مازال ما فيه شهادة.
command-advice-vault-no-certificate = صيفطي الطلب للجمعية ديالك، ومن بعد `hamsa counsel install --vault FILE --certificate FILE`.
command-certificate-not-yours = هاد الشهادة ديال ملف مختوم آخر.
command-advice-certificate-not-yours = طلبي من الجمعية ديالك الشهادة ديال الطلب ديال هاد الملف.
command-certificate-expired = الشهادة سالات.
command-advice-certificate-expired = ديري طلب جديد بنفس الملف، وطلبي من الجمعية ديالك شهادة ليه.
command-certificate-not-yet-valid = الشهادة مازال ما بدات.
command-advice-certificate-not-yet-valid = شوفي التاريخ ديال هاد الجهاز؛ إلا كان صحيح، تسناي، ولا سولي الجمعية ديالك.
command-certificate-file = هادي ماشي شهادة، ولا ما تنقلاتش كاملة.
command-advice-certificate-file = طلبي الملف عاود، وخديه كيف ما هو، بلا ما تبدلي حتى سطر.
command-vault-object = داكشي اللي وقّعات عليه الجمعية ديالك ما كيصلحش هنا.
command-advice-vault-object = شوفي التاريخ ديال هاد الجهاز، وطلبي شهادة جديدة من الجمعية ديالك.
command-vault-device = هاد الجهاز ما قدرش: ما كايناش الذاكرة، ولا أرقام عشوائية.
command-advice-vault-device = سدي برامج أخرى وعاودي؛ همسة خاصها 64 MiB لكلمة السر.
