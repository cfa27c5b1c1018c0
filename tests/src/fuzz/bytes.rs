//! Targets that parse: whatever the bytes are, nothing panics, what is taken has one encoding, and what is
//! refused is refused for good.

use std::collections::BTreeMap;

use data_encoding::BASE32_NOPAD;
use hamsa_protocol::{
    crypto::{
        fingerprint::fingerprint,
        hash,
        kem::{KemPublic, KemUse},
        keys::{HelplineId, SignKey},
    },
    home::{SURVEY_MONTHS_MAX, Survey},
    objects::{
        Certificate, CertificateFile, CertificateRequest, Delegation, Descriptor, Duty, EntryList,
        HelplineAddress, LABEL_MAX, Label, Language, Lend, LendFile, MailKey, Object, ObjectError,
        ObjectHash, Roster, SETTINGS_MAX, Serial, Settings, Signed, postcard_decode, postcard_encode,
    },
    session::{
        mail::Card,
        ticket::{Intake, UrgencyPayment},
    },
    time::Unix,
    wire::{
        Answers, Assembler, BODY_LEN, ChannelOpening, DepositPosting, Kind, Posting, Prices, RECORD_LEN,
        Receipt, Record, Refusal, ReplyPosting, ShownTicket, read_page, split,
    },
};
use serde::{Serialize, de::DeserializeOwned};

use super::{
    helpline::{helpline, lender, seeded, sign_raw},
    input::Input,
};

/// A record: one encoding, and a length that is what it says.
pub fn record(data: &[u8]) {
    check_record(data);
    // The same bytes as the beginning of a record and as its body, so that short ones say something too.
    let mut bytes = vec![0; RECORD_LEN];
    let length = data.len().min(RECORD_LEN);
    bytes[..length].copy_from_slice(&data[..length]);
    check_record(&bytes);
}

fn check_record(bytes: &[u8]) {
    if let Ok(record) = Record::decode(bytes) {
        assert_eq!(record.encode(), bytes, "a record has one encoding");
        assert!(record.body.len() <= BODY_LEN);
    }
}

/// Parts of objects against a second, plainer way to put them together.
pub fn parts(data: &[u8]) {
    let data = &data[..data.len().min(SETTINGS_MAX)];
    /// As in `wire`: what one link may have in pieces.
    const IN_PIECES: usize = 4;
    const KINDS: [Kind; 3] = [Kind::Post, Kind::Head, Kind::Ticket];

    let mut input = Input::new(data);
    let mut assembler = Assembler::default();
    let mut model: BTreeMap<(Kind, u32), (u64, Vec<Record>)> = BTreeMap::new();
    while !input.is_empty() {
        let key = (KINDS[input.below(3)], u32::from(input.byte() % 6));
        let known = model
            .get(&key)
            .map_or((0, 0), |(length, parts)| (*length, parts.len()));
        let honest = !input.one_in(4);
        let part = if honest {
            let length = if known.1 == 0 {
                input.number() % 40_000
            } else {
                known.0
            };
            let done = known.1 * BODY_LEN;
            let left = usize::try_from(length).unwrap_or(usize::MAX).saturating_sub(done);
            Record {
                more: left > BODY_LEN,
                ..Record::new(key.0)
                    .request(key.1)
                    .index(u64::try_from(known.1).unwrap_or_default())
                    .ack(length)
                    .body(vec![7; left.min(BODY_LEN)])
            }
        } else {
            let full = input.one_in(2);
            let body = vec![1; if full { BODY_LEN } else { input.below(BODY_LEN + 1) }];
            Record {
                more: input.one_in(2),
                ..Record::new(key.0)
                    .request(key.1)
                    .index(input.number())
                    .ack(input.number())
                    .body(body)
            }
        };
        let expected = expect_part(&mut model, IN_PIECES, key, &part);
        match (assembler.take(&part), expected) {
            (Ok(got), Ok(wanted)) => assert_eq!(got, wanted),
            (Err(_), Err(())) => {}
            (got, wanted) => panic!("{part:?}: got {got:?}, expected {wanted:?}"),
        }
        assert_eq!(
            format!("{assembler:?}"),
            format!("Assembler({} in pieces)", model.len())
        );
    }
    // What was cut comes together again.
    let mut assembler = Assembler::default();
    let mut whole = None;
    for record in split(Kind::Head, 9, [0; 32], data) {
        assert!(whole.is_none());
        whole = assembler.take(&record).expect("parts in order");
    }
    assert_eq!(whole.as_deref(), Some(data));
}

