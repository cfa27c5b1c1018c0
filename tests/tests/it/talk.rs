//! The main job: a seeker and a counselor talk through two associations' nodes.

pub(crate) use hamsa_tests::cast::messages;
use hamsa_tests::cast::{ANSWERS, Counselor, Helpline, Plan, Seeker};
use serde_json::Value;

/// Says all of them at once, both ways, and waits until every one is `received`.
pub(crate) async fn exchange(
    (counselor, seeker, chat): (&Counselor, &Seeker, &Value),
    from_seeker: &[(String, String)],
    from_counselor: &[(String, String)],
) {
    let one = async {
        for (id, text) in from_seeker {
            seeker.say(id, text).await;
        }
        seeker.face.received(from_seeker.iter().map(|(id, _)| id)).await;
    };
    let other = async {
        for (id, text) in from_counselor {
            counselor.say(chat, id, text).await;
        }
        counselor
            .face
            .received(from_counselor.iter().map(|(id, _)| id))
            .await;
    };
    tokio::join!(one, other);
}

#[tokio::test]
async fn thirty_messages_each_way_arrive_once_unchanged_and_in_order() {
    let helpline = Helpline::found(Plan::default()).await;
    let (counselor, seeker, chat) = helpline.chat().await;

    let verified = seeker.face.event("verified").await;
    assert_eq!(verified["association"], ANSWERS);
    let words = helpline.association("address", vec![]).await.ok();
    assert_eq!(verified["fingerprint"].as_str(), words.lines().nth(1));
    let path = seeker.face.event("path").await;
    assert_eq!(path["entry"], helpline.entries[0].peer);
    assert_eq!(path["home"], helpline.homes[0].peer);
    assert_eq!(path["split"], true);
    let answered = seeker.answered().await;
    assert_eq!(answered["association"], ANSWERS);
    assert_eq!(answered["pseudonym"], "Nour");
    assert_eq!(
        (&chat["language"], &chat["urgent"]),
        (&"ar".into(), &false.into())
    );

    let (there, back) = (messages("s", 30), messages("c", 30));
    exchange((&counselor, &seeker, &chat), &there, &back).await;
    // A last one each way: whatever would come twice has come by then.
    let (last_there, last_back) = (messages("s-last", 1), messages("c-last", 1));
    exchange((&counselor, &seeker, &chat), &last_there, &last_back).await;

    assert_eq!(counselor.face.messages(), [there, last_there].concat());
    assert_eq!(seeker.face.messages(), [back, last_back].concat());
    for face in [&seeker.face, &counselor.face] {
        assert!(face.all("error").is_empty(), "{}", face.process().story());
        let failed = |event: &&Value| event["state"] == "failed";
        assert_eq!(face.all("state").iter().filter(failed).count(), 0);
    }
    for face in [&seeker.face, &counselor.face] {
        face.exit().await;
        assert_eq!(
            face.process().errors(),
            "",
            "nothing but JSON, and that on stdout"
        );
    }
}
