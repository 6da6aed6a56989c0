import { startApi, type TestApi } from '../support/api';
import { inviteList, listOf, publishDialogue } from '../support/participants';

describe('the own words of a dialogue', () => {
  let api: TestApi;
  beforeAll(async () => {
    api = await startApi();
  });
  afterAll(() => api.close());

  const path = (id: string, kind: string, language = 'en') =>
    `/v1/dialogues/${id}/mail-wordings/${kind}/${language}`;
  const put = (id: string, kind: string, words: object, language = 'en', options = {}) =>
    api.replace(path(id, kind, language), words, options);
  const preview = async (id: string, kind: string, language = 'en') =>
    (await api.request('GET', `/v1/dialogues/${id}/mail-previews/${kind}?language=${language}`)).json();

  test('may be said in these mails, and name this in them', async () => {
    const { id } = await publishDialogue(api);
    const { kinds } = (await api.request('GET', `/v1/dialogues/${id}/mail-wordings`)).json();
    const list = kinds
      .map(({ kind, placeholders }: { kind: string; placeholders: { placeholder: string }[] }) =>
        [kind, ...placeholders.slice(6).map(({ placeholder }) => placeholder)].join(' '),
      )
      .toSorted();
    expect(list).toEqual([
      'address-confirmation',
      'awaiting-approval',
      'cancellation {reason}',
      'change',
      'chaser {answer_by}',
      'confirmation',
      'delegation-cancellation {delegation} {reason}',
      'delegation-change {delegation}',
      'invitation {answer_by}',
      'invitation-cancellation {reason}',
      'invitation-change',
      'nomination-chaser {delegation} {answer_by}',
      'nomination-request {delegation} {answer_by}',
      'offer {answer_by}',
      'offer-lapsed',
      'postponement {reason}',
      'refusal {reason}',
      'reminder',
      'silence {delegation} {answer_by}',
      'substitute',
      'substituted',
      'substitution-refused {reason}',
      'summary',
      'under-review',
      'waitlisted',
      'withdrawal',
    ]);
    expect(kinds[0].placeholders[1]).toEqual({
      placeholder: '{title}',
      meaning: 'Title of the dialogue.',
      may_be_missing: false,
    });
  });

  test('are read beside what Plenary says, saved whole, recorded, and given up again', async () => {
    const { id } = await publishDialogue(api);
    const before = (await api.request('GET', path(id, 'invitation'))).json();
    expect(before).toMatchObject({
      own: null,
      plenary: {
        subject: expect.stringContaining('Dialogue with inter-state'),
        opening: [expect.any(String)],
      },
    });
    const words = { subject: ' Come: {title} ', opening: ['Dear {name},\nit is time.'], closing: null };
    const saved = await put(id, 'invitation', words);
    expect([saved.statusCode, saved.json()]).toMatchObject([200, { ...words, subject: 'Come: {title}' }]);
    await put(id, 'invitation', { closing: ['Yours, {hosts}'] });
    const after = (await api.request('GET', path(id, 'invitation'))).json();
    expect(after.own).toMatchObject({ subject: null, opening: null, closing: ['Yours, {hosts}'] });
    expect(after.plenary).toEqual(before.plenary);
    expect((await api.request('DELETE', path(id, 'invitation'))).statusCode).toBe(204);
    expect((await api.request('DELETE', path(id, 'invitation'))).statusCode).toBe(204);
    expect((await api.request('GET', path(id, 'invitation'))).json()).toEqual(before);
    const audited = await api.dataSource.query(
      `SELECT action, details FROM audit_entries WHERE dialogue_id = $1 AND action LIKE 'mail%' ORDER BY id`,
      [id],
    );
    const details = { kind: 'invitation', language: 'en' };
    expect(audited).toEqual([
      { action: 'mail_wording.saved', details },
      { action: 'mail_wording.saved', details },
      { action: 'mail_wording.removed', details },
    ]);
  });

  test('are refused when they are saved, by field, and then nothing changes', async () => {
    const { id } = await publishDialogue(api);
    await put(id, 'invitation', { subject: 'First' });
    const wrong = await put(id, 'invitation', { subject: '{tilte}', opening: ['{name}', '{reason} {'] });
    expect([wrong.statusCode, wrong.json()]).toMatchObject([
      422,
      {
        code: 'placeholder_unknown',
        errors: [
          {
            field: 'subject',
            code: 'placeholder_unknown',
            detail: expect.stringContaining('{tilte} is no placeholder. It may name {name}, {title}'),
          },
          { field: 'opening.1', code: 'placeholder_not_here' },
          { field: 'opening.1', code: 'placeholder_malformed' },
        ],
      },
    ]);
    expect((await put(id, 'invitation', { subject: 7 })).statusCode).toBe(422);
    const stranger = await put(id, 'address-confirmation', { opening: ['Dear {name},'] });
    expect([stranger.statusCode, stranger.json().errors]).toMatchObject([
      422,
      [{ field: 'opening.0', code: 'placeholder_not_here' }],
    ]);
    expect((await put(id, 'invitation', {})).json().code).toBe('nothing_adapted');
    expect((await put(id, 'sign-in', { subject: 'x' })).statusCode).toBe(404);
    expect((await put(id, 'code', { subject: 'x' })).statusCode).toBe(404);
    expect((await put(id, 'invitation', { subject: 'x' }, 'tlh')).statusCode).toBe(404);
    const { own } = (await api.request('GET', path(id, 'invitation'))).json();
    expect(own).toMatchObject({ subject: 'First', opening: null });
  });

  test('stand in every kind of mail that can be adapted, in every language, and in no other', async () => {
    const { id } = await publishDialogue(api, { answers_due_at_local: undefined });
    const { kinds, languages } = (await api.request('GET', `/v1/dialogues/${id}/mail-wordings`)).json();
    for (const { kind, placeholders } of kinds as {
      kind: string;
      placeholders: { placeholder: string }[];
    }[]) {
      const may = placeholders.map(({ placeholder }) => placeholder);
      // What a stranger typed as a name goes to nobody, in own words neither.
      expect([kind, may.includes('{name}')]).toEqual([kind, kind !== 'address-confirmation']);
      const named = ['{name}', '{starts}', '{starts_host}', '{place}'].filter((name) => may.includes(name));
      for (const language of languages as string[]) {
        const words = {
          subject: `S-${kind}-${language} {title}`,
          opening: [`O-${kind} ${named.join(' ')}`],
          closing: ['C {hosts}'],
        };
        expect((await put(id, kind, words, language)).statusCode).toBe(200);
      }
      const language = (languages as string[])[kind.length % languages.length]!;
      const { subject, text, html, notes, in_own_words } = await preview(id, kind, language);
      expect([kind, in_own_words, subject]).toEqual([
        kind,
        true,
        expect.stringContaining(`S-${kind}-${language}`),
      ]);
      expect(text).toMatch(new RegExp(`O-${kind}.*\\n[^]*C `));
      expect(html).toContain(`O-${kind}`);
      expect(`${text}${html}${subject}`).not.toMatch(/[{}](?!color|.*\})[a-z_]+\}/);
      expect(notes.join()).not.toContain('Plenary');
    }
    expect(await preview(id, 'registration-link')).toMatchObject({ in_own_words: false });
  });

  test('never leave a hole: a mail that has nothing for one of them is wholly in Plenary’s words', async () => {
    const { id } = await publishDialogue(api);
    const before = await preview(id, 'invitation');
    await put(id, 'invitation', { subject: 'Mine', opening: ['Answer by {answer_by}.'] });
    const without = await preview(id, 'invitation');
    expect(without).toMatchObject({
      in_own_words: false,
      subject: before.subject,
      notes: expect.arrayContaining([
        'It is in Plenary’s own words, since this mail has nothing for {answer_by}.',
      ]),
    });
    const { starts_at_local } = (await api.request('GET', `/v1/dialogues/${id}`)).json();
    const due = `${Number(starts_at_local.slice(0, 4))}-01-20T18:00`;
    const changed = await api.request('PATCH', `/v1/dialogues/${id}`, { answers_due_at_local: due });
    expect(changed.statusCode).toBe(200);
    expect(await preview(id, 'invitation')).toMatchObject({
      in_own_words: true,
      subject: 'Mine',
      text: expect.stringMatching(/Answer by .*20 Jan.* 1\d:00/),
    });
  });

  test('keep names and values apart from the direction of the text, and escape them', async () => {
    const { id } = await publishDialogue(api, { title: 'A <b>dialogue</b> {name}' });
    await put(id, 'invitation', { subject: 'دعوة: {title}', opening: ['السيد {name} <i>'] }, 'ar');
    const { subject, html, dir } = await preview(id, 'invitation', 'ar');
    expect(dir).toBe('rtl');
    expect(subject).toBe('دعوة: \u2068A <b>dialogue</b> {name}\u2069');
    expect(html).toContain('<bdi>H.E. Amina Sample</bdi> &lt;i>');
  });

  test('are used from the next mail that is written on, and go along with a copy', async () => {
    const { id } = await publishDialogue(api);
    await inviteList(api, id, listOf(1));
    await put(id, 'invitation', { subject: 'Come, {name}' });
    const { MailRenderers, Mail } = require('@app/mail') as typeof import('@app/mail');
    const mail = await api.dataSource.manager.findOneByOrFail(Mail, { dialogueId: id });
    const rendered = await api.app.get(MailRenderers).of('invitation').render([mail]);
    expect(rendered.get(mail.id)).toMatchObject({ subject: 'Come, Ms. Person 1' });
    const { starts_at_local } = (await api.request('GET', `/v1/dialogues/${id}`)).json();
    const copy = await api.request('POST', `/v1/dialogues/${id}/copies`, {
      starts_at_local: starts_at_local.replace('-01-28', '-02-25'),
    });
    expect(copy.statusCode).toBe(201);
    const { own } = (await api.request('GET', path(copy.json().id, 'invitation'))).json();
    expect(own.subject).toBe('Come, {name}');
  });
});