fn expect_part(
    model: &mut BTreeMap<(Kind, u32), (u64, Vec<Record>)>,
    limit: usize,
    key: (Kind, u32),
    part: &Record,
) -> Result<Option<Vec<u8>>, ()> {
    if !model.contains_key(&key) && model.len() >= limit {
        return Err(());
    }
    let (length, mut parts) = model.remove(&key).unwrap_or((part.ack, Vec::new()));
    if part.index != u64::try_from(parts.len()).unwrap_or_default() || part.ack != length {
        return Err(());
    }
    parts.push(part.clone());
    let whole: Vec<u8> = parts.iter().flat_map(|part| part.body.iter().copied()).collect();
    let too_long = u64::try_from(whole.len()).unwrap_or_default() > length || whole.len() > SETTINGS_MAX;
    if too_long {
        return Err(());
    }
    if part.more {
        if part.body.len() != BODY_LEN {
            return Err(());
        }
        model.insert(key, (length, parts));
        return Ok(None);
    }
    if u64::try_from(whole.len()).unwrap_or_default() == length {
        Ok(Some(whole))
    } else {
        Err(())
    }
}

/// A helpline's address, as text and as the bytes of one.
pub fn address(data: &[u8]) {
    if let Ok(text) = core::str::from_utf8(data) {
        check_address(text);
    }
    let known = helpline();
    let signed = sign_raw("routes", &known.root(), &known.id, data);
    let root = known.root_key.0.to_bytes();
    // With a right checksum, and with right routes as well.
    for body in [data, &[&root, data, &signed[..64]].concat()] {
        let sum = hash::sha256(&[b"HP1/address", body]);
        let text = BASE32_NOPAD.encode(&[body, &sum[..4]].concat());
        check_address(&format!("hamsa:1:{text}"));
    }
}

fn check_address(text: &str) {
    let Ok(address) = text.parse::<HelplineAddress>() else {
        return;
    };
    let shown = address.to_string();
    assert_eq!(shown.parse(), Ok(address.clone()));
    let bare: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    assert!(bare.eq_ignore_ascii_case(&shown), "an address has one spelling");
    assert!((1..=4).contains(&address.routes.len()));
    assert!(address.homes().len() <= address.routes.len());
    assert_eq!(fingerprint(&address.root).split(' ').count(), 12);
}

/// Certificate requests, certificate files and consents, as text and as rightly signed bytes of any content.
pub fn files(data: &[u8]) {
    let known = helpline();
    if let Ok(text) = core::str::from_utf8(data) {
        check_request(text);
        check_certificate(text);
        check_lend(text);
    }
    let request = sign_raw("request", &known.identity(), &CertificateRequest::HELPLINE, data);
    check_request(&format!("hamsa-request:1:{}", BASE32_NOPAD.encode(&request)));

    let mut input = Input::new(data);
    let raw = input.one_in(4);
    let body = input.rest();
    let file = if raw {
        body.to_vec()
    } else {
        let certificate = sign_raw("certificate", &known.root(), &known.id, body);
        let length = u16::try_from(certificate.len()).unwrap_or(u16::MAX);
        let address = known.address.to_string();
        [&length.to_be_bytes(), certificate.as_slice(), address.as_bytes()].concat()
    };
    check_certificate(&format!("hamsa-certificate:1:{}", BASE32_NOPAD.encode(&file)));
    check_lend(&format!("hamsa-lend:1:{}", BASE32_NOPAD.encode(body)));
}

