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
    ['550 5.1.0 <a@b.example>: Recipient address rejected: Access denied', '5.1.0', null],
    ['550 5.1.0 Mailbox unavailable', '5.1.0', null],
    ['550 5.1.0 - Unknown address error 550-User unknown', '5.1.0', null],
    ['550 5.1.1 Requested action not taken: mailbox unavailable', '5.1.1', null],
    ['550 <content.filter@b.example>: User unknown', '5.1.1', null],
    ['The response from the remote server was: 550 User unknown', '5.1.1', null],
    ['host mx.b.example [192.0.2.25]: 550 unknown user', '5.1.1', null],
    ['550 Address 4711@b.example not found in directory', '5.1.1', null],
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
    ['550 5.1.0 Message rejected due to content', '5.1.0', null],
    ['554 5.1.0 Rejected by content filter', '5.1.0', null],
    ['550 5.1.0 Mail refused', '5.1.0', null],
    ['550 5.1.0 <us@agency.example>: Sender address rejected: User unknown', '5.1.0', null],
    ['550 5.1.0 Client address rejected', '5.1.0', null],
    ['550 5.1.0 Unknown address error 554-Your IP address is listed', '5.1.0', null],
    ['550 5.4.1 Client address rejected: Access denied', '5.4.1', null],
    ['550 5.0.0 Your IP address was not found in DNS', '5.0.0', null],
    ['550 Client address not found in access list', null, null],
    ['553 5.0.0 address not listed in allowed hosts, client host address not found', '5.0.0', null],
    ['550 Too many unknown recipients from your IP address', null, null],
    ['550 Too many invalid recipients', null, null],
    ['550 Requested action not taken: mailbox unavailable', null, null],
    ['550 5.5.0 Requested action not taken: mailbox unavailable', '5.5.0', null],
    ['550 5.5.0 mailbox unavailable, access denied', '5.5.0', null],
    ['550 Your account is suspended for sending', null, null],
    ['550 Your account is disabled', null, null],
    ['550 The account is suspended', null, null],
    ['550 message from unknown user refused', null, null],
    ['550 Host address not found', null, null],
    ['550 Address 192.0.2.1 not found in our list', null, null],
    ['550 Address [IPv6:2001:db8::1] was not found', null, null],
    ['550 Invalid user or password', null, null],
    ['550 Invalid address in header', null, null],
    ["550 Adresse de l'expéditeur inconnue", null, null],
    ['550 Dirección del remitente no existe', null, null],
    ['550 Адрес отправителя не найден', null, null],
    ['550 发件人地址不存在', null, null],
    ['550 عنوان المرسل غير موجود', null, null],
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
