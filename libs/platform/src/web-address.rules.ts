import tlds from 'tlds';
import { oneLine } from './stored-text.rules';

const TOP_LEVEL = new Set([...tlds, 'example', 'test', 'invalid', 'localhost', 'local', 'onion']);

/** What is often written before a name with a dot and no space: "Md.Al Amin" and "O.de la Cruz" name no domain. */
const ABBREVIATED = new Set(
  'abd amb cand capt col dipl dott dr eng gen hon jr lt maj md mgr mme moh mohd mr mrs ms muhd prof pr rev sgt sr st sta ste sto'.split(
    ' ',
  ),
);

/** Domains of one letter are known under few ends; in all others it is an initial. */
const SHORT_DOMAINS = new Set('com net org info biz co me io gl gg'.split(' '));

/** Bachelor, Master and Doctor of Commerce: `B.Com` is a degree. Under com no letter but q, x and z is a domain. */
const DEGREES_OF_COMMERCE = new Set(['b', 'm', 'd']);

/**
 * Whether a mail program would show a link in a text, or an address: a name with one in it would have us mail that link
 * to any address a stranger types. Dots and slashes in other shapes count, and so do the ways to write them in words.
 * `St. John`, `J.R.`, `O. de la Cruz`, `Ali a/l Kumar` and `Jane Doe, B.Com` hold none.
 */
export function holdsWebAddress(text: string): boolean {
  const plain = (oneLine(text) ?? '')
    .normalize('NFKC')
    .replace(/[\u200c\u200d]/gu, '')
    .toLowerCase()
    .replace(/[\u3002\uff61]/gu, '.')
    .replace(/\s*[[({<]\s*(?:\.|dot)\s*[\])}>]\s*/gu, '.')
    .replace(/[\u2044\u2215\u29f8\\]/gu, '/');
  if (plain.includes('@') || plain.includes('://') || plain.includes('//') || /\bxn--/u.test(plain))
    return true;
  if (/\b(?:h(?:tt|xx)ps?|ftp|mailto|javascript|data|tel|sms|file)\s*:/u.test(plain)) return true;
  if (/\bwww\d?\s*\./u.test(plain) || /\d{1,3}(?:\.\d{1,3}){3}/u.test(plain)) return true;
  return [...plain.matchAll(/([\p{L}\p{M}\p{N}-]+(?:\.[\p{L}\p{M}\p{N}-]+)+)(\/|:\d|[?#])?/gu)].some(
    ([, dotted, path]) => isDomain(dotted!.split('.'), path !== undefined),
  );
}

function isDomain(labels: string[], hasPath: boolean): boolean {
  const last = labels.at(-1)!;
  const before = labels.at(-2)!;
  if (hasPath) return last.length > 1;
  if (!TOP_LEVEL.has(last)) return false;
  if (last === 'com' && DEGREES_OF_COMMERCE.has(before)) return false;
  if (SHORT_DOMAINS.has(last)) return true;
  return ([...before].length > 1 || /\p{Script=Han}/u.test(before)) && !ABBREVIATED.has(before);
}
