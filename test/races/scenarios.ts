import { setTimeout as sleep } from 'node:timers/promises';
import { ANSWERS, type Answer, type Ground, type Invitee, type RacingOrganiser } from './ground';
import {
  dialogueLimit,
  differencesOfApi,
  differencesOfCounters,
  differencesOfHistory,
  differencesOfMails,
  differencesOfWaiting,
  HOLDING,
  inState,
  see,
  type Seen,
} from './judge';

/** What a repetition of a scenario saw. */
export interface Played {
  /** In short, for the table; the same in every repetition that went well. */
  saw: string;
  differences: string[];
}

/** People who want the same at the same moment. */
export interface Scenario {
  name: string;
  expected: string;
  play(ground: Ground): Promise<Played>;
}

const PEOPLE = 500;
const PLACES = 50;

/** 500 people at once for 50 places. */
export const lastPlaces: Scenario = {
  name: `${PEOPLE} people at once for ${PLACES} places`,
  expected: `${PLACES} confirmed, ${PEOPLE - PLACES} waitlisted`,
  async play(ground) {
    const dialogueId = await ground.dialogue({ places: PLACES });
    const invitees = await ground.invite(dialogueId, PEOPLE);
    const answers = await Promise.all(invitees.map((invitee) => ground.accept(invitee)));
    const seen = await see(ground, dialogueId);
    const differences = [
      ...differencesOfAnswers(answers),
      ...(await differencesOfAll(ground, dialogueId, seen)),
    ];
    const numbers = seen.registrations.flatMap((one) => one.waitlist_number ?? []);
    if (numbers.join() !== Array.from({ length: PEOPLE - PLACES }, (_, index) => index + 1).join()) {
      differences.push(
        `the waitlist is numbered ${numbers[0]} to ${numbers.at(-1)}, ${numbers.length} numbers`,
      );
    }
    const { taken } = dialogueLimit(seen);
    if (taken !== PLACES) differences.push(`${taken} places are counted as taken`);
    for (const [kind, owed] of [
      ['confirmation', PLACES],
      ['waitlisted', PEOPLE - PLACES],
    ] as const) {
      const queued = seen.mails.filter((mail) => mail.kind === kind).length;
      if (queued !== owed) differences.push(`${queued} mails of the kind ${kind}`);
    }
    return {
      saw: `${inState(seen, 'confirmed')} confirmed, ${inState(seen, 'waitlisted')} waitlisted`,
      differences,
    };
  },
};

/** Whether more have a place than there are: that is what the control run, in which nothing guards them, wants to see. */
export function showsTheRace({ saw }: Played): boolean {
  return Number(/^\d+/.exec(saw)?.[0]) > PLACES;
}

const SEATS = 5;
const NOMINEES = 40;

/** The last seat of a delegation, for which half of those who ask would be its head. */
export const lastSeat: Scenario = {
  name: `${NOMINEES} people of one delegation at once for its last seat`,
  expected: `1 of ${NOMINEES} confirmed, ${NOMINEES - 1} waitlisted`,
  async play(ground) {
    const dialogueId = await ground.dialogue({ places: 20 });
    const { body: delegation } = await ground.api<{ id: string }>(
      'POST',
      `/v1/dialogues/${dialogueId}/delegations`,
      {
        organisation: 'Delegation with one seat left',
        seats: SEATS,
        seats_by_role: { head_of_delegation: 1 },
      },
    );
    const seat = (role: string) => ({ delegationId: delegation.id, role });
    const answers: Answer[] = [];
    for (const early of await ground.invite(dialogueId, SEATS - 1, seat('member'))) {
      answers.push(await ground.accept(early));
    }
    const invitees = [
      ...(await ground.invite(dialogueId, NOMINEES / 2, seat('head_of_delegation'))),
      ...(await ground.invite(dialogueId, NOMINEES / 2, seat('member'))),
    ];
    answers.push(...(await Promise.all(invitees.map((invitee) => ground.accept(invitee)))));
    const full = await see(ground, dialogueId);
    const differences = [
      ...differencesOfAnswers(answers),
      ...differencesOfCounters(full),
      ...differencesOfMails(full),
      ...(await differencesOfApi(ground, dialogueId, full)),
    ];
    const limit = dialogueLimit(full);
    if (limit.taken !== SEATS || limit.reserved !== 0) {
      differences.push(
        `the dialogue counts ${limit.taken} taken and ${limit.reserved} kept for the delegation`,
      );
    }
    // Whoever has the last seat leaves: it goes to the first who fits, and to nobody else.
    const names = new Set(invitees.map(({ name }) => name));
    const last = full.registrations.filter(({ state, name }) => state === 'confirmed' && names.has(name));
    const first = full.registrations.find(({ state }) => state === 'waitlisted');
    if (last.length === 1 && first) {
      await ground.submit(`${ground.registrationLink(last[0]!.id)}/withdrawal`);
      const after = await see(ground, dialogueId);
      differences.push(...differencesOfCounters(after), ...differencesOfMails(after));
      if (after.registrations.find(({ id }) => id === first.id)?.state !== 'confirmed') {
        differences.push('the seat did not go to the first who waited');
      }
    }
    return {
      saw: `${last.length} of ${NOMINEES} confirmed, ${inState(full, 'waitlisted')} waitlisted`,
      differences,
    };
  },
};

