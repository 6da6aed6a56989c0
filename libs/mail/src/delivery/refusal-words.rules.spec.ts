import { isNoSuchAddress, statusOf } from './refusal-words.rules';

/** What a refusal means: its status, and whether it takes the address out of use. */
const meaning = (words: string, given: string | null = null): [string | null, boolean] => {
  const status = statusOf(given, words);
  return [status, isNoSuchAddress(status, words)];
};

describe('a refusal', () => {
  test.each<[string, string, string | null]>([
    ['550 5.1.1 <a@b.example>: Recipient address rejected: User unknown', '5.1.1', null],
    ['550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup', '5.1.10', null],
    ['550 5.1.0 Address rejected', '5.1.0', null],
    ['550 #5.1.0 Address rejected.', '5.1.0', null],
    ['550 5.4.1 Recipient address rejected: Access denied. [XX.prod.outlook.com]', '5.4.1', null],
    [
      '550 5.4.310 DNS domain ministry.example does not exist [Message=InfoDomainNonexistent]',
      '5.4.310',
      null,
    ],
    ['550 5.4.4 unable to look up host', '5.4.4', null],
    ['550 5.2.1 The email account that you tried to reach is disabled.', '5.2.1', null],
    [
      "554 delivery error: dd This user doesn't have a yahoo.example account (x@yahoo.example) [0]",
      '5.1.1',
      '5.0.0',
    ],
    ['554 delivery error: dd This mailbox is disabled (554.30).', '5.1.1', null],
    ['550-5.1.1 The email account that you tried to reach does\n550 5.1.1 not exist.', '5.1.1', null],
    ['550-The email account that you tried to reach does\n550 not exist.', '5.1.1', null],
    ['550 5.5.0 Requested action not taken: mailbox unavailable', '5.1.1', null],
    ['552 1 Requested mail action aborted, mailbox not found', '5.1.1', null],
    ['550 sorry, no mailbox here by that name (#5.1.1 - chkuser)', '5.1.1', null],
    ['User nobody (nobody@x.example) not listed in Domino Directory', '5.1.1', null],
    ['550 El usuario no existe', '5.1.1', null],
    ['550 Utilisateur inconnu', '5.1.1', null],
    ['550 Пользователь не найден', '5.1.1', null],
    ['550 收件人不存在', '5.1.1', null],
    ['550 المستخدم غير موجود', '5.1.1', null],
  ])('says that nobody lives there: %s', (words, status, given) => {
    expect(meaning(words, given)).toEqual([status, true]);
  });

  test.each<[string, string | null, string | null]>([
    ['550 5.7.1 Recipient address rejected: Access denied', '5.7.1', null],
    ['550 5.7.1 No such user here, says our policy', '5.7.1', null],
    ['550 5.1.0 Sender denied', '5.1.0', null],
    ['550 5.1.8 Access denied, bad outbound sender', '5.1.8', null],
    ['550 Domain of sender address a@b.example does not exist', null, null],
    ['550 Your host is blocked: unknown user in reverse DNS', null, null],
    ['550 5.4.1 No answer from host', '5.4.1', null],
    ['554 5.4.6 Hop count exceeded', '5.4.6', null],
    ['550 5.4.14 Hop count exceeded, possible mail loop', '5.4.14', null],
    ['552 5.2.2 Mailbox full', '5.2.2', null],
    ['554 delivery error: dd user is over quota', '5.2.2', '5.0.0'],
    ['550 5.1.1 mailbox is full', '5.2.2', null],
    ['552 Buzón lleno', '5.2.2', null],
    ['550-5.2.1 The user you are trying to contact is receiving mail at a rate that', '4.2.1', null],
    ['450 4.1.1 <a@b.example>: Recipient address rejected: User unknown', '4.1.1', null],
    ['450 User unknown', null, null],
    ['550 Access denied', null, null],
    ['554 5.0.0 Error: transaction failed', '5.0.0', null],
  ])('says nothing against the address: %s', (words, status, given) => {
    expect(meaning(words, given)).toEqual([status, false]);
  });
});
