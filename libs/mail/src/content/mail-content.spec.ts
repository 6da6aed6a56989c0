import { compose } from './compose';
import { foreign, type MailBlock, type MailContent } from './mail-content';
import { mailHtml } from './mail-layout';
import { mailText } from './mail-text';

const say = (...blocks: MailBlock[]): MailContent => ({
  subject: 'Subject',
  preheader: 'Preheader',
  title: 'Title',
  blocks,
});

describe('a text that somebody else wrote', () => {
  test('is isolated where its direction may differ, and only there', () => {
    expect(foreign('en', 'Hoda Mansy')).toBe('Hoda Mansy');
    expect(foreign('fr', 'محمد رفعت')).toBe('\u2068محمد رفعت\u2069');
    expect(foreign('ar', 'Hoda Mansy')).toBe('\u2068Hoda Mansy\u2069');
  });

  test('cannot turn the rest of the line around', () => {
    expect(foreign('en', 'Eve \u202egnp.exe\u2069')).toBe('Eve gnp.exe');
    expect(foreign('ar', '\u2067a\u2068b')).toBe('\u2068ab\u2069');
  });

  test('cannot turn around what a mail program shows beside the names of sender and reader, or beside the subject', () => {
    const turned = compose(
      {
        to: { name: 'Ms.\u202e gnp.exe\u2069', address: 'a@b.example' },
        fromName: '\u2067Agency\u200f\u00ad for\u202e Migration',
      },
      { ...say(), subject: 'A\u202e subject' },
      'en',
    );
    expect([turned.to.name, turned.fromName, turned.subject]).toEqual([
      'Ms. gnp.exe',
      'Agency for Migration',
      'A subject',
    ]);
  });
});

describe('the HTML part', () => {
  test('shows what looks like HTML as it was written, wherever it stands', () => {
    const evil = '<script>alert(1)</script>"&';
    const html = mailHtml(
      {
        ...say(
          { kind: 'paragraph', text: evil },
          { kind: 'heading', text: evil },
          {
            kind: 'facts',
            facts: [{ label: evil, values: [evil, { label: evil, url: 'https://a.example/"onclick="b' }] }],
          },
          { kind: 'button', label: evil, url: 'https://a.example/?a=1&b="2' },
          { kind: 'list', items: [evil] },
          {
            kind: 'agenda',
            sessions: [
              {
                times: evil,
                title: evil,
                lines: [evil],
                items: [{ times: evil, title: evil, lines: [evil] }],
                questions: [evil],
              },
            ],
          },
          { kind: 'small', text: evil },
        ),
        subject: evil,
        preheader: evil,
        title: evil,
      },
      'en',
    );
    expect(html).not.toContain('<script');
    expect(html).not.toMatch(/href="[^"]*"[a-z]/);
    expect(html.match(/&lt;script>/g)).toHaveLength(18);
  });

  test('sets names of another direction apart with bdi and keeps line breaks', () => {
    const html = mailHtml(say({ kind: 'paragraph', text: 'Dear \u2068محمد\u2069,\nwelcome' }), 'en');
    expect(html).toContain('Dear <bdi>محمد</bdi>,<br/>welcome');
  });

  test('of an Arabic mail reads from right to left in every cell of text', () => {
    const html = mailHtml(say({ kind: 'paragraph', text: 'مرحبا' }, { kind: 'list', items: ['أ'] }), 'ar');
    expect(html).toContain('<html lang="ar" dir="rtl">');
    for (const cell of html.match(/<td class="[^"]*(ink|faint)[^"]*"[^>]*>/g)!) {
      expect(cell).toContain('lang="ar" dir="rtl" align="right"');
    }
    expect(html).toContain('padding-right:22px');
  });
});

describe('the text part', () => {
  test('wraps at 72 columns and never breaks an address', () => {
    const url = `https://plenary.example/r/${'x'.repeat(80)}`;
    const text = mailText(
      say({ kind: 'paragraph', text: 'word '.repeat(60) }, { kind: 'button', label: 'Open', url }),
      'en',
    );
    const lines = text.split('\n');
    expect(lines).toContain(url);
    const others = lines.filter((line) => line !== url);
    expect(Math.max(...others.map(({ length }) => length))).toBeLessThanOrEqual(72);
  });

  test('closes an isolate where a line ends and opens it again on the next', () => {
    const text = mailText(
      say({ kind: 'paragraph', text: `«${foreign('ar', 'word '.repeat(30).trim())}».` }),
      'ar',
    );
    for (const line of text.split('\n')) {
      expect(line.match(/\u2068/g)?.length ?? 0).toBe(line.match(/\u2069/g)?.length ?? 0);
    }
  });

  test('counts no column for vowel signs', () => {
    const vocalised = 'مُحَمَّدٌ '.repeat(14).trim();
    expect(mailText(say({ kind: 'paragraph', text: vocalised }), 'ar').split('\n')[3]).toBe(vocalised);
  });

  test('breaks Chinese between its characters, each two columns wide, and no line begins or ends with a wrong mark', () => {
    const sentence = '请告知我们，您是否参加“阿拉伯区域移民对话会”（线上，Katarina主持）。';
    for (let lead = 0; lead < 24; lead++) {
      const text = `${'会'.repeat(lead)}${sentence.repeat(6)}`;
      const lines = mailText(say({ kind: 'paragraph', text }), 'zh')
        .trimEnd()
        .split('\n')
        .slice(3);
      expect(lines.length).toBeGreaterThan(5);
      for (const line of lines) {
        const columns = [...line].reduce((sum, sign) => sum + (/[\u3000-\uff60]/u.test(sign) ? 2 : 1), 0);
        expect(columns).toBeLessThanOrEqual(72);
        expect(line).not.toMatch(/^[，。、）”]|[（“]$/u);
        for (const name of line.match(/[a-z]+/gi) ?? []) expect(name).toBe('Katarina');
      }
      expect(lines.join('')).toBe(text);
    }
  });

  test('underlines a Chinese title as wide as it is', () => {
    expect(mailText({ ...say(), title: '您的登记已确认' }, 'zh')).toContain(`\n${'='.repeat(14)}\n`);
  });

  test('sets the colons of French apart without letting a line break there', () => {
    const text = mailText(say({ kind: 'facts', facts: [{ label: 'Lieu', values: ['Le Caire'] }] }), 'fr');
    expect(text).toContain('Lieu\u202f:\n  Le Caire');
  });
});

test('a subject is one line, whatever the title holds', () => {
  const content = { ...say(), subject: 'Invitation:\r\nBcc: everyone@ministry.example' };
  const mail = compose({ to: { name: 'A', address: 'a@b.example' }, fromName: 'Host' }, content, 'en');
  expect(mail.subject).toBe('Invitation: Bcc: everyone@ministry.example');
});