const STORM_PEOPLE = 60;
const STORM_PLACES = 20;
const STORM_ACTS = 4;

/** Withdrawals and returns, all at once, on a dialogue that is full. */
export const storm: Scenario = {
  name: `${STORM_PEOPLE} people withdraw and come back in a storm, for ${STORM_PLACES} places`,
  expected: `${STORM_PLACES} hold a place, nobody passed over`,
  async play(ground) {
    return playStorm(ground, this.expected, undefined, async (link) =>
      Math.random() < 0.5
        ? ground.submit(`${link}/withdrawal`)
        : ground.submit(`${link}/registration`, { consent_to_be_listed: 'after' }),
    );
  },
};

/** For how long an offer holds a place; then it goes to the next. */
const OFFER_SECONDS = 2;

/** The same where a place that becomes free is offered: offers are taken, declined, or lapse meanwhile. */
export const stormOfOffers: Scenario = {
  name: `${STORM_PEOPLE} people in a storm, where places are offered for ${OFFER_SECONDS} s`,
  expected: 'no offer left open, nobody passed over',
  async play(ground) {
    const settings = { promotion: 'offer', offer_for: `PT${OFFER_SECONDS}S` };
    const act = (link: string): Promise<Answer> => {
      const chance = Math.random();
      if (chance < 0.4) return ground.submit(`${link}/withdrawal`);
      return ground.submit(`${link}/${chance < 0.7 ? 'registration' : 'offer-acceptance'}`, ANSWERS);
    };
    const isSettled = async (dialogueId: string): Promise<void> => {
      const end = Date.now() + 120_000;
      while (Date.now() < end) {
        const [{ count }] = (await ground.world.database.query(
          `SELECT count(*)::int FROM registrations WHERE dialogue_id = $1 AND state = 'offered'`,
          [dialogueId],
        )) as [{ count: number }];
        if (count === 0) return;
        await sleep(100);
      }
      throw new Error('Offers are still open after two minutes.');
    };
    return ground.withWorker(async () => {
      const played = await playStorm(ground, this.expected, settings, act, isSettled);
      await ground.world.settled(60);
      const offers: { action: string }[] = await ground.world.database.query(
        `SELECT DISTINCT action FROM audit_entries
         WHERE action LIKE 'registration.offer%' AND dialogue_id = (SELECT id FROM dialogues ORDER BY created_at DESC LIMIT 1)`,
      );
      if (offers.length < 2) played.differences.push('no place was offered, or no offer lapsed');
      const copies = Map.groupBy(
        ground.world.mailbox.mails,
        ({ raw }) => /^message-id:\s*(\S+)/im.exec(raw.toString('latin1', 0, 4_000))?.[1],
      );
      const twice = [...copies.values()].filter(({ length }) => length > 1).length;
      if (twice > 0) played.differences.push(`${twice} mails came more than once`);
      return played;
    });
  },
};

