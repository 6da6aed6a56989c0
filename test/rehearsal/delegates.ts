import { reference } from './cast';
import type { Reader } from './expectation';

/** Someone whom a focal point names. */
export interface Nominee extends Reader {
  role: 'head_of_delegation' | 'member' | 'adviser';
}

/** A mechanism with its seats, who names people for it, and whom they would like to send. */
export interface DelegationPart {
  mechanism: string;
  seats: number;
  focalPoint: Reader;
  nominees: Nominee[];
}

const HOST_ZONE = reference.dialogue.time_zone;

function focalPoint(number: number, name: string, language: string, timeZone: string): Reader {
  return { number, name, email: `focal.point.${number}@delegations.example`, language, timeZone };
}

/** Number by number; the first heads the delegation. They read the language of their focal point. */
function send(first: number, { language, timeZone }: Reader, ...names: string[]): Nominee[] {
  return names.map((name, index) => ({
    number: first + index,
    name,
    email: `delegate.${first + index}@delegations.example`,
    language,
    timeZone,
    role: index === 0 ? 'head_of_delegation' : index < 4 ? 'member' : 'adviser',
  }));
}

const focalPoints = [
  focalPoint(201, 'Salomé Fabiani', 'fr', 'Europe/Paris'),
  focalPoint(202, 'Getachew Alemu', 'en', 'Africa/Addis_Ababa'),
  focalPoint(203, 'هبة الله منصور', 'ar', 'Africa/Cairo'),
  focalPoint(204, 'Wayan Suardana', 'en', 'Asia/Makassar'),
  focalPoint(205, 'Femke Hoogland', 'en', 'Europe/Amsterdam'),
  focalPoint(206, 'Lubuto Mwape', 'en', 'Africa/Lusaka'),
  focalPoint(207, 'Adjoua Kouassi', 'fr', 'Africa/Abidjan'),
  focalPoint(208, 'Clémence Guéhenno', 'fr', 'Europe/Vienna'),
];

const names = [
  ['Lucie Marchetti', 'João Sequeira', 'Khadija Ouazzani'],
  ['Hirut Bekele', 'Abdi Warsame'],
  ['رشا العطار', 'سامي بن يوسف'],
  // Two more than there are seats.
  [
    'Putu Lestari',
    'Bronte Ashworth',
    'Nguyễn Thị Hạnh',
    'Farid Rahimi',
    'Ye Min Thu',
    'Sok Chanthy',
    'Mere Tuilagi',
    'Rajiv Menon',
  ],
  ['Joris Dijkstra', 'Rahel Tesfay'],
  ['Natasha Phiri', 'Blessing Moyo'],
  ['Mamadou Sarr'],
  ['Bérénice Aubry', 'Issa Traoré'],
];

export const delegations: DelegationPart[] = reference.mechanisms.map(({ code, seats }, index) => {
  const by = focalPoints[index]!;
  return { mechanism: code, seats, focalPoint: by, nominees: send(300 + index * 10, by, ...names[index]!) };
});

/** The approver of the second dialogue. */
export const approver: Reader = {
  number: 290,
  name: 'Ibtissam Zerhouni',
  email: 'ibtissam.zerhouni@secretariat.example',
  language: 'en',
  timeZone: 'UTC',
};

/** Who may approve in the second dialogue: its organiser, and the approver. */
export const approvers: readonly number[] = [0, approver.number];

/** Whom a delegate names in their place; until they say otherwise they are taken to be in the host's zone. */
export const substitute: Reader = {
  number: 391,
  name: 'Océane Delacroix',
  email: 'oceane.delacroix@delegations.example',
  language: 'fr',
  timeZone: HOST_ZONE,
};

/** Who does what, by number. */
export const delegateParts = {
  /** The focal point who names more than there are seats, is told so, and names so many fewer. */
  over: 204,
  /** So many of them at first, and then all the others. */
  firstOfThose: 4,
  /** Never answers, and is chased; then the focal point is told. */
  silent: 371,
  declines: 351,
  /** Is not approved. */
  refused: 341,
  /** Forgets to answer the question at first. */
  forgetsTheQuestion: 300,
  /** Names a substitute, who takes the seat. */
  isSubstituted: 302,
} as const;

/** Everybody who reads mails of the second dialogue. */
export const delegates: Reader[] = [
  ...delegations.flatMap(({ focalPoint: by, nominees }) => [by, ...nominees]),
  approver,
  substitute,
];

/** One of them, or nobody. */
export function delegate(number: number): Reader | undefined {
  return delegates.find((one) => one.number === number);
}
