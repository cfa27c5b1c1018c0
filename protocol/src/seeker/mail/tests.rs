use super::*;
use crate::{
    crypto::keys::{RootKey, SignKey},
    limits::MAX_REPLIES_PER_BOX,
    testing::seeded,
    time::Unix,
};

#[test]
fn endless_letters_of_one_home_are_limited_and_block_no_other() {
    let root = RootKey(SignKey::generate(&mut seeded(1)).public());
    let now = Now {
        tick: Tick(0),
        unix: Unix(1_800_000_000),
    };
    let mut seeker = Seeker::new(root, seeded(2), now);
    seeker.come_back(ReturnKeys::from_bytes(&[7; 128]), now);
    for home in 0..2 {
        let mail = SeekerMailbox {
            mailbox: Inbox::Asked(5),
            ..SeekerMailbox::default()
        };
        seeker.mail.homes.insert(HomeIndex(home), mail);
    }
    let seen = |seeker: &Seeker| seeker.mail.reading.as_ref().unwrap().seen.len();
    for number in 0..1_000_u32 {
        seeker
            .mail
            .take_letter(&mut seeker.ctx, HomeIndex(0), 5, &number.to_be_bytes());
    }
    assert_eq!(seen(&seeker), LETTERS_PER_HOME);
    // The link breaks, and the home starts over.
    seeker.mail.home_down(HomeIndex(0));
    seeker.mail.homes.get_mut(&HomeIndex(0)).unwrap().mailbox = Inbox::Asked(5);
    for number in 1_000..2_000_u32 {
        seeker
            .mail
            .take_letter(&mut seeker.ctx, HomeIndex(0), 5, &number.to_be_bytes());
    }
    assert_eq!(seen(&seeker), LETTERS_PER_HOME);
    // The box of an honest home is read to its end, even where both homes have the same letters.
    for number in 1_900..1_900 + u32::try_from(MAX_REPLIES_PER_BOX).unwrap() {
        seeker
            .mail
            .take_letter(&mut seeker.ctx, HomeIndex(1), 5, &number.to_be_bytes());
    }
    assert_eq!(seen(&seeker), LETTERS_PER_HOME + MAX_REPLIES_PER_BOX);
}