async function playStorm(
  ground: Ground,
  expected: string,
  settings: object | undefined,
  act: (link: string) => Promise<Answer>,
  inTheEnd: (dialogueId: string) => Promise<void> = () => Promise.resolve(),
): Promise<Played> {
  const dialogueId = await ground.dialogue({ places: STORM_PLACES }, settings);
  const invitees = await ground.invite(dialogueId, STORM_PEOPLE);
  const answers = await Promise.all(invitees.map((invitee) => ground.accept(invitee)));
  const ids = await registrationsOf(ground, dialogueId, invitees);
  await Promise.all(
    ids.map(async (id) => {
      for (let time = 0; time < STORM_ACTS; time++) answers.push(await act(ground.registrationLink(id)));
    }),
  );
  await inTheEnd(dialogueId);
  const seen = await see(ground, dialogueId);
  const differences = [
    ...differencesOfAnswers(answers),
    ...(await differencesOfAll(ground, dialogueId, seen)),
  ];
  const holding = inState(seen, ...HOLDING);
  const waiting = inState(seen, 'waitlisted');
  if (holding !== Math.min(STORM_PLACES, holding + waiting)) {
    differences.push(`${holding} hold a place, and ${waiting} more want one`);
  }
  const isAsExpected = differences.length === 0;
  return { saw: isAsExpected ? expected : `${holding} hold a place, ${waiting} wait`, differences };
}

const TO_APPROVE = 60;
const APPROVED_PLACES = 25;
const WITHDRAW = 20;
const AT_A_TIME = 6;

/** Two approvers decide on the same people, many at a time, while some of those withdraw. */
export const crossedApprovals: Scenario = {
  name: `two approvers decide on ${TO_APPROVE} people, ${WITHDRAW} of whom withdraw meanwhile`,
  expected: 'nobody undecided, passed over or told what is not so',
  async play(ground) {
    const dialogueId = await ground.dialogue({ places: APPROVED_PLACES }, { approvals_needed: 1 });
    const approvers = [await ground.newOrganiser(), await ground.newOrganiser()] as const;
    for (const { email } of approvers) {
      await ground.api('POST', `/v1/dialogues/${dialogueId}/roles`, { email, roles: ['approver'] });
    }
    const invitees = await ground.invite(dialogueId, TO_APPROVE);
    const answers = await Promise.all(invitees.map((invitee) => ground.accept(invitee)));
    const ids = await registrationsOf(ground, dialogueId, invitees);
    const decide = async (
      organiser: RacingOrganiser,
      registrationIds: string[],
      decision: 'approved' | 'refused',
    ): Promise<void> => {
      for (let first = 0; first < registrationIds.length; first += AT_A_TIME) {
        const some = registrationIds.slice(first, first + AT_A_TIME);
        const body = { registration_ids: some, decision, reason: 'Not for this dialogue.' };
        await ground.api('POST', `/v1/dialogues/${dialogueId}/approvals`, body, { organiser });
      }
    };
    // The second begins at the other end, and refuses whom the first approves last.
    const reversed = ids.toReversed();
    const refused = reversed.slice(0, AT_A_TIME * 2);
    await Promise.all([
      decide(approvers[0], ids, 'approved'),
      decide(approvers[1], refused, 'refused').then(() =>
        decide(approvers[1], reversed.slice(refused.length), 'approved'),
      ),
      ...ids
        .filter((_, index) => index % (TO_APPROVE / WITHDRAW) === 0)
        .map(async (id) => {
          await sleep(Math.random() * 400);
          answers.push(await ground.submit(`${ground.registrationLink(id)}/withdrawal`));
        }),
    ]);
    const seen = await see(ground, dialogueId);
    const differences = [
      ...differencesOfAnswers(answers),
      ...(await differencesOfAll(ground, dialogueId, seen)),
    ];
    const undecided = inState(seen, 'awaiting_approval');
    if (undecided > 0) differences.push(`nobody has decided on ${undecided}`);
    const holding = inState(seen, ...HOLDING);
    const waiting = inState(seen, 'waitlisted');
    if (holding !== Math.min(APPROVED_PLACES, holding + waiting)) {
      differences.push(`${holding} hold a place, and ${waiting} more want one`);
    }
    return {
      saw: differences.length === 0 ? this.expected : `${holding} hold a place, ${waiting} wait`,
      differences,
    };
  },
};

const SUBMISSIONS = 10;
const NAMED_AT_ONCE = 2;
const FITTING = Math.floor(SEATS / NAMED_AT_ONCE);

