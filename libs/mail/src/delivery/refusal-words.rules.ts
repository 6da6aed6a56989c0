/**
 * What a server means by a refusal: read in the same way from an answer by SMTP, from a report and from a bounce in prose.
 * A code of its own (RFC 3463) says most; where a server gives none, or one that says nothing, its words are read.
 */

/** Nobody lives there (RFC 3463, 3.2 to 3.5): no such mailbox, no such domain, none any more, switched off, no mail server. */
const NO_SUCH_ADDRESS = new Set([
  '5.1.1',
  '5.1.2',
  '5.1.3',
  '5.1.6',
  '5.1.10',
  '5.2.1',
  '5.4.4',
  // Microsoft's for a domain that does not exist.
  '5.4.310',
]);

/** "Nobody here by that name", in the languages in which servers say it. */
const NOBODY_THERE = new RegExp(
  [
    String.raw`no such (user|mailbox|recipient|address|account|person|local user)`,
    String.raw`(unknown|invalid) (local )?(user|recipient|mailbox|address|account|addressee)`,
    String.raw`(user|recipient|mailbox|address|account|addressee)( name)? (is |was |has been )?(unknown|not known|not found|invalid|disabled|inactive|deactivated|discontinued|closed|expired)`,
    String.raw`(user|recipient|mailbox|address|account)(?:(?!\. )[^;\n]){0,80}? (does(n['’]t| not) exist|no longer exists|(was|is|could) ?(not|n['’]t) (be )?found|not (listed|found) in)`,
    String.raw`does(n['’]t| not) have an? \S+ account`,
    String.raw`no (mailbox|user|account) (here )?by that name|unrouteable address|(recip|recipient)notfound`,
    String.raw`not a (valid|known) (user|mailbox|recipient|address|account)`,
    // Spanish, Portuguese, Italian
    String.raw`(usuario|buz[oó]n|direcci[oó]n|destinatario|cuenta)[^;\n]{0,80}?(no existe|desconocid|inexistente|no (fue |ha sido )?encontrad|no se (ha )?encontr)`,
    String.raw`no (existe|se (ha )?(encontr\S+|encuentra|pudo encontrar))[^;\n]{0,40}?(usuario|buz[oó]n|direcci[oó]n|destinatario|cuenta)`,
    String.raw`(usu[aá]rio|caixa|endere[cç]o|destinat[aá]rio)[^;\n]{0,80}?(n[aã]o existe|desconhecid|inexistente|n[aã]o (foi )?encontrad)`,
    String.raw`(utente|casella|indirizzo|destinatario)[^;\n]{0,80}?(non esiste|sconosciut|inesistente|non (è stat\S )?trovat)`,
    // French, German
    String.raw`(utilisateur|destinataire|adresse|bo[iî]te|compte)[^;\n]{0,80}?(inconnu|introuvable|n['’]existe (pas|plus)|n['’]a pas été trouv|n['’]est pas répertori)`,
    String.raw`(benutzer|empf[aä]nger|adresse|postfach|konto)[^;\n]{0,80}?(unbekannt|existiert nicht|nicht gefunden|nicht vorhanden)|unbekannte[rs]? (benutzer|empf[aä]nger|adresse)`,
    // Russian, Chinese, Arabic
    String.raw`(пользовател|ящик|адрес|получател|уч[её]тн)[^;\n]{0,80}?(не существует|не найден|неизвест|отсутствует)|нет такого (пользователя|адреса|ящика)|неизвестный (пользователь|получатель|адрес)`,
    String.raw`(用户|用戶|收件人|邮箱|郵箱|地址|帐户|账户|帳戶|账号|帐号|信箱)[^;\n]{0,40}?(不存在|未找到|找不到|无法找到|無法找到|无效|未知)|(不存在的?|未知|找不到|查?无此)(用户|用戶|收件人|邮箱|郵箱|地址|信箱)`,
    String.raw`(المستخدم|المستلم|العنوان|عنوان|صندوق|الحساب)[^;\n]{0,80}?(غير موجود|غير معروف|لا يوجد|لم يتم العثور)|لا يوجد (مستخدم|صندوق|عنوان|مستلم)|لم يتم العثور على (المستخدم|المستلم|العنوان|عنوان|صندوق)`,
  ].join('|'),
  'iu',
);

/** "The mailbox is full", or it takes no more for the moment. */
const FULL = new RegExp(
  [
    String.raw`(mailbox|inbox|account|user|recipient)[^;\n]{0,60}? (is |are )?(full|over ?quota|out of (storage|space))`,
    String.raw`over (its |the |their |disk )?quota|overquota|quota[^;\n]{0,40}?exceed|exceed\w*[^;\n]{0,40}?(quota|storage)|out of storage`,
    String.raw`buz[oó]n[^;\n]{0,40}?llen|cuota[^;\n]{0,40}?(exced|super)|bo[iî]te[^;\n]{0,40}?pleine|quota[^;\n]{0,20}?dépassé|postfach[^;\n]{0,40}?voll|casella[^;\n]{0,40}?piena|caixa[^;\n]{0,40}?cheia`,
    String.raw`ящик[^;\n]{0,40}?(переполнен|заполнен)|(邮箱|郵箱|信箱)[^;\n]{0,20}?(已满|已滿)|超出[^;\n]{0,20}?(配额|容量|限额)|صندوق[^;\n]{0,40}?ممتلئ`,
  ].join('|'),
  'iu',
);

/** It takes too much at once: Gmail gives this the code of a mailbox that is switched off. */
const TOO_FAST = /at a rate|too (quickly|many|fast)/i;

/**
 * It speaks of us (our sender, account, host, or that it takes no mail from us) or of what we wrote, and not of the
 * address, whatever else it says.
 */
