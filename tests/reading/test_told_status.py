"""Whose words a procedure stands in, and of which day: what was done today by this clinician, and what was only spoken of."""

import pytest


def done(encounter, text):
    return sorted(p.kind for p in encounter(text).procedures if p.act.status == "performed")


@pytest.mark.parametrize(
    "text",
    [
        # lists of what is to come
        "FUTURE ORDERS: punch biopsy L thigh; LN2 warts hands x6.",
        "For next time: 1. ILK to the scar 2. snip tags neck 3. LN2 to the AK on ear",
        "To do at the next visit: - shave removal nevus R flank - cryo AKs x5 hands",
        "Agenda for return visit - shave bx L shoulder, ED&C of chest BCC.",
        "Next visit we tackle: a) excision of cyst back b) freezing of warts on fingers",
        "RTC 6 wk. At that time: cryo of any AKs left, shave of the R arm nevus.",
        # choices laid out, general truths
        "Treatment possibilities for the warts: LN2, cantharidin, tape. Tape begun.",
        "Either ED&C or excision would do for the BCC on her back. She wants to talk to her daughter.",
        "Options were set out for the sweating: aluminum salts or Botox 50 units per side.",
        "Moles like this one are sometimes shaved off for cosmetic reasons; not necessary here.",
        "Actinic keratoses can be frozen or treated with creams. Sun protection stressed.",
        "Excision or Mohs will depend on the report.",
        # print, quotations, other pens
        "Leaflet 'How a wart is frozen' given to mother.",
        "Video shown in the room: 'Excision of a skin cancer, step by step'.",
        "She was given our brochure about Botox for sweating.",
        'Dr. Lindqvist writes: "We excised the cyst of her back with a 4 mm margin on 3 May."',
        "The ER summary states that the abscess on his thigh was incised and drained.",
        "Referring physician reports having injected the keloid with Kenalog 40 twice.",
        "From the referral: 'two AKs on the scalp treated with liquid nitrogen in January'.",
        "You mention having shaved off the two keratoses of his back.",
        "Report in hand: punch of the scalp, discoid lupus.",
        "Specimen A, left back, shave: compound nevus, moderate atypia. No further treatment.",
        # kin, other hands, the patient's own
        "Pt's sister had the same mole shaved off.",
        "His twin brother's warts were frozen by us on Monday.",
        "Her GP froze the wart on the thumb in April; a stub is left.",
        "The plastic surgeon excised the BCC of the cheek and closed it with a flap.",
        "ENT to excise the parotid lump.",
        "Froze the wart himself with a pharmacy kit; 2 mm left on thumb.",
        # put off, fallen through, undecided
        "Hold the excision of the lipoma, pt on Plavix.",
        "Cryotherapy visit cancelled; patient had fever.",
        "ILK skipped today since two patches already regrow.",
        "We had hoped to freeze the AKs today; tank dry.",
        "Liquid nitrogen ran out before her turn. Will come back Monday for the warts.",
        "Mohs pushed back to July, he has the flu.",
        "I'd lean toward excision of the nevus on the shoulder; no date set.",
        "My advice would be a deep shave of this nevus, but no hurry; she'll ring when ready.",
        "Best dealt with by punch excision, in my view. No appointment made yet.",
        "Waiting to hear from insurance about Botox for axillary hyperhidrosis, 100 units.",
        "Authorization still outstanding for Mohs L temple.",
        "Biopsy (4 mm punch, L calf) set for Thursday with Dr. Moss.",
        "Plan for June: excise the 1.2 cm cyst of the back, freeze the warts on R hand.",
        "We agreed to excise the L back cyst once his shingles is over.",
        "Excising it would mean a long scar across the knee.",
        "Excimer was stopped in March after 12 sessions.",
        "UVB prescription (home unit), psoriasis, 3x weekly, start 300 mJ.",
        "Botox 100 units for axillae ordered via specialty pharmacy, not here yet.",
        "UVB held today, burn grade 1. Next Monday same dose.",
        "Order set 'AK cryotherapy of the scalp' opened in error.",
        "The nursing home NP trimmed all ten nails last Friday.",
        "Path back: shave of R arm = squamous cell carcinoma in situ. Will start 5-FU.",
        # the purpose of coming, and nothing that tells of its doing
        "Came for cryo but AKs gone.",
        "The wart she wanted frozen has fallen off by itself.",
        "Pre-op visit for excision of the SCC L forearm on 5/20. Photographs were made.",
        "Numbed for ED&C of the BCC on his back; machine dead. Reschedule.",
        "She tells me Dr. Park cut out a cyst from her neck.",
        "Suture line quiet after Dr. Vance's excision of the R arm BCC.",
    ],
)
def test_spoken_of_and_not_done(encounter, text):
    assert done(encounter, text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Shave biopsy L forearm performed. Handout 'After your biopsy' given.", ["biopsy"]),
        ("One AK on the L temple frozen. She will think about PDT for the rest.", ["destruction"]),
        ("Warts x3 R hand frozen. Options for home care: salicylic acid, tape.", ["destruction"]),
        ("Options were reviewed and a 4 mm punch biopsy of the R thigh rash was taken, 4-0 nylon.", ["biopsy"]),
        ("Authorization obtained. Cantharidin to 9 molluscum, trunk.", ["destruction"]),
        ('Pathology slip: "R cheek, shave, r/o BCC". Shave biopsy done with dermablade.', ["biopsy"]),
        ("Planned cryo carried out: 3 AKs scalp, LN2.", ["destruction"]),
        ("Scheduled appointment for shave biopsy, done: left nasal ala, pearly papule.", ["biopsy"]),
        ("Patient's daughter held the lamp; AK of the R ear frozen.", ["destruction"]),
        ("Fam hx: father, cryo of AKs. Pt: shave biopsy of the L cheek today.", ["biopsy"]),
        ("Biopsies: 1) punch L calf 4 mm, sutured 2) scalp, postponed (on warfarin).", ["biopsy"]),
        ("Dr. Hale's letter asked us to sample the L shin: shave bx L shin done today.", ["biopsy"]),
        ("Came for cryo of AKs: two of the scalp, LN2 10 sec each.", ["destruction"]),
        (
            "After the patient declined surgery, keloid of the L ear lobe injected with triamcinolone.",
            ["intralesional"],
        ),
        ("Was scheduled for excision; on look today I took a shave biopsy of the L arm lesion instead.", ["biopsy"]),
        ("Mother declined candida injection, accepted LN2: 4 warts, R knee.", ["destruction"]),
        ("Planned cryo of 14 warts; after the 7th he asked to stop.", ["destruction"]),
        ("Took 8-MOP at home, UVA in the booth at 12:00, 4.5 J.", ["phototherapy"]),
        ("Bx today / A: shave L nose / B: R nose, deferred / C: scalp, declined", ["biopsy"]),
        ("Shave bx R cheek, bx L jawline.", ["biopsy", "biopsy"]),
        ("Partial avulsion R great toenail under digital block. Matrixectomy was considered but not done.", ["nail"]),
    ],
)
def test_done_beside_what_is_spoken_of(encounter, text, expected):
    assert done(encounter, text) == expected


def test_a_stage_and_the_blocks_after_it(encounter):
    note = "Mohs L nasal ala. Stage I, 3 blocks, tumor present. Stage II, 2 blocks, clear. Left to granulate."
    mohs = next(p for p in encounter(note).procedures if p.kind == "mohs")
    assert [stage.blocks.value for stage in mohs.stages] == [3, 2]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("Planned to freeze all 20 warts of the hands; after 6 he cried and we stopped.", 6),
        ("Eight AKs on the scalp. She let me freeze five of them.", 5),
        ("AKs of the scalp: froze 7. Not frozen: 2 on the lip.", 7),
        ("Nine AKs seen. LN2 to 6 (dorsal hands), three (lip) kept for PDT.", 6),
    ],
)
def test_what_was_counted_and_what_was_done(encounter, text, number):
    found = [p for p in encounter(text).procedures if p.kind == "destruction" and p.act.status == "performed"]
    assert [p.count.value for p in found] == [number]
