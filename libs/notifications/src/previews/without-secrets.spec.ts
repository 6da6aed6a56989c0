import { randomUUID } from 'node:crypto';
import type { ComposedMail } from '@app/mail';
import { Links } from '@app/platform';
import { withoutSecrets } from './without-secrets';

const links = new Links('a key that is known to everyone and opens nothing');
const token = links.compose('registration', randomUUID(), 1);
const secret = links.addressDetail('calendar', randomUUID());

const mail: ComposedMail = {
  to: { name: 'A', address: 'a@ministry.example' },
  fromName: 'Agency',
  language: 'en',
  subject: 'Code 123456',
  html: `<a href="https://plenary.example/r/${token}">x</a><img src="cid:0123@code.plenary" alt="Code">`,
  text: `https://plenary.example/f/${token}.ics\nRoom 1234567, code 123456`,
  calendar: {
    method: 'REQUEST',
    content: `ORGANIZER;CN=Agency:mailto:returns+c${secret.slice(0, 20)}\r\n ${secret.slice(20)}@plenary.example\r\n`,
  },
};

test('what opens a door is taken out, wherever it stands, also where a line is folded', () => {
  const shown = withoutSecrets(mail, { hasCode: false });
  expect(JSON.stringify(shown)).not.toContain(token);
  expect(JSON.stringify(shown)).not.toContain(secret);
  expect(shown).toMatchObject({
    subject: 'Code 123456',
    text: 'https://plenary.example/f/preview.ics\nRoom 1234567, code 123456',
    calendar: 'ORGANIZER;CN=Agency:mailto:returns+cpreview@plenary.example\r\n',
  });
  expect(shown.html).toMatch(
    /^<a href="https:\/\/plenary\.example\/r\/preview">x<\/a><img src="data:image\/png;base64,[\w+/=]+" alt="Code">$/,
  );
});

test('the six digits are taken out of the mail that carries them', () => {
  const shown = withoutSecrets(mail, { hasCode: true });
  expect([shown.subject, shown.text.split('\n')[1]]).toEqual(['Code ••••••', 'Room 1234567, code ••••••']);
});