const NOT_OF_ADDRESS = new RegExp(
  [
    String.raw`(?<!return(ed|ing)( mail| message)? to )\bsender|\bsending (account|address|domain|host|ip|limit|mail|quota|rate|server|user)|for sending|(allowed|right|permission) to send`,
    // Not "the response from the remote server" nor "deleted from our system".
    String.raw`(?<!(answer|error|reply|response|said|generated|deleted|missing|removed) )\bfrom\b`,
    String.raw`\byour (\S+ )?(account|address|domain|host|ip|mailbox|network|provider|server|user)\b`,
    String.raw`\b(client|connecting|host|network|originating|remote|reply-to|server|source) (ip )?address|\baddress \[?(ipv6:)?\d[\d.:a-f]*\]?(?![\w.@])`,
    String.raw`\b(ip|ipv[46]|dns|rdns|ptr|helo|ehlo|spf|dkim|dmarc|dnsbl|rbl)\b|reverse (dns|lookup)|\bclients?\b|\bhost ?names?\b|relay`,
    String.raw`spam|block(ed|list)|(black|white|allow|access|deny|gr[ae]y)[- ]?list|access denied|reputation|polic(y|ies)\b|too (many|much|fast|often)|rate limit`,
    String.raw`authenti|not (authori[sz]|permitted)|unauthori[sz]|credential|passwor[dt]|log-?in`,
    String.raw`virus|malware|\bcontents?\b|\bfilter|\bheaders?\b|attachment|return-path|reply-to`,
    String.raw`remitente|remetente|mittente|exp[eé]diteur|absender|отправител|клиент|发件人|發件人|寄件|发送[方者]|客户端|المرسل(?! إلي)|contenido|conteúdo|contenu|inhalt|содержим|内容|محتوى`,
  ].join('|'),
  'iu',
);

/** The server does not take this address: said with a code that speaks of addresses it is enough, and alone it is not. */
const ADDRESS_REJECTED =
  /(recipient|address|mailbox|user)( address)?( is| was)? (rejected|refused|not accepted|unavailable|suspended)|rejected (recipient|address)/i;

/** As Microsoft says it of an address that its directory does not have. */
const DIRECTORY_DENIES = /recipient( address)? rejected: access denied/i;

/** Whether a server's words say that nobody lives at the address. */
export function saysNobodyThere(words: string): boolean {
  return NOBODY_THERE.test(words) && !isNotOfAddress(words);
}

/** Whether a server's words say that the mailbox takes nothing more for now. */
export function saysFull(words: string): boolean {
  return FULL.test(words);
}

/**
 * The enhanced status code that a server wrote: the one that is given, unless that says nothing (5.0.0, 5.5.0) and the one
 * among its words says more. Null: it wrote none.
 * @param given the code that stands apart, as in a report; null: none.
 */
export function writtenCode(given: string | null, words: string): string | null {
  const said = /(?:^|[^\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])/.exec(words)?.[1] ?? null;
  return given !== null && !(saysLittle(given) && said !== null) ? given : said;
}

/**
 * The enhanced status code of a refusal: the one that is written, or what the words say where that says nothing. Null: the
 * refusal has no code, and its words say nothing that is known.
 * @param given the code that stands apart, as in a report; null: none.
 * @param words what the server said, its reply code and line breaks included.
 */
export function statusOf(given: string | null, words: string): string | null {
  const code = writtenCode(given, words);
  const plain = withoutCodes(words);
  const reply = /\b([45])\d\d(?=[ -]|$)/.exec(words)?.[1];
  // For now is for now, whatever the reason.
  if (code?.startsWith('4') || (code === null && reply === '4')) return code;
  if (code === '5.2.1' && (TOO_FAST.test(plain) || saysFull(plain))) return '4.2.1';
  if (['5.1.0', '5.1.1'].includes(code ?? '') && saysFull(plain) && !saysNobodyThere(plain)) return '5.2.2';
  if (code !== null && !saysLittle(code)) return code;
  if (saysNobodyThere(plain)) return '5.1.1';
  return saysFull(plain) ? '5.2.2' : code;
}

/**
 * Whether a refusal for good says that nobody lives at the address, so that nothing more need be sent there. A policy
 * (5.7.x), a loop (5.4.6) or a full mailbox (5.2.2) says nothing of the kind.
 * @param status see `statusOf`.
 */
export function isNoSuchAddress(status: string | null, words: string): boolean {
  if (status === null) return false;
  if (NO_SUCH_ADDRESS.has(status)) return true;
  // 5.1.0: "something about the address", the sender's as well. 5.4.1: "no answer from the host", and Microsoft's for an
  // address that its directory does not have.
  if (!['5.1.0', '5.4.1'].includes(status)) return false;
  const rest = words.replace(DIRECTORY_DENIES, 'recipient rejected');
  return saysNobodyThere(rest) || (ADDRESS_REJECTED.test(rest) && !isNotOfAddress(rest));
}

/** Words inside an address, such as `content@…`, are not the server's own. */
function isNotOfAddress(words: string): boolean {
  return NOT_OF_ADDRESS.test(words.replaceAll(/[\w.+-]+@[\w.-]+/g, ''));
}

/** A class and at most a subject: "other or undefined" (RFC 3463, 3.1). Of security (5.7.0) it says enough. */
function saysLittle(status: string): boolean {
  return status !== '5.1.0' && status !== '5.7.0' && status.endsWith('.0');
}

/** Words over several lines, each of which begins with the codes, as one sentence. */
function withoutCodes(words: string): string {
  return words
    .replaceAll(/(^|\s)[245]\d\d[- ](#?[245]\.\d{1,3}\.\d{1,3}\b)?\s*/g, '$1')
    .replaceAll(/\s+/g, ' ');
}