fn check_lend(text: &str) {
    if let Ok(file) = text.parse::<LendFile>() {
        assert_eq!(file.to_string().parse(), Ok(file.clone()));
    }
}

fn check_request(text: &str) {
    if let Ok(request) = text.parse::<Signed<CertificateRequest>>() {
        assert_eq!(request.to_text().parse(), Ok(request));
    }
}

fn check_certificate(text: &str) {
    if let Ok(file) = text.parse::<CertificateFile>() {
        assert_eq!(file.to_string().parse(), Ok(file));
    }
}

/// Every signed object: bytes of anybody, and bytes of any content that are rightly signed.
pub fn objects(data: &[u8]) {
    let known = helpline();
    let mut input = Input::new(data);
    let which = input.byte() % 9;
    let body = input.rest();
    match which {
        0 => check_object::<Delegation>(body, &known.root(), &known.id),
        1 => check_object::<Certificate>(body, &known.root(), &known.id),
        2 => check_object::<Roster>(body, &known.root(), &known.id),
        3 => check_object::<Duty>(body, &known.identity(), &known.id),
        4 => check_object::<Descriptor>(body, &known.operator(), &known.id),
        5 => check_object::<MailKey>(body, &known.identity(), &known.id),
        7 => check_object::<EntryList>(body, &known.root(), &known.id),
        8 => check_object::<Lend>(body, &lender(), &known.id),
        _ => {
            check_object::<CertificateRequest>(body, &known.identity(), &CertificateRequest::HELPLINE);
            let _ = CertificateRequest::verify(body);
        }
    }
}

fn check_object<T: Object + Clone + PartialEq + core::fmt::Debug>(
    body: &[u8],
    key: &SignKey,
    helpline: &HelplineId,
) {
    let public = key.public();
    // From anybody: no signature, no object.
    if let Ok(object) = Signed::<T>::verify(body, &public, helpline) {
        assert_eq!(object.encoded(), body);
    }
    let encoded = sign_raw(T::NAME, key, helpline, body);
    let Ok(object) = Signed::<T>::verify(&encoded, &public, helpline) else {
        return;
    };
    assert!(body.len() <= T::MAX);
    assert_eq!(object.check(), Ok(()));
    assert_eq!(object.hash(), ObjectHash(hash::sha256(&[body])));
    let again = Signed::sign((*object).clone(), key, helpline).expect("what was taken can be signed");
    assert_eq!(again.encoded(), encoded, "an object has one encoding");
    // For another helpline, under another name, or with one more byte it is nothing.
    let other = HelplineId([0x55; 32]);
    assert_eq!(
        Signed::<T>::verify(&encoded, &public, &other),
        Err(ObjectError::Signature(T::NAME))
    );
    let renamed = sign_raw("other", key, helpline, body);
    assert_eq!(
        Signed::<T>::verify(&renamed, &public, helpline),
        Err(ObjectError::Signature(T::NAME))
    );
    let longer = sign_raw(T::NAME, key, helpline, &[body, &[0]].concat());
    assert!(Signed::<T>::verify(&longer, &public, helpline).is_err());
}

/// Objects inside records that nobody signs.
pub fn messages(data: &[u8]) {
    let mut input = Input::new(data);
    let which = input.byte() % 14;
    let body = input.rest();
    match which {
        0 => check_message::<Posting>(body),
        1 => check_message::<Receipt>(body),
        2 => check_message::<ChannelOpening>(body),
        3 => check_message::<Refusal>(body),
        4 => check_message::<Intake>(body),
        5 => check_message::<(Vec<u8>, Vec<u8>, Vec<u8>, Vec<Vec<u8>>, Prices)>(body),
        6 => check_message::<DepositPosting>(body),
        7 => check_message::<ReplyPosting>(body),
        8 => check_message::<Card>(body),
        12 => check_message::<ShownTicket>(body),
        13 => check_message::<(Intake, UrgencyPayment)>(body),
        10 => {
            if let Some(answers) = Answers::decode(body) {
                assert_eq!(answers.encode(), body, "answers have one encoding");
            }
        }
        11 => {
            if let Some(survey) = Survey::decode(body) {
                assert_eq!(survey.encode(), body, "sums have one encoding");
                assert!(survey.told(Unix(u64::MAX)).len() <= 3 * SURVEY_MONTHS_MAX);
            }
        }
        _ => {
            for (certificate, duty) in read_page(body) {
                assert!(certificate.len() + duty.len() < BODY_LEN);
            }
        }
    }
}

