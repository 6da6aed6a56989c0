import type { Answer, Ground, Invitee } from './ground';
import {
  dialogueLimit,
  differencesOfApi,
  differencesOfCounters,
  differencesOfHistory,
  differencesOfMails,
  differencesOfWaiting,
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

const STORM_PEOPLE = 60;
const STORM_PLACES = 20;
const STORM_ACTS = 4;

/** Withdrawals and returns, all at once, on a dialogue that is full. */
export const storm: Scenario = {
  name: `${STORM_PEOPLE} people withdraw and come back in a storm, for ${STORM_PLACES} places`,
  expected: `${STORM_PLACES} hold a place, nobody passed over`,
  async play(ground) {
    const dialogueId = await ground.dialogue({ places: STORM_PLACES });
    const invitees = await ground.invite(dialogueId, STORM_PEOPLE);
    const answers = await Promise.all(invitees.map((invitee) => ground.accept(invitee)));
    const ids = await registrationsOf(ground, dialogueId, invitees);
    await Promise.all(
      ids.map(async (id) => {
        for (let act = 0; act < STORM_ACTS; act++) {
          const withdraws = Math.random() < 0.5;
          const link = ground.registrationLink(id);
          answers.push(
            withdraws
              ? await ground.submit(`${link}/withdrawal`)
              : await ground.submit(`${link}/registration`, { consent_to_be_listed: 'after' }),
          );
        }
      }),
    );
    const seen = await see(ground, dialogueId);
    const active = inState(seen, 'confirmed', 'waitlisted');
    const differences = [
      ...differencesOfAnswers(answers),
      ...(await differencesOfAll(ground, dialogueId, seen)),
    ];
    const holding = inState(seen, 'confirmed');
    if (holding !== Math.min(STORM_PLACES, active)) {
      differences.push(`${holding} hold a place, and ${active} want one`);
    }
    return {
      saw: differences.length === 0 ? this.expected : `${holding} hold a place, ${active - holding} wait`,
      differences,
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

export const scenarios: Scenario[] = [lastPlaces, storm];
