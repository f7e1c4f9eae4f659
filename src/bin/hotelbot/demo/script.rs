//! What happens in the demo: three guests, what they write, and what must come of it.

/// One of the two example hotels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its id.
    pub hotel: &'static str,
    /// Its instance, as in the example file.
    pub instance: u64,
    /// Its file, as it stands in the repository.
    pub yaml: &'static str,
    /// The variable with its token.
    pub token: &'static str,
}

/// Polls Green API; Russian first.
pub const ASTORIA: Place = Place {
    hotel: "astoria",
    instance: 1_101_000_001,
    yaml: include_str!("../../../../hotels/astoria.yaml"),
    token: "ASTORIA_TOKEN",
};
/// Called by Green API; English first.
pub const SEA_VIEW: Place = Place {
    hotel: "sea-view",
    instance: 1_101_000_002,
    yaml: include_str!("../../../../hotels/sea-view.yaml"),
    token: "SEA_VIEW_TOKEN",
};

/// A guest and their conversation.
pub struct Conversation {
    /// What is going to be seen.
    pub about: &'static str,
    /// Where.
    pub place: Place,
    /// The guest's number.
    pub phone: &'static str,
    /// What they call themselves.
    pub name: &'static str,
    /// What happens, in order.
    pub steps: &'static [Step],
}

/// One thing that happens, and what must come of it.
pub enum Step {
    /// The guest writes; the bot answers, with one of these words in it.
    Asks(&'static str, &'static [&'static str]),
    /// The guest writes; the bot says that a person comes, and a person leads from then on.
    WantsPerson(&'static str),
    /// A colleague answers from the hotel's own phone.
    StaffWrites(&'static str),
    /// The guest writes; the bot says nothing.
    IsLeftToPerson(&'static str),
}

/// The three conversations.
pub const CONVERSATIONS: &[Conversation] = &[
    Conversation {
        about: "A Russian guest asks; the hotel answers from its own facts, in Russian",
        place: ASTORIA,
        phone: "79211234567",
        name: "Мария",
        steps: &[
            Step::Asks("Здравствуйте! Во сколько завтрак?", &["7:00"]),
            Step::Asks("А с собакой можно?", &["собак", "Небольшие"]),
        ],
    },
    Conversation {
        about: "An English guest asks another hotel; other facts, another tone",
        place: SEA_VIEW,
        phone: "447700900123",
        name: "James",
        steps: &[
            Step::Asks("Hi! What is the wifi password?", &["sunset2024"]),
            Step::Asks("When is breakfast?", &["07:00", "7:00"]),
        ],
    },
    Conversation {
        about: "A guest wants a person; a colleague takes over on the hotel's phone, and the bot keeps silent",
        place: SEA_VIEW,
        phone: "491701234567",
        name: "Anna",
        steps: &[
            Step::WantsPerson("The shower is leaking. Can I talk to a human, please?"),
            Step::StaffWrites("Noi from the front desk here, I am coming up with a plumber right now"),
            Step::IsLeftToPerson("Thank you so much!"),
        ],
    },
];