fn check_message<T: Serialize + DeserializeOwned + PartialEq>(body: &[u8]) {
    if let Some(value) = postcard_decode::<T>(body) {
        assert_eq!(postcard_encode(&value), body, "a message has one encoding");
        assert!(
            postcard_decode::<T>(&[body, &[0]].concat()).is_none(),
            "nothing may follow"
        );
    }
}

/// An association's settings.
pub fn settings(data: &[u8]) {
    let hash = Settings::hash(data);
    if let Ok(settings) = Settings::verify(data, &hash) {
        assert_eq!(
            settings.encode().as_deref(),
            Ok(data),
            "settings have one encoding"
        );
    }
    let mut other = hash;
    other.0[0] ^= 1;
    assert!(Settings::verify(data, &other).is_err());
}

/// Short texts that are valid when they exist.
pub fn texts(data: &[u8]) {
    let Ok(text) = core::str::from_utf8(data) else {
        return;
    };
    // What a peer sends is taken as it is or refused; what a person types is brought into that one form.
    let read = Label::try_from(text.to_owned());
    let typed = text.parse::<Label>();
    if let Ok(label) = &read {
        assert_eq!(label.as_str(), text);
        assert_eq!(typed.as_ref(), Ok(label), "a name that is read is typed as it is");
    }
    if let Ok(label) = typed {
        let name = label.as_str();
        assert!(!name.is_empty() && name.len() <= LABEL_MAX && !name.chars().any(char::is_control));
        assert_eq!(Label::try_from(name.to_owned()), Ok(label.clone()));
        assert_eq!(postcard_decode::<Label>(&postcard_encode(&label)), Some(label));
    }
    if let Ok(language) = text.parse::<Language>() {
        assert!(text.eq_ignore_ascii_case(language.as_str()));
        assert_eq!(language.as_str().parse(), Ok(language.clone()));
        assert_eq!(
            postcard_decode::<Language>(&postcard_encode(&language)),
            Some(language)
        );
    }
    if let Ok(serial) = text.parse::<Serial>() {
        assert_eq!(serial.to_string().parse(), Ok(serial));
    }
}

/// ML-KEM keys: what passes the modulus check is kept byte for byte and can be sealed to.
pub fn kem_key(data: &[u8]) {
    let mut bytes = *helpline().duty.ek.0;
    let mut input = Input::new(data);
    if input.one_in(2) {
        input.damage(&mut bytes);
    } else {
        let rest = input.rest();
        let length = rest.len().min(bytes.len());
        bytes[..length].copy_from_slice(&rest[..length]);
        assert!(KemPublic::from_bytes(rest).is_err() || rest.len() == bytes.len());
    }
    if let Ok(key) = KemPublic::from_bytes(&bytes) {
        assert_eq!(key.as_bytes(), &bytes);
        // FIPS 203, section 7.2, said again: every 12-bit coefficient is below q.
        for three in bytes[..1_152].chunks_exact(3) {
            let low = u16::from(three[0]) | (u16::from(three[1] & 15) << 8);
            let high = (u16::from(three[1]) >> 4) | (u16::from(three[2]) << 4);
            assert!(low < 3_329 && high < 3_329);
        }
        let _ = key.encapsulate(KemUse::Wrap, &mut seeded(1));
    }
}