/** A focal point's form is sent from several windows at once, for fewer seats than all of them name people. */
export const nominations: Scenario = {
  name: `${SUBMISSIONS} nominations at once, of ${NAMED_AT_ONCE} people each, for ${SEATS} seats`,
  expected: `${FITTING} taken, ${SUBMISSIONS - FITTING} told that they are over the seats`,
  async play(ground) {
    const dialogueId = await ground.dialogue({ places: 20 });
    const { body: focalPoint } = await ground.api<{ id: string }>('POST', '/v1/people', {
      name: `Focal point ${dialogueId}`,
      email: `${dialogueId}@mechanism.example`,
      language: 'en',
      time_zone: 'UTC',
    });
    const { body: delegation } = await ground.api<{ id: string }>(
      'POST',
      `/v1/dialogues/${dialogueId}/delegations`,
      { organisation: 'Delegation with a busy focal point', seats: SEATS, focal_point: focalPoint.id },
    );
    await ground.api('POST', `/v1/dialogues/${dialogueId}/delegations/invitations`, { to: 'prepared' });
    const people = (submission: number): Record<string, string> =>
      Object.fromEntries(
        Array.from({ length: NAMED_AT_ONCE }, (_, row) => row).flatMap((row) => [
          [`name_${row}`, `Nominee ${submission} ${row}`],
          [`email_${row}`, `${submission}.${row}.${dialogueId}@mechanism.example`],
          [`role_${row}`, 'member'],
          [`language_${row}`, 'en'],
        ]),
      );
    const answers = await Promise.all(
      Array.from({ length: SUBMISSIONS }, (_, submission) =>
        ground.submit(`${ground.delegationLink(delegation.id)}/nominations`, people(submission)),
      ),
    );
    const answered = (status: number): number => answers.filter((one) => one.status === status).length;
    const [row] = (await ground.world.database.query(
      `SELECT (SELECT count(*)::int FROM invitations WHERE delegation_id = $1 AND state = 'sent') AS nominated,
         (SELECT count(*)::int FROM mails m JOIN invitations i ON i.id = m.subject_id
          WHERE i.delegation_id = $1 AND m.kind = 'invitation') AS mailed`,
      [delegation.id],
    )) as [{ nominated: number; mailed: number }];
    const { body: shown } = await ground.api<{ nominated: number }>(
      'GET',
      `/v1/delegations/${delegation.id}`,
    );
    const differences: string[] = [];
    for (const [what, count] of Object.entries({ ...row, 'nominated by the API': shown.nominated })) {
      if (count !== FITTING * NAMED_AT_ONCE) differences.push(`${count} ${what}`);
    }
    return {
      saw: `${answered(303)} taken, ${answered(422)} told that they are over the seats`,
      differences: [...differences, ...differencesOfCounters(await see(ground, dialogueId))],
    };
  },
};

/** In the order of the invitees. */
async function registrationsOf(ground: Ground, dialogueId: string, invitees: Invitee[]): Promise<string[]> {
  const rows: { id: string; invitation_id: string }[] = await ground.world.database.query(
    'SELECT id, invitation_id FROM registrations WHERE dialogue_id = $1',
    [dialogueId],
  );
  const byInvitation = new Map(rows.map((row) => [row.invitation_id, row.id]));
  return invitees.map(({ invitationId, name }) => {
    const id = byInvitation.get(invitationId);
    if (!id) throw new Error(`${name} accepted and has no registration`);
    return id;
  });
}

/** A form that went well redirects. */
function differencesOfAnswers(answers: readonly Answer[]): string[] {
  const wrong = Map.groupBy(
    answers.filter(({ status }) => status !== 303),
    ({ status }) => status,
  );
  return [...wrong].map(([status, those]) => `${those.length} forms were answered ${status}`);
}

async function differencesOfAll(ground: Ground, dialogueId: string, seen: Seen): Promise<string[]> {
  return [
    ...differencesOfCounters(seen),
    ...differencesOfWaiting(seen),
    ...differencesOfHistory(seen),
    ...differencesOfMails(seen),
    ...(await differencesOfApi(ground, dialogueId, seen)),
  ];
}

export const scenarios: Scenario[] = [
  lastPlaces,
  lastSeat,
  nominations,
  crossedApprovals,
  storm,
  stormOfOffers,
];
