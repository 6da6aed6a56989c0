import { folded } from '../../../platform/src/near.rules';

/** What is written in front of a name in the six languages, and ranks. */
const TITLES = new Set(
  [
    'H, E, HE, Excellency, His, Her, Mr, Mrs, Ms, Miss, Mx, Dr, Prof, Professor, Eng, Sir, Dame, Lord, Lady, HRH, HH, Royal',
    'Highness, Amb, Ambassador, Hon, Honourable, Honorable, Rt, Right, Rev, Sheikh, Sheikha, Prince, Princess, Minister, the',
    'General, Gen, Lieutenant, Lt, Colonel, Col, Major, Maj, Brigadier, Brig, Captain, Capt, Commander, Cdr, Admiral, Adm',
    'M, Mme, Mlle, MM, Monsieur, Madame, Mademoiselle, S, SE, SEM, Son, Excellence, Pr, Docteur, Ambassadeur, Ambassadrice',
    'Général, Générale, Sr, Sra, Srta, Señor, Señora, Don, Doña, Dra, Excmo, Excma, Ilmo, Ilma, Embajador, Embajadora, Lic, Ing',
    'г, н, жа, господин, госпожа, д, р, Е, П, Его, Её, Превосходительство, посол, доктор, профессор, генерал',
    'السيد, السيدة, الأستاذ, الأستاذة, الدكتور, الدكتورة, د, أ, م, معالي, سعادة, سيادة, صاحب, صاحبة, السعادة, المعالي, السمو',
    'السفير, السفيرة, الوزير, الوزيرة, المهندس, المهندسة, الفريق, اللواء, العميد, العقيد, الشيخ, الشيخة',
  ].flatMap((line) => line.split(', ').map(folded)),
);

/** What Chinese writes behind a name, without a space. */
const TITLES_BEHIND = /(?<=.)(先生|女士|小姐|博士|教授|大使|部长|部長|阁下|閣下)+$/u;

/** The words of a name for loose comparison, without titles in front of it or behind it; one word stays in any case. */
export function wordsOfName(name: string): string[] {
  const words = folded(name).replace(TITLES_BEHIND, '').trim().split(' ');
  const first = words.findIndex((word) => !TITLES.has(word));
  return words.slice(first < 0 ? -1 : first);
}
