//! What the people of the golden screens write, and what their association says of itself. The tests with real
//! terminals read this file too, so that both show the same words.

/// The words of one visit, in one language.
pub(crate) struct Said {
    /// The seeker's first words.
    pub(crate) first: &'static str,
    /// While the seeker waits.
    pub(crate) more: &'static str,
    /// In the talk; two lines.
    pub(crate) talk: [&'static str; 2],
    /// While the line is broken.
    pub(crate) broken: &'static str,
    /// When the counselor is gone.
    pub(crate) gone: &'static str,
    /// The counselor's first words.
    pub(crate) hello: &'static str,
    /// The counselor's words with everything that is hard to draw.
    pub(crate) mixed: &'static str,
    /// The answer to the sealed message.
    pub(crate) answer: &'static str,
    /// The association's opening hours.
    pub(crate) hours: &'static str,
    /// Who reads there.
    pub(crate) confidentiality: &'static str,
    /// What it says to somebody in danger.
    pub(crate) danger: &'static str,
    /// What it says before a complaint.
    pub(crate) legal: &'static str,
    /// What it offers.
    pub(crate) services: &'static str,
}

/// All, each under the code of its language.
pub(crate) const ALL: [(&str, &Said); 3] = [("fr", &FRENCH), ("ar", &ARABIC), ("en", &ENGLISH)];

pub(crate) const FRENCH: Said = Said {
    first: "il dit qu'il va tout publier",
    more: "il a des photos de moi, et il connaît mon école",
    talk: ["je ne sais pas quoi faire", "j'ai peur de rentrer"],
    broken: "vous êtes là ?",
    gone: "je suis encore là",
    hello: "Bonjour, je suis là. Prenez votre temps.",
    mixed: "Deux choses : 1) gardez les messages (même ceux d'Instagram : https://example.org/aide?p=12&lang=fr), \
            2) ne répondez plus. واش فهمتي؟ 07:45 → 9 h, « oui » ?",
    answer: "Nous avons lu votre message. Vous n'êtes pas seule.\nRevenez quand vous voulez, du lundi au vendredi.",
    hours: "lundi à vendredi, 9 h à 18 h",
    confidentiality: "Deux écoutantes et une responsable lisent les messages scellés. Après 14 jours, ils disparaissent.",
    danger: "Venez à l'accueil, rue 3. La porte est ouverte la nuit.",
    legal: "Parlez-nous d'abord : l'avocate reçoit le mardi.",
    services: "Accueil, rue 3. Écoute, hébergement, accompagnement.",
};

pub(crate) const ARABIC: Said = Said {
    first: "كيقول غادي ينشر كلشي (الصور) فـ Instagram",
    more: "عندو تصاوري وعارف المدرسة ديالي",
    talk: ["ما عرفتش شنو ندير", "خايفة نرجع للدار"],
    broken: "واش كاينة؟",
    gone: "أنا مازال هنا",
    hello: "السلام، أنا هنا. خدي الوقت ديالك.",
    mixed: "جوج حوايج: 1) خلّي الرسائل (حتى ديال Instagram: https://example.org/aide?p=12&lang=ar)، \
            2) ما تجاوبيش. d'accord? الساعة 07:45 ← 9، «آه»؟",
    answer: "قرينا الرسالة ديالك. نتي ماشي بوحدك.\nرجعي وقت ما بغيتي، من الاثنين للجمعة.",
    hours: "من الاثنين للجمعة، من 9 حتى 18",
    confidentiality: "جوج مستمعات ومسؤولة كيقراو الرسائل المختومة. من بعد 14 يوم كتمسح.",
    danger: "أجي للاستقبال، زنقة 3. الباب محلول بالليل.",
    legal: "هضري معانا الأول: المحامية كاينة نهار الثلاثاء.",
    services: "الاستقبال، زنقة 3. استماع، إيواء، مرافقة.",
};

pub(crate) const ENGLISH: Said = Said {
    first: "kayn chi wa7d kayhddni",
    more: "he has pictures of me and knows my school",
    talk: ["3afak ma 3reft ch ndir", "khayfa nrj3 l dar"],
    broken: "are you there?",
    gone: "I am still here",
    hello: "Salam, I am here. Take your time.",
    mixed: "Two things: 1) keep the messages (those on Instagram too: https://example.org/help?p=12&lang=en), \
            2) do not answer. واش فهمتي؟ ⴰⵣⵓⵍ 07:45 → 9, \"yes\"?",
    answer: "We read your message. You are not alone.\nCome back any time, Monday to Friday.",
    hours: "Monday to Friday, 9 to 18",
    confidentiality: "Two counselors and a supervisor read sealed messages. After 14 days they are gone.",
    danger: "Come to our house, street 3. The door is open at night.",
    legal: "Talk to us first: the lawyer is there on Tuesdays.",
    services: "House, street 3. Listening, shelter, company.",
};
